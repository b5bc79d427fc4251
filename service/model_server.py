"""One version of the model: `mlflow models serve` in a process group of its own, from its start to its end."""

import asyncio
import logging
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service import worker_socket
from service.process_group import reap_orphans, signal_group
from service.workers import Workers

GRACE_S = 5.0
"""From SIGTERM to SIGKILL; a server without requests under way is gone in one."""
BURIED_WITHIN_S = 2.0
"""After SIGKILL; where nobody buries orphans (a container without an init), the dead stay in the group for ever."""
EXCEPTION = re.compile(r"[A-Za-z_][\w.]*: ")
"""How Python ends a stack's listing."""
LEASH = str(Path(__file__).with_name("leash.py"))

log = logging.getLogger(__name__)

Command = Callable[[str], Sequence[str]]
"""Version -> the command that serves it."""


class StartFailed(Exception):
    """The version's server ended, or did not answer in time."""


class ModelServer:
    """A version's server, from start to stop. It listens on Unix sockets: no port to find, none to reach."""

    def __init__(
        self, version: str, command: Sequence[str], workers: int = 1, environment: Mapping[str, str] = os.environ
    ) -> None:
        """workers: how many processes the command starts, each with a socket of its own."""
        self.version = version
        self.in_flight = 0
        self.said: deque[str] = deque(maxlen=100)
        """The last lines of its output."""
        self._command = command
        self._inherited = environment
        self._n_workers = workers

    async def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers. `stop` has to be called, however it goes on."""
        self._folder = TemporaryDirectory(prefix="quintet-")
        folder = Path(self._folder.name)
        sockets = [worker_socket.path(folder, worker) for worker in range(self._n_workers)]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            LEASH,
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment(sockets),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.ended = asyncio.create_task(self._process.wait())
        self._listening = asyncio.create_task(self._listen())
        self.workers = Workers(sockets, os.cpu_count() or 1)

    def _environment(self, sockets: Sequence[Path]) -> dict[str, str]:
        environment = {
            # One request is fastest on one thread; the other cores are for other requests.
            "OMP_NUM_THREADS": "1",
            **self._inherited,
            "UVICORN_UDS": str(sockets[0]),  # uvicorn reads its options from here too, and prefers a socket to a port
            "UVICORN_LOG_LEVEL": "warning",
            # What MLflow downloads goes with the version.
            "TMPDIR": self._folder.name,
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "PYTHONUNBUFFERED": "1",
            # MLflow looks for uvicorn there.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{self._inherited.get('PATH', os.defpath)}",
        }
        if len(sockets) > 1:
            environment["UVICORN_LOOP"] = f"{worker_socket.__name__}:{worker_socket.Loop.__name__}"
        return environment

    async def wait_ready(self, timeout_s: float) -> None:
        """Return once every worker answers /ping. Raises StartFailed."""
        ends = asyncio.get_running_loop().time() + timeout_s
        while not self.ended.done():
            if await self.workers.are_ready():
                return
            if asyncio.get_running_loop().time() > ends:
                raise StartFailed(f"its server did not answer /ping within {timeout_s:.0f} s")
            await asyncio.sleep(0.1)
        await asyncio.wait([self._listening], timeout=1)
        raise StartFailed(f"its server ended with status {self.ended.result()}: {self.last_words()}")

    def last_words(self) -> str:
        """Why it ended, as far as it said: the messages of its last exceptions, else its last lines."""
        messages = [line for line in self.said if EXCEPTION.match(line)]
        return " | ".join((messages or list(self.said))[-3:])

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count a request as under way."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    async def drained(self, within_s: float) -> None:
        """Return when no request is under way, or when the time is over."""
        ends = asyncio.get_running_loop().time() + within_s
        while self.in_flight and asyncio.get_running_loop().time() < ends:
            await asyncio.sleep(0.02)
        if self.in_flight:
            log.warning("cut off", extra={"model_version": self.version, "requests": self.in_flight})

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """End the whole process group and return when nothing of it is left; kill what outlives the grace time."""
        signal_group(self.pid, signal.SIGTERM)
        ends = asyncio.get_running_loop().time() + grace_s
        while signal_group(self.pid, 0) and asyncio.get_running_loop().time() < ends + BURIED_WITHIN_S:
            if asyncio.get_running_loop().time() > ends:
                signal_group(self.pid, signal.SIGKILL)
            await asyncio.sleep(0.02)
            if self.ended.done():
                reap_orphans(self.pid)
        await self.ended
        await self._listening
        await self.workers.close()
        self._folder.cleanup()

    async def _listen(self) -> None:
        """Pass its output on to the log, so that it never waits for a reader."""
        assert self._process.stdout is not None
        while True:
            try:
                raw = await self._process.stdout.readline()
            except ValueError:  # a line beyond all measure, which is dropped
                continue
            if not raw:
                return
            line = raw.decode(errors="replace").rstrip()
            if line:
                self.said.append(line)
                log.info("model server says", extra={"model_version": self.version, "line": line})
