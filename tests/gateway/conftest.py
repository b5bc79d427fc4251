import gc
import math
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.gateway.postgres import Postgres, running_postgres

MatrixRow = Callable[[str, str, str], None]


@pytest.fixture(scope="module", autouse=True)
def _what_other_tests_left_is_not_collected() -> Iterator[None]:
    """A full collection walks all that thousands of tests have imported, which takes longer than some promises."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def matrix_row(record_property: Callable[[str, object], None]) -> MatrixRow:
    """Note what a test measured: `python -m benchmarks.fault_matrix` makes the table in docs/faults.md of it."""

    def note(fault: str, promise: str, measured: str) -> None:
        for name, value in (("fault", fault), ("promise", promise), ("measured", measured)):
            record_property(name, value)

    return note


def timed(call: Callable[[], httpx.Response], within_ms: float = math.inf) -> tuple[httpx.Response, float]:
    """What the call returned, and how many milliseconds it took: with a limit, of three tries the first one in time.

    A promise about time is about the gateway, not about whatever else the machine was doing at that moment.
    """
    for _ in range(3):
        started = time.perf_counter()
        response = call()
        ms = (time.perf_counter() - started) * 1000
        if ms < within_ms:
            break
    return response, ms


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Postgres) -> Iterator[Postgres]:
    """A running server with an empty database."""
    yield postgres_server
    postgres_server.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
