"""The feedback database, once as SQLite and once as PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from gateway.feedback_store import FeedbackStore, Summary, VersionCounts, database_url
from gateway.feedback_tables import Happened, Record, Shown, metadata
from tests.gateway.postgres import Postgres

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/folder/feedback.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.url


@pytest.fixture
def store(url: str) -> Iterator[FeedbackStore]:
    store = FeedbackStore(url)
    store.migrate()
    yield store
    store.close()


def shown(request_id: str, track_ids: list[str], seeds: list[str], version: str = "1") -> Shown:
    return Shown(request_id, "quintet", version, seeds, track_ids)


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(store: FeedbackStore, url: str) -> None:
    engine = create_engine(database_url(url))
    with engine.connect() as connection:
        assert {"recommendations", "events", "alembic_version"} == set(inspect(connection).get_table_names())
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("step", [["upgrade", "head"], ["check"], ["downgrade", "base"]])
def test_alembics_own_commands_work_on_the_database_of_the_settings(
    store: FeedbackStore, url: str, step: list[str]
) -> None:
    command = [sys.executable, "-m", "alembic", *step]
    environment = {**os.environ, "FEEDBACK_DATABASE_URL": url}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    engine = create_engine(database_url(url))
    assert inspect(engine).has_table("events") == (step[0] != "downgrade")
    engine.dispose()


def test_migrating_again_keeps_what_is_stored(store: FeedbackStore) -> None:
    store.write([Happened("r1", "a", "like")])
    store.migrate()
    assert store.summary().events == {"like": 1}


def test_an_answer_counts_one_impression_a_track(store: FeedbackStore) -> None:
    store.write([shown("r1", ["a", "b", "c"], ["s"]), Happened("r1", "b", "like")])
    events = {"impression": 3, "like": 1}
    assert store.summary() == Summary(1, events, [VersionCounts("quintet", "1", events)])


def test_model_versions_are_counted_apart(store: FeedbackStore) -> None:
    store.write([shown("r1", ["a"], ["s"], "1"), shown("r2", ["a", "b"], ["s"], "2"), Happened("r2", "a", "add")])
    assert store.summary().by_model_version == [
        VersionCounts("quintet", "1", {"impression": 1}),
        VersionCounts("quintet", "2", {"add": 1, "impression": 2}),
    ]


def test_writing_the_same_records_twice_counts_them_once(store: FeedbackStore) -> None:
    records: list[Record] = [
        shown("r1", ["a", "b"], ["s"]),
        Happened("r1", "a", "like"),
        Happened("r1", "a", "impression"),
    ]
    store.write(records)
    store.write(records)
    assert store.summary().events == {"impression": 2, "like": 1}


def test_a_liked_set_is_the_seeds_and_then_what_was_liked_or_added(store: FeedbackStore) -> None:
    store.write(
        [
            shown("r1", ["a", "b", "c"], ["s1", "s2"]),
            Happened("r1", "b", "add"),
            Happened("r1", "a", "like"),
            shown("r2", ["d"], ["s3"]),
            Happened("r2", "d", "skip"),
            shown("r3", ["e"], ["s4"]),
        ]
    )
    assert list(store.liked_sets()) == [("r1", ["s1", "s2", "b", "a"])]


@pytest.mark.parametrize(
    ("happened", "kept"),
    [(["like", "skip"], []), (["skip", "like"], ["s", "a"]), (["like", "skip", "add"], ["s", "a"])],
)
def test_the_last_word_on_a_track_counts(store: FeedbackStore, happened: list[str], kept: list[str]) -> None:
    store.write([shown("r1", ["a"], ["s"])])
    store.write([Happened("r1", "a", event) for event in happened])  # type: ignore[arg-type]
    assert [track_ids for _, track_ids in store.liked_sets()] == ([kept] if kept else [])


def test_likes_without_a_stored_answer_still_make_a_set(store: FeedbackStore) -> None:
    store.write([Happened("elsewhere", "a", "like"), Happened("elsewhere", "b", "like")])
    assert list(store.liked_sets()) == [("elsewhere", ["a", "b"])]
