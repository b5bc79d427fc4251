"""What feedback consists of: two records that the gateway notes, and the two tables that hold them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import time_ns
from typing import Literal
from uuid import uuid4

from sqlalchemy import JSON, Column, DateTime, Index, Integer, MetaData, String, Table, Text

Event = Literal["impression", "like", "skip", "add"]

metadata = MetaData()
recommendations = Table(
    "recommendations",  # one row is an answer that the gateway gave
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("seed_track_ids", JSON, nullable=False),  # list of strings, in request order
)
events = Table(
    "events",  # one row is an impression, or something that a listener did with a recommended track
    metadata,
    Column("event_id", Text, primary_key=True),  # made by the gateway, so that writing twice counts once
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("track_id", Text, nullable=False),
    Column("event", String(16), nullable=False),  # impression, like, skip, add
    Column("rank", Integer),  # of an impression, from 1
    Index("ix_events_request_id", "request_id"),
    Index("ix_events_event", "event"),
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Shown:
    """An answer of the gateway: one impression a track."""

    request_id: str
    model_name: str
    model_version: str
    seed_track_ids: list[str]
    track_ids: list[str]
    """In rank order."""
    created_at: datetime = field(default_factory=_now)


@dataclass(frozen=True)
class Happened:
    """A listener saw, liked, skipped or added a recommended track."""

    request_id: str
    track_id: str
    event: Event
    event_id: str = field(default_factory=lambda: f"{time_ns():x}-{uuid4().hex}")  # sorts by time, down to nanoseconds
    created_at: datetime = field(default_factory=_now)


Record = Shown | Happened


def answer_row(shown: Shown) -> dict[str, object]:
    """The answer as a row of `recommendations`."""
    return {
        "request_id": shown.request_id,
        "created_at": shown.created_at,
        "model_name": shown.model_name,
        "model_version": shown.model_version,
        "seed_track_ids": shown.seed_track_ids,
    }


def event_rows(record: Record) -> list[dict[str, object]]:
    """The record as rows of `events`."""
    common = {"created_at": record.created_at, "request_id": record.request_id}
    if isinstance(record, Happened):
        happened = {"track_id": record.track_id, "event": record.event, "rank": None}
        shown_id = _impression_id(record.request_id, record.track_id)
        return [common | happened | {"event_id": shown_id if record.event == "impression" else record.event_id}]
    return [
        common
        | {"event_id": _impression_id(record.request_id, track_id), "track_id": track_id}
        | {"event": "impression", "rank": rank}
        for rank, track_id in enumerate(record.track_ids, start=1)
    ]


def _impression_id(request_id: str, track_id: str) -> str:
    """Says what was shown where, so that an impression counts once, whoever notes it."""
    return f"{request_id}:{track_id}"
