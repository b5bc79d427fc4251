"""Structured logs: one JSON object a line, on standard error."""

import logging

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter


def configure(level: str) -> None:
    """Send every logger's lines to standard error as JSON. For entry points only."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # uvicorn's, for terminals
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # They log what the caller searched for: urllib3 at DEBUG, spotipy at ERROR with the whole URL.
    for name in ("urllib3", "spotipy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
