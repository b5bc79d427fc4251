"""Do the seeds hold more than one taste? Then each is ranked for itself, and the lists are dealt out in turn.

One profile for metal and folk lies between them, where neither is; and a ranker that learned from playlists of one
taste gives the larger group everything.
"""

from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from model.profiles import Float
from model.splits import Items

MAX_TASTES = 4
FEWEST_SEEDS = 2  # a single odd seed is a surprise, not a taste
_ALL_CUTS_UP_TO = 8  # seeds; beyond, the cut is found from the two that are farthest apart


def tastes(styles: Float, threshold: float) -> list[Items]:
    """Positions of the seeds of each taste, largest first: float32 (n_seeds, n_dims) style vectors in.

    A group is cut in two where the squared distance between the halves' means exceeds the threshold.
    """
    groups = [np.arange(len(styles))]
    while len(groups) < MAX_TASTES:
        cuts = [cut(styles[group]) for group in groups]
        widest = int(np.argmax([distance for distance, _ in cuts]))
        if cuts[widest][0] <= threshold:
            break
        group, side = groups.pop(widest), cuts[widest][1]
        groups += [group[side], group[~side]]
    return sorted(groups, key=len, reverse=True)


def cut(styles: Float) -> tuple[float, NDArray[np.bool_]]:
    """The best cut in two groups of at least FEWEST_SEEDS: squared distance of their means, and one side, (n_seeds,).

    Best is what leaves least variance inside (Ward 1963). 0 where there are too few seeds to cut.
    """
    n = len(styles)
    sides = _all_cuts(n) if n <= _ALL_CUTS_UP_TO else _cut_from_the_ends(styles)
    if not len(sides):
        return 0.0, np.zeros(n, bool)
    one = sides.sum(axis=1, keepdims=True)
    total = styles.sum(axis=0)
    inside = sides.astype(np.float32) @ styles
    distance = ((inside / one - (total - inside) / (n - one)) ** 2).sum(axis=1)
    best = int(np.argmax(distance * one[:, 0] * (n - one[:, 0])))
    return float(distance[best]), sides[best]


def deal(lists: list[Items], weights: list[int]) -> Items:
    """Merge rankings so that every stretch of the result holds each in proportion to its weight.

    lists: items, best first.  Returns positions in the concatenated lists, in merged order; an item that stands in
    several comes once, where it comes first.
    """
    places = [(np.arange(len(items)) + 0.5) / weight for items, weight in zip(lists, weights, strict=True)]
    order = np.argsort(np.concatenate(places), kind="stable")
    _, first = np.unique(np.concatenate(lists)[order], return_index=True)
    return order[np.sort(first)]


@cache
def _all_cuts(n: int) -> NDArray[np.bool_]:
    # The first seed is always on the other side, so that no cut comes twice.
    chosen = [side for size in range(FEWEST_SEEDS, n - 1) for side in combinations(range(1, n), size)]
    sides = np.zeros((len(chosen), n), bool)
    for row, side in enumerate(chosen):
        sides[row, list(side)] = True
    return sides


def _cut_from_the_ends(styles: Float) -> NDArray[np.bool_]:
    """Two-means from the seed farthest from the mean and the one farthest from that: at most one cut, (1, n)."""
    first = styles[((styles - styles.mean(axis=0)) ** 2).sum(axis=1).argmax()]
    centres = np.stack([first, styles[((styles - first) ** 2).sum(axis=1).argmax()]])
    for _ in range(5):
        side = ((styles - centres[0]) ** 2).sum(axis=1) < ((styles - centres[1]) ** 2).sum(axis=1)
        if not FEWEST_SEEDS <= side.sum() <= len(styles) - FEWEST_SEEDS:
            return np.zeros((0, len(styles)), bool)
        centres = np.stack([styles[side].mean(axis=0), styles[~side].mean(axis=0)])
    found: NDArray[np.bool_] = side[None, :]
    return found
