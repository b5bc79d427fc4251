"""Raw rows for tests, in TidyTuesday's columns, and the larger tables that the same assertions run on."""

from pathlib import Path

import pandas as pd

from data import demo
from data.clean import CleanTables, clean
from data.read import RawTable, RawTables, read_tracks, tracks_of

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "spotify_songs.csv"

ROW = {
    "track_id": "t1",
    "track_name": "Paper Boats",
    "track_artist": "Amber Garden",
    "track_popularity": "50",
    "track_album_id": "a1",
    "track_album_name": "Boats",
    "track_album_release_date": "2001-02-03",
    "playlist_name": "Boats and more",
    "playlist_id": "p1",
    "playlist_genre": "pop",
    "playlist_subgenre": "dance pop",
    "danceability": "0.5",
    "energy": "0.6",
    "key": "4",
    "loudness": "-7.5",
    "mode": "1",
    "speechiness": "0.05",
    "acousticness": "0.2",
    "instrumentalness": "0.0",
    "liveness": "0.1",
    "valence": "0.4",
    "tempo": "120.5",
    "duration_ms": "200000",
}


def frame(*changes: dict[str, str]) -> pd.DataFrame:
    """One row for each change of ROW; ids count up from t1 unless given."""
    return pd.DataFrame([ROW | {"track_id": f"t{i}"} | change for i, change in enumerate(changes, start=1)])


def cleaned(*changes: dict[str, str]) -> CleanTables:
    return clean(RawTables(tracks_of(frame(*changes))))


def large_tables() -> dict[str, RawTable]:
    """Demo rows with every oddity of the public file put in, and the public file itself where it lies beside us."""
    rows = demo.generate(n_tracks=1200, n_playlists=60, seed=1).astype("str")
    again = rows.iloc[:80].assign(playlist_subgenre="listed twice")
    nameless = rows.iloc[:5].assign(
        track_id=[f"nameless{i}" for i in range(5)], track_name="NA", track_artist="NA", track_album_name="NA"
    )
    silent = rows.iloc[[7]].assign(
        track_id="silent",
        track_name="Silent",
        tempo="0",
        danceability="0",
        valence="0",
        speechiness="0",
        track_album_release_date="2001-05",
    )
    tables = {"demo": tracks_of(pd.concat([rows, again, nameless, silent], ignore_index=True))}
    return tables | ({"real": read_tracks(REAL_FILE)} if REAL_FILE.exists() else {})
