"""What happens to feedback when the database is slow, dead, or refuses something."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.feedback_queue import Counts, FeedbackQueue
from gateway.feedback_store import FeedbackStore
from gateway.feedback_tables import Happened, Record, Shown
from tests.eventually import eventually
from tests.gateway.listeners import mute_listener
from tests.gateway.postgres import Postgres


def likes(n: int, request_id: str = "r1") -> list[Happened]:
    return [Happened(request_id, f"track{i}", "like") for i in range(n)]


@contextmanager
def running(url: str, unsent: Path, capacity: int = 1000, stop_within_s: float = 5.0) -> Iterator[FeedbackQueue]:
    store = FeedbackStore(url)
    queue = FeedbackQueue(store, capacity, unsent)
    queue.start()
    try:
        yield queue
    finally:
        queue.stop(stop_within_s)
        store.close()


def stored(url: str) -> dict[str, int]:
    store = FeedbackStore(url)
    events = store.summary().events
    store.close()
    return events


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/feedback.db"


@pytest.fixture
def unsent(tmp_path: Path) -> Path:
    return tmp_path / "unsent"


def test_a_stop_writes_everything_that_was_accepted(url: str, unsent: Path) -> None:
    with running(url, unsent) as queue:
        assert all([queue.put(like) for like in likes(1000)])
    assert stored(url) == {"like": 1000}
    assert queue.counts() == Counts(queued=0, accepted=1000, written=1000, dropped=0)
    assert not unsent.exists()


def test_what_a_dead_database_did_not_take_is_written_after_the_next_start(url: str, unsent: Path) -> None:
    records: list[Record] = [Shown("r1", "quintet", "1", ["s"], ["a", "b"]), *likes(300)]
    with running("postgresql://nobody@127.0.0.1:9/none", unsent) as queue:
        assert all([queue.put(record) for record in records])
    assert queue.counts().written == 0
    with running(url, unsent) as queue:
        assert eventually(lambda: queue.counts().written == 301, timeout_s=15)
    assert stored(url) == {"impression": 2, "like": 300}
    assert list(unsent.iterdir()) == []


def test_a_database_that_hangs_does_not_hold_up_the_stop(url: str, unsent: Path) -> None:
    with mute_listener() as port:
        started = time.monotonic()
        with running(f"postgresql://nobody@127.0.0.1:{port}/none", unsent, stop_within_s=0.5) as queue:
            queue.put(likes(1)[0])
        assert time.monotonic() - started < 1.5
    with running(url, unsent):
        pass
    assert stored(url) == {"like": 1}


def test_a_queue_that_is_full_drops_and_counts(unsent: Path) -> None:
    with running("postgresql://nobody@127.0.0.1:9/none", unsent, capacity=3) as queue:
        assert [queue.put(like) for like in likes(5)] == [True, True, True, False, False]
        assert queue.counts() == Counts(queued=3, accepted=3, written=0, dropped=2)


def test_writing_goes_on_when_the_database_comes_back(postgres: Postgres, unsent: Path) -> None:
    with running(postgres.url, unsent) as queue:
        queue.put(likes(1, "before")[0])
        assert eventually(lambda: queue.counts().written == 1, timeout_s=15)
        postgres.stop()
        for like in likes(10, "meanwhile"):
            assert queue.put(like)
        time.sleep(0.5)
        assert queue.counts().written == 1
        postgres.start()
        assert eventually(lambda: queue.counts().written == 11, timeout_s=15)
    assert stored(postgres.url)["like"] == 11


def test_a_locked_database_is_waited_for(url: str, unsent: Path, tmp_path: Path) -> None:
    with running(url, unsent) as queue:
        queue.put(likes(1)[0])
        assert eventually(lambda: queue.counts().written == 1, timeout_s=15)
        with sqlite3.connect(tmp_path / "feedback.db", isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert queue.put(Happened("r2", "a", "add"))
            time.sleep(0.5)
            assert queue.counts().written == 1
            other.execute("ROLLBACK")
        assert eventually(lambda: queue.counts().written == 2, timeout_s=15)
    assert stored(url) == {"like": 1, "add": 1}


def test_a_record_that_the_database_refuses_takes_no_other_down(
    url: str, unsent: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(url, unsent) as queue:
        for record in [*likes(2), Happened("r1", "lone surrogate \ud800", "like"), Happened("r1", "z", "like")]:
            queue.put(record)
    assert stored(url) == {"like": 3}
    assert queue.counts() == Counts(queued=0, accepted=4, written=3, dropped=1)
    assert "feedback refused by the database" in caplog.text


def test_a_broken_line_in_a_saved_file_is_named_and_the_rest_is_written(
    url: str, unsent: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running("postgresql://nobody@127.0.0.1:9/none", unsent) as queue:
        queue.put(likes(1)[0])
    (saved,) = unsent.iterdir()
    saved.write_bytes(b'{"request_id": \n' + saved.read_bytes())
    with running(url, unsent):
        pass
    assert stored(url) == {"like": 1}
    assert "line=1" in caplog.text


def test_no_log_line_holds_the_password_of_the_database(unsent: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("postgresql://somebody:hunter2@127.0.0.1:9/none", unsent) as queue:
        queue.put(likes(1)[0])
        assert eventually(lambda: "not available" in caplog.text, timeout_s=15)
    assert "hunter2" not in caplog.text


def test_a_database_that_lost_its_tables_loses_no_feedback(postgres: Postgres, unsent: Path, url: str) -> None:
    with running(postgres.url, unsent) as queue:
        queue.put(likes(1, "before")[0])
        assert eventually(lambda: queue.counts().written == 1, timeout_s=15)
        postgres.execute("DROP TABLE events")
        queue.put(likes(1)[0])
        time.sleep(0.5)
    assert queue.counts().dropped == 0
    with running(url, unsent):
        pass
    assert stored(url) == {"like": 1}
