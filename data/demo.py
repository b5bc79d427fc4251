"""Fictional tracks and playlists, generated from a seed, as rows of the TidyTuesday file.

Shaped like the real data, so that a ranker has something to learn: playlists have a taste (subgenre, era, popularity,
mood, favourite artists) and take what fits it, most tracks stand in few playlists, some songs have several versions.
"""

import numpy as np
import pandas as pd

from data import demo_names
from data.demo_tracks import SUBGENRES, Ints, Tracks, ids, tracks

N_TRACKS = 5000
N_PLAYLISTS = 500
SEED = 7
MAX_POOL = 3000
"""Tracks that a playlist chooses from, so that a large demo stays linear in its size."""


def generate(n_tracks: int = N_TRACKS, n_playlists: int = N_PLAYLISTS, seed: int = SEED) -> pd.DataFrame:
    """Rows (track, playlist) in TidyTuesday's columns; every track stands in a playlist. Same arguments, same rows.

    n_tracks: distinct track ids, other versions of songs included; at least 1.  n_playlists: at least 1.
    """
    rng = np.random.default_rng(seed)
    catalog = tracks(n_tracks, rng)
    taste = rng.choice(len(SUBGENRES), n_playlists)
    chosen = [_choose(catalog, int(subgenre), rng) for subgenre in taste]
    track = np.concatenate([*chosen, left := _left_over(n_tracks, chosen)])
    playlist = np.concatenate(
        [np.repeat(np.arange(n_playlists), [len(rows) for rows in chosen]), _homes(catalog, left, taste, rng)]
    )
    order = np.argsort(playlist, kind="stable")
    rows = catalog.table.iloc[track[order]].reset_index(drop=True)
    about = _about(taste, rng).iloc[playlist[order]].reset_index(drop=True)
    return pd.concat([rows.iloc[:, :7], about, rows.iloc[:, 7:]], axis=1)


def _choose(catalog: Tracks, subgenre: int, rng: np.random.Generator) -> Ints:
    """The tracks of one playlist, drawn without replacement, likelier the better they fit its taste (Gumbel top-k)."""
    second = rng.choice(len(SUBGENRES)) if rng.random() < 0.35 else subgenre
    pool = np.flatnonzero((catalog.subgenre == subgenre) | (catalog.subgenre == second))
    pool = rng.choice(pool, min(len(pool), MAX_POOL), replace=False)
    if not len(pool):
        return pool
    model_track = rng.choice(pool)
    favourites = rng.choice(catalog.artist[pool], min(len(pool), 5))
    era, level = catalog.year[model_track], rng.normal(48, 15)
    popularity = catalog.table["track_popularity"].to_numpy()[pool]
    fit = (
        np.where(catalog.subgenre[pool] == subgenre, 1.2, 0.0)
        + np.where(np.isin(catalog.artist[pool], favourites), 1.2, 0.0)
        - np.abs(catalog.year[pool] - era) / rng.uniform(3, 12)
        - np.abs(popularity - level) / 15
        - 0.6 * np.linalg.norm(catalog.sound[pool] - catalog.sound[model_track], axis=1)
    )
    size = int(np.clip(rng.lognormal(3.1, 0.35), 12, 60))
    return pool[np.argsort(-(fit + rng.gumbel(0, 0.7, len(pool))))[:size]]


def _left_over(n_tracks: int, chosen: list[Ints]) -> Ints:
    return np.setdiff1d(np.arange(n_tracks), np.concatenate(chosen))


def _homes(catalog: Tracks, left: Ints, taste: Ints, rng: np.random.Generator) -> Ints:
    """A playlist for each track that none chose: one of its subgenre where there is one."""
    homes = rng.choice(len(taste), len(left))
    for subgenre in np.unique(taste):
        here = catalog.subgenre[left] == subgenre
        homes[here] = rng.choice(np.flatnonzero(taste == subgenre), int(here.sum()))
    return homes


def _about(taste: Ints, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "playlist_name": [demo_names.title(demo_names.LATIN, rng) for _ in taste],
            "playlist_id": ids(len(taste), rng),
            "playlist_genre": [SUBGENRES[row][0] for row in taste],
            "playlist_subgenre": [SUBGENRES[row][1] for row in taste],
        }
    )
