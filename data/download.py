"""One pinned file over HTTP: whole and verified, or not at all."""

import hashlib
import logging
import tempfile
import time
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
DEADLINE_S = 120.0
"""For the whole file, however steadily a slow server drips."""


class DownloadFailed(Exception):
    """The file could not be had, with the reason in a few words."""


def download(
    url: str,
    target: Path,
    sha256: str,
    *,
    connect_timeout_s: float = CONNECT_TIMEOUT_S,
    read_timeout_s: float = READ_TIMEOUT_S,
    deadline_s: float = DEADLINE_S,
) -> None:
    """Put the file at `target` once it is complete and has the sha256; on any failure leave nothing behind.

    Raises DownloadFailed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".download-", delete=False) as part:
        try:
            found = _fetch(url, part, (connect_timeout_s, read_timeout_s), time.monotonic() + deadline_s)
            if found != sha256:
                raise DownloadFailed(f"what came from {url} is not the pinned file (sha256 {found}, wanted {sha256})")
            part.close()
            Path(part.name).replace(target)
        except (requests.RequestException, HTTPError) as error:
            raise DownloadFailed(f"no answer from {url} ({type(error).__name__})") from error
        finally:
            Path(part.name).unlink(missing_ok=True)


def _fetch(url: str, part: "tempfile._TemporaryFileWrapper[bytes]", timeout: tuple[float, float], until: float) -> str:
    """Stream the body to the file; returns its sha256."""
    digest = hashlib.sha256()
    log.info("downloading url=%s", url)
    with requests.get(url, timeout=timeout, stream=True) as response:
        if response.status_code != 200:
            raise DownloadFailed(f"{url} answered {response.status_code}")
        while chunk := response.raw.read1(1 << 16, decode_content=True):
            if time.monotonic() > until:
                raise DownloadFailed(f"{url} was too slow")
            digest.update(chunk)
            part.write(chunk)
    return digest.hexdigest()
