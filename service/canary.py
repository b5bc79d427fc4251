"""What a version has to prove before it takes traffic: that it answers its own logged input example sensibly."""

import asyncio
import json
import math
from typing import NoReturn

from pydantic import BaseModel, ValidationError

from model.contract import Answer
from service.model_server import ModelServer
from service.workers import NoAnswer, TooSlow

WARM_UP_REQUESTS = 20
"""For each worker. The first ones after loading are several times slower than the rest."""
CONNECTIONS = 4
"""For each worker, so that none of them is without a request until all have had enough."""
WITHIN_S = 20.0
"""A version that takes longer on a cold start will not do better with everybody's requests."""


class CanaryFailed(Exception):
    """The version answers, but not as it should; says in what way."""


class _Answers(BaseModel):
    predictions: list[Answer]


async def prove(server: ModelServer, example: bytes, *, name: str) -> None:
    """Warm every worker up with the example, and check each answer. Raises CanaryFailed."""

    async def one_connection() -> None:
        for _ in range(WARM_UP_REQUESTS // CONNECTIONS):
            try:
                reply = await server.workers.invoke(example, "application/json", WITHIN_S)
            except TooSlow:
                raise CanaryFailed(f"no answer to its input example within {WITHIN_S:.0f} s") from None
            except NoAnswer as error:
                raise CanaryFailed(f"no answer to its input example: {error}") from None
            if reply.status != 200:
                raise CanaryFailed(f"status {reply.status} to its input example: {reply.body[:200]!r}")
            check(reply.body, example, name=name, version=server.version)

    try:
        async with asyncio.TaskGroup() as warming:
            for _ in range(CONNECTIONS * len(server.workers)):
                warming.create_task(one_connection())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def check(body: bytes, example: bytes, *, name: str, version: str) -> None:
    """Raises CanaryFailed unless the body answers the example by the contract, from this version, with something in it.

    By the contract: every field and type of `model.contract`, an answer a row, only finite numbers, ranks from 1
    without a gap, no track twice. Scores may rise with the rank: two tastes are two rankings, dealt into one.
    """
    try:
        json.loads(body, parse_constant=_not_finite)
        answers = _Answers.model_validate_json(body, strict=True).predictions
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CanaryFailed(
            f"its answer breaks the contract in {error.error_count()} places: {where}: {first['msg']}"
        ) from None
    except ValueError as error:
        raise CanaryFailed(f"its answer is no JSON: {error}") from None
    wanted = len(json.loads(example)["inputs"])
    if len(answers) != wanted:
        raise CanaryFailed(f"{len(answers)} answers to {wanted} requests")
    for answer in answers:
        _check_one(answer, name, version)


def _check_one(answer: Answer, name: str, version: str) -> None:
    if (answer.model.name, answer.model.version) != (name, version):
        raise CanaryFailed(f"it says that it is {answer.model.name} {answer.model.version}")
    if not answer.tracks:
        raise CanaryFailed(f"it recommends nothing: {answer.message}")
    if [track.rank for track in answer.tracks] != list(range(1, len(answer.tracks) + 1)):
        raise CanaryFailed(f"its ranks are {[track.rank for track in answer.tracks]}")
    if len({track.track_id for track in answer.tracks}) != len(answer.tracks):
        raise CanaryFailed("it recommends a track twice")
    if not all(math.isfinite(track.score) for track in answer.tracks):
        raise CanaryFailed("a score is not a finite number")


def _not_finite(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
