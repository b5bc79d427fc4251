"""Reading: the files people have, under the column names they have, and one clear sentence for what is no such file."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.clean import CleanTables, clean
from data.read import RawTables, UnusableData, read_playlists, read_tracks
from tests.data.rows import frame

FEATURES = "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo"
VALUES = "0.5,0.6,4,-7.5,1,0.05,0.2,0.0,0.1,0.4,120.5"


def written(folder: Path, content: str, name: str = "tracks.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def tables(path: Path) -> CleanTables:
    return clean(RawTables(read_tracks(path)))


def first(path: Path) -> dict[str, object]:
    """The first catalog row, by column."""
    return {str(name): value for name, value in tables(path).catalog.iloc[0].items()}


def test_reads_the_genre_file_with_an_index_column_and_joined_artists(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f",track_id,artists,album_name,track_name,popularity,duration_ms,explicit,{FEATURES},time_signature,track_genre\n"
        f"0,id1,Amber Garden;Neon Kite,Boats,Paper Boats,73,200000,True,{VALUES},4,acoustic\n"
        f"1,id1,Amber Garden;Neon Kite,Boats,Paper Boats,73,200000,True,{VALUES},4,pop\n",
    )
    found = tables(path)
    assert found.catalog[["title", "artist", "explicit", "popularity"]].to_numpy().tolist() == [
        ["Paper Boats", "Amber Garden, Neon Kite", True, 73.0]
    ]
    assert found.genres["genre"].tolist() == ["acoustic", "pop"]
    assert read_tracks(path).ignored == ["", "time_signature"]


def test_reads_the_listed_artists_and_their_ids(tmp_path: Path) -> None:
    artists = """ "['Amber Garden', ""Neon's Kite""]","['ar1', 'ar2']" """.strip()
    path = written(
        tmp_path,
        f"id,name,album,album_id,artists,artist_ids,explicit,{FEATURES},duration_ms,year,release_date\n"
        f"id1,Paper Boats,Boats,al1,{artists},False,{VALUES},200000,1999,1999-11-02\n",
    )
    row = first(path)
    assert (row["artist"], row["artist_id"], row["explicit"]) == ("Amber Garden, Neon's Kite", "ar1", False)
    assert (row["release_date"], row["release_year"], row["album_id"]) == ("1999-11-02", 1999.0, "al1")


def test_reads_key_and_mode_by_name(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "genre,artist_name,track_name,track_id,popularity,energy,key,mode\n"
        "Movie,Amber Garden,Paper Boats,id1,0,0.5,C#,Major\n"
        "Movie,Amber Garden,Tides,id2,0,0.5,A♭,Minor\n"
        "Movie,Amber Garden,Drift,id3,0,0.5,C♯/D♭,minor\n",
    )
    catalog = tables(path).catalog
    assert catalog["key"].tolist() == [1.0, 8.0, 1.0]
    assert catalog["mode"].tolist() == [1.0, 0.0, 0.0]


def test_reads_an_exported_playlist_with_spaced_headers(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album Release Date","Track Duration (ms)",'
        '"Explicit","Popularity","ISRC","Energy"\n'
        '"spotify:track:id1","Paper Boats","spotify:artist:ar1","Tyler, The Kite","2001","200000",'
        '"false","42","us-abc-01-00001","0.5"\n',
    )
    row = first(path)
    assert (row["track_id"], row["artist"], row["artist_id"]) == ("id1", "Tyler, The Kite", "ar1")
    assert (row["isrc"], row["duration_ms"], row["explicit"]) == ("USABC0100001", 200000.0, False)


@pytest.mark.parametrize(
    "written_id",
    [
        "spotify:track:6f807x0ima9a1j3VPbc7VN",
        "https://open.spotify.com/track/6f807x0ima9a1j3VPbc7VN",
        "https://open.spotify.com/intl-ko/track/6f807x0ima9a1j3VPbc7VN?si=0a1b",
        " 6f807x0ima9a1j3VPbc7VN ",
    ],
)
def test_ids_lose_their_dress(tmp_path: Path, written_id: str) -> None:
    path = written(tmp_path, f"uri,title,artist,energy\n{written_id},Paper Boats,Amber Garden,0.5\n")
    assert first(path)["track_id"] == "6f807x0ima9a1j3VPbc7VN"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_finds_the_delimiter_in_the_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "tracks.txt"
    frame({"track_name": "One; two, three | four"}).to_csv(path, sep=delimiter, index=False)
    assert first(path)["title"] == "One; two, three | four"


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    frame({}).to_csv(path, index=False, encoding="utf-8-sig")
    assert first(path)["track_id"] == "t1"
    assert read_tracks(path).columns["track_id"] == "track_id"


def test_windows_line_ends_and_line_breaks_in_quotes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    path.write_bytes(
        b'track_id,name,artist,energy\r\nid1,"Paper\nBoats",Amber Garden,0.5\r\nid2,Tides,Amber Garden,0.5\r\n'
    )
    assert tables(path).catalog["title"].tolist() == ["Paper\nBoats", "Tides"]


def test_line_breaks_in_quotes_are_read_in_a_file_of_any_size(tmp_path: Path) -> None:
    rows = [f'id{i},"Paper\n\n\nBoats {i}",Amber Garden,0.5\n' for i in range(40_000)]
    path = written(tmp_path, "track_id,name,artist,energy\n" + "".join(rows))
    assert read_tracks(path).frame["title"].tolist() == [f"Paper\n\n\nBoats {i}" for i in range(40_000)]


def test_a_semicolon_parts_artists_only_in_a_column_of_several_artists(tmp_path: Path) -> None:
    shown = [
        first(written(tmp_path, f"track_id,name,{column},energy\nid1,Tides,Amber; Garden,0.5\n"))["artist"]
        for column in ("artists", "artist_name", "track_artist")
    ]
    assert shown == ["Amber, Garden", "Amber; Garden", "Amber; Garden"]


def test_a_row_with_too_few_fields_is_dropped_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "track_id,name,artist,energy\nid1,Paper Boats,Amber Garden,0.5\nid2,Tides\n")
    assert tables(path).catalog_ledger.dropped == {"the row does not have the header's number of fields": 1}


def test_a_parquet_file_gives_the_same_tables_as_the_csv(tmp_path: Path) -> None:
    rows = frame({}, {"tempo": "0"}, {"key": "11"})
    rows.to_csv(tmp_path / "tracks.csv", index=False)
    pd.read_csv(tmp_path / "tracks.csv").to_parquet(tmp_path / "tracks.parquet")
    from_csv, from_parquet = tables(tmp_path / "tracks.csv"), tables(tmp_path / "tracks.parquet")
    pd.testing.assert_frame_equal(from_csv.catalog, from_parquet.catalog)
    pd.testing.assert_frame_equal(from_csv.playlists, from_parquet.playlists)


def test_a_parquet_file_may_hold_lists_dates_and_truth_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": ["id1"],
            "name": ["Paper Boats"],
            "artists": [["Amber; Garden", "Neon Kite"]],
            "release_date": pd.to_datetime(["2001-02-03"]),
            "explicit": [True],
            "genres": [["pop", "rock"]],
            "energy": pa.array([0.5], pa.float32()),
        }
    )
    pq.write_table(table, tmp_path / "tracks.parquet")
    row = first(tmp_path / "tracks.parquet")
    assert (row["artist"], row["release_date"], row["explicit"]) == ("Amber; Garden, Neon Kite", "2001-02-03", True)
    assert tables(tmp_path / "tracks.parquet").genres["genre"].tolist() == ["pop", "rock"]


def test_playlists_may_stand_apart_and_name_tracks_outside_the_catalog(tmp_path: Path) -> None:
    tracks = frame({}, {}).drop(columns="playlist_id")
    tracks.to_csv(tmp_path / "tracks.csv", index=False)
    playlists = written(
        tmp_path,
        "pid,pos,track_uri,artist_name\n7,1,spotify:track:t1,x\n7,0,spotify:track:elsewhere,x\n7,2,spotify:track:t1,x\n8,,t2,x\n",
        "playlists.csv",
    )
    found = clean(RawTables(read_tracks(tmp_path / "tracks.csv"), [read_playlists(playlists)]))
    assert found.playlists.to_numpy().tolist() == [["7", 0, "elsewhere"], ["7", 1, "t1"], ["8", 0, "t2"]]
    assert found.playlists_ledger.dropped == {"the track stands in the playlist already": 1}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty or not UTF-8"),
        (b"\xff\xfet\x00r\x00", "is not a UTF-8 text table"),
        (b"title\xe9,x\n", "is empty or not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is not a UTF-8 text table"),
        (b"<html><body>Not found</body></html>\n", "lacks the column track_id"),
        (b"track_id,name,energy\nid1,Paper Boats,0.5\n", "lacks the column artist (also called track_artist, artists"),
        (b"track_id,name,artist\nid1,Paper Boats,Amber Garden\n", "has none of the audio feature columns"),
        (b"track_id,name,artist,energy\n", "has no usable row (it is empty)"),
        (b"track_id,name,artist,energy\nid1,Caf\xe9,Amber Garden,0.5\n", "cannot be read as a table"),
    ],
)
def test_what_is_no_such_table_is_refused_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "tracks.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableData) as refusal:
        tables(path)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_parquet_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, "track_id,name\n", "tracks.parquet")
    with pytest.raises(UnusableData, match=r"tracks.parquet cannot be read as a table"):
        read_tracks(path)


def test_a_playlists_table_needs_its_two_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "playlist_name,track_id\nMine,t1\n", "playlists.csv")
    with pytest.raises(UnusableData, match=r"lacks the column playlist_id \(also called playlist_id, pid"):
        read_playlists(path)
