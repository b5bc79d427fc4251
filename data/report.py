"""report.json and the lines printed at the end: what came in, what went out, and why the rest did not."""

from typing import TypedDict

from data.clean import CleanTables
from data.ledger import Ledger
from data.read import RawTables
from data.sources import Source
from model.schemas import AUDIO_FEATURES


class Books(TypedDict):
    """One table's ledger."""

    rows_in: int
    rows_out: int
    dropped: dict[str, int]
    mended: dict[str, int]


class Report(TypedDict):
    """report.json."""

    source: str
    is_demo: bool
    source_sha256: str
    fingerprint: str
    created_at: str
    counts: dict[str, int]
    catalog: Books
    playlists: Books
    columns: dict[str, str]
    ignored_columns: list[str]
    missing: dict[str, int]


def build_report(tables: CleanTables, raw: RawTables, source: Source, fingerprint: str, created_at: str) -> Report:
    """Everything worth knowing about a run of `prepare`."""
    catalog, playlists = tables.catalog, tables.playlists
    in_catalog = playlists["track_id"].isin(catalog["track_id"])
    return Report(
        source=source.name,
        is_demo=source.is_demo,
        source_sha256=source.sha256,
        fingerprint=fingerprint,
        created_at=created_at,
        counts={
            "n_tracks": len(catalog),
            "n_songs": catalog["canonical_id"].nunique(),
            "n_artists": catalog["artist_id"].nunique(),
            "n_genres": tables.genres["genre"].nunique(),
            "n_playlists": playlists["playlist_id"].nunique(),
            "n_playlist_rows": len(playlists),
            "n_playlist_rows_outside_catalog": int((~in_catalog).sum()),
        },
        catalog=_books(tables.catalog_ledger),
        playlists=_books(tables.playlists_ledger),
        columns=raw.tracks.columns,
        ignored_columns=raw.tracks.ignored,
        missing={name: n for name in AUDIO_FEATURES if (n := int(catalog[name].isna().sum()))},
    )


def _books(ledger: Ledger) -> Books:
    return Books(rows_in=ledger.rows_in, rows_out=ledger.rows_out, dropped=ledger.dropped, mended=ledger.mended)


def summary(report: Report) -> str:
    """The report in a few lines for the terminal."""
    counts = report["counts"]
    lines = [
        f"source     {report['source']} (fingerprint {report['fingerprint']})",
        f"catalog    {counts['n_tracks']:,} tracks, {counts['n_songs']:,} songs, {counts['n_artists']:,} artists, "
        f"{counts['n_genres']} genres",
        *_lines(report["catalog"]),
        f"playlists  {counts['n_playlists']:,} with {counts['n_playlist_rows']:,} rows, "
        f"{counts['n_playlist_rows_outside_catalog']:,} of them name tracks outside the catalog",
        *_lines(report["playlists"]),
    ]
    if report["missing"]:
        missing = ", ".join(f"{name} {n:,}" for name, n in report["missing"].items())
        lines.append(f"missing    {missing}")
    if report["ignored_columns"]:
        lines.append(f"ignored    columns {', '.join(map(repr, report['ignored_columns']))}")
    return "\n".join(lines)


def _lines(books: Books) -> list[str]:
    n_dropped = sum(books["dropped"].values())
    return [
        f"           {books['rows_in']:,} rows in = {books['rows_out']:,} out + {n_dropped:,} dropped",
        *(f"           {n:>9,} dropped: {reason}" for reason, n in books["dropped"].items()),
        *(f"           {n:>9,} mended: {reason}" for reason, n in books["mended"].items()),
    ]
