"""One version of the model: `mlflow models serve` in a process group of its own, its socket, its requests under way."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from service.process_group import reap_orphans, signal_group

REQUEST_TIMEOUT_S = 60
"""MLflow's own limit for one request, and its default; a version that is replaced has as long for its last ones."""
KEEP_ALIVE_S = 4.0
"""Below the five seconds after which uvicorn closes an idle connection."""
AT_ONCE_A_WORKER = 2
"""Requests a process works on at a time: while FAISS and LightGBM compute for one, another has the interpreter."""
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


class NoAnswer(Exception):
    """The connection to the version's server failed; no answer came, and the same request may be sent again."""


class TooSlow(Exception):
    """The version's server did not answer in time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a version's server answered."""

    status: int
    content_type: str | None
    body: bytes


def at_once(workers: int, cores: int) -> int:
    """How many requests the workers of a version work on at a time. The others wait in the service, in order.

    More than there are cores would take turns on them, and every one would find the caches full of another's.
    """
    return max(workers, min(AT_ONCE_A_WORKER * workers, cores))


class ModelServer:
    """A version's server, from start to stop. It listens on a Unix socket: no port to find, none to reach."""

    def __init__(
        self, version: str, command: Sequence[str], workers: int = 1, environment: Mapping[str, str] = os.environ
    ) -> None:
        """workers: how many processes the command starts; with several, each keeps to one thread."""
        self.version = version
        self.in_flight = 0
        self.said: deque[str] = deque(maxlen=100)
        """The last lines of its output."""
        self._command = command
        self._inherited = environment
        self._turn = asyncio.Semaphore(at_once(workers, os.cpu_count() or 1))

    async def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers. `stop` has to be called, however it goes on."""
        self._folder = TemporaryDirectory(prefix="quintet-")
        socket = f"{self._folder.name}/socket"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            LEASH,
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment(socket),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.ended = asyncio.create_task(self._process.wait())
        self._listening = asyncio.create_task(self._listen())
        self._session = aiohttp.ClientSession(
            "http://model",
            connector=aiohttp.UnixConnector(socket, limit=0, keepalive_timeout=KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"Accept-Encoding": "identity"},
            skip_auto_headers=["Content-Type", "User-Agent"],
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def _environment(self, socket: str) -> dict[str, str]:
        return {
            # One request is fastest on one thread; the other cores are for other requests.
            "OMP_NUM_THREADS": "1",
            **self._inherited,
            "UVICORN_UDS": socket,  # uvicorn reads its options from here too, and prefers a socket to a port
            "UVICORN_LOG_LEVEL": "warning",
            # What MLflow downloads goes with the version.
            "TMPDIR": self._folder.name,
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "PYTHONUNBUFFERED": "1",
            # MLflow looks for uvicorn there.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{self._inherited.get('PATH', os.defpath)}",
        }

    async def wait_ready(self, timeout_s: float) -> None:
        """Return once it answers /ping. Raises StartFailed."""
        ends = asyncio.get_running_loop().time() + timeout_s
        while not self.ended.done():
            with contextlib.suppress(NoAnswer, TooSlow):
                if (await self.ask("GET", "/ping", timeout_s=5)).status == 200:
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

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S + 5,
    ) -> Reply:
        """What it answers to a request, in its turn if the model has to work for it. Raises NoAnswer, TooSlow."""
        headers = {"Content-Type": content_type} if content_type else {}
        turn = self._turn if path == "/invocations" else contextlib.nullcontext()
        try:
            async with asyncio.timeout(timeout_s), turn:
                async with self._session.request(method, path, data=body, headers=headers) as response:
                    return Reply(response.status, response.headers.get("Content-Type"), await response.read())
        except TimeoutError:
            raise TooSlow from None
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswer(str(error)) from error

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
        await self._session.close()
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
