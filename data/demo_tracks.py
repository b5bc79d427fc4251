"""The demo catalog's artists, albums and tracks: who sounds like what, when, and how well known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import demo_names
from data.forms import BASE62
from model.schemas import AUDIO_FEATURES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GENRES = {
    "pop": ("bedroom pop", "dance pop", "synth pop", "power pop"),
    "rock": ("garage rock", "dream rock", "hard rock", "folk rock"),
    "rap": ("boom bap", "trap", "cloud rap", "jazz rap"),
    "edm": ("house", "drum and bass", "ambient", "big room"),
    "r&b": ("neo soul", "funk", "slow jam", "new jack swing"),
    "latin": ("bossa nova", "reggaeton", "salsa", "latin pop"),
}
SUBGENRES = [(genre, subgenre) for genre, subgenres in GENRES.items() for subgenre in subgenres]
SHARES = ("danceability", "energy", "speechiness", "acousticness", "instrumentalness", "liveness", "valence")
"""Features in [0, 1]; a sound is their logits and, last, the tempo in steps of 15 beats per minute."""
SOUND = {
    "pop": (0.6, 0.6, -2.8, -1.2, -5.0, -1.7, 0.1, 7.8),
    "rock": (0.0, 1.1, -2.9, -1.8, -3.5, -1.6, 0.1, 8.2),
    "rap": (0.9, 0.6, -1.4, -1.6, -5.5, -1.5, 0.0, 7.6),
    "edm": (0.5, 1.4, -2.6, -2.6, -1.5, -1.5, -0.4, 8.4),
    "r&b": (0.6, 0.2, -2.3, -0.8, -4.5, -1.8, 0.1, 7.2),
    "latin": (0.9, 0.8, -2.5, -1.0, -5.5, -1.7, 0.7, 7.4),
}
SPREAD = np.array([0.5, 0.7, 0.5, 1.1, 1.6, 0.5, 0.7, 1.0])
"""How far apart tracks of a genre are in each dimension."""
SAME_SONG = (" - Remastered 2011", " - Radio Edit", " - Single Version", " - 2009 Remaster", " (feat. {guest})", "")
OTHER_SONG = (" - Live", " - Acoustic", " - {guest} Remix")
LAST_YEAR = 2019


@dataclass(frozen=True)
class Tracks:
    """The demo catalog before playlists; row i of each part is one track."""

    table: pd.DataFrame
    """TidyTuesday's track columns."""
    sound: Floats
    """(n_tracks, 8), in units of SPREAD."""
    artist: Ints
    subgenre: Ints
    """Row in SUBGENRES."""
    year: Ints


def ids(n: int, rng: np.random.Generator) -> list[str]:
    """22 characters like Spotify's, all beginning with "demo"."""
    return ["demo" + "".join(BASE62[digit] for digit in row) for row in rng.integers(0, 62, (n, 18)).tolist()]


def tracks(n_tracks: int, rng: np.random.Generator) -> Tracks:
    """A catalog of n_tracks, about one in twelve of them another version of an earlier one."""
    artists = _artists(max(2, n_tracks // 8), rng)
    albums = _albums(artists, max(2, n_tracks // 4), rng)
    n_songs = max(1, round(n_tracks / 1.08))
    album = rng.choice(len(albums), n_songs)
    artist = albums["artist"].to_numpy()[album]
    subgenre = np.where(rng.random(n_songs) < 0.85, artists["home"].to_numpy()[artist], rng.choice(24, n_songs))
    year = albums["year"].to_numpy()[album]
    fame = artists["fame"].to_numpy()[artist]
    names = artists["name"].tolist()
    songs = pd.DataFrame(
        {
            "track_name": [demo_names.title(script, rng) for script in artists["script"].to_numpy()[artist]],
            "track_artist": [names[row] for row in artist],
            "popularity": 38 + 14 * fame + rng.normal(0, 9, n_songs) + (year - 2005) / 5,
        }
    ).join(
        albums[["track_album_id", "track_album_name", "track_album_release_date"]].iloc[album].reset_index(drop=True)
    )
    origin, table = _with_versions(songs, names, n_tracks, rng)
    sound = _sounds(subgenre, artist, album, rng)[origin] + rng.normal(0, 0.03, (n_tracks, 8))
    table = pd.concat([table, _features(sound, rng)], axis=1)
    return Tracks(table, sound, artist[origin], subgenre[origin], year[origin])


def _artists(n: int, rng: np.random.Generator) -> pd.DataFrame:
    home = rng.choice(len(SUBGENRES), n)
    era = LAST_YEAR - np.abs(rng.normal(0, 16, len(SUBGENRES)))
    script = rng.choice(3, n, p=demo_names.SCRIPT_SHARES)
    return pd.DataFrame(
        {
            "script": script,
            "name": [demo_names.artist(kind, rng) for kind in script],
            "home": home,
            "since": np.clip(rng.normal(era[home], 5), 1960, LAST_YEAR - 1),
            "fame": rng.normal(0, 1, n),
            "share": rng.lognormal(0, 0.8, n),
        }
    )


def _albums(artists: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    artist = rng.choice(len(artists), n, p=(artists["share"] / artists["share"].sum()).to_numpy())
    year = np.minimum(artists["since"].to_numpy()[artist] + rng.exponential(5, n), LAST_YEAR).astype(int)
    month, day = rng.integers(1, 13, n), rng.integers(1, 29, n)
    precision = rng.choice([10, 4, 7], n, p=[0.94, 0.055, 0.005])
    return pd.DataFrame(
        {
            "artist": artist,
            "year": year,
            "track_album_id": ids(n, rng),
            "track_album_name": [demo_names.title(script, rng) for script in artists["script"].to_numpy()[artist]],
            "track_album_release_date": [
                f"{y}-{m:02d}-{d:02d}"[:p] for y, m, d, p in zip(year, month, day, precision, strict=True)
            ],
        }
    )


def _sounds(subgenre: Ints, artist: Ints, album: Ints, rng: np.random.Generator) -> Floats:
    """Each song's sound: its subgenre's, moved by its artist's style, its album's, and its own."""
    centres = np.array([SOUND[genre] for genre, _ in SUBGENRES]) + rng.normal(0, 0.7, (len(SUBGENRES), 8)) * SPREAD
    styles = rng.normal(0, 0.6, (artist.max() + 1, 8))
    moods = rng.normal(0, 0.25, (album.max() + 1, 8))
    own = rng.normal(0, 0.6, (len(artist), 8))
    return np.asarray(centres[subgenre] / SPREAD + styles[artist] + moods[album] + own)


def _with_versions(
    songs: pd.DataFrame, guests: list[str], n_tracks: int, rng: np.random.Generator
) -> tuple[Ints, pd.DataFrame]:
    """Songs and versions of some of them: the row in `songs` behind each track, and the tracks."""
    n_versions = n_tracks - len(songs)
    origin = np.concatenate([np.arange(len(songs)), rng.choice(len(songs), n_versions)])
    table = songs.iloc[origin].reset_index(drop=True)
    endings = rng.choice([*SAME_SONG, *OTHER_SONG], n_versions).tolist()
    guest = rng.choice(guests, n_versions).tolist()
    suffixes = [ending.format(guest=name) for ending, name in zip(endings, guest, strict=True)]
    table["track_name"] += pd.Series([""] * len(songs) + suffixes)
    table.loc[len(songs) :, "track_album_id"] = ids(n_versions, rng)
    fading = np.append(np.zeros(len(songs)), rng.exponential(15, n_versions))
    table.insert(0, "track_id", ids(n_tracks, rng))
    table.insert(3, "track_popularity", np.clip(table.pop("popularity") - fading, 0, 100).astype(int))
    return origin, table


def _features(sound: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """The twelve audio features of sounds."""
    units = sound * SPREAD
    columns = dict(zip(SHARES, np.round(1 / (1 + np.exp(-units[:, :7].T)), 4), strict=True))
    n = len(sound)
    columns["loudness"] = np.round(-11 + 6 * columns["energy"] + rng.normal(0, 1.5, n), 3)
    columns["tempo"] = np.round(np.clip(units[:, 7] * 15, 50, 220), 3)
    columns["key"] = rng.integers(0, 12, n)
    columns["mode"] = (rng.random(n) < 0.6).astype(int)
    columns["duration_ms"] = np.clip(rng.normal(222_000, 45_000, n), 60_000, 500_000).astype(int)
    return pd.DataFrame(columns)[list(AUDIO_FEATURES)]
