"""Profile, retrieve, build features, rank: from a query to ranked candidates. Knows no MLflow and no request format."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from model.boosters import Boosters, Learned, Scale
from model.config import TrainConfig
from model.features import build
from model.knowledge import Knowledge
from model.neighbours import Neighbourhood, playlist_features
from model.phrases import FEATURES
from model.profiles import Float, profile, unit_rows
from model.ranker import Booster
from model.retrieval import Candidates, Retriever
from model.schemas import AUDIO_FEATURES
from model.seed_view import SeedView, view
from model.splits import REGIMES, Regime
from model.tastes import deal, tastes

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Query:
    """What `Recommender.rank` ranks for."""

    seed_rows: Rows
    """Catalog rows of the seeds, (n_seeds,)."""
    extra_seed_features: Float = field(default_factory=lambda: np.empty((0, len(AUDIO_FEATURES)), np.float32))
    """Audio features in their own units, (n_extra, 12), of seeds outside the catalog; NaN where unknown."""
    allowed: NDArray[np.bool_] | None = None
    """Which catalog rows may be candidates, (n_tracks,); None is all. Seeds and their versions never are."""
    probes: Float = field(default_factory=lambda: np.empty((0, len(AUDIO_FEATURES)), np.float32))
    """Further points to retrieve around, (n_probes, 12), in the features' own units."""


@dataclass(frozen=True)
class Ranking:
    """Ranked candidates, best first."""

    rows: Rows
    """Catalog rows, (n,)."""
    scores: Float
    """(n,), falling; comparable only within one query."""
    profile: Float
    """Profile of the seeds' feature vectors, (12,)."""
    features: Float
    """Ranking features of what retrieval found, (n_found, len(FEATURES)), NaN where undefined, in retrieval's order."""
    found_at: Rows
    """Which of those rows is each one's, (n,): a thousand rows are not copied to explain twenty."""

    def features_of(self, positions: Rows) -> Float:
        """Ranking features at positions of the ranking, (n_positions, len(FEATURES))."""
        return self.features[self.found_at[positions]]


class Recommender:
    """A fitted recommender over one catalog. Read-only after construction, so that threads may share it."""

    def __init__(self, catalog: pd.DataFrame, knowledge: Knowledge, boosters: Boosters, config: TrainConfig) -> None:
        """catalog: a checked `schemas.CATALOG` table; its row order is the row numbering of everything here."""
        self.catalog = catalog
        self.knowledge = knowledge
        self.boosters = boosters
        self.config = config
        self._retriever = Retriever(knowledge)
        self._silent = catalog[list(AUDIO_FEATURES)].isna().all(axis=1).to_numpy()
        self.vectors = np.ascontiguousarray(self.standardise(catalog[list(AUDIO_FEATURES)].to_numpy(np.float32)))
        """Unit feature vectors of the catalog's rows, (n_tracks, 12)."""
        self._warm = knowledge.colisten.n_homes > 0

    def standardise(self, features: Float) -> Float:
        """Audio features in their own units, (n, 12), as unit feature vectors, (n, 12); a missing value is the mean."""
        return unit_rows(np.nan_to_num(self.knowledge.tracks.standardise(features))) if len(features) else features

    def rank(self, query: Query) -> Ranking:
        """Ranked candidates of a query: never a seed or another version of one; empty if nothing is left to rank."""
        allowed = self._allowed_items(query)
        parts = [self._rank_one(part, query, allowed) for part in self._tastes(query)]
        ranked = parts[0] if len(parts) == 1 else _dealt(parts)
        rows = self._rows(ranked.items, query.allowed)
        centre = profile(np.concatenate([self.vectors[query.seed_rows], self.standardise(query.extra_seed_features)]))
        return Ranking(rows, ranked.scores, centre, ranked.features, ranked.found_at)

    def retrieve(self, query: Query) -> Rows:
        """Stage one alone, for all seeds together: candidate items, best first."""
        seeds = self._view(query)
        near = neighbourhood(seeds, self.knowledge, self.boosters.overlap)
        return self._candidates(seeds, near, query, self._allowed_items(query)).items

    def _rank_one(self, seeds: SeedView, query: Query, allowed: NDArray[np.bool_]) -> "_Taste":
        near = neighbourhood(seeds, self.knowledge, self.boosters.overlap)
        found = self._candidates(seeds, near, query, allowed)
        features = build(seeds, near, found, self.knowledge)
        scores = self._score(found.items, features)
        order = np.argsort(-scores, kind="stable")
        return _Taste(found.items[order], scores[order], order, features, len(seeds))

    def _candidates(self, seeds: SeedView, near: Neighbourhood, query: Query, allowed: NDArray[np.bool_]) -> Candidates:
        return self._retriever.candidates(
            seeds, near, self.standardise(query.probes), allowed, self.config.n_candidates
        )

    def _view(self, query: Query) -> SeedView:
        items = np.array(sorted(set(self.knowledge.tracks.item_of_row[query.seed_rows].tolist())), np.int64)
        return view(items, query.extra_seed_features, self.knowledge)

    def _tastes(self, query: Query) -> list[SeedView]:
        """The seeds as features see them, a view for each taste among them."""
        everything = self._view(query)
        groups = tastes(everything.styles, self.boosters.taste_distance)
        if len(groups) == 1:
            return [everything]
        n = len(everything.items)
        return [
            view(everything.items[group[group < n]], query.extra_seed_features[group[group >= n] - n], self.knowledge)
            for group in groups
        ]

    def _allowed_items(self, query: Query) -> NDArray[np.bool_]:
        tracks = self.knowledge.tracks
        allowed = np.full(len(tracks), query.allowed is None)
        if query.allowed is not None:
            allowed[tracks.item_of_row[query.allowed]] = True
        allowed[tracks.item_of_row[query.seed_rows]] = False
        return allowed

    def cosines(self, ranking: Ranking, positions: Rows) -> Float:
        """Of the tracks to the profile, (len(positions),), in [-1, 1]; NaN for a track without audio features."""
        rows = ranking.rows[positions]
        return np.where(self._silent[rows], np.nan, self.vectors[rows] @ ranking.profile).clip(-1, 1)

    def contributions(self, ranking: Ranking, positions: Rows) -> Float:
        """Each ranking feature's share in the score (LightGBM `pred_contrib`), (len(positions), len(FEATURES))."""
        features = ranking.features_of(positions)
        warm = self._warm[self.knowledge.tracks.item_of_row[ranking.rows[positions]]]
        shares = np.zeros((len(positions), len(FEATURES)), np.float32)
        for regime, chosen in zip(REGIMES, (warm, ~warm), strict=True):
            if chosen.any():
                booster, scale = self._ranker(regime)
                shares[chosen] = scale.slope * booster.contributions(features[chosen])
        return shares

    def _score(self, items: Rows, features: Float) -> Float:
        warm = self._warm[items]
        if warm.all() or not warm.any():  # mostly so, and then no row has to be copied
            booster, scale = self._ranker(REGIMES[0] if len(warm) and warm[0] else REGIMES[1])
            return scale.slope * booster.score(features) + scale.offset
        scores = np.empty(len(items), np.float32)
        for regime, chosen in zip(REGIMES, (warm, ~warm), strict=True):
            if chosen.any():
                booster, scale = self._ranker(regime)
                scores[chosen] = scale.slope * booster.score(features[chosen]) + scale.offset
        return scores

    def _ranker(self, regime: Regime) -> tuple[Booster, Scale]:
        present = regime if regime in self.boosters.rankers else next(iter(self.boosters.rankers))
        return self.boosters.rankers[present], self.boosters.scales[present]

    def _rows(self, items: Rows, allowed: NDArray[np.bool_] | None) -> Rows:
        """The catalog row that shows each item: the canonical version, or the first allowed one where it is not."""
        tracks = self.knowledge.tracks
        rows = tracks.catalog_rows[items]
        if allowed is None or allowed[rows].all():
            return rows
        candidates = np.flatnonzero(allowed)
        first = np.full(len(tracks), -1, np.int64)
        first[tracks.item_of_row[candidates[::-1]]] = candidates[::-1]
        return np.where(allowed[rows], rows, first[items])

    def save(self, folder: Path) -> None:
        """Write everything that `load` needs into the folder; no pickle."""
        self.catalog.to_parquet(folder / "catalog.parquet", index=False)
        self.knowledge.save(folder)
        Learned(self.boosters, self.config).save(folder)

    @classmethod
    def load(cls, folder: Path) -> "Recommender":
        """The recommender that `save` wrote. Raises ArtefactMismatch if it was made by other feature code."""
        learned = Learned.load(folder)
        # In one piece, so that `Lookup` can share the texts; and the parts are given back.
        catalog = pq.read_table(folder / "catalog.parquet").combine_chunks().to_pandas()
        pa.default_memory_pool().release_unused()
        return cls(catalog, Knowledge.load(folder), learned.boosters, learned.config)


@dataclass(frozen=True)
class _Taste:
    """Ranked candidates of the seeds of one taste; arrays as in `Ranking`, but items instead of rows."""

    items: Rows
    scores: Float
    found_at: Rows
    features: Float
    n_seeds: int


def _dealt(parts: list[_Taste]) -> _Taste:
    """Several tastes in one ranking, each in proportion to its seeds."""
    order = deal([part.items for part in parts], [part.n_seeds for part in parts])
    before = np.cumsum([0, *(len(part.features) for part in parts[:-1])])
    return _Taste(
        items=np.concatenate([part.items for part in parts])[order],
        scores=-np.sort(-np.concatenate([part.scores for part in parts])[order]),
        found_at=np.concatenate([part.found_at + start for part, start in zip(parts, before, strict=True)])[order],
        features=np.concatenate([part.features for part in parts]),
        n_seeds=sum(part.n_seeds for part in parts),
    )


def neighbourhood(seeds: SeedView, knowledge: Knowledge, overlap: Booster | None) -> Neighbourhood:
    """The known playlists nearest to the seeds, with the expected overlap; empty where there are no playlists."""
    if overlap is None or not len(knowledge.colisten.sizes):
        return Neighbourhood(np.empty(0, np.int64), np.empty(0, np.float32))
    playlists, features = playlist_features(seeds, knowledge)
    return Neighbourhood(playlists, overlap.score(features))
