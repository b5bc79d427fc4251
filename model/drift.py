"""Has what listeners pick moved away from the playlists that the model learned from? Feature by feature."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from model.schemas import FILTERS

FEATURES = tuple(name for name in FILTERS if name not in ("key", "mode"))  # those two are classes, not amounts
N_BINS = 10
MOVED = 0.25
"""Population stability index from which a distribution counts as moved (Siddiqi, Credit Risk Scorecards, 2006)."""
BY_CHANCE = 0.001
"""A move counts only where a Kolmogorov-Smirnov test finds one so unlikely: few picks give a large index by chance."""
MIN_PICKS = 100
"""Fewer picks say more about chance than about listeners."""


@dataclass(frozen=True)
class FeatureDrift:
    """One feature of the picked tracks, against the training playlists."""

    name: str
    index: float
    """Population stability index, 0 = the same distribution."""
    p_value: float
    """How likely such a difference is if there is none."""

    @property
    def drifted(self) -> bool:
        """Whether it moved far, and not by chance."""
        return self.index >= MOVED and self.p_value < BY_CHANCE


@dataclass(frozen=True)
class Drift:
    """All features, and how many picks it rests on."""

    n_picks: int
    """Picks of tracks that the catalog has."""
    unknown_share: float
    """Picks of tracks that the catalog lacks, of all picks; 0 if there are none."""
    features: tuple[FeatureDrift, ...]
    """The most moved first; empty if there are fewer than MIN_PICKS."""

    @property
    def drifted_share(self) -> float:
        """Drifted features of all features, 0-1."""
        return sum(feature.drifted for feature in self.features) / max(len(self.features), 1)


def drift(picks: pd.DataFrame, catalog: pd.DataFrame, playlists: pd.DataFrame) -> Drift:
    """Compare picks with what stands in playlists (each track as often as it does), or without any with the catalog.

    picks: columns track_id and n, how often it was picked; ids may repeat.
    """
    tracks = catalog.set_index("track_id")
    known = picks[picks["track_id"].isin(tracks.index)]
    n_picks, n_all = int(known["n"].sum()), int(picks["n"].sum())
    learned = playlists.loc[playlists["track_id"].isin(tracks.index), "track_id"]
    reference = tracks.loc[learned] if len(learned) else tracks
    picked = tracks.loc[np.repeat(known["track_id"].to_numpy(), known["n"].to_numpy())]
    features = [_feature(name, picked[name], reference[name]) for name in FEATURES] if n_picks >= MIN_PICKS else []
    return Drift(
        n_picks=n_picks,
        unknown_share=1 - n_picks / n_all if n_all else 0.0,
        features=tuple(sorted((found for found in features if found), key=lambda found: -found.index)),
    )


def _feature(name: str, picked: pd.Series, reference: pd.Series) -> FeatureDrift | None:
    now, before = (values.dropna().to_numpy(np.float64) for values in (picked, reference))
    if len(now) < MIN_PICKS or len(before) < MIN_PICKS:
        return None
    return FeatureDrift(name, stability_index(now, before), float(ks_2samp(now, before).pvalue))


def stability_index(now: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    """Sum over the tenths of `before` of (share now - share before) · ln(share now / share before).

    Both: any length of at least 1, finite. Values that many tracks share make fewer bins. Half a count is added to
    every bin, so that an empty one does not make it infinite.
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, N_BINS + 1)[1:-1], method="inverted_cdf"))
    shares = []
    for values in (now, before):
        counts = np.bincount(np.searchsorted(edges, values, "right"), minlength=len(edges) + 1) + 0.5
        shares.append(counts / counts.sum())
    return float(np.sum((shares[0] - shares[1]) * np.log(shares[0] / shares[1])))
