"""Several real uvicorn workers behind one version."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from service.forward import ATTEMPTS
from service.model_server import ModelServer, StartFailed
from service.workers import NoAnswer, Workers, at_once

T = TypeVar("T")

UVICORN = [sys.executable, "-m", "uvicorn", "--lifespan", "off", "--workers", "2"]


def in_a_loop(run: Callable[[], Coroutine[None, None, T]]) -> T:
    """What it returns. In a thread of its own, since the browser of other tests keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()


@asynccontextmanager
async def started(*command: str) -> AsyncIterator[ModelServer]:
    """The server that the command starts, which should have two workers."""
    server = ModelServer("1", command, workers=2)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def two_workers() -> AsyncIterator[Workers]:
    async with started(*UVICORN, "tests.service.who_answers:app") as server:
        await server.wait_ready(30)
        yield server.workers


async def process_that_answers(workers: Workers) -> int:
    """Asked again if the connection breaks, as the service does."""
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(NoAnswer):
            return int((await workers.invoke(b"")).body)
    return int((await workers.invoke(b"")).body)


async def processes_that_answer(workers: Workers, requests: int = 2) -> Counter[int]:
    """What so many requests at the same time are answered by."""
    return Counter(await asyncio.gather(*(process_that_answers(workers) for _ in range(requests))))


def test_two_requests_at_the_same_time_go_to_two_workers_however_often() -> None:
    async def run() -> list[Counter[int]]:
        async with two_workers() as workers:
            return [await processes_that_answer(workers) for _ in range(10)]

    rounds = in_a_loop(run)
    assert len(rounds[0]) == 2
    assert rounds == [rounds[0]] * 10


def test_what_waits_goes_to_the_worker_that_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    async def run() -> tuple[Counter[int], float]:
        async with two_workers() as workers:
            started = time.monotonic()
            return await processes_that_answer(workers, 12), time.monotonic() - started

    answered, seconds = in_a_loop(run)
    assert sorted(answered.values()) == [6, 6]
    assert seconds >= 0.6  # two at a time


def test_a_worker_that_is_killed_is_replaced_and_meanwhile_the_other_answers() -> None:
    async def run() -> tuple[set[int], set[int], set[int]]:
        async with two_workers() as workers:
            before = set(await processes_that_answer(workers))
            os.kill(min(before), signal.SIGKILL)
            meanwhile = {await process_that_answers(workers)}
            after = meanwhile
            async with asyncio.timeout(20):
                while len(after) == 1:
                    after = set(await processes_that_answer(workers))
            return before, meanwhile, after

    before, meanwhile, after = in_a_loop(run)
    assert meanwhile == {max(before)}
    assert max(before) in after and min(before) not in after


def test_a_model_that_does_not_load_is_tried_once() -> None:
    async def run() -> None:
        async with started(*UVICORN, "tests.service.does_not_load:app") as server:
            await server.wait_ready(30)

    with pytest.raises(StartFailed, match=r"ended with status .*RuntimeError: the tables are gone"):
        in_a_loop(run)


def test_nobody_listens_is_no_answer() -> None:
    async def run() -> None:
        async with started(sys.executable, "-c", "import time; time.sleep(60)") as server:
            assert not await server.workers.are_ready()
            await server.workers.get("/version")

    with pytest.raises(NoAnswer):
        in_a_loop(run)


@pytest.mark.parametrize(
    ("workers", "cores", "n"), [(1, 1, 1), (1, 2, 2), (1, 16, 2), (2, 2, 2), (4, 2, 4), (4, 16, 8)]
)
def test_no_more_requests_are_worked_on_than_there_are_cores_or_workers(workers: int, cores: int, n: int) -> None:
    assert at_once(workers, cores) == n
