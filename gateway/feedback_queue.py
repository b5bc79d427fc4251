"""A bounded queue between requests and the feedback database, so that the database can be slow or dead unnoticed."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, Full, Queue
from uuid import uuid4

from alembic.util import CommandError
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from gateway.feedback_store import FeedbackStore
from gateway.feedback_tables import Record

log = logging.getLogger(__name__)

BATCH = 200  # records a transaction: amortises the commit, and stays far below SQLite's limit on bound values
LINGER_S = 0.5  # so that records share transactions: alone, one costs 2 ms of the processor, in company a quarter
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
_RECORD = TypeAdapter[Record](Record)
_BAD_RECORD = (DataError, IntegrityError, ValueError)
_NOT_NOW = (SQLAlchemyError, CommandError, OSError)


@dataclass
class Counts:
    """What became of the records since the start; `queued` is now."""

    queued: int = 0
    accepted: int = 0
    written: int = 0
    dropped: int = 0
    """Refused because the queue was full, or by the database for good."""


class FeedbackQueue:
    """Takes records without ever waiting, and writes them from a thread of its own, trying again until it works.

    What is still unwritten when the queue stops goes to a file in `unsent`, and is written after the next start.
    """

    def __init__(self, store: FeedbackStore, capacity: int, unsent: Path) -> None:
        """capacity: records held at most.  unsent: folder for what a stop leaves over."""
        self._store = store
        self._unsent = unsent
        self._queue: Queue[Record] = Queue(capacity)
        self._batch: list[Record] = []
        self._stopping = threading.Event()
        # A daemon, so that a database that hangs cannot keep the process alive.
        self._writer = threading.Thread(target=self._run, name="feedback-writer", daemon=True)
        self._accepted = self._written = self._dropped = 0

    def start(self) -> None:
        """Start writing. Returns at once, whatever the database does."""
        self._writer.start()

    def put(self, record: Record) -> bool:
        """True if the record was accepted: it will be written, now or after the next start. False if dropped."""
        try:
            self._queue.put_nowait(record)
        except Full:
            self._dropped += 1
            return False
        self._accepted += 1
        return True

    def counts(self) -> Counts:
        """What became of the records since the start."""
        queued = self._queue.qsize() + len(self._batch)
        return Counts(queued, self._accepted, self._written, self._dropped)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what is queued, within the time; save the rest to a file. Nothing accepted is lost."""
        self._stopping.set()
        self._writer.join(timeout_s)
        left = [*self._batch, *self._drained()]
        if left:
            self._save(left)

    def _drained(self) -> Iterator[Record]:
        with suppress(Empty):
            while True:
                yield self._queue.get_nowait()

    def _save(self, records: list[Record]) -> None:
        lines = b"".join(_RECORD.dump_json(record) + b"\n" for record in records)
        path = self._unsent / f"{uuid4().hex}.jsonl"
        try:
            self._unsent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".part").write_bytes(lines)
            path.with_suffix(".part").rename(path)
        except OSError as error:
            log.error("feedback lost: cannot save it n_records=%d path=%s error=%s", len(records), path, error)
        else:
            log.warning("feedback saved for the next start n_records=%d path=%s", len(records), path)

    def _run(self) -> None:
        if self._until_it_works(self._store.migrate):
            for path in sorted(self._unsent.glob("*.jsonl")):
                self._send_again(path)
        while not (self._stopping.is_set() and self._queue.empty()):
            self._batch = self._next_batch()
            if self._batch and not self._until_it_works(partial(self._write, self._batch)):
                return  # stopping with a database that does not answer: `stop` saves the batch
            self._batch = []

    def _next_batch(self) -> list[Record]:
        try:
            self._batch = [self._queue.get(timeout=0.1)]
        except Empty:
            return []
        self._stopping.wait(LINGER_S)
        with suppress(Empty):
            while len(self._batch) < BATCH:
                self._batch.append(self._queue.get_nowait())
        return self._batch

    def _until_it_works(self, step: Callable[[], None]) -> bool:
        """Repeat the step until the database is there, with growing pauses. False if stopped before that."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                step()
            except _NOT_NOW as error:
                log.warning("feedback database not available; trying again in_s=%.1f error=%s", pause_s, _brief(error))
            else:
                return True
            if self._stopping.wait(pause_s):
                return False
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _write(self, records: list[Record]) -> None:
        try:
            self._store.write(records)
            self._written += len(records)
        except _BAD_RECORD as error:
            if len(records) == 1:
                self._dropped += 1
                log.error("feedback refused by the database error=%s", _brief(error))
                return
            for record in records:  # one bad record must not take the others down
                self._write([record])

    def _send_again(self, path: Path) -> None:
        records = list(_parsed(path))
        for start in range(0, len(records), BATCH):
            if not self._until_it_works(partial(self._write, records[start : start + BATCH])):
                return
        path.unlink(missing_ok=True)


def _parsed(path: Path) -> Iterator[Record]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            yield _RECORD.validate_json(line)
        except ValidationError:
            log.error("feedback line unreadable path=%s line=%d", path, number)


def _brief(error: Exception) -> str:
    """The driver's own words without SQLAlchemy's statement and values, which hold track ids."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
