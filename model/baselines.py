"""What people would use instead. Every baseline gives each item a score for the seeds; -inf is "never recommended"."""

import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from model.knowledge import Knowledge
from model.profiles import Float, profile
from model.schemas import AUDIO_FEATURES
from model.splits import Items

Scorer = Callable[[Items], Float]
"""Seeds, (n_seeds,) items, to scores, (n_items,), larger is better."""

_CLASSIC_DEPTH = 100
_MOST_ENTRIES = 1_000_000
"""Playlist entries from which item-kNN and ALS are fitted: with more, they take gigabytes and most of an hour."""


@dataclass(frozen=True)
class World:
    """What baselines may know: the same as the recommender they are compared with."""

    knowledge: Knowledge
    raw: Float
    """Audio features in their own units, (n_items, 12), missing ones at their mean."""
    seed: int


def baselines(world: World) -> dict[str, Scorer]:
    """Name -> scorer. Item-kNN and ALS are left out without the library `implicit`, and of too many entries."""
    found: dict[str, Scorer] = {
        "random": _random(world),
        "popularity": _popularity(world),
        "classic": _classic(world),
        "audio_cosine": _audio_cosine(world),
        "same_artist": _same_artist(world),
    }
    if importlib.util.find_spec("implicit") and 0 < world.knowledge.colisten.members.nnz <= _MOST_ENTRIES:
        found |= {"item_knn": _item_knn(world), "als": _als(world)}
    return found


def _random(world: World) -> Scorer:
    n = len(world.knowledge.tracks)
    return lambda seeds: np.random.default_rng([world.seed, *sorted(seeds.tolist())]).random(n, np.float32)


def _popularity(world: World) -> Scorer:
    popularity = np.nan_to_num(world.knowledge.tracks.popularity, nan=-1)
    return lambda _: popularity


def _classic(world: World) -> Scorer:
    """The recipe as it was first published: mean of raw features, the 100 nearest by L2, ordered by popularity."""
    popularity = np.nan_to_num(world.knowledge.tracks.popularity, nan=-1)

    def score(seeds: Items) -> Float:
        distance = ((world.raw - world.raw[seeds].mean(axis=0)) ** 2).sum(axis=1)
        near = np.argpartition(distance, min(_CLASSIC_DEPTH + len(seeds), len(distance) - 1))
        scores = np.full(len(distance), -np.inf, np.float32)
        near = near[: _CLASSIC_DEPTH + len(seeds)]
        scores[near] = popularity[near]
        return scores

    return score


def _audio_cosine(world: World) -> Scorer:
    units = world.knowledge.sound_units
    return lambda seeds: units @ profile(units[seeds])


def _same_artist(world: World) -> Scorer:
    cosine, artist = _audio_cosine(world), world.knowledge.tracks.artist
    return lambda seeds: cosine(seeds) + 10 * np.isin(artist, artist[seeds]).astype(np.float32)


def _item_knn(world: World) -> Scorer:
    from implicit.nearest_neighbours import CosineRecommender

    model = CosineRecommender(K=200, num_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # implicit warns of its own use of scipy
        model.fit(sp.csr_matrix(world.knowledge.colisten.members), show_progress=False)
    similarity = sp.csr_array(model.similarity)
    return lambda seeds: np.asarray(similarity[seeds].sum(axis=0), np.float32).ravel()


def _als(world: World) -> Scorer:
    from implicit.als import AlternatingLeastSquares

    members = sp.csr_matrix(world.knowledge.colisten.members)
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = AlternatingLeastSquares(
            factors=64, regularization=0.1, alpha=10, random_state=world.seed, num_threads=1
        )
        model.fit(members, show_progress=False)
    item_factors = np.asarray(model.item_factors, np.float32)

    def score(seeds: Items) -> Float:
        row = sp.csr_matrix(
            (np.ones(len(seeds), np.float32), (np.zeros(len(seeds), int), seeds)), (1, members.shape[1])
        )
        scores: Float = item_factors @ np.asarray(model.recalculate_user(0, row), np.float32).ravel()
        return scores

    return score


def raw_features(catalog_features: Float) -> Float:
    """Audio features in their own units, (n, 12), missing values at the column's mean (0 where nothing is known)."""
    known = np.isfinite(catalog_features)
    mean = np.where(known, catalog_features, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    assert catalog_features.shape[1] == len(AUDIO_FEATURES)
    return np.where(known, catalog_features, mean).astype(np.float32)
