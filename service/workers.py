"""The processes that answer for a version: a request waits for its turn, and goes to the one with the least to do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

REQUEST_TIMEOUT_S = 60
"""MLflow's own limit for one request, and its default; a version that is replaced has as long for its last ones."""
KEEP_ALIVE_S = 4.0
"""Below the five seconds after which uvicorn closes an idle connection."""
AT_ONCE_A_WORKER = 2
"""Requests a process works on at a time: while FAISS and LightGBM compute for one, another has the interpreter."""


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


class _Worker:
    """One process, and its kept connections."""

    def __init__(self, socket: Path) -> None:
        self.in_flight = 0
        self.session = aiohttp.ClientSession(
            "http://model",
            connector=aiohttp.UnixConnector(str(socket), limit=0, keepalive_timeout=KEEP_ALIVE_S),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"Accept-Encoding": "identity"},
            skip_auto_headers=["Content-Type", "User-Agent"],
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def ask(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> Reply:
        headers = {"Content-Type": content_type} if content_type else {}
        self.in_flight += 1
        try:
            async with self.session.request(method, path, data=body, headers=headers) as response:
                return Reply(response.status, response.headers.get("Content-Type"), await response.read())
        finally:
            self.in_flight -= 1


class Workers:
    """A version's workers, each on a Unix socket of its own."""

    def __init__(self, sockets: Sequence[Path], cores: int) -> None:
        """Connect to nothing yet. `close` has to be called in the same event loop."""
        self._workers = [_Worker(socket) for socket in sockets]
        self._turn = asyncio.Semaphore(at_once(len(sockets), cores))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._workers)

    async def invoke(
        self, body: bytes, content_type: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S + 5
    ) -> Reply:
        """What one of them answers to POST /invocations, in its turn. Raises NoAnswer, TooSlow."""
        async with _within(timeout_s), self._turn:
            return await self._ask("POST", "/invocations", body, content_type)

    async def get(self, path: str, timeout_s: float = 5.0) -> Reply:
        """What one of them answers to GET. Raises NoAnswer, TooSlow."""
        async with _within(timeout_s):
            return await self._ask("GET", path)

    async def are_ready(self, timeout_s: float = 5.0) -> bool:
        """Whether every one of them answers /ping."""
        try:
            async with _within(timeout_s):
                replies = [await worker.ask("GET", "/ping") for worker in self._workers]
        except (NoAnswer, TooSlow):
            return False
        return all(reply.status == 200 for reply in replies)

    async def close(self) -> None:
        """Give up the connections."""
        for worker in self._workers:
            await worker.session.close()

    async def _ask(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> Reply:
        for worker in sorted(self._workers, key=lambda worker: worker.in_flight):
            with contextlib.suppress(aiohttp.ClientConnectorError):  # it has died; uvicorn starts another in its place
                return await worker.ask(method, path, body, content_type)
        raise NoAnswer("no worker listens")


@contextlib.asynccontextmanager
async def _within(timeout_s: float) -> AsyncIterator[None]:
    """Raises TooSlow after the time, NoAnswer if the connection fails."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise TooSlow from None
    except (aiohttp.ClientError, OSError) as error:
        raise NoAnswer(str(error)) from error
