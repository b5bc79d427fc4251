import csv
import io
import json

from frontend import export
from frontend.answers import Track

REAL = Track("0VjIjW4GlUZAMYd2vXMi3b", "Blinding Lights", "The Weeknd", "After Hours", 2020, 90, 200_040)
LOCAL = Track("local-1", '=cmd|"x"', "이소라", None, None, None, None)
LINK = "https://open.spotify.com/track/0VjIjW4GlUZAMYd2vXMi3b"


def test_links_are_spotifys_where_the_track_is_there_and_words_where_it_is_not() -> None:
    assert export.as_links([REAL, LOCAL], is_demo=False) == f'{LINK}\n=cmd|"x" – 이소라'


def test_demo_tracks_have_no_links_whatever_their_id() -> None:
    assert export.as_links([REAL], is_demo=True) == "Blinding Lights – The Weeknd"


def test_csv_reads_back_and_runs_no_formula() -> None:
    text = export.as_csv([REAL, LOCAL], is_demo=False).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["title"], first["year"], first["duration_ms"], first["link"]) == (
        "Blinding Lights", "2020", "200040", LINK,
    )  # fmt: skip
    assert second["title"] == '\'=cmd|"x"'
    assert second["artist"] == "이소라"


def test_m3u_names_length_artist_and_place() -> None:
    lines = export.as_m3u([REAL, LOCAL], "My\nlist", is_demo=False).decode().splitlines()
    assert lines == [
        "#EXTM3U", "#PLAYLIST:My list",
        "#EXTINF:200,The Weeknd - Blinding Lights", LINK,
        '#EXTINF:-1,이소라 - =cmd|"x"', "quintet:track:local-1",
    ]  # fmt: skip


def test_jspf_is_a_playlist_with_identifiers_and_without_nulls() -> None:
    playlist = json.loads(export.as_jspf([REAL, LOCAL], "My list", is_demo=False))["playlist"]
    assert playlist["title"] == "My list"
    assert playlist["track"][0]["location"] == [LINK]
    assert playlist["track"][0]["duration"] == 200_040
    assert playlist["track"][1] == {"title": '=cmd|"x"', "creator": "이소라", "identifier": ["quintet:track:local-1"]}
