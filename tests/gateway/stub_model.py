"""A stand-in for the model server on a real socket: answers by the model's contract, or misbehaves as told."""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from model.contract import Answer, ModelVersion, Pool, RankedTrack, Request, Seed
from model.schemas import AUDIO_FEATURES

TRACE = 'Traceback (most recent call last): File "/opt/model/pyfunc_model.py", line 42, in predict: KeyError: boom'

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Behaviour = Callable[["StubModel", Connection, bytes], Awaitable[None]]


def answer_to(request: Request, version: str = "7") -> Answer:
    """What a model that knows every id but those starting with "unknown" answers."""
    seen: set[str] = set()
    seeds = []
    for track_id in request.seed_track_ids:
        known = "unknown" if track_id.startswith("unknown") else "used"
        seeds.append(Seed(track_id=track_id, status="duplicate" if track_id in seen else known))
        seen.add(track_id)
    n = request.k if any(seed.status == "used" for seed in seeds) else 0
    return Answer(
        model=ModelVersion(name="quintet", version=version),
        seeds=seeds,
        profile=dict.fromkeys(AUDIO_FEATURES, 0.5) if n else {},
        pool=Pool(initial=500, after_filtering=500),
        tracks=[_track(rank) for rank in range(1, n + 1)],
        message=None if n else "no seed is known",
    )


def _track(rank: int) -> RankedTrack:
    return RankedTrack(
        rank=rank, track_id=f"track{rank}", title=f"Title {rank}", artist="Artist", artist_id="artist1", album="Album",
        album_id="album1", release_date="2020-01-31", release_year=2020, popularity=50.0, explicit=False, isrc=None,
        score=1.0 / rank, similarity=0.9, features=dict.fromkeys(AUDIO_FEATURES, 0.5),
    )  # fmt: skip


async def well(stub: "StubModel", to: Connection, body: bytes) -> None:
    """A proper answer."""
    (row,) = json.loads(body)["inputs"]
    answer = answer_to(Request.model_validate(row), stub.version)
    await reply(to, 200, json.dumps({"predictions": [answer.model_dump()]}))


async def hang(stub: "StubModel", to: Connection, body: bytes) -> None:
    """No answer, until the test is over."""
    await asyncio.sleep(60)


async def reset(stub: "StubModel", to: Connection, body: bytes) -> None:
    """The connection is reset (RST) instead of an answer."""
    to[1].get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to[1].transport.abort()


async def trace(stub: "StubModel", to: Connection, body: bytes) -> None:
    """What MLflow answers when `predict` raises."""
    await reply(to, 400, json.dumps({"error_code": "BAD_REQUEST", "message": TRACE, "stack_trace": TRACE}))


async def drip(stub: "StubModel", to: Connection, body: bytes) -> None:
    """Headers at once, then a byte now and then: alive, but never done."""
    to[1].write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        to[1].write(b" ")
        await to[1].drain()
        await asyncio.sleep(0.05)


async def cut(stub: "StubModel", to: Connection, body: bytes) -> None:
    """A body that ends before its length."""
    to[1].write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"predictions": [')
    await to[1].drain()
    to[1].close()


async def gibberish(stub: "StubModel", to: Connection, body: bytes) -> None:
    """Not HTTP at all."""
    to[1].write(b"\x00\x01\x02 hello? \r\n\r\n")
    await to[1].drain()
    to[1].close()


def says(text: str, status: int = 200) -> Behaviour:
    """The same text to everything."""

    async def behave(stub: "StubModel", to: Connection, body: bytes) -> None:
        await reply(to, status, text)

    return behave


def tampered(change: Callable[[dict[str, Any]], object]) -> Behaviour:
    """A proper answer, in which something was changed."""

    async def behave(stub: "StubModel", to: Connection, body: bytes) -> None:
        (row,) = json.loads(body)["inputs"]
        prediction = answer_to(Request.model_validate(row)).model_dump()
        change(prediction)
        await reply(to, 200, json.dumps({"predictions": [prediction]}))

    return behave


async def reply(to: Connection, status: int, text: str) -> None:
    """One HTTP answer; the connection stays open."""
    raw = text.encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    to[1].write(head.encode() + raw)
    await to[1].drain()


class StubModel:
    """Listens on a free port in a thread of its own; `behaviour` may be changed at any time. A context manager."""

    def __init__(self, behaviour: Behaviour = well, version: str = "7") -> None:
        self.behaviour = behaviour
        self.version = version
        self.requests: list[dict[str, Any]] = []
        """The request rows that came, oldest first."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "StubModel":
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, port: int = 0) -> None:
        """Listen, on a given port if it is to come back where it was."""
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._run(self._listen(port))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def die(self) -> None:
        """Stop listening and drop every connection, as a killed process does."""
        self._run(self._drop())

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)

    async def _drop(self) -> None:
        self._server.close()
        for task, writer in self._connections.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Registered here and not in the task: a task that dies before its first step runs no `finally`.
        if not self._server.is_serving():
            writer.transport.abort()
            return
        task = self._loop.create_task(self._serve(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(self._connections.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"POST /invocations ")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                self.requests.extend(json.loads(body)["inputs"])
                await self.behaviour(self, (reader, writer), body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
