"""/feedback over HTTP, and what a broken feedback database may cost a recommendation: nothing."""

import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.catalogs import write_catalog
from tests.gateway.conftest import MatrixRow, timed
from tests.gateway.listeners import mute_listener
from tests.gateway.postgres import Postgres
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel

WISH = {"seed_track_ids": ["a", "b"], "k": 20}


@pytest.fixture(scope="module")
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


@pytest.fixture
def catalog_path(tmp_path: Path) -> Path:
    write_catalog(tmp_path / "catalog.db")
    return tmp_path / "catalog.db"


@pytest.fixture(scope="module")
def gateway(stub: StubModel) -> Iterator[httpx.Client]:
    with running_gateway(model_urls=(stub.url,)) as client:
        yield client


def summary(gateway: httpx.Client, written: int) -> dict[str, object]:
    """The summary, once so many records are written."""
    for _ in range(500):
        answer = gateway.get("/feedback/summary").json()
        if answer.get("queue", {}).get("written", 0) >= written:
            return dict(answer["stored"])
        time.sleep(0.02)
    raise AssertionError(f"not written: {answer}")


def test_an_answer_and_what_the_listener_did_with_it_are_counted_by_model_version(stub: StubModel) -> None:
    with running_gateway(model_urls=(stub.url,)) as gateway:
        request_id = gateway.post("/recommend_ranked", json=WISH).json()["request_id"]
        for event in ("like", "skip", "add", "impression"):  # the gateway noted this impression itself
            response = gateway.post("/feedback", json={"request_id": request_id, "track_id": "track3", "event": event})
            assert (response.status_code, response.json()) == (202, {"status": "accepted"})
        events = {"add": 1, "impression": 20, "like": 1, "skip": 1}
        assert summary(gateway, written=5) == {
            "recommendations": 1,
            "events": events,
            "by_model_version": [{"name": "quintet", "version": "7", "events": events}],
        }
        metrics = gateway.get("/metrics").text
        assert "quintet_feedback_written_total 5.0" in metrics
        assert "quintet_feedback_queued 0.0" in metrics


def test_a_recommendation_through_the_drop_in_is_noted_too(stub: StubModel, catalog_path: Path) -> None:
    with running_gateway(model_urls=(stub.url,), catalog_path=catalog_path) as gateway:
        gateway.get("/v1/recommendations", params={"seed_tracks": "a", "limit": 3})
        assert summary(gateway, written=1)["events"] == {"impression": 3}


def test_probing_for_readiness_notes_no_impression(stub: StubModel, catalog_path: Path) -> None:
    with running_gateway(model_urls=(stub.url,), catalog_path=catalog_path) as gateway:
        assert gateway.get("/ready").status_code == 200
        gateway.post("/recommend_ranked", json=WISH | {"k": 2})
        assert summary(gateway, written=1)["events"] == {"impression": 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event": "love"}, "event"),
        ({"event": None}, "event"),
        ({"request_id": ""}, "request_id"),
        ({"request_id": "a b"}, "request_id"),
        ({"request_id": "x" * 65}, "request_id"),
        ({"track_id": "x" * 10_000}, "track_id"),
        ({"track_id": "nul\x00"}, "track_id"),
        ({"track_id": 7}, "track_id"),
        ({"rating": 5}, "rating"),
    ],
)
def test_feedback_that_breaks_the_rules_is_refused_by_field(
    gateway: httpx.Client, change: dict[str, object], field: str
) -> None:
    good = {"request_id": "r1", "track_id": "track1", "event": "like"}
    response = gateway.post("/feedback", json=good | change)
    assert response.status_code == 422
    assert field in response.json()["message"]


def recommend_times_ms(gateway: httpx.Client, n: int = 50) -> list[float]:
    times = []
    for _ in range(n):
        response, ms = timed(lambda: gateway.post("/recommend_ranked", json=WISH))
        assert response.status_code == 200
        times.append(ms)
    return times


def test_a_locked_database_slows_no_recommendation(stub: StubModel, tmp_path: Path, matrix_row: MatrixRow) -> None:
    path = tmp_path / "feedback.db"
    with running_gateway(model_urls=(stub.url,), feedback_database_url=f"sqlite:///{path}") as gateway:
        recommend_times_ms(gateway, 1)
        summary(gateway, written=1)
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            times = recommend_times_ms(gateway)
            assert gateway.get("/feedback/summary").json()["error"] == "feedback_unavailable"
            other.execute("ROLLBACK")
        assert max(times) < 500  # the database would have held each up for five seconds
        assert summary(gateway, written=51)["recommendations"] == 51
    matrix_row(
        "feedback database locked (SQLite)",
        "recommendations as fast as ever; nothing lost",
        f"50 of 50 answered, p50 {statistics.median(times):.1f} ms, slowest {max(times):.0f} ms; then all 51 written",
    )


def test_a_hanging_database_slows_neither_recommendations_nor_the_stop(
    stub: StubModel, tmp_path: Path, matrix_row: MatrixRow
) -> None:
    with mute_listener() as port:
        settings = {
            "model_urls": (stub.url,),
            "feedback_database_url": f"postgresql://nobody@127.0.0.1:{port}/none",
            "feedback_unsent_dir": tmp_path / "unsent",
            "feedback_queue_size": 30,
        }
        with running_gateway(**settings) as gateway:
            times = recommend_times_ms(gateway)
            event = {"request_id": "r1", "track_id": "track1", "event": "like"}
            response, ms = timed(lambda: gateway.post("/feedback", json=event))
            assert (response.status_code, response.json()["error"]) == (503, "feedback_full")
            assert "quintet_feedback_dropped_total 21.0" in gateway.get("/metrics").text
            answer, summary_ms = timed(lambda: gateway.get("/feedback/summary"))
            assert answer.json()["error"] == "feedback_unavailable"
            assert summary_ms < 2200
            started = time.monotonic()
        stop_s = time.monotonic() - started
    assert max(times) < 500 and ms < 100 and stop_s < 7
    (saved,) = (tmp_path / "unsent").iterdir()
    assert len(saved.read_text().splitlines()) == 30
    matrix_row(
        "feedback database takes connections and never answers (PostgreSQL)",
        "recommendations as fast as ever; beyond the queue, feedback is dropped and counted; a stop keeps the queue",
        f"50 of 50 answered, p50 {statistics.median(times):.1f} ms; with the queue of 30 full, POST /feedback 503 in "
        f"{ms:.0f} ms; stopped in {stop_s:.1f} s, the 30 saved for the next start",
    )


def test_a_postgresql_server_that_freezes_and_thaws_gets_everything(stub: StubModel, postgres: Postgres) -> None:
    with running_gateway(model_urls=(stub.url,), feedback_database_url=postgres.url) as gateway:
        recommend_times_ms(gateway, 1)
        summary(gateway, written=1)
        postgres.freeze()
        times = recommend_times_ms(gateway, 20)
        postgres.thaw()
        assert max(times) < 500
        assert summary(gateway, written=21)["recommendations"] == 21


def test_a_clean_stop_loses_nothing_that_was_accepted(stub: StubModel, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/feedback.db"
    with running_gateway(model_urls=(stub.url,), feedback_database_url=database) as gateway:
        for number in range(200):
            event = {"request_id": "r1", "track_id": f"track{number}", "event": "like"}
            assert gateway.post("/feedback", json=event).status_code == 202
    with running_gateway(model_urls=(stub.url,), feedback_database_url=database) as gateway:
        assert summary(gateway, written=0)["events"] == {"like": 200}


def test_an_unknown_kind_of_database_is_refused_at_the_start_by_name(stub: StubModel) -> None:
    with pytest.raises(ValueError, match=r"feedback_database_url\n.*must be sqlite:///"):
        with running_gateway(model_urls=(stub.url,), feedback_database_url="mysql://me:hunter2@localhost/feedback"):
            pass
