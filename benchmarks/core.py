"""The model in this process, stage by stage, against its floor: the bare FAISS and LightGBM calls that it makes."""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from typing import Any
from unittest.mock import patch

import faiss
from threadpoolctl import threadpool_limits

import model.answers
import model.recommender
from benchmarks.queries import requests
from benchmarks.times import Timed, Times
from model.answers import Answerer
from model.contract import ModelVersion, Request
from model.profiles import Float
from model.ranker import Booster
from model.recommender import Recommender
from model.retrieval import CandidateIndex

WARM_UP = 30
STAGES: dict[str, list[tuple[Any, str]]] = {
    "profile": [(Recommender, "_tastes")],
    "retrieval": [(model.recommender, "neighbourhood"), (Recommender, "_candidates")],
    "features": [(model.recommender, "build")],
    "ranking": [(Recommender, "_score")],
    "selection": [(model.answers, "select")],
}
"""Stage -> the functions whose time is the stage's. Retrieval includes the neighbouring playlists and their booster."""

Call = tuple[Any, Float, int]
"""A FAISS index with queries and depth, or a booster with its rows and 0."""


def measure(recommender: Recommender, n: int) -> dict[str, Times]:
    """Name -> times of n requests, one thread: whole answers, `floor` and its two parts, and each stage of STAGES."""
    answerer = _answerer(recommender)
    asked = list(islice(requests(recommender, seed=1), WARM_UP + n))
    for request in asked[:WARM_UP]:
        answerer.answer(request)
    found: dict[str, list[Timed]] = defaultdict(list)
    for request in asked[WARM_UP:]:
        calls = _calls(answerer, request)
        searches = _sum(
            timed(partial(faiss.knn, rows, index.units, k, faiss.METRIC_INNER_PRODUCT)) for index, rows, k in calls if k
        )
        scores = _sum(timed(partial(booster.predict, rows, num_threads=1)) for booster, rows, k in calls if not k)
        found["core"].append(timed(partial(answerer.answer, request)))
        found["floor"].append(_sum([searches, scores]))
        found["floor: FAISS"].append(searches)
        found["floor: LightGBM"].append(scores)
        for stage, spent in _stages(answerer, request).items():
            found[f"stage: {stage}"].append(spent)
    return {name: Times.of(each) for name, each in found.items()}


def measure_alone(recommender: Recommender, n: int) -> Times:
    """Times of n whole answers and nothing else."""
    answerer = _answerer(recommender)
    asked = list(islice(requests(recommender, seed=1), WARM_UP + n))
    return Times.of([timed(partial(answerer.answer, request)) for request in asked][WARM_UP:])


def _answerer(recommender: Recommender) -> Answerer:
    """As the model server has it: one thread, and tables that the garbage collector leaves alone."""
    threadpool_limits(1)
    answerer = Answerer(recommender, ModelVersion(name="quintet", version="benchmark"))
    gc.collect()
    gc.freeze()
    return answerer


def timed(call: Callable[[], object]) -> Timed:
    """What a call takes."""
    started, cpu_started = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - started) * 1000, (time.process_time() - cpu_started) * 1000


def _sum(parts: Iterable[Timed]) -> Timed:
    wall, cpu = zip(*parts, strict=True)
    return sum(wall), sum(cpu)


def _calls(answerer: Answerer, request: Request) -> list[Call]:
    """What an answer asks of FAISS and LightGBM."""
    calls: list[Call] = []
    nearest, score = CandidateIndex.nearest, Booster.score

    def note_search(index: CandidateIndex, queries: Float, k: int, allowed: Any = None) -> Any:
        calls.append((index, queries, k))
        return nearest(index, queries, k, allowed)

    def note_score(booster: Booster, features: Float) -> Float:
        if len(features):
            calls.append((booster._booster, features, 0))
        return score(booster, features)

    with patch.object(CandidateIndex, "nearest", note_search), patch.object(Booster, "score", note_score):
        answerer.answer(request)
    return calls


def _stages(answerer: Answerer, request: Request) -> dict[str, Timed]:
    spent = dict.fromkeys(STAGES, (0.0, 0.0))
    with _watched(spent):
        answerer.answer(request)
    return spent


@contextmanager
def _watched(spent: dict[str, Timed]) -> Iterator[None]:
    """Add up the time in each stage's functions while the block runs."""

    def watch(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            results: list[Any] = []
            taken = timed(lambda: results.append(function(*given, **named)))
            spent[stage] = _sum([spent[stage], taken])
            return results[0]

        return watched

    with ExitStack() as patches:
        for stage, places in STAGES.items():
            for place, name in places:
                patches.enter_context(patch.object(place, name, watch(stage, getattr(place, name))))
        yield
