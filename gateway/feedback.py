"""/feedback: what listeners do with recommendations, stored for the next training; never in a request's way."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import Annotated, Any, Literal, TypeVar, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import FeedbackFull, FeedbackUnavailable, responses
from gateway.feedback_queue import Counts, FeedbackQueue
from gateway.feedback_store import FeedbackStore, Latest, Summary
from gateway.feedback_tables import Event, Happened, Shown
from gateway.metrics import Metrics
from gateway.schemas import Answer, RecommendRequest, TrackId
from gateway.settings import GatewaySettings

SUMMARY_DEADLINE_S = 2.0
Answered = TypeVar("Answered")


class Feedback:
    """The feedback of one gateway: a queue in front of a database."""

    def __init__(self, settings: GatewaySettings, metrics: Metrics) -> None:
        """Connects to nothing yet."""
        self._store = FeedbackStore(settings.feedback_database_url.get_secret_value())
        self.queue = FeedbackQueue(self._store, settings.feedback_queue_size, settings.feedback_unsent_dir)
        self._reading: dict[str, Future[Any]] = {}
        metrics.registry.register(_QueueMetrics(self.queue))

    def start(self) -> None:
        """Start writing; whether the database is there does not matter."""
        self.queue.start()

    async def stop(self) -> None:
        """Write what is queued, or save it for the next start."""
        await run_sync(self.queue.stop)
        self._store.close()

    def shown(self, request: Request, wish: RecommendRequest, answer: Answer) -> None:
        """Note an answer and its impressions. Never waits; drops and counts when the queue is full."""
        if answer.tracks:
            self.queue.put(
                Shown(
                    request_id=request.state.request_id,
                    model_name=answer.model.name,
                    model_version=answer.model.version,
                    seed_track_ids=wish.seed_track_ids,
                    track_ids=[track.track_id for track in answer.tracks],
                )
            )

    async def summary(self) -> Summary:
        """Counts of what the database holds. Raises FeedbackUnavailable if it does not say so in time."""
        return await self._ask("summary", self._store.summary)

    async def latest(self, n_answers: int) -> Latest:
        """What the latest answers were about. Raises FeedbackUnavailable if the database does not say so in time."""
        return await self._ask("latest", lambda: self._store.latest(n_answers))

    async def _ask(self, question: str, answer: Callable[[], Answered]) -> Answered:
        before = self._reading.get(question)
        if before is not None and not before.done():
            raise FeedbackUnavailable("the feedback database is still busy with the question before; try again")
        reading: Future[Answered] = Future()
        self._reading[question] = reading
        # A daemon thread, not a pool's, so that a database that hangs cannot keep the process alive.
        Thread(target=_read, args=(reading, answer), name="feedback-reader", daemon=True).start()
        try:
            return await asyncio.wait_for(asyncio.wrap_future(reading), SUMMARY_DEADLINE_S)
        except (TimeoutError, SQLAlchemyError):
            raise FeedbackUnavailable("the feedback database does not answer; try again") from None


def _read(reading: Future[Answered], answer: Callable[[], Answered]) -> None:
    reading.set_running_or_notify_cancel()
    try:
        reading.set_result(answer())
    except SQLAlchemyError as error:
        reading.set_exception(error)


class _QueueMetrics(Collector):
    def __init__(self, queue: FeedbackQueue) -> None:
        self._queue = queue

    def collect(self) -> Iterator[Metric]:
        counts = self._queue.counts()
        yield GaugeMetricFamily("quintet_feedback_queued", "Feedback records that wait to be written", counts.queued)
        for name in ("accepted", "written", "dropped"):
            yield CounterMetricFamily(f"quintet_feedback_{name}", f"Feedback records {name}", getattr(counts, name))


class FeedbackEvent(BaseModel):
    """Something that a listener did with a recommended track."""

    model_config = ConfigDict(extra="forbid", strict=True)

    request_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    """Of the recommendation, as its answer had it."""
    track_id: TrackId
    event: Event
    """The gateway notes impressions itself; one more of the same track in the same answer changes nothing."""


class Accepted(BaseModel):
    """It will be written, unless the process is killed before."""

    status: Literal["accepted"] = "accepted"


class FeedbackSummary(BaseModel):
    """What the database holds, and what this process did since its start."""

    stored: Summary
    queue: Counts


def _feedback(request: Request) -> Feedback:
    return cast(Feedback, request.app.state.feedback)


FeedbackDep = Annotated[Feedback, Depends(_feedback)]
router = APIRouter(tags=["feedback"])


@router.post("/feedback", status_code=202, responses=responses(FeedbackFull))
async def give_feedback(event: FeedbackEvent, feedback: FeedbackDep) -> Accepted:
    """Note what a listener did with a recommended track. Answers before it is written."""
    if not feedback.queue.put(Happened(event.request_id, event.track_id, event.event)):
        raise FeedbackFull("too much feedback waits for the database; this event was dropped, try again later")
    return Accepted()


@router.get("/feedback/summary", responses=responses(FeedbackUnavailable))
async def feedback_summary(feedback: FeedbackDep) -> FeedbackSummary:
    """How often each event happened, in all and by model version."""
    counts = feedback.queue.counts()  # first, so that what it calls written is among what is stored
    return FeedbackSummary(stored=await feedback.summary(), queue=counts)
