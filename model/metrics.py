"""How good a ranking is: the definitions of the RecSys Challenge 2018, and what lies beyond accuracy.

Source of the first three: Zamani, Schedl, Lamere, Chen, "An analysis of approaches taken in the ACM RecSys Challenge
2018 for automatic music playlist continuation", ACM TIST 10(5), 2019, section 3.2. All take `hits`: bool (n,), whether
the track at each rank is relevant, best first, and `n_relevant` >= 1, which the caller guarantees (`splits.py` refuses
queries without relevant tracks, so that nothing undefined is ever scored 0 or 1).
"""

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]

DEPTH = 500
"""How deep the challenge looks."""
CLICK_PAGE = 10
"""Tracks on one page of the challenge's interface."""


def r_precision(hits: Hits, n_relevant: int) -> float:
    """Share of relevant tracks among the first `n_relevant`: |top R ∩ relevant| / R, R = `n_relevant`; in [0, 1].

    The challenge's artist bonus is left out, as in its first definition.
    """
    return float(hits[:n_relevant].sum() / n_relevant)


def ndcg(hits: Hits, n_relevant: int, k: int = DEPTH) -> float:
    """Discounted gain of the first k over that of a perfect list; in [0, 1].

    DCG = Σ hit_i / log2(i + 1), i from 1 (Järvelin & Kekäläinen, ACM TOIS 20(4), 2002; binary gain); the perfect list
    has min(k, `n_relevant`) hits in front.
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    top = hits[:k]
    return float((top * discounts[: len(top)]).sum() / discounts[: min(k, n_relevant)].sum())


def recall(hits: Hits, n_relevant: int, k: int = DEPTH) -> float:
    """Relevant tracks in the first k over min(k, `n_relevant`), so that a perfect list has 1; in [0, 1]."""
    return float(hits[:k].sum() / min(k, n_relevant))


def clicks(hits: Hits, n_relevant: int) -> float:
    """How often a listener must ask for ten more tracks until a relevant one shows: ⌊(i - 1) / 10⌋, i = its rank.

    51 if there is none among the first 500. Less is better. `n_relevant` is unused: all accuracy metrics are called
    alike.
    """
    found = np.flatnonzero(hits[:DEPTH])
    return float(found[0] // CLICK_PAGE) if len(found) else DEPTH / CLICK_PAGE + 1


def ndcg_at_10(hits: Hits, n_relevant: int) -> float:
    """NDCG of the part of the list that a listener sees first."""
    return ndcg(hits, n_relevant, 10)


ACCURACY = {
    "r_precision": r_precision,
    "ndcg@500": ndcg,
    "clicks": clicks,
    "ndcg@10": ndcg_at_10,
    "recall@500": recall,
}
"""Name in every table and report -> definition."""

SMALLER_IS_BETTER = frozenset({"clicks"})


def bootstrap_interval(
    values: NDArray[np.float64], groups: NDArray[np.int64], seed: int, n_resamples: int = 1000
) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean, over groups.

    values: (n,), one a query.  groups: (n,), the playlist each query was drawn from. Whole playlists are resampled,
    since draws from one playlist are not independent (Efron & Tibshirani, "An introduction to the bootstrap", 1993).
    """
    _, codes = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(codes, values), np.bincount(codes)
    picks = np.random.default_rng(seed).integers(len(sums), size=(n_resamples, len(sums)))
    means = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
