"""The local catalog: tracks, artists, genres and search from `catalog.db`, which `prepare` writes."""

import json
import random
import re
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from data.text import match_key
from gateway.catalog_search import search_ranks

SCHEMA_VERSION = "1"
"""The layout of catalog.db that this module reads."""


class CatalogMissing(Exception):
    """There is no catalog.db to read, or it has another layout."""


@dataclass(frozen=True, slots=True)
class CatalogTrack:
    """A track of the catalog; None is "not known". Units as in `model.schemas`."""

    track_id: str
    title: str
    artist: str
    artist_id: str
    album: str | None
    album_id: str | None
    release_date: str | None
    release_year: int | None
    popularity: float | None
    explicit: bool | None
    isrc: str | None
    canonical_id: str
    danceability: float | None
    energy: float | None
    key: int | None
    loudness: float | None
    mode: int | None
    speechiness: float | None
    acousticness: float | None
    instrumentalness: float | None
    liveness: float | None
    valence: float | None
    tempo: float | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class CatalogArtist:
    """An artist of the catalog."""

    artist_id: str
    name: str
    n_tracks: int


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation of an audio feature over the catalog, where it is known."""

    mean: float
    deviation: float


MEASURED = ("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness", "liveness",
            "valence", "tempo")  # fmt: skip
"""Audio features whose mean says something: key and mode are classes."""

_COLUMNS = ", ".join(f'"{field.name}"' for field in fields(CatalogTrack))
_EXPLICIT = [field.name for field in fields(CatalogTrack)].index("explicit")
_BATCH = 500


class Catalog:
    """Read-only and shared between threads: each thread has its own connection.

    When `prepare` puts a new file in place, the next call reads that one.
    """

    def __init__(self, path: Path) -> None:
        """path: catalog.db.  Raises CatalogMissing if it is not there or has another layout."""
        self._path = path
        self._local = threading.local()
        self._db()

    def search(self, q: str, limit: int = 10) -> list[CatalogTrack]:
        """Tracks for a query as it is typed, best first; see `gateway.catalog_search`."""
        db = self._db()
        return _by_rank(db, search_ranks(db, q, limit))

    def track(self, track_id: str) -> CatalogTrack | None:
        """The track with this id, or None."""
        found = self.tracks([track_id])
        return found[0] if found else None

    def tracks(self, track_ids: Iterable[str]) -> list[CatalogTrack]:
        """The tracks with these ids, in their order; unknown ids are left out."""
        wanted = list(track_ids)
        found: dict[str, CatalogTrack] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            rows = self._select(f"WHERE track_id IN ({_marks(batch)})", batch)
            found |= {track.track_id: track for track in rows}
        return [found[track_id] for track_id in wanted if track_id in found]

    def match(self, track_id: str | None, isrc: str | None, title: str, artist: str) -> str | None:
        """The catalog's id for a track known elsewhere: by id, else ISRC, else title and first artist; else None.

        artist: one name, or several joined by ", ". Of several versions of a song the most popular one is taken.
        """
        probes: list[tuple[str, str]] = [("track_id", track_id)] if track_id else []
        if isrc:
            probes.append(("isrc", isrc.replace("-", "").strip().upper()))
        ends = [len(artist), *(comma.start() for comma in reversed(list(re.finditer(", ", artist))))]
        probes += [("match_key", match_key(title, artist[:end])) for end in ends]
        for column, value in probes:
            sql = f"SELECT track_id FROM tracks WHERE {column} = ? ORDER BY popularity_rank LIMIT 1"
            if row := self._db().execute(sql, (value,)).fetchone():
                return str(row[0])
        return None

    def artist(self, artist_id: str) -> CatalogArtist | None:
        """The artist with this id, named as on the most popular track; None if there is none."""
        tracks = self.artist_tracks(artist_id, 1)
        sql = "SELECT count(*) FROM tracks WHERE artist_id = ?"
        n_tracks = self._db().execute(sql, (artist_id,)).fetchone()[0]
        return CatalogArtist(artist_id, tracks[0].artist, n_tracks) if tracks else None

    def artist_tracks(self, artist_id: str, n: int) -> list[CatalogTrack]:
        """The artist's n most popular tracks."""
        return self._select("WHERE artist_id = ? ORDER BY popularity_rank LIMIT ?", [artist_id, n])

    def genres(self) -> list[str]:
        """All genres, in alphabetical order; empty if the source names none."""
        return [row[0] for row in self._db().execute("SELECT DISTINCT genre FROM track_genres ORDER BY genre")]

    def largest_genres(self, n: int) -> list[str]:
        """The n genres with the most tracks, the largest first."""
        sql = "SELECT genre FROM track_genres GROUP BY genre ORDER BY count(*) DESC, genre LIMIT ?"
        return [row[0] for row in self._db().execute(sql, (n,))]

    def genre_tracks(self, genre: str, n: int) -> list[CatalogTrack]:
        """The genre's n most popular tracks."""
        sql = "SELECT popularity_rank FROM track_genres WHERE genre = ? ORDER BY popularity_rank LIMIT ?"
        db = self._db()
        return _by_rank(db, [row[0] for row in db.execute(sql, (genre.casefold(), n))])

    def random(self, n: int, rng_seed: int) -> list[CatalogTrack]:
        """n different tracks; the same ones for the same seed and catalog."""
        db = self._db()
        n_tracks = db.execute("SELECT max(popularity_rank) FROM tracks").fetchone()[0]
        return _by_rank(db, random.Random(rng_seed).sample(range(1, n_tracks + 1), min(n, n_tracks)))

    def popularity_percentiles(self, track_ids: Iterable[str]) -> dict[str, float]:
        """Track id -> 1 for the best-known track of the catalog … 0 for the least known; unknown ids are left out."""
        db, wanted = self._db(), json.dumps(list(track_ids))
        last = db.execute("SELECT max(popularity_rank) FROM tracks").fetchone()[0]
        sql = "SELECT track_id, popularity_rank FROM tracks WHERE track_id IN (SELECT value FROM json_each(?))"
        return {track_id: (last - rank) / max(last - 1, 1) for track_id, rank in db.execute(sql, (wanted,))}

    def feature_moments(self) -> dict[str, Moments]:
        """Audio feature -> its moments; those of MEASURED that any track has. Reads the whole catalog."""
        parts = ", ".join(f"avg({name}), avg({name} * {name})" for name in MEASURED)
        row = self._db().execute(f"SELECT {parts} FROM tracks").fetchone()
        pairs = zip(MEASURED, row[::2], row[1::2], strict=True)
        return {
            name: Moments(mean, max(square - mean * mean, 0) ** 0.5) for name, mean, square in pairs if mean is not None
        }

    def info(self) -> dict[str, str]:
        """What `prepare` wrote about the catalog: source, is_demo ("0" or "1"), fingerprint, counts, created_at, …"""
        return dict(self._db().execute("SELECT key, value FROM meta").fetchall())

    def _select(self, where: str, values: Sequence[object]) -> list[CatalogTrack]:
        return [_track(row) for row in self._db().execute(f"SELECT {_COLUMNS} FROM tracks {where}", values)]

    def _db(self) -> sqlite3.Connection:
        """This thread's connection to the file that is in place now."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            raise CatalogMissing(f"there is no catalog at {self._path}; run `mlflow run . -e prepare`") from None
        identity = (stat.st_ino, stat.st_mtime_ns)
        if getattr(self._local, "identity", None) != identity:
            if previous := getattr(self._local, "db", None):
                previous.close()
            self._local.db, self._local.identity = _connect(self._path), identity
        db: sqlite3.Connection = self._local.db
        return db


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        row = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    except sqlite3.DatabaseError as error:
        db.close()
        raise CatalogMissing(f"{path} is not a catalog ({error}); run `mlflow run . -e prepare` again") from error
    if row != (SCHEMA_VERSION,):
        db.close()
        raise CatalogMissing(
            f"{path} has layout {row and row[0]}, not {SCHEMA_VERSION} as wanted; run `mlflow run . -e prepare` again"
        )
    return db


def _by_rank(db: sqlite3.Connection, ranks: Sequence[int]) -> list[CatalogTrack]:
    """Tracks by popularity rank, in the order given; the ranks must come from the same connection."""
    rows = db.execute(
        f"SELECT popularity_rank, {_COLUMNS} FROM tracks WHERE popularity_rank IN ({_marks(ranks)})", ranks
    )
    found = {row[0]: _track(row[1:]) for row in rows}
    return [found[rank] for rank in ranks]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _track(row: Sequence[object]) -> CatalogTrack:
    values = list(row)
    if values[_EXPLICIT] is not None:
        values[_EXPLICIT] = bool(values[_EXPLICIT])
    return CatalogTrack(*values)  # type: ignore[arg-type]
