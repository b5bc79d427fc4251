"""A socket for each worker of a model server: what `UVICORN_LOOP=service.worker_socket:Loop` makes of uvicorn's one.

Connections to a socket that workers share go where the kernel deals them. A few kept ones may all end at the same
worker, and then the others have nothing to do for as long as they are kept. Runs in the workers, and loads little.
"""

import fcntl
import os
import sys
import traceback
from itertools import count
from pathlib import Path
from typing import Any

import uvloop
from uvicorn.config import STARTUP_FAILURE


def path(folder: Path, worker: int) -> Path:
    """Where a worker listens."""
    return folder / f"worker-{worker}"


class Loop(uvloop.Loop):
    """uvicorn's event loop in a worker. It listens beside the socket that uvicorn was told (`UVICORN_UDS`)."""

    _has_loaded = False

    async def create_server(self, protocol_factory: Any, *_: object, backlog: int = 100, **__: object) -> Any:
        """Listen on the worker's own socket, whatever the one is that was asked for."""
        folder = Path(os.environ["UVICORN_UDS"]).parent
        self._has_loaded = True
        return await self.create_unix_server(protocol_factory, str(path(folder, claim(folder))), backlog=backlog)

    def run_until_complete(self, future: Any) -> Any:
        """As ever; but if the model does not load, end in the way that tells uvicorn not to try it again and again."""
        try:
            return super().run_until_complete(future)
        except Exception:
            if self._has_loaded:
                raise
            traceback.print_exc()
            sys.exit(STARTUP_FAILURE)


def claim(folder: Path) -> int:
    """The lowest number that no other living process has; it is free again when this one ends."""
    return next(worker for worker in count() if _is_mine(path(folder, worker).with_suffix(".lock")))


def _is_mine(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True  # and it stays open, since closing it would give it up
