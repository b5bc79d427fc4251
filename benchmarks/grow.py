"""A larger data set of the same shape as a prepared one: raw Parquet tables that `prepare` reads.

    python -m benchmarks.grow data/processed var/grown --n-tracks 300000 --n-playlists 10000

The catalog is repeated under other names, each copy with its sounds and popularities jittered, so that artists, albums
and versions keep their long tails. Playlists repeat the real ones: each first once in every copy (so that, as in the
original, most tracks stand in one), and after that with every second track exchanged for one two steps away (another
playlist of the artist, any track of it), and three in ten taken from other copies.
"""

import argparse
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from model.schemas import AUDIO_FEATURES

Ints = NDArray[np.int64]

BATCH = 20_000  # playlists made at once: bounds the memory, whatever the size
_JITTER = 0.3  # of a feature's standard deviation
_POPULARITY_JITTER = 8.0
_EXCHANGED = 0.5
_ELSEWHERE = 0.3
_COPY_TAIL = 0.5  # copy c is drawn in proportion to (c + 1) ** -this
_RANGES = {"loudness": (-60.0, 5.0), "tempo": (30.0, 250.0), "duration_ms": (1_000.0, 5_000_000.0)}
_WHOLE = ("key", "mode", "duration_ms")


@dataclass(frozen=True)
class Original:
    """What is repeated."""

    catalog: pd.DataFrame
    genres: pd.Series
    """Genres of each catalog row, joined by ';'; missing where there are none."""
    track: Ints
    """Catalog row of each playlist entry, grouped by playlist, (n_entries,)."""
    start: Ints
    """Where each playlist starts in `track`, (n_playlists + 1,)."""


def read(folder: Path) -> Original:
    """The original in a folder that `prepare` wrote."""
    catalog = pd.read_parquet(folder / "catalog.parquet")
    playlists = pd.read_parquet(folder / "playlists.parquet")
    row_of = pd.Series(np.arange(len(catalog)), index=catalog["track_id"])
    row = playlists["track_id"].map(row_of)
    known = row.notna().to_numpy()
    number = pd.factorize(playlists["playlist_id"][known])[0]
    with closing(sqlite3.connect(f"file:{folder / 'catalog.db'}?mode=ro", uri=True)) as db:
        pairs = db.execute("SELECT track_id, group_concat(genre, ';') FROM track_genres GROUP BY track_id").fetchall()
    start = np.concatenate([[0], np.cumsum(np.bincount(number))])
    genres = catalog["track_id"].map(dict(pairs))
    return Original(catalog, genres, row[known].to_numpy(np.int64), start.astype(np.int64))


def tracks(original: Original, n_tracks: int, seed: int) -> Iterator[pa.Table]:
    """The tracks table, a copy of the catalog at a time; the first is the original itself, the last may be a part."""
    rng = np.random.default_rng([seed, 1])
    for copy in range(_n_copies(original, n_tracks)):
        table = _copy(original, copy, rng)
        yield table.slice(0, n_tracks - copy * len(original.catalog))


def playlists(original: Original, n_tracks: int, n_playlists: int, seed: int) -> Iterator[pa.Table]:
    """The playlists table, BATCH playlists at a time."""
    ids = pa.array(original.catalog["track_id"], pa.string())
    whole = n_tracks // len(original.catalog)
    for first in range(0, n_playlists, BATCH):
        rng = np.random.default_rng([seed, 2, first])
        number, track, copy = _entries(original, np.arange(first, min(first + BATCH, n_playlists)), whole, rng)
        yield pa.table(
            {
                "playlist_id": pc.binary_join_element_wise("grown", pc.cast(pa.array(number), pa.string()), ""),
                "position": pa.array(_places(number)),
                "track_id": _other_ids(ids.take(pa.array(track)), copy),
            }
        )


def write(original: Original, folder: Path, n_tracks: int, n_playlists: int, seed: int) -> None:
    """Write tracks.parquet and playlists.parquet; the same arguments give the same rows.

    Raises ValueError if n_tracks is smaller than the original catalog.
    """
    if n_tracks < len(original.catalog):
        raise ValueError(f"the original has {len(original.catalog)} tracks, more than the {n_tracks} asked for")
    folder.mkdir(parents=True, exist_ok=True)
    for name, tables in (
        ("tracks", tracks(original, n_tracks, seed)),
        ("playlists", playlists(original, n_tracks, n_playlists, seed)),
    ):
        first = next(tables)
        with pq.ParquetWriter(folder / f"{name}.parquet", first.schema) as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)


def _n_copies(original: Original, n_tracks: int) -> int:
    return -(-n_tracks // len(original.catalog))


def _copy(original: Original, copy: int, rng: np.random.Generator) -> pa.Table:
    """One copy of the catalog. What is added to a name hangs on song, album or artist: versions stay versions."""
    catalog, n = original.catalog, len(original.catalog)
    texts = {name: pa.array(catalog[name], pa.string()) for name in ("title", "artist", "album", "release_date")}
    if copy:
        words = pc.list_element(pc.utf8_split_whitespace(texts["title"]), 0)
        for name, group in (("title", "canonical_id"), ("album", "album_id")):
            code = pd.factorize(catalog[group])[0]
            texts[name] = pc.binary_join_element_wise(
                words.take(pa.array(rng.integers(0, n, n)[code])), texts[name], " "
            )
        code = pd.factorize(catalog["artist_id"])[0]
        other = texts["artist"].take(pa.array(rng.permutation(n)[code]))
        texts["artist"] = pc.binary_join_element_wise(other, pc.utf8_reverse(texts["artist"]), "")
    numbers = {name: _jittered(catalog[name], copy, rng) for name in ("popularity", *AUDIO_FEATURES)}
    return pa.table(
        {
            "track_id": _other_ids(pa.array(catalog["track_id"], pa.string()), np.full(n, copy)),
            **texts,
            "artist_id": _other_ids(pa.array(catalog["artist_id"], pa.string()), np.full(n, copy)),
            "album_id": _other_ids(pa.array(catalog["album_id"], pa.string()), np.full(n, copy)),
            "genres": pa.array(original.genres, pa.string()),
            **numbers,
        }
    )


def _jittered(column: pd.Series, copy: int, rng: np.random.Generator) -> pa.Array:
    values = column.to_numpy(np.float64, na_value=np.nan)
    name = str(column.name)
    if copy and name not in ("mode", "key"):
        low, high = (0.0, 100.0) if name == "popularity" else _RANGES.get(name, (0.0, 1.0))
        step = _POPULARITY_JITTER if name == "popularity" else _JITTER * np.nanstd(values)
        values = np.clip(values + rng.normal(0, step, len(values)), low, high)
    if name == "key" and copy:
        values = (values + rng.integers(0, 12, len(values))) % 12
    digits = 0 if name in (*_WHOLE, "popularity") else 4
    return pa.array(np.round(values, digits), pa.float32(), from_pandas=True)


def _other_ids(ids: pa.Array, copy: Ints) -> pa.Array:
    """The ids of copy 0 as they are, those of others marked with its number."""
    number = pc.cast(pa.array(copy), pa.string())
    return pc.if_else(pa.array(copy == 0), ids, pc.binary_join_element_wise(ids, number, "x"))


def _entries(original: Original, numbers: Ints, whole: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Playlist number, catalog row and copy of every entry, in playlist order, without repeats."""
    n_originals = len(original.start) - 1
    template, turn = numbers % n_originals, numbers // n_originals
    odds = (np.arange(whole) + 1.0) ** -_COPY_TAIL
    odds /= odds.sum()
    home = np.where(turn < whole, turn, rng.choice(whole, len(numbers), p=odds))
    sizes = np.diff(original.start)[template]
    entry = np.repeat(original.start[template], sizes) + _places(np.repeat(numbers, sizes))
    mixed = np.repeat(turn >= whole, sizes)
    copy = np.where(
        mixed & (rng.random(len(entry)) < _ELSEWHERE), rng.choice(whole, len(entry), p=odds), np.repeat(home, sizes)
    )
    exchanged = mixed & (rng.random(len(entry)) < _EXCHANGED)
    entry[exchanged] = _two_steps(original, entry[exchanged], rng)
    number, track = np.repeat(numbers, sizes), original.track[entry]
    key = (number * whole + copy) * len(original.catalog) + track
    _, first = np.unique(key, return_index=True)
    first.sort()
    return number[first], track[first], copy[first]


def _two_steps(original: Original, entry: Ints, rng: np.random.Generator) -> Ints:
    """For each entry one that stands in a playlist with a track by the same artist."""
    artist = pd.factorize(original.catalog["artist_id"])[0][original.track]
    order = np.argsort(artist, kind="stable")
    starts = np.searchsorted(artist[order], np.arange(artist.max() + 2))
    low, high = starts[artist[entry]], starts[artist[entry] + 1]
    met = order[(low + rng.random(len(entry)) * (high - low)).astype(np.int64)]
    playlist = np.searchsorted(original.start, met, "right") - 1
    low, high = original.start[playlist], original.start[playlist + 1]
    return (low + rng.random(len(entry)) * (high - low)).astype(np.int64)


def _places(sorted_numbers: Ints) -> Ints:
    """0, 1, 2, … within each run of equal numbers."""
    starts = np.flatnonzero(np.diff(sorted_numbers, prepend=-1))
    sizes = np.diff(np.append(starts, len(sorted_numbers)))
    return np.arange(len(sorted_numbers)) - np.repeat(starts, sizes)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("processed", type=Path, help="folder that `prepare` wrote")
    parser.add_argument("folder", type=Path, help="where tracks.parquet and playlists.parquet go")
    parser.add_argument("--n-tracks", type=int, required=True)
    parser.add_argument("--n-playlists", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    write(read(options.processed), options.folder, options.n_tracks, options.n_playlists, options.seed)


if __name__ == "__main__":
    main()
