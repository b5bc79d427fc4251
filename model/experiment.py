"""The experiment of `evaluate`: test queries, every contender's ranking of every candidate, and the metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.baselines import World, baselines, raw_features
from model.boosters import Boosters
from model.config import TrainConfig
from model.knowledge import learn
from model.labels import lists_of
from model.metrics import ACCURACY, DEPTH
from model.profiles import Float
from model.recommender import Query, Recommender
from model.schemas import AUDIO_FEATURES
from model.splits import MIN_RELEVANT, REGIMES, Items, Regime, Task, draw, sample, split
from model.tables import Tables

N_SEEDS = 5
DRAWS = 5
OTHER_N_SEEDS = (1, 3, 10)
TOP = 20
MAX_PLAYLISTS = 200
"""Of more test playlists a seeded sample is asked; all candidates are ranked in any case."""

Ranker = Callable[[Items, NDArray[np.bool_]], Items]
"""Seeds (n_seeds,) and allowed (n_items,) to a ranking of the allowed items, best first."""


class Contender(Protocol):
    """What is measured of a recommender; its knowledge is that of the experiment."""

    @property
    def boosters(self) -> Boosters:
        """Its boosters."""

    @property
    def config(self) -> TrainConfig:
        """How it was trained."""


@dataclass
class Row:
    """One contender in one regime: a value a query for each metric, and what it showed."""

    values: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ACCURACY})
    artists: list[float] = field(default_factory=list)
    """Distinct artists in the top 20 of each query."""
    popularity: list[float] = field(default_factory=list)
    """Mean popularity percentile, 0-1, of the top 20 of each query."""
    shown: set[int] = field(default_factory=set)
    """Items that stood in any top 20."""


@dataclass
class Measurement:
    """Everything that was measured."""

    rows: dict[Regime, dict[str, Row]]
    playlists: dict[Regime, list[int]]
    """Which playlist each query was drawn from."""
    by_n_seeds: dict[Regime, dict[int, Row]]
    """The challenger with other numbers of seeds."""
    n_candidates: dict[Regime, int]
    left_out: dict[Regime, int]
    """Queries with too few relevant candidates."""
    seed: int


def measure(data: Tables, contenders: Mapping[str, Contender]) -> Measurement:
    """Rank with all contenders and baselines. The first contender also gives the row `retrieval_only`."""
    config = next(iter(contenders.values())).config
    lists = lists_of(data.catalog, data.playlists, config)
    cut = split(lists.names, config.seed)
    known = [lists.queried[i] for i in np.sort(np.concatenate([cut.train, cut.valid]))]
    knowledge = learn(lists.tracks, known if lists.real else [], known, config)
    rankers: dict[str, Ranker] = {}
    raw = raw_features(data.catalog[list(AUDIO_FEATURES)].to_numpy(np.float32)[lists.tracks.catalog_rows])
    depth = max(DEPTH, *(len(items) for items in lists.queried))  # no metric looks deeper
    for name, scorer in baselines(World(knowledge, raw, config.seed)).items():
        rankers[name] = _by_score(scorer, depth)
    for name, contender in contenders.items():
        its = (
            knowledge
            if contender.config == config
            else learn(lists.tracks, known if lists.real else [], known, contender.config)
        )
        measured = Recommender(data.catalog, its, contender.boosters, contender.config)
        if name == "challenger":
            rankers["retrieval_only"] = _retrieval_only(measured)
        rankers[name] = _by_recommender(measured)
    warm = np.zeros(len(lists.tracks), bool)
    warm[np.concatenate(known)] = True
    regimes: dict[Regime, NDArray[np.bool_]] = {"warm": warm, "cold": ~warm}
    if not lists.real:
        regimes = {"warm": np.zeros(len(warm), bool), "cold": ~warm}
    percentile = _percentile(lists.tracks.popularity)
    result = Measurement(
        rows={regime: {} for regime in REGIMES},
        playlists={regime: [] for regime in REGIMES},
        by_n_seeds={regime: {} for regime in REGIMES},
        n_candidates={regime: int(regimes[regime].sum()) for regime in REGIMES},
        left_out=dict.fromkeys(REGIMES, 0),
        seed=config.seed,
    )
    tested = sample(cut.test, MAX_PLAYLISTS, config.seed)
    tasks = draw(lists.queried, tested, [N_SEEDS] * DRAWS, config.seed)
    for task in tqdm(tasks, desc="test queries", unit="query"):
        for regime in REGIMES:
            allowed, relevant = _candidates(task, regimes[regime])
            if relevant.sum() < MIN_RELEVANT:
                result.left_out[regime] += 1
                continue
            result.playlists[regime].append(task.playlist)
            for name, ranker in rankers.items():
                if regime == "cold" and name in ("item_knn", "als"):
                    continue  # they know nothing of tracks outside the playlists
                row = result.rows[regime].setdefault(name, Row())
                _score(row, ranker(task.seeds, allowed), relevant, lists.tracks.artist, percentile)
    for n_seeds in OTHER_N_SEEDS:
        for task in draw(lists.queried, tested, [n_seeds] * 2, config.seed):
            for regime in REGIMES:
                allowed, relevant = _candidates(task, regimes[regime])
                if relevant.sum() >= MIN_RELEVANT:
                    row = result.by_n_seeds[regime].setdefault(n_seeds, Row())
                    _score(row, rankers["challenger"](task.seeds, allowed), relevant, lists.tracks.artist, percentile)
    return result


def _candidates(task: Task, regime: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    allowed = regime.copy()
    allowed[task.seeds] = False
    relevant = np.zeros(len(allowed), bool)
    relevant[task.wanted] = True
    return allowed, relevant & allowed


def _score(row: Row, ranked: Items, relevant: NDArray[np.bool_], artist: Items, percentile: Float) -> None:
    hits, n_relevant = relevant[ranked], int(relevant.sum())
    for name, metric in ACCURACY.items():
        row.values[name].append(metric(hits, n_relevant))
    top = ranked[:TOP]
    row.artists.append(float(len(set(artist[top].tolist()))))
    row.popularity.append(float(np.nanmean(percentile[top])) if len(top) else 0.0)
    row.shown.update(top.tolist())


def _by_score(scorer: Callable[[Items], Float], depth: int) -> Ranker:
    return lambda seeds, allowed: best(np.where(allowed, scorer(seeds), -np.inf), depth)


def best(scores: Float, n: int) -> Items:
    """Positions of the n highest finite scores, best first, the earlier one first among equals."""
    n = min(n, int(np.isfinite(scores).sum()))
    if not n:
        return np.empty(0, np.int64)
    lowest = np.partition(scores, -n)[-n]
    above = np.flatnonzero(scores > lowest)
    chosen = np.sort(np.concatenate([above, np.flatnonzero(scores == lowest)[: n - len(above)]]))
    order: Items = chosen[np.argsort(-scores[chosen], kind="stable")]
    return order


def _by_recommender(recommender: Recommender) -> Ranker:
    tracks = recommender.knowledge.tracks

    def rank(seeds: Items, allowed: NDArray[np.bool_]) -> Items:
        query = Query(tracks.catalog_rows[seeds], allowed=allowed[tracks.item_of_row])
        return tracks.item_of_row[recommender.rank(query).rows]

    return rank


def _retrieval_only(recommender: Recommender) -> Ranker:
    tracks = recommender.knowledge.tracks

    def rank(seeds: Items, allowed: NDArray[np.bool_]) -> Items:
        return recommender.retrieve(Query(tracks.catalog_rows[seeds], allowed=allowed[tracks.item_of_row]))

    return rank


def _percentile(popularity: Float) -> Float:
    known = np.sort(popularity[np.isfinite(popularity)])
    share = np.searchsorted(known, popularity, "left") / max(len(known), 1)
    return np.where(np.isfinite(popularity), share, np.nan).astype(np.float32)
