"""A real gateway on a loopback socket, for tests that talk to it as clients do."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from pydantic_settings import SettingsConfigDict

from gateway.__main__ import server as gateway_server
from gateway.settings import GatewaySettings
from tests.gateway.catalogs import write_catalog


class _Isolated(GatewaySettings):
    model_config = SettingsConfigDict(env_file=None)


def isolated(folder: Path, **values: Any) -> GatewaySettings:
    """Settings without the `.env` of whoever runs the tests; files go to the folder, the port is a free one."""
    files = {
        "catalog_path": folder / "catalog.db",
        "evaluation_path": folder / "evaluation.json",
        "feedback_database_url": f"sqlite:///{folder}/feedback.db",
        "feedback_unsent_dir": folder / "unsent",
    }
    return _Isolated(**{"gateway_port": 0, **files, **values})


@contextmanager
def running_gateway(**values: Any) -> Iterator[httpx.Client]:
    """A gateway with these settings and a small catalog, as `python -m gateway` runs it; yields a client of it."""
    with TemporaryDirectory() as folder:
        write_catalog(Path(folder) / "catalog.db")
        server = gateway_server(isolated(Path(folder), **values))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the gateway did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(15)
