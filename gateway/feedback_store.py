"""Feedback in a database: what was recommended, what the listener did with it, and the questions asked of both.

Synchronous on purpose: the writer's thread and short reads use it, never the event loop.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.feedback_tables import Record, Shown, answer_row, event_rows, events, recommendations

_MIGRATING = Lock()  # Alembic keeps its context in a module


@dataclass(frozen=True)
class VersionCounts:
    """How often each event happened to the answers of one model version."""

    name: str
    version: str
    events: dict[str, int]


@dataclass(frozen=True)
class Summary:
    """Counts of everything in the database."""

    recommendations: int
    events: dict[str, int]
    by_model_version: list[VersionCounts]


@dataclass(frozen=True)
class Latest:
    """What the latest answers were about."""

    impressions: dict[str, int]
    """Track id -> how often it was recommended."""
    seeds: dict[str, int]
    """Track id -> how often it was a seed."""
    liked: dict[str, int]
    """Track id -> how often it was liked or added."""


class FeedbackStore:
    """The feedback database. Thread-safe; connects on first use, so that making one never fails on a dead database."""

    def __init__(self, url: str) -> None:
        """url: `sqlite:///path` or `postgresql://user:password@host/database`."""
        self._url = database_url(url)
        is_sqlite = self._url.get_backend_name() == "sqlite"
        self._insert = sqlite.insert if is_sqlite else postgresql.insert
        # Limits on every wait: a database that hangs must cost the writer seconds, not for ever.
        limits = {"timeout": 5} if is_sqlite else {"connect_timeout": 5, "options": "-c statement_timeout=5000"}
        self._engine = create_engine(self._url, connect_args=limits, pool_pre_ping=True, pool_timeout=5)

    def migrate(self) -> None:
        """Bring the database to the newest schema, making it if need be."""
        if self._url.get_backend_name() == "sqlite" and self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        # One at a time and all or nothing, though several gateways may start at once, or die half-way.
        lock = "BEGIN IMMEDIATE" if self._insert is sqlite.insert else "SELECT pg_advisory_xact_lock(8000)"
        with _MIGRATING, self._engine.begin() as connection:
            connection.exec_driver_sql(lock)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def write(self, records: Sequence[Record]) -> None:
        """Store the records in one transaction. A record that is there already changes nothing."""
        answers = [answer_row(record) for record in records if isinstance(record, Shown)]
        happenings = [row for record in records for row in event_rows(record)]
        with self._engine.begin() as connection:
            for table, rows in ((recommendations, answers), (events, happenings)):
                if rows:
                    connection.execute(self._insert(table).on_conflict_do_nothing(), rows)

    def summary(self) -> Summary:
        """Counts by event, in all and by model version."""
        version = (recommendations.c.model_name, recommendations.c.model_version)
        by_version = (
            select(*version, events.c.event, func.count())
            .join(events, events.c.request_id == recommendations.c.request_id)
            .group_by(*version, events.c.event)
            .order_by(*version)
        )
        with self._engine.connect() as connection:
            n_answers = connection.scalar(select(func.count()).select_from(recommendations)) or 0
            totals = connection.execute(select(events.c.event, func.count()).group_by(events.c.event)).all()
            rows = connection.execute(by_version).all()
        versions = [
            VersionCounts(name, number, {event: n for _, _, event, n in group})
            for (name, number), group in groupby(rows, key=lambda row: (row[0], row[1]))
        ]
        return Summary(n_answers, {event: n for event, n in totals}, versions)

    def latest(self, n_answers: int) -> Latest:
        """What the latest answers recommended, and for which seeds."""
        newest = (
            select(recommendations.c.request_id, recommendations.c.seed_track_ids)
            .order_by(recommendations.c.created_at.desc(), recommendations.c.request_id)
            .limit(n_answers)
        )
        answers = newest.subquery()
        happened = (
            select(events.c.track_id, func.count())
            .join(answers, answers.c.request_id == events.c.request_id)
            .group_by(events.c.track_id)
        )
        shown = happened.where(events.c.event == "impression")
        liked = happened.where(events.c.event.in_(("like", "add")))
        with self._engine.connect() as connection:
            seeds = Counter(seed for row in connection.execute(newest) for seed in row.seed_track_ids)
            impressions, likes = (
                {track_id: n for track_id, n in connection.execute(query).all()} for query in (shown, liked)
            )
        return Latest(impressions, dict(seeds), likes)

    def liked_sets(self) -> Iterator[tuple[str, list[str]]]:
        """(request id, track ids) of each answer with a like or an add: its seeds, then what was liked or added.

        A listener's last word on a track counts: liked, then skipped, is out.
        """
        reactions = (
            select(events.c.request_id, events.c.track_id, events.c.event, recommendations.c.seed_track_ids)
            .join(recommendations, events.c.request_id == recommendations.c.request_id, isouter=True)
            .where(events.c.event != "impression")
            .order_by(events.c.request_id, events.c.event_id)
        )
        with self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=1000).execute(reactions)
            for request_id, group in groupby(rows, key=lambda row: row[0]):
                answer = list(group)
                last = {track_id: event for _, track_id, event, _ in answer}
                liked = [track_id for track_id, event in last.items() if event != "skip"]
                if liked:
                    yield request_id, list(dict.fromkeys([*(answer[0][3] or []), *liked]))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def database_url(url: str) -> URL:
    """The URL with its driver, of a `sqlite:///` or a `postgres://` or `postgresql://` URL."""
    parsed = make_url(url)
    return parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg")
