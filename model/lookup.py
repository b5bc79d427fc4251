"""The catalog as plain lists and arrays, so that answering a request touches no pandas."""

import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from model.recommender import Rows
from model.schemas import AUDIO_FEATURES, FILTERS

TEXT_COLUMNS = ("track_id", "title", "artist", "artist_id", "album", "album_id", "release_date", "isrc")


def fold_name(name: str) -> str:
    """An artist's name as it is compared: any case, any Unicode form, no outer blanks."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


class Groups:
    """Rows by the group they belong to: all versions of a song, all tracks of an artist."""

    def __init__(self, keys: pd.Series) -> None:
        """keys: (n_rows,), the group of every row."""
        codes, groups = pd.factorize(keys)
        self.codes: NDArray[np.int32] = codes.astype(np.int32)
        """Group number of every row, (n_rows,)."""
        self.names = groups
        """Key of each group, (n_groups,)."""
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(groups)))])

    def members(self, codes: Iterable[int]) -> Rows:
        """Rows of all the given groups, each once."""
        pieces = [self._order[self._starts[code] : self._starts[code + 1]] for code in set(codes)]
        return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


class _Texts:
    """A column of strings as Arrow lays it out: a tenth of the memory of Python strings.

    Read without Arrow, whose own look-ups take three times as long for the twenty rows of an answer.
    """

    def __init__(self, column: pd.Series) -> None:
        (strings,) = pa.table({"": pa.array(column, pa.large_string())}).combine_chunks().columns[0].chunks
        _, starts, text = strings.buffers()
        self._starts = np.frombuffer(starts, np.int64)
        self._text = memoryview(text or b"")
        self._known = strings.is_valid().to_numpy(zero_copy_only=False)

    def at(self, rows: Rows) -> list[Any]:
        """Strings of the given rows, None where there is none."""
        starts, ends, known = self._starts[rows].tolist(), self._starts[rows + 1].tolist(), self._known[rows].tolist()
        return [str(self._text[starts[i] : ends[i]], "utf-8") if known[i] else None for i in range(len(rows))]


class Lookup:
    """Everything that seeds, filters, selection and the answer's columns need of a catalog. Read-only."""

    def __init__(self, catalog: pd.DataFrame) -> None:
        """catalog: a checked `schemas.CATALOG` table."""
        self._texts = {name: _Texts(catalog[name]) for name in TEXT_COLUMNS}
        self.row_of: dict[str, int] = {track_id: row for row, track_id in enumerate(catalog["track_id"].tolist())}
        self.attributes = np.ascontiguousarray(catalog[list(FILTERS)].to_numpy(np.float32).T)
        """(len(FILTERS), n_tracks), NaN where missing: a row an attribute, so that a filter reads it in one sweep."""
        self.spreads = _spreads(self.attributes)
        """Standard deviation of each attribute, (len(FILTERS),), never 0."""
        self.familiarity = catalog["popularity"].rank(pct=True).fillna(0.5).to_numpy(np.float32)
        """Share of the catalog that is less popular, 0 deep cut … 1 hit, (n_tracks,); 0.5 where unknown."""
        explicit = catalog["explicit"]
        self.explicit: list[bool | None] = explicit.astype(object).where(explicit.notna(), None).tolist()
        self.known_explicit = explicit.fillna(False).to_numpy(bool)
        self.songs = Groups(catalog["canonical_id"])
        self.artists = Groups(catalog["artist_id"])
        self._artist_ids = pa.array(self.artists.names, pa.large_string())
        self._credits = Groups(catalog["artist"])
        self._credit_lines = pa.array([_bounded(line) for line in self._credits.names.tolist()], pa.large_string())

    def __len__(self) -> int:
        """How many tracks the catalog has."""
        return len(self.row_of)

    def row(self, track_id: str) -> int | None:
        """Row of a track given by its bare id, a `spotify:track:` URI or an open.spotify.com link; None if unknown."""
        row = self.row_of.get(track_id)
        return self.row_of.get(bare_id(track_id)) if row is None else row

    def versions(self, rows: Rows) -> Rows:
        """The given tracks and all other versions of the same songs."""
        return self.songs.members(self.songs.codes[rows].tolist())

    def artist_rows(self, artist: str) -> Rows:
        """Tracks by an artist, given by id or by name; with a name also those where the artist is one of several."""
        code = pc.index(self._artist_ids, artist).as_py()
        by_id = self.artists.members([code] if code >= 0 else [])
        # A sweep over all credit lines takes 0.1 ms for ten thousand artists, and spares a dictionary of every name.
        named = pc.match_substring(self._credit_lines, _bounded(artist))
        return np.union1d(by_id, self._credits.members(np.flatnonzero(named).tolist()))

    def text(self, column: str, rows: Rows) -> list[Any]:
        """A column of TEXT_COLUMNS at the given rows: strings, or None where the catalog has none."""
        return self._texts[column].at(rows)

    def texts(self, rows: Rows) -> dict[str, list[Any]]:
        """All of TEXT_COLUMNS at the given rows."""
        return {name: self.text(name, rows) for name in TEXT_COLUMNS}


def bare_id(track_id: str) -> str:
    """The id alone, of `spotify:track:ID` or `https://open.spotify.com/track/ID?si=…`; other text without blanks."""
    text = track_id.strip()
    if text.startswith("spotify:track:"):
        return text.removeprefix("spotify:track:")
    if "open.spotify.com/" in text and "/track/" in text:
        return text.rsplit("/track/", 1)[1].split("?")[0].strip("/")
    return text


def _spreads(attributes: NDArray[np.float32]) -> NDArray[np.float32]:
    known = [values[np.isfinite(values)] for values in attributes]
    spreads = np.array([values.std(dtype=np.float64) if len(values) else 0 for values in known], np.float32)
    return np.where(spreads > 0, spreads, np.float32(1))


def _bounded(credit: str) -> str:
    """A folded credit line such that an artist's name, bounded likewise, is found in it as a whole name only."""
    return f", {fold_name(credit)}, "


def plain(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same numbers to seven significant digits, as their source wrote them: 0.748 and not 0.7480000257492065."""
    exact = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** np.clip(6 - np.floor(np.log10(np.abs(exact))), 0, 22)
    rounded: NDArray[np.float64] = np.round(exact * scale) / scale
    return rounded


def or_none(values: NDArray[np.float64]) -> list[Any]:
    """The array as nested lists, with None for NaN."""
    boxed = values.astype(object)
    boxed[np.isnan(values)] = None
    nested: list[Any] = boxed.tolist()
    return nested


def named(features: NDArray[np.float32]) -> dict[str, float]:
    """Audio features, (12,), by name, without the missing ones."""
    known = zip(AUDIO_FEATURES, plain(features).tolist(), strict=True)
    return {name: value for name, value in known if value == value}
