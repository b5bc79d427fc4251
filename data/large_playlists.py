"""Playlists beyond memory: Parquet tables of any size -> the playlists table of a prepared folder, by DuckDB on disk.

    python -m data.large_playlists data/processed playlists-1.parquet playlists-2.parquet

Prepare the tracks first. The table is that which `prepare` makes of the same rows; DuckDB sorts and groups them within
a bound of memory and spills the rest to disk beside the folder.
"""

import argparse
import json
import logging
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from data.columns import PLAYLIST_ALIASES, REQUIRED_PLAYLIST_COLUMNS, match
from data.forms import SPOTIFY_PREFIX
from data.locks import STAGING, alone_in
from data.prepare import REPORT
from data.read import UnusableData
from data.report import Report

log = logging.getLogger(__name__)

MEMORY = "2GB"
_UNPLACED = 2**31  # as `clean` places tracks whose position is missing: behind all others
_BLANK = r"^[\s\pZ]+|[\s\pZ]+$"


def write_playlists(processed_dir: Path, paths: Sequence[Path], memory: str = MEMORY) -> Report:
    """Replace the folder's playlists.parquet by the playlists of these Parquet files; returns the folder's new report.

    memory: what DuckDB may hold before it spills.  Raises UnusableData if a file is not a playlists table.
    """
    with alone_in(processed_dir):
        staging = Path(tempfile.mkdtemp(dir=processed_dir, prefix=STAGING))
        try:
            with duckdb.connect(config={"memory_limit": memory, "temp_directory": str(staging)}) as db:
                counts = _write(db, paths, processed_dir / "catalog.parquet", staging / "playlists.parquet")
            report = _amended(processed_dir / REPORT, counts)
            (staging / REPORT).write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
            for name in ("playlists.parquet", REPORT):
                (staging / name).replace(processed_dir / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return report


def _write(db: duckdb.DuckDBPyConnection, paths: Sequence[Path], catalog: Path, output: Path) -> dict[str, int]:
    rows = " UNION ALL ".join(_rows(number, path) for number, path in enumerate(paths))
    db.execute(f"""
        CREATE TABLE entries AS
        SELECT playlist_id, track_id, arg_min(position, place) AS position, min(place) AS place
        FROM ({rows}) WHERE playlist_id <> '' AND track_id <> '' GROUP BY playlist_id, track_id
    """)
    db.execute(f"""
        COPY (
            SELECT playlist_id, position, track_id FROM (
                SELECT playlist_id, track_id, first_place, CAST(row_number() OVER (
                    PARTITION BY playlist_id ORDER BY entries.position, place) - 1 AS INTEGER) AS position
                FROM entries JOIN (SELECT playlist_id, min(place) AS first_place FROM entries GROUP BY playlist_id)
                USING (playlist_id)
            ) ORDER BY first_place, position
        ) TO '{_quoted(output)}' (FORMAT parquet)
    """)
    return {
        "n_playlists": _number(db, "SELECT count(DISTINCT playlist_id) FROM entries"),
        "n_playlist_rows": _number(db, "SELECT count(*) FROM entries"),
        "n_playlist_rows_outside_catalog": _number(
            db, f"SELECT count(*) FROM entries ANTI JOIN '{_quoted(catalog)}' USING (track_id)"
        ),
        "rows_in": sum(pq.read_metadata(path).num_rows for path in paths),
        "no playlist id": _number(db, f"SELECT count(*) FROM ({rows}) WHERE playlist_id = ''"),
        "no track id": _number(db, f"SELECT count(*) FROM ({rows}) WHERE playlist_id <> '' AND track_id = ''"),
    }


def _rows(number: int, path: Path) -> str:
    """A SELECT of bare ids, position, and place: the order of the files and of the rows in them."""
    header = pq.read_schema(path).names
    plan = match(header, PLAYLIST_ALIASES)
    if missing := [name for name in REQUIRED_PLAYLIST_COLUMNS if name not in plan]:
        raise UnusableData(f"{path} lacks the column {', '.join(missing)}; it has {', '.join(header)}")
    names = {ours: '"' + header[at].replace('"', '""') + '"' for ours, at in plan.items()}
    position = f"TRY_CAST({names['position']} AS DOUBLE)" if "position" in names else "0.0"
    return f"""
        SELECT {_bare(names["playlist_id"])} AS playlist_id, {_bare(names["track_id"])} AS track_id,
            CASE WHEN {position} BETWEEN 0 AND {_UNPLACED} THEN {position} ELSE {_UNPLACED} END AS position,
            {number << 40} + file_row_number AS place
        FROM read_parquet('{_quoted(path)}', file_row_number = true)
    """


def _bare(column: str) -> str:
    text = rf"regexp_replace(coalesce(CAST({column} AS VARCHAR), ''), '{_BLANK}', '', 'g')"
    bare = rf"regexp_replace(regexp_replace({text}, '{SPOTIFY_PREFIX}', ''), '[?#].*$', '')"
    return f"CASE WHEN regexp_matches({text}, '{SPOTIFY_PREFIX}') THEN {bare} ELSE {text} END"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _number(db: duckdb.DuckDBPyConnection, query: str) -> int:
    (number,) = db.execute(query).fetchone() or (0,)
    return int(number)


def _amended(path: Path, counts: dict[str, int]) -> Report:
    report: Report = json.loads(path.read_text())
    for name in ("n_playlists", "n_playlist_rows", "n_playlist_rows_outside_catalog"):
        report["counts"][name] = counts[name]
    dropped = {name: counts[name] for name in ("no playlist id", "no track id") if counts[name]}
    repeats = counts["rows_in"] - counts["n_playlist_rows"] - sum(dropped.values())
    if repeats:
        dropped["the track stands in the playlist already"] = repeats
    report["playlists"] |= {"rows_in": counts["rows_in"], "rows_out": counts["n_playlist_rows"], "dropped": dropped}
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if the table is in place, 1 if a file is of no use."""
    parser = argparse.ArgumentParser(prog="python -m data.large_playlists", description=__doc__.splitlines()[0])
    parser.add_argument("processed_dir", type=Path, help="folder that `prepare` wrote")
    parser.add_argument("playlists", type=Path, nargs="+", help="Parquet files")
    parser.add_argument("--memory", default=MEMORY, help="what DuckDB may hold before it spills to disk")
    options = parser.parse_args(arguments)
    try:
        report = write_playlists(options.processed_dir, options.playlists, options.memory)
    except (UnusableData, OSError) as error:
        print(f"large_playlists: {error}", file=sys.stderr)
        return 1
    counts = report["counts"]
    print(f"playlists  {counts['n_playlists']:,} with {counts['n_playlist_rows']:,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
