"""Raw rows -> the catalog, playlists and genres, with every dropped row and every mended value counted."""

from dataclasses import dataclass

import pandas as pd

from data import forms
from data.columns import plain
from data.ledger import Ledger
from data.read import RawTable, RawTables, UnusableData
from data.text import match_key
from model.schemas import AUDIO_FEATURES, CATALOG, PLAYLISTS, check

RANGES = {name: (0.0, 1.0) for name in AUDIO_FEATURES} | {
    "loudness": (-120.0, 20.0),
    "tempo": (0.0, 1000.0),
    "duration_ms": (0.0, 86_400_000.0),
}
"""What a value may be; outside it is missing. `model.schemas.CATALOG` checks the same."""

NOT_ANALYSED = ("danceability", "speechiness", "valence")
"""Zero together with tempo 0 where the source's analysis found no beat."""

SPLIT_ARTISTS = ("artists", "artist_names", "artist_name_s")
"""Columns (plain names) in which ';' stands between artists; elsewhere it belongs to the name."""


@dataclass(frozen=True)
class CleanTables:
    """What `prepare` writes."""

    catalog: pd.DataFrame
    """`model.schemas.CATALOG`."""
    playlists: pd.DataFrame
    """`model.schemas.PLAYLISTS`; empty if the source has none."""
    genres: pd.DataFrame
    """Columns track_id, genre; unique pairs, catalog tracks only."""
    match_keys: pd.Series
    """`data.text.match_key` of each catalog row, by its first artist."""
    catalog_ledger: Ledger
    playlists_ledger: Ledger


def clean(raw: RawTables) -> CleanTables:
    """The tables of a source.

    Raises UnusableData if no row is left.
    """
    ledger = Ledger(raw.tracks.n_rows)
    rows = _usable_rows(raw.tracks, ledger)
    if rows.empty:
        reasons = ", ".join(f"{n} × {reason}" for reason, n in ledger.dropped.items())
        raise UnusableData(
            f"the tracks table has no usable row ({reasons or 'it is empty'}); give one with tracks in it"
        )
    catalog, keys = _catalog(rows, raw.tracks, ledger)
    ledger.close(len(catalog))
    playlists, playlists_ledger = _playlists(raw)
    genres = _genres(raw.tracks.frame, catalog["track_id"])
    return CleanTables(catalog, playlists, genres, keys, ledger, playlists_ledger)


def _usable_rows(table: RawTable, ledger: Ledger) -> pd.DataFrame:
    """The first row of every track that has an id, a title and an artist."""
    ledger.drop("the row does not have the header's number of fields", table.n_broken)
    rows = table.frame.assign(
        track_id=forms.spotify_id(table.frame["track_id"]),
        title=forms.text(table.frame["title"]),
        artist=forms.text(table.frame["artist"]),
    )
    unnamed = (rows["title"] == "NA") & (rows["artist"] == "NA")
    for reason, bad in (
        ("no track id", rows["track_id"] == ""),
        ("title and artist are 'NA'", unnamed),
        ("no title", rows["title"] == ""),
        ("no artist", rows["artist"].isin(["", "[]", "['']"])),
        ("the track came before (it stands in several playlists or genres)", rows["track_id"].duplicated()),
    ):
        rows, bad = rows, bad.reindex(rows.index)
        ledger.drop(reason, int(bad.sum()))
        rows = rows[~bad]
    return rows.reset_index(drop=True)


def _catalog(rows: pd.DataFrame, table: RawTable, ledger: Ledger) -> tuple[pd.DataFrame, pd.Series]:
    nothing = pd.Series(None, index=rows.index, dtype="str")

    def column(name: str) -> pd.Series:
        return rows[name] if name in rows else nothing

    artists, first_artist, artist_id = _artists(rows, table, column("artist_id"))
    date, year = forms.release(column("release_date"), column("year"), ledger)
    popularity = forms.number(column("popularity"), "popularity", 0, 100, ledger)
    keys = pd.Series(list(map(match_key, rows["title"].tolist(), first_artist.tolist())))
    catalog = pd.DataFrame(
        {
            "track_id": rows["track_id"],
            "title": rows["title"],
            "artist": artists,
            "artist_id": artist_id,
            "album": _or_missing(forms.text(column("album"))),
            "album_id": _or_missing(forms.spotify_id(column("album_id"))),
            "release_date": date,
            "release_year": year,
            "popularity": popularity,
            "explicit": forms.truth(column("explicit"), "explicit", ledger),
            "isrc": _or_missing(forms.text(column("isrc")).str.upper().str.replace("-", "")),
            "canonical_id": _canonical_ids(rows["track_id"], keys, popularity),
            **_audio_features({name: column(name) for name in AUDIO_FEATURES}, ledger),
        }
    )
    return check(catalog, CATALOG), keys


def _or_missing(texts: pd.Series) -> pd.Series:
    return texts.mask((texts == "") | (texts == "NA"), None)


def _artists(rows: pd.DataFrame, table: RawTable, given_ids: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Display names (joined by ", "), first artists' names, first artists' ids (given, else made from the name)."""
    split = plain(table.columns["artist"]) in SPLIT_ARTISTS
    first = forms.per_value(rows["artist"], lambda cell: (forms.items(cell, split=split) or [cell])[0])
    joined = forms.per_value(rows["artist"], lambda cell: ", ".join(forms.items(cell, split=split) or [cell]))
    made = forms.per_value(first, forms.artist_id_of)
    first_id = forms.per_value(forms.text(given_ids), lambda cell: (forms.items(cell, split=True) or [""])[0])
    ids = forms.spotify_id(first_id)
    return joined.astype("str"), first.astype("str"), ids.mask(ids == "", made)


def _canonical_ids(track_ids: pd.Series, keys: pd.Series, popularity: pd.Series) -> pd.Series:
    """Of all tracks with one match key, the most popular one's id; among equals the earliest row's."""
    best_first = popularity.fillna(-1).sort_values(ascending=False, kind="stable").index
    best = pd.DataFrame({"key": keys, "track_id": track_ids}).loc[best_first].drop_duplicates("key")
    return keys.map(best.set_index("key")["track_id"])


def _audio_features(columns: dict[str, pd.Series], ledger: Ledger) -> dict[str, pd.Series]:
    values = {name: forms.number(column, name, *RANGES[name], ledger) for name, column in columns.items()
              if name not in ("key", "mode")}  # fmt: skip
    values["key"] = forms.pitch_class(columns["key"], ledger)
    values["mode"] = forms.mode(columns["mode"], ledger)
    no_beat = values["tempo"] == 0
    ledger.mend("tempo 0 is 'not detected': missing", int(no_beat.sum()))
    values["tempo"] = values["tempo"].mask(no_beat)
    for name in NOT_ANALYSED:
        zero = no_beat & (values[name] == 0)
        ledger.mend(f"{name} 0 beside tempo 0 is 'not analysed': missing", int(zero.sum()))
        values[name] = values[name].mask(zero)
    no_length = values["duration_ms"] == 0
    ledger.mend("duration 0: missing", int(no_length.sum()))
    values["duration_ms"] = values["duration_ms"].mask(no_length)
    return {name: values[name].astype("float32") for name in AUDIO_FEATURES}


def _playlists(raw: RawTables) -> tuple[pd.DataFrame, Ledger]:
    tables = [table for table in (raw.tracks, *raw.playlists) if "playlist_id" in table.columns]
    ledger = Ledger(sum(table.n_rows for table in tables))
    ledger.drop("the row does not have the header's number of fields", sum(table.n_broken for table in tables))
    frames = [_playlist_rows(table.frame, ledger) for table in tables]
    empty = pd.DataFrame({"playlist_id": [], "track_id": [], "position": []})
    rows = pd.concat(frames or [empty], ignore_index=True)
    for reason, bad in (
        ("no playlist id", rows["playlist_id"] == ""),
        ("no track id", rows["track_id"] == ""),
        ("the track stands in the playlist already", rows.duplicated(["playlist_id", "track_id"])),
    ):
        bad = bad.reindex(rows.index)
        ledger.drop(reason, int(bad.sum()))
        rows = rows[~bad]
    rows = rows.assign(order=pd.factorize(rows["playlist_id"])[0])
    rows = rows.sort_values(["order", "position"], kind="stable", ignore_index=True)
    position = rows.groupby("order").cumcount().astype("int32")
    playlists = pd.DataFrame({"playlist_id": rows["playlist_id"], "position": position, "track_id": rows["track_id"]})
    ledger.close(len(playlists))
    return check(playlists, PLAYLISTS), ledger


def _playlist_rows(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Playlist id, track id and position (0 where the file has none: file order decides) of every row."""
    position = pd.Series(0.0, frame.index)
    if "position" in frame:
        position = forms.number(frame["position"], "position", 0, 2**31, ledger).fillna(float(2**31))
    return pd.DataFrame(
        {
            "playlist_id": forms.spotify_id(frame["playlist_id"]),
            "track_id": forms.spotify_id(frame["track_id"]),
            "position": position,
        }
    )


def _genres(frame: pd.DataFrame, track_ids: pd.Series) -> pd.DataFrame:
    columns = [name for name in frame if str(name).startswith("genre_")]
    ids = forms.spotify_id(frame["track_id"])
    pairs = [
        pd.DataFrame({"track_id": ids, "genre": forms.lists(frame[name], split=True)}).explode("genre")
        for name in columns
    ]
    genres = pd.concat(pairs or [pd.DataFrame({"track_id": [], "genre": []}, dtype="str")], ignore_index=True)
    genres["genre"] = forms.text(genres["genre"]).str.casefold()
    usable = ~genres["genre"].isin(forms.NOT_GIVEN) & genres["track_id"].isin(track_ids)
    return genres[usable].drop_duplicates(ignore_index=True)
