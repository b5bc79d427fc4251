"""Cut playlists into queries: seeded, by playlist, and in two regimes that never mix.

A catalog that is the union of its playlists has a trap: most tracks stand in one playlist, so "stands in no training
playlist" marks the held-out tracks. So every query is asked twice: *warm*, candidates are the tracks of the playlists
that the recommender knows; and *cold*, candidates are the tracks in none of them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Regime = Literal["warm", "cold"]
REGIMES: tuple[Regime, Regime] = ("warm", "cold")
Items = NDArray[np.int64]

MIN_PLAYLIST = 15  # distinct songs; what continues a shorter one is mostly chance
MIN_RELEVANT = 5  # fewer make one query's metrics jump between 0 and 1


@dataclass(frozen=True)
class Task:
    """One draw from one playlist."""

    playlist: int
    """Index into the list of playlists that was cut."""
    seeds: Items
    """Item numbers, (n_seeds,)."""
    wanted: Items
    """The playlist's other items."""


@dataclass(frozen=True)
class Split:
    """Playlist numbers of each part, ascending."""

    train: Items
    valid: Items
    test: Items


def playlist_items(playlists: pd.DataFrame, item_of: dict[str, int], smallest: int) -> dict[str, Items]:
    """Each playlist's id and distinct items, in playlist order of first appearance.

    playlists: a checked `schemas.PLAYLISTS` table.  item_of: track id -> item, the same for all versions of a song;
    tracks that it does not name are passed over.  Playlists with fewer than `smallest` items are left out. Ordered by
    playlist id.
    """
    items = playlists["track_id"].map(item_of)
    known = playlists.assign(item=items)[items.notna()].sort_values(["playlist_id", "position"], kind="stable")
    known = known.drop_duplicates(["playlist_id", "item"])
    groups = known.groupby("playlist_id", sort=True)["item"]
    return {str(name): group.to_numpy(np.int64) for name, group in groups if len(group) >= smallest}


def split(names: Iterable[str], seed: int, valid: float = 0.1, test: float = 0.2) -> Split:
    """Cut playlists, given by their ids, into about 70 % train, 10 % valid and 20 % test.

    A playlist's part follows from the seed and its own id, so that it stays what it was when others come and go: no
    champion was ever trained on what tests its challenger. Ids that are alike up to a NUL fall into the same part.
    """
    places = np.array([_place(name.partition("\0")[0], seed) for name in names])
    return Split(
        train=np.flatnonzero(places >= test + valid),
        valid=np.flatnonzero((places >= test) & (places < test + valid)),
        test=np.flatnonzero(places < test),
    )


def _place(name: str, seed: int) -> float:
    """A uniform number in [0, 1) that the name and the seed determine."""
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def folds(playlists: Items, n_folds: int, seed: int) -> list[Items]:
    """The playlist numbers dealt into folds of equal size, for cross-fitting."""
    order = np.random.default_rng(seed).permutation(playlists)
    return [np.sort(order[fold::n_folds]) for fold in range(n_folds)]


def sample(playlists: Items, n: int, seed: int) -> Items:
    """At most n of the playlist numbers, chosen at random, ascending; all of them where there are no more."""
    if len(playlists) <= n:
        return playlists
    return np.sort(np.random.default_rng(seed).choice(playlists, n, replace=False))


def draw(items: list[Items], chosen: Items, n_seeds: list[int], seed: int) -> list[Task]:
    """From each chosen playlist one task for every entry of `n_seeds`: so many random seeds, the rest wanted.

    Playlists that would leave fewer than MIN_RELEVANT wanted tracks are passed over for that entry. A playlist's draws
    depend on the seed and its own number alone.
    """
    tasks = []
    for playlist in chosen.tolist():
        rng = np.random.default_rng([seed, playlist])
        for n in n_seeds:
            order = rng.permutation(items[playlist])
            if len(order) >= n + MIN_RELEVANT:
                tasks.append(Task(playlist, order[:n], np.sort(order[n:])))
    return tasks
