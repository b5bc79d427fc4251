"""Profile, retrieve, build features, rank: from a query to ranked candidates. Knows no MLflow and no request format."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.config import TrainConfig
from model.features import build
from model.knowledge import Knowledge
from model.neighbours import PLAYLIST_FEATURES, Neighbourhood, playlist_features
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
    cosines: Float
    """To the profile, (n,), in [-1, 1]; NaN for a track without audio features."""
    features: Float
    """Ranking features, (n, len(FEATURES)), NaN where undefined."""


@dataclass(frozen=True)
class Scale:
    """Makes the scores of both rankers comparable: log-odds of relevance if half of all candidates were relevant."""

    slope: float
    offset: float


@dataclass(frozen=True)
class Boosters:
    """What training learned, apart from knowledge."""

    overlap: Booster | None
    """Estimates playlist overlap; None without playlists."""
    rankers: dict[Regime, Booster]
    """At least one; a regime without its own uses the other's."""
    scales: dict[Regime, Scale]
    taste_distance: float
    """Seeds farther apart than this in style, squared, hold two tastes: hardly a training playlist does."""


class Recommender:
    """A fitted recommender over one catalog. Read-only after construction, so that threads may share it."""

    def __init__(self, catalog: pd.DataFrame, knowledge: Knowledge, boosters: Boosters, config: TrainConfig) -> None:
        """catalog: a checked `schemas.CATALOG` table; its row order is the row numbering of everything here."""
        self.catalog = catalog
        self.knowledge = knowledge
        self.boosters = boosters
        self.config = config
        self._retriever = Retriever(knowledge)
        tracks = knowledge.tracks
        self._silent = catalog[list(AUDIO_FEATURES)].isna().all(axis=1).to_numpy()
        self.vectors = unit_rows(np.nan_to_num(tracks.standardise(catalog[list(AUDIO_FEATURES)].to_numpy(np.float32))))
        """Unit feature vectors of the catalog's rows, (n_tracks, 12)."""
        self._warm = knowledge.colisten.n_homes > 0

    def standardise(self, features: Float) -> Float:
        """Audio features in their own units, (n, 12), as unit feature vectors, (n, 12); a missing value is the mean."""
        return unit_rows(np.nan_to_num(self.knowledge.tracks.standardise(features))) if len(features) else features

    def rank(self, query: Query) -> Ranking:
        """Ranked candidates of a query: never a seed or another version of one; empty if nothing is left to rank."""
        allowed = self._allowed_items(query)
        parts = [self._rank_one(part, query, allowed) for part in self._tastes(query)]
        items, scores, features, _ = parts[0]
        if len(parts) > 1:
            items, scores, features = (np.concatenate(pieces) for pieces in list(zip(*parts, strict=True))[:3])
            order = deal([part[0] for part in parts], [part[3] for part in parts])
            items, scores, features = items[order], -np.sort(-scores[order]), features[order]
        rows = self._rows(items, query.allowed)
        centre = profile(np.concatenate([self.vectors[query.seed_rows], self.standardise(query.extra_seed_features)]))
        cosines = np.where(self._silent[rows], np.nan, self.vectors.take(rows, axis=0) @ centre).astype(np.float32)
        return Ranking(rows, scores, cosines, features)

    def retrieve(self, query: Query) -> Rows:
        """Stage one alone, for all seeds together: candidate items, best first."""
        seeds = self._view(query)
        near = neighbourhood(seeds, self.knowledge, self.boosters.overlap)
        return self._candidates(seeds, near, query, self._allowed_items(query)).items

    def _rank_one(self, seeds: SeedView, query: Query, allowed: NDArray[np.bool_]) -> tuple[Rows, Float, Float, int]:
        """Items, scores, features, best first, for the seeds of one taste; and how many seeds that are."""
        near = neighbourhood(seeds, self.knowledge, self.boosters.overlap)
        found = self._candidates(seeds, near, query, allowed)
        features = build(seeds, near, found, self.knowledge)
        scores = self._score(found.items, features)
        order = np.argsort(-scores, kind="stable")
        return found.items[order], scores[order], features[order], len(seeds)

    def _candidates(self, seeds: SeedView, near: Neighbourhood, query: Query, allowed: NDArray[np.bool_]) -> Candidates:
        return self._retriever.candidates(
            seeds, near, self.standardise(query.probes), allowed, self.config.n_candidates
        )

    def _view(self, query: Query) -> SeedView:
        items = np.unique(self.knowledge.tracks.item_of_row[query.seed_rows])
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

    def contributions(self, ranking: Ranking, positions: Rows) -> Float:
        """Each ranking feature's share in the score (LightGBM `pred_contrib`), (len(positions), len(FEATURES))."""
        features = ranking.features[positions]
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
        if self.boosters.overlap is not None:
            self.boosters.overlap.save(folder / "overlap.txt")
        for regime, ranker in self.boosters.rankers.items():
            ranker.save(folder / f"ranker.{regime}.txt")
        scales = {regime: asdict(scale) for regime, scale in self.boosters.scales.items()}
        meta = {"config": asdict(self.config), "scales": scales, "taste_distance": self.boosters.taste_distance}
        (folder / "recommender.json").write_text(json.dumps(meta, indent=1))

    @classmethod
    def load(cls, folder: Path) -> "Recommender":
        """The recommender that `save` wrote. Raises ArtefactMismatch if it was made by other feature code."""
        learned = Learned.load(folder)
        catalog = pd.read_parquet(folder / "catalog.parquet")
        return cls(catalog, Knowledge.load(folder), learned.boosters, learned.config)


@dataclass(frozen=True)
class Learned:
    """The part of a recommender that training made and no table can give."""

    boosters: Boosters
    config: TrainConfig

    @classmethod
    def load(cls, folder: Path) -> "Learned":
        """From what `Recommender.save` wrote, whose tables may be large and stay unread. Raises ArtefactMismatch."""
        meta = json.loads((folder / "recommender.json").read_text())
        config = TrainConfig(**meta["config"] | {"train_seeds": tuple(meta["config"]["train_seeds"])})
        paths = {regime: folder / f"ranker.{regime}.txt" for regime in REGIMES}
        rankers = {regime: Booster.load(path) for regime, path in paths.items() if path.exists()}
        for ranker in rankers.values():
            ranker.check(FEATURES)
        overlap = Booster.load(folder / "overlap.txt") if (folder / "overlap.txt").exists() else None
        if overlap is not None:
            overlap.check(PLAYLIST_FEATURES)
        scales = {regime: Scale(**meta["scales"][regime]) for regime in rankers}
        return cls(Boosters(overlap, rankers, scales, meta["taste_distance"]), config)


def neighbourhood(seeds: SeedView, knowledge: Knowledge, overlap: Booster | None) -> Neighbourhood:
    """The known playlists nearest to the seeds, with the expected overlap; empty where there are no playlists."""
    if overlap is None or not len(knowledge.colisten.sizes):
        return Neighbourhood(np.empty(0, np.int64), np.empty(0, np.float32))
    playlists, features = playlist_features(seeds, knowledge)
    return Neighbourhood(playlists, overlap.score(features))
