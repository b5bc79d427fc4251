"""Toy worlds whose right answer is known by construction."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.schemas import AUDIO_FEATURES, CATALOG, PLAYLISTS, check

GENRES = {
    #        dance energy key  loud mode speech acoust instr live valence tempo duration_ms
    "metal": (0.30, 0.92, 4, -4.0, 0, 0.10, 0.02, 0.30, 0.30, 0.30, 160, 260_000),
    "folk": (0.45, 0.30, 7, -12.0, 1, 0.04, 0.85, 0.02, 0.12, 0.45, 100, 210_000),
    "disco": (0.85, 0.65, 0, -7.0, 1, 0.06, 0.15, 0.01, 0.08, 0.90, 120, 320_000),
}
SPREADS = np.array([0.04, 0.06, 2, 1.0, 0, 0.01, 0.03, 0.02, 0.03, 0.06, 6, 20_000])
ERAS = {"metal": 1985, "folk": 1965, "disco": 1977}
TRACKS_AN_ARTIST = 5


@dataclass(frozen=True)
class World:
    """A catalog, its playlists, and what only the maker of the world knows."""

    catalog: pd.DataFrame
    playlists: pd.DataFrame
    genre: dict[str, str]
    """track id -> genre."""


def three_genres(n_per_genre: int = 40, n_playlists: int = 60, seed: int = 0) -> World:
    """Three genres that sound far apart; artists keep to one genre, and so do playlists of 15 tracks each.

    In each genre the second track is another version of the first, the last lacks all audio features, and the third
    is explicit; `release_year` and `popularity` differ within a genre.
    """
    rng = np.random.default_rng(seed)
    rows = [row for genre in GENRES for row in _tracks(genre, n_per_genre, rng)]
    catalog = check(pd.DataFrame(rows, columns=list(CATALOG.columns)), CATALOG)
    genre = {f"{name}{i:03d}": name for name in GENRES for i in range(n_per_genre)}
    playlists = []
    for number in range(n_playlists):
        name = list(GENRES)[number % len(GENRES)]
        for position, i in enumerate(rng.choice(n_per_genre, 15, replace=False)):
            playlists.append((f"playlist{number:03d}", position, f"{name}{i:03d}"))
    frame = pd.DataFrame(playlists, columns=list(PLAYLISTS.columns))
    return World(catalog, check(frame, PLAYLISTS), genre)


def _tracks(genre: str, n: int, rng: np.random.Generator) -> list[dict[str, object]]:
    tracks: list[dict[str, object]] = []
    for i in range(n):
        sound = np.array(GENRES[genre]) + SPREADS * rng.standard_normal(len(SPREADS))
        features = dict(zip(AUDIO_FEATURES, _within_range(sound), strict=True))
        if i == n - 1:
            features = dict.fromkeys(AUDIO_FEATURES, np.nan)
        artist = i // TRACKS_AN_ARTIST
        tracks.append(
            {
                "track_id": f"{genre}{i:03d}",
                "title": f"{genre.title()} Song {0 if i == 1 else i}" + (" - Live" if i == 1 else ""),
                "artist": f"The {genre.title()} {artist}" + (", Guest Star" if i % 10 == 9 else ""),
                "artist_id": f"{genre}-artist{artist}",
                "album": f"{genre.title()} Album {artist}",
                "album_id": f"{genre}-album{artist}",
                "release_date": f"{ERAS[genre] + i % 10}-05-01",
                "release_year": ERAS[genre] + i % 10,
                "popularity": float((i * 37) % 101),
                "explicit": True if i == 2 else (None if i == 3 else False),
                "isrc": None,
                "canonical_id": f"{genre}000" if i == 1 else f"{genre}{i:03d}",
                **features,
            }
        )
    return tracks


def _within_range(sound: np.ndarray) -> np.ndarray:
    low = np.array([0, 0, 0, -60, 0, 0, 0, 0, 0, 0, 40, 30_000])
    high = np.array([1, 1, 11, 0, 1, 1, 1, 1, 1, 1, 220, 600_000])
    clipped: np.ndarray = np.clip(sound, low, high)
    clipped[2] = round(clipped[2])
    rounded: np.ndarray = np.round(clipped, 4)  # as sources give them
    return rounded
