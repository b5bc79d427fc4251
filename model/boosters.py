"""What training learned, apart from knowledge: the boosters, and how their scores compare."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from model.config import TrainConfig
from model.neighbours import PLAYLIST_FEATURES
from model.phrases import FEATURES
from model.ranker import Booster
from model.splits import REGIMES, Regime


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


@dataclass(frozen=True)
class Learned:
    """The part of a recommender that training made and no table can give."""

    boosters: Boosters
    config: TrainConfig

    def save(self, folder: Path) -> None:
        """Write LightGBM's text format and a JSON file."""
        if self.boosters.overlap is not None:
            self.boosters.overlap.save(folder / "overlap.txt")
        for regime, ranker in self.boosters.rankers.items():
            ranker.save(folder / f"ranker.{regime}.txt")
        scales = {regime: asdict(scale) for regime, scale in self.boosters.scales.items()}
        meta = {"config": asdict(self.config), "scales": scales, "taste_distance": self.boosters.taste_distance}
        (folder / "recommender.json").write_text(json.dumps(meta, indent=1))

    @classmethod
    def load(cls, folder: Path) -> "Learned":
        """What `save` wrote; the tables beside it may be large and stay unread. Raises ArtefactMismatch."""
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
