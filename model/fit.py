"""Tables -> a fitted recommender: cross-fitted knowledge, training groups of one regime each, two rankers.

A booster must not learn from knowledge that holds its own answers. So the training playlists are dealt into folds, and
a query is built with the knowledge of the *other* folds; its candidates are warm or cold by those folds alone. Of many
playlists a sample is asked (`TrainConfig.max_queries`); knowledge is learned from all.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from model.boosters import Boosters, Scale
from model.config import TrainConfig
from model.features import build
from model.knowledge import Knowledge, learn
from model.labels import Lists, lists_of
from model.neighbours import PLAYLIST_FEATURES, Neighbourhood, playlist_features
from model.phrases import FEATURES
from model.profiles import Float
from model.ranker import Booster, ModelFitError, fit_overlap, fit_ranker
from model.recommender import Recommender, neighbourhood
from model.retrieval import Retriever
from model.schemas import AUDIO_FEATURES
from model.seed_view import SeedView, view
from model.splits import REGIMES, Items, Regime, Task, draw, folds, sample, split
from model.tastes import cut as cut_in_two

log = logging.getLogger(__name__)

_VALID_SEEDS = [5, 5]
_VALID_SHARE = 5  # training queries to a validation query, at most
_NOTHING = np.empty((0, len(AUDIO_FEATURES)), np.float32)


@dataclass
class Groups:
    """Training data of one regime, a group a query."""

    features: list[Float] = field(default_factory=list)
    labels: list[NDArray[np.int32]] = field(default_factory=list)

    def arrays(self) -> tuple[Float, NDArray[np.int32], NDArray[np.int32]]:
        """Features (n, n_features), relevance labels (n,), groups (n_queries,)."""
        sizes = np.array([len(labels) for labels in self.labels], np.int32)
        return np.concatenate(self.features), np.concatenate(self.labels), sizes


def fit(
    catalog: pd.DataFrame, playlists: pd.DataFrame, config: TrainConfig
) -> tuple[Recommender, dict[str, float | str]]:
    """A recommender that knows all playlists, and the figures of its training.

    catalog, playlists: checked tables (`schemas`).  The boosters are trained on the training playlists and stopped by
    the validation playlists; the test playlists are knowledge to the result, never labels, and `evaluate` withholds
    them.  Raises ModelFitError where there is too little to learn from.
    """
    lists = lists_of(catalog, playlists, config)
    cut = split(lists.names, config.seed)
    if len(cut.train) < config.n_folds or not len(cut.valid):
        raise ModelFitError(
            f"{len(lists.queried)} playlists with enough distinct songs are too few to learn from; "
            "add playlists or tracks and run prepare and train again"
        )
    pieces, knowledge_for = _cross_fit(lists, cut.train, config)
    overlap_of_fold, overlap = _overlap_boosters(lists, pieces, knowledge_for, config)
    train = {regime: Groups() for regime in REGIMES}
    pool = lists.union(cut.train)
    for at, fold in enumerate(tqdm(pieces, desc="training queries", unit="fold")):
        tasks = draw(lists.queried, fold, list(config.train_seeds), config.seed)
        _add_groups(train, tasks, knowledge_for(at), overlap_of_fold[at], pool, config, config.n_negatives)
    del knowledge_for
    known = _knowledge(lists, cut.train, config)
    valid = {regime: Groups() for regime in REGIMES}
    validated = sample(cut.valid, config.max_queries // _VALID_SHARE // len(_VALID_SEEDS), config.seed)
    tasks = draw(lists.queried, validated, _VALID_SEEDS, config.seed)
    _add_groups(valid, tasks, known, overlap, np.ones(len(lists.tracks), bool), config, None)
    rankers, scales, figures = _rankers(train, valid, config)
    figures["labels"] = "playlists" if lists.real else "albums and artists"
    figures["taste_distance"] = distance = _taste_distance(
        draw(lists.queried, sample(cut.train, config.max_queries, config.seed), [5], config.seed), known
    )
    del known
    knowledge = learn(lists.tracks, lists.known, lists.queried, config)
    return Recommender(catalog, knowledge, Boosters(overlap, rankers, scales, distance), config), figures


def _knowledge(lists: Lists, chosen: Items, config: TrainConfig) -> Knowledge:
    picked = [lists.queried[i] for i in chosen]
    return learn(lists.tracks, picked if lists.real else [], picked, config)


def _cross_fit(lists: Lists, train: Items, config: TrainConfig) -> tuple[list[Items], Callable[[int], Knowledge]]:
    """The pieces of the training playlists that are asked, and the knowledge for each: all but the piece's own fold.

    Of more playlists than `max_queries` needs, some of every fold are asked. Where there are so many that the first
    fold has enough, one piece of knowledge will do, and that fold is dealt into pieces for the overlap boosters.
    """
    whole = folds(train, config.n_folds, config.seed)
    n_asked = config.max_queries // len(config.train_seeds)
    if len(whole[0]) >= n_asked:
        shared = _knowledge(lists, np.setdiff1d(train, whole[0]), config)
        return folds(sample(whole[0], n_asked, config.seed), config.n_folds, config.seed), lambda _: shared
    pieces = [sample(fold, n_asked // config.n_folds, config.seed) for fold in whole]
    return pieces, lambda at: _knowledge(lists, np.setdiff1d(train, whole[at]), config)


def _overlap_boosters(
    lists: Lists, pieces: list[Items], knowledge_for: Callable[[int], Knowledge], config: TrainConfig
) -> tuple[list[Booster | None], Booster | None]:
    """For each fold a booster that never saw the fold's queries, and one that saw all."""
    if not lists.real:
        return [None] * len(pieces), None
    pairs = []
    for at, fold in enumerate(tqdm(pieces, desc="playlist pairs", unit="fold")):
        tasks = draw(lists.queried, fold, list(config.train_seeds), config.seed)
        pairs.append(_pairs(tasks, knowledge_for(at)))

    def fitted(chosen: Iterable[int]) -> Booster | None:
        features, overlaps = zip(*(pairs[i] for i in chosen), strict=True)
        overlap = np.concatenate(overlaps)
        return fit_overlap(np.concatenate(features), overlap, PLAYLIST_FEATURES, config) if overlap.any() else None

    everything = range(len(pieces))
    return [fitted(i for i in everything if i != at) for at in everything], fitted(everything)


def _pairs(tasks: list[Task], knowledge: Knowledge) -> tuple[Float, Float]:
    features, overlaps = [], []
    for task in tasks:
        playlists, rows = playlist_features(view(task.seeds, _NOTHING, knowledge), knowledge)
        wanted = np.zeros(len(knowledge.tracks), np.float32)
        wanted[task.wanted] = 1
        features.append(rows)
        overlaps.append((knowledge.colisten.members @ wanted)[playlists])
    return np.concatenate(features), np.concatenate(overlaps)


def _add_groups(
    groups: dict[Regime, Groups],
    tasks: list[Task],
    knowledge: Knowledge,
    overlap: Booster | None,
    pool: NDArray[np.bool_],
    config: TrainConfig,
    n_negatives: int | None,
) -> None:
    """Append a group for every task and regime in which it has relevant candidates.

    pool: bool (n_items,), which items may be candidates: in training those of the training playlists, so that no
    track of a validation or test playlist is ever taught as irrelevant.
    """
    retriever = Retriever(knowledge)
    warm = knowledge.colisten.n_homes > 0
    for task in tasks:
        seeds = view(task.seeds, _NOTHING, knowledge)
        near = neighbourhood(seeds, knowledge, overlap)
        for regime, of_regime in zip(REGIMES, (warm, ~warm), strict=True):
            allowed = of_regime & pool
            allowed[task.seeds] = False
            rng = np.random.default_rng([config.seed, task.playlist, len(task.seeds), int(task.seeds[0])])
            group = _group(task, seeds, near, allowed, retriever, knowledge, config, n_negatives, rng)
            if group is not None:
                groups[regime].features.append(group[0])
                groups[regime].labels.append(group[1])


def _group(
    task: Task,
    seeds: SeedView,
    near: Neighbourhood,
    allowed: NDArray[np.bool_],
    retriever: Retriever,
    knowledge: Knowledge,
    config: TrainConfig,
    n_negatives: int | None,
    rng: np.random.Generator,
) -> tuple[Float, NDArray[np.int32]] | None:
    found = retriever.candidates(seeds, near, _NOTHING, allowed, config.n_candidates)
    relevant = np.isin(found.items, task.wanted)
    if not relevant.any() or relevant.all():
        return None
    features, labels = build(seeds, near, found, knowledge), relevant.astype(np.int32)
    if n_negatives is not None and (~relevant).sum() > n_negatives:
        # Only now, since some features depend on the whole list.
        kept = rng.choice(np.flatnonzero(~relevant), n_negatives, replace=False)
        chosen = np.sort(np.concatenate([np.flatnonzero(relevant), kept]))
        features, labels = features[chosen], labels[chosen]
    return features, labels


def _rankers(
    train: dict[Regime, Groups], valid: dict[Regime, Groups], config: TrainConfig
) -> tuple[dict[Regime, Booster], dict[Regime, Scale], dict[str, float | str]]:
    rankers: dict[Regime, Booster] = {}
    scales: dict[Regime, Scale] = {}
    figures: dict[str, float | str] = {}
    for regime in REGIMES:
        if not train[regime].labels or not valid[regime].labels:
            log.info("no %s ranker: no training playlist has %s candidates that it wants", regime, regime)
            continue
        stopping = valid[regime].arrays()
        rankers[regime] = fit_ranker(train[regime].arrays(), stopping, FEATURES, config, f"{regime} ranker")
        scales[regime] = _scale(rankers[regime].score(stopping[0]), stopping[1])
        figures[f"{regime}_trees"] = rankers[regime].n_trees
        figures[f"{regime}_training_queries"] = len(train[regime].labels)
    if not rankers:
        raise ModelFitError("no playlist shares tracks, artists or style with another: there is nothing to learn from")
    return rankers, scales, figures


def _taste_distance(tasks: list[Task], knowledge: Knowledge) -> float:
    """What 99 % of the playlists' seeds stay below when they are cut in two."""
    return float(np.quantile([cut_in_two(knowledge.styles[task.seeds])[0] for task in tasks], 0.99))


def _scale(scores: Float, labels: NDArray[np.int32]) -> Scale:
    """Platt scaling with both classes weighted alike, so that a regime's base rate does not matter."""
    model = LogisticRegression(class_weight="balanced").fit(scores[:, None], labels)
    return Scale(slope=max(float(model.coef_[0, 0]), 1e-3), offset=float(model.intercept_[0]))
