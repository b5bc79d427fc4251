"""A CSV, TSV or Parquet file -> a frame with our column names; values are as the file has them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from data.columns import (
    AUDIO_ALIASES,
    PLAYLIST_ALIASES,
    REQUIRED_PLAYLIST_COLUMNS,
    REQUIRED_TRACK_COLUMNS,
    TRACK_ALIASES,
    genre_positions,
    match,
)

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
TABLE_SUFFIXES = (*TEXT_SUFFIXES, ".parquet")
LIST_SEPARATOR = "\x1f"
"""Joins a Parquet list (of artists, of genres) into one text."""


class UnusableData(Exception):
    """The source cannot become tables. The message says what, where, and what to do, in one sentence."""


@dataclass(frozen=True)
class RawTable:
    """Rows as read."""

    frame: pd.DataFrame
    """Columns by our names plus `genre_0`, `genre_1`, …; values are text, or numbers where the file is typed."""
    columns: dict[str, str]
    """Our name -> the file's name."""
    ignored: list[str]
    """The file's columns that mean nothing here."""
    n_rows: int
    """Data rows in the file, broken ones included."""
    n_broken: int = 0
    """Rows that do not have the header's number of fields."""


@dataclass(frozen=True)
class RawTables:
    """What a source holds: a tracks table, whose rows may be (track, playlist) pairs, and playlists tables apart."""

    tracks: RawTable
    playlists: list[RawTable] = field(default_factory=list)


def read_tracks(path: Path) -> RawTable:
    """A tracks table, with `playlist_id` and `position` where its rows are (track, playlist) pairs."""
    table = _read(path, {**PLAYLIST_ALIASES, **TRACK_ALIASES}, with_genres=True)
    _require(path, table, REQUIRED_TRACK_COLUMNS, TRACK_ALIASES)
    if not any(name in table.columns for name in AUDIO_ALIASES):
        raise UnusableData(
            f"{path} has none of the audio feature columns ({', '.join(AUDIO_ALIASES)}); "
            "give a tracks table with at least one of them"
        )
    return table


def tracks_of(frame: pd.DataFrame) -> RawTable:
    """A tracks table from a frame in memory, under any of the declared column names."""
    return _arrow_table(pa.Table.from_pandas(frame, preserve_index=False), {**PLAYLIST_ALIASES, **TRACK_ALIASES}, True)


def read_playlists(path: Path) -> RawTable:
    """A playlists table: one row is a track in a playlist."""
    table = _read(path, PLAYLIST_ALIASES, with_genres=False)
    _require(path, table, REQUIRED_PLAYLIST_COLUMNS, PLAYLIST_ALIASES)
    return table


def _require(path: Path, table: RawTable, names: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> None:
    if missing := [name for name in names if name not in table.columns]:
        wanted = "; ".join(f"{name} (also called {', '.join(aliases[name])})" for name in missing)
        raise UnusableData(
            f"{path} lacks the column {wanted}; it has {_listing([*table.columns.values(), *table.ignored])}"
        )


def _listing(names: Sequence[str], limit: int = 12) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "") if names else "no columns"


def _read(path: Path, aliases: Mapping[str, Sequence[str]], *, with_genres: bool) -> RawTable:
    try:
        if path.suffix == ".parquet":
            return _read_parquet(path, aliases, with_genres)
        return _read_text(path, aliases, with_genres)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, csv.Error) as error:
        reason = str(error).splitlines()[0]
        raise UnusableData(
            f"{path} cannot be read as a table ({reason}); give a UTF-8 CSV, TSV or Parquet file"
        ) from error
    except OSError as error:
        raise UnusableData(
            f"{path} cannot be read ({error.strerror or error}); check the path and its permissions"
        ) from error


def _plan(header: Sequence[str], aliases: Mapping[str, Sequence[str]], with_genres: bool) -> dict[str, int]:
    plan = match(header, aliases)
    genres = genre_positions(header) if with_genres else []
    return {**plan, **{f"genre_{i}": position for i, position in enumerate(genres)}}


def _table(frame: pd.DataFrame, header: Sequence[str], plan: Mapping[str, int], n_broken: int = 0) -> RawTable:
    ignored = [name for position, name in enumerate(header) if position not in plan.values()]
    columns = {ours: header[position] for ours, position in plan.items()}
    return RawTable(frame, columns, ignored, len(frame) + n_broken, n_broken)


def _header(path: Path, aliases: Mapping[str, Sequence[str]]) -> tuple[list[str], str]:
    """The header's names and the delimiter: the one that yields most names we know."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if b"\0" in start:
        raise UnusableData(f"{path} is not a UTF-8 text table; save it as a UTF-8 CSV or give a Parquet file")
    try:
        line = start.splitlines()[0].decode("utf-8-sig")
    except (UnicodeDecodeError, IndexError) as error:
        raise UnusableData(f"{path} is empty or not UTF-8; give a UTF-8 CSV, TSV or Parquet file") from error
    readings = [(next(csv.reader([line], delimiter=delimiter), []), delimiter) for delimiter in ",\t;|"]
    return max(readings, key=lambda reading: len(match(reading[0], aliases)))


def _read_text(path: Path, aliases: Mapping[str, Sequence[str]], with_genres: bool) -> RawTable:
    header, delimiter = _header(path, aliases)
    plan = _plan(header, aliases, with_genres)
    names = [f"column {position}" for position in range(len(header))]
    broken: list[str] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        broken.append(row.text)
        return "skip"

    wanted = [names[position] for position in dict.fromkeys(plan.values())]
    table = arrow_csv.read_csv(
        path,
        arrow_csv.ReadOptions(column_names=names, skip_rows=1),
        arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
        arrow_csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(names, pa.string()), null_values=[]
        ),
    )
    frame = pd.DataFrame({ours: table.column(names[position]).to_pandas() for ours, position in plan.items()})
    return _table(frame, header, plan, len(broken))


def _read_parquet(path: Path, aliases: Mapping[str, Sequence[str]], with_genres: bool) -> RawTable:
    file = pq.ParquetFile(path)
    plan = _plan(file.schema_arrow.names, aliases, with_genres)
    wanted = {file.schema_arrow.names[position] for position in plan.values()}
    ignored = [name for name in file.schema_arrow.names if name not in wanted]
    table = _arrow_table(file.read(columns=sorted(wanted)), aliases, with_genres)
    return replace(table, ignored=ignored)


def _arrow_table(table: pa.Table, aliases: Mapping[str, Sequence[str]], with_genres: bool) -> RawTable:
    header = table.column_names
    plan = _plan(header, aliases, with_genres)
    frame = pd.DataFrame({ours: _flat(table.column(position)).to_pandas() for ours, position in plan.items()})
    return _table(frame, header, plan)


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column whose values are text or numbers: lists joined, dates and truth values spelt out."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pc.binary_join(pc.cast(column, pa.list_(pa.string())), LIST_SEPARATOR)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return column
    return pc.cast(column, pa.string())
