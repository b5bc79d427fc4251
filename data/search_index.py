"""catalog.db: the catalog as one read-only SQLite file with full-text search, for the gateway.

Rows are numbered by popularity, 1 = most popular. FTS5 yields matches in row order, so that the most popular fifty are
the first fifty, and cost the same in a catalog of a million tracks as in a small one.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.clean import CleanTables
from data.text import TYPO_PREFIX, is_spaceless, search_terms, spaced, typo_keys

SCHEMA_VERSION = 1
"""Raised when a table or the folding of search terms changes; the gateway refuses any other."""

WHOLE_NUMBERS = ("release_year", "key", "mode", "duration_ms")

_TABLES = """
CREATE TABLE tracks (popularity_rank INTEGER PRIMARY KEY, {columns}, match_key TEXT NOT NULL);
CREATE TABLE track_genres (
    genre TEXT NOT NULL, popularity_rank INTEGER NOT NULL, track_id TEXT NOT NULL, PRIMARY KEY (genre, popularity_rank)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(
    title, artist, columnsize=0, prefix='1 2 3 4',
    tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'"
);
CREATE TABLE vocabulary (
    prefix TEXT NOT NULL, word TEXT NOT NULL, n_tracks INTEGER NOT NULL, PRIMARY KEY (prefix, word)
) WITHOUT ROWID;
CREATE TABLE typo_keys (key TEXT NOT NULL, prefix TEXT NOT NULL, PRIMARY KEY (key, prefix)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE UNIQUE INDEX tracks_by_id ON tracks (track_id);
CREATE INDEX tracks_by_match_key ON tracks (match_key);
CREATE INDEX tracks_by_isrc ON tracks (isrc) WHERE isrc IS NOT NULL;
CREATE INDEX tracks_by_artist ON tracks (artist_id);
"""


def write_catalog_db(path: Path, tables: CleanTables, meta: Mapping[str, str]) -> None:
    """Write the file; `path` must not exist (the caller moves it into place)."""
    order = tables.catalog["popularity"].fillna(-1).sort_values(ascending=False, kind="stable").index
    catalog = tables.catalog.loc[order]
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;")
        db.executescript(_TABLES.format(columns=", ".join(f'"{name}" {_kind(catalog[name])}' for name in catalog)))
        db.execute("BEGIN")
        _insert(db, "tracks", len(catalog.columns) + 2, _track_rows(catalog, tables.match_keys.loc[order]))
        _insert(db, "track_genres", 3, _genre_rows(tables.genres, catalog["track_id"]))
        _insert(db, "meta", 2, [("schema_version", str(SCHEMA_VERSION)), *meta.items()])
        _write_search(db, catalog)
        db.execute("COMMIT")
        db.executescript(_INDEXES + "INSERT INTO search (search) VALUES ('optimize'); PRAGMA optimize;")


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column) or column.name in WHOLE_NUMBERS:
        return "INTEGER"
    return "REAL" if pd.api.types.is_numeric_dtype(column) else "TEXT"


def _insert(db: sqlite3.Connection, table: str, n_columns: int, rows: Iterable[tuple[object, ...]]) -> None:
    db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * n_columns)})", rows)


def _values(column: pd.Series) -> list[object]:
    """A column as SQLite takes it: missing is None, floats with no more digits than float32 has."""
    values = pa.array(column, from_pandas=True)
    if pa.types.is_float32(values.type):
        values = pc.cast(pc.cast(values, pa.string()), pa.float64())
    rows: list[object] = values.to_pylist()
    return rows


def _track_rows(catalog: pd.DataFrame, match_keys: pd.Series) -> Iterator[tuple[object, ...]]:
    columns = [_values(catalog[name]) for name in catalog]
    return zip(range(1, len(catalog) + 1), *columns, match_keys.tolist(), strict=True)


def _genre_rows(genres: pd.DataFrame, track_ids: pd.Series) -> Iterator[tuple[object, ...]]:
    ranks = pd.Series(range(1, len(track_ids) + 1), index=track_ids.to_numpy())
    ranked = genres.assign(rank=genres["track_id"].map(ranks)).sort_values(["genre", "rank"])
    return zip(ranked["genre"].tolist(), ranked["rank"].tolist(), ranked["track_id"].tolist(), strict=True)


def _write_search(db: sqlite3.Connection, catalog: pd.DataFrame) -> None:
    """The full-text rows, the words in them, and the keys under which a mistyped word is found."""
    artists = {name: " ".join(search_terms(name)) for name in catalog["artist"].unique()}
    titles = [" ".join(search_terms(title)) for title in catalog["title"].tolist()]
    texts = [(title, artists[artist]) for title, artist in zip(titles, catalog["artist"].tolist(), strict=True)]
    rows = ((rank, spaced(title), spaced(artist)) for rank, (title, artist) in enumerate(texts, start=1))
    db.executemany("INSERT INTO search (rowid, title, artist) VALUES (?, ?, ?)", rows)
    counts = Counter(word for title, artist in texts for word in {*title.split(), *artist.split()})
    words = {word: n for word, n in counts.items() if not is_spaceless(word)}
    _insert(db, "vocabulary", 3, sorted((word[:TYPO_PREFIX], word, n) for word, n in words.items()))
    prefixes = {word[:TYPO_PREFIX] for word in words}
    _insert(db, "typo_keys", 2, sorted((key, prefix) for prefix in prefixes for key in typo_keys(prefix)))
