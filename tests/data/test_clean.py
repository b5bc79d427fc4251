"""Cleaning: every oddity of the files people have, and books that balance."""

import pandas as pd
import pytest

from data.clean import CleanTables, clean
from data.ledger import Ledger
from data.read import RawTables, UnusableData, tracks_of
from model.schemas import AUDIO_FEATURES, CATALOG, PLAYLISTS, check
from tests.data.rows import cleaned, frame, large_tables

LARGE = large_tables()


@pytest.fixture(scope="module", params=LARGE)
def large(request: pytest.FixtureRequest) -> CleanTables:
    return clean(RawTables(LARGE[request.param]))


def test_large_tables_keep_their_schemas(large: CleanTables) -> None:
    check(large.catalog, CATALOG)
    check(large.playlists, PLAYLISTS)


def test_rows_in_are_rows_out_and_rows_dropped(large: CleanTables) -> None:
    for ledger, table in ((large.catalog_ledger, large.catalog), (large.playlists_ledger, large.playlists)):
        assert ledger.rows_out == len(table)
        assert ledger.rows_in == ledger.rows_out + sum(ledger.dropped.values())


def test_the_nameless_rows_are_dropped_and_counted(large: CleanTables) -> None:
    assert large.catalog_ledger.dropped["title and artist are 'NA'"] == 5
    assert not (large.catalog["title"] == "NA").any()


def test_repeated_pairs_are_dropped_and_counted(large: CleanTables) -> None:
    assert large.playlists_ledger.dropped["the track stands in the playlist already"] >= 80
    assert not large.playlists.duplicated(["playlist_id", "track_id"]).any()


def test_positions_count_from_zero_without_a_gap(large: CleanTables) -> None:
    by_playlist = large.playlists.groupby("playlist_id")["position"]
    assert (by_playlist.min() == 0).all()
    assert (by_playlist.max() + 1 == by_playlist.size()).all()


def test_the_track_without_a_beat_has_missing_values_and_not_zeros(large: CleanTables) -> None:
    without = large.catalog[large.catalog["tempo"].isna()]
    assert len(without) == 1
    assert without[["danceability", "valence", "speechiness"]].isna().all(axis=None)
    assert (large.catalog["tempo"].dropna() > 0).all()


def test_every_version_points_at_the_most_popular_version(large: CleanTables) -> None:
    catalog = large.catalog.set_index("track_id")
    canonical = catalog.loc[catalog["canonical_id"]]
    assert (canonical.index == canonical["canonical_id"]).all()
    assert (canonical["popularity"].to_numpy() >= catalog["popularity"].to_numpy()).all()
    assert 0 < (catalog["canonical_id"] != catalog.index).mean() < 0.2


def test_every_release_year_is_its_dates_first_four_digits(large: CleanTables) -> None:
    assert set(large.catalog["release_date"].str.len().unique()) == {4, 7, 10}
    assert (large.catalog["release_date"].str[:4].astype(int) == large.catalog["release_year"]).all()


def test_genres_belong_to_tracks_of_the_catalog(large: CleanTables) -> None:
    assert large.genres["genre"].nunique() >= 24
    assert large.genres["track_id"].isin(large.catalog["track_id"]).all()


def test_cleaning_twice_gives_the_same_tables() -> None:
    rows = {"demo": LARGE["demo"]}["demo"]
    first, second = clean(RawTables(rows)), clean(RawTables(rows))
    pd.testing.assert_frame_equal(first.catalog, second.catalog)
    pd.testing.assert_frame_equal(first.playlists, second.playlists)


def test_versions_share_the_canonical_track_and_remixes_do_not() -> None:
    catalog = cleaned(
        {"track_name": "Go", "track_popularity": "10"},
        {"track_name": "Go - Remastered 2011", "track_popularity": "70"},
        {"track_name": "GO (feat. B)", "track_popularity": "30"},
        {"track_name": "Go - Live"},
        {"track_name": "Go", "track_artist": "Somebody Else"},
    ).catalog
    assert catalog["canonical_id"].tolist() == ["t2", "t2", "t2", "t4", "t5"]


def test_of_equally_popular_versions_the_earliest_row_stands_for_all() -> None:
    assert cleaned({}, {}).catalog["canonical_id"].tolist() == ["t1", "t1"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"track_id": " "}, "no track id"),
        ({"track_name": ""}, "no title"),
        ({"track_artist": ""}, "no artist"),
        ({"track_name": "NA", "track_artist": "NA"}, "title and artist are 'NA'"),
        ({"track_id": "t1"}, "the track came before (it stands in several playlists or genres)"),
    ],
)
def test_an_unusable_row_is_dropped_under_its_reason(change: dict[str, str], reason: str) -> None:
    tables = cleaned({}, change)
    assert tables.catalog_ledger.dropped == {reason: 1}
    assert tables.catalog["track_id"].tolist() == ["t1"]


def test_a_song_called_na_by_a_named_artist_stays() -> None:
    assert cleaned({"track_name": "NA"}, {"track_artist": "None"}).catalog["title"].tolist() == ["NA", "Paper Boats"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("danceability", "1.5", "danceability is outside 0 to 1: missing"),
        ("energy", "loud", "energy is not a number: missing"),
        ("tempo", "0", "tempo 0 is 'not detected': missing"),
        ("key", "-1", "key -1 is 'not detected': missing"),
        ("key", "H", "key is not a pitch class: missing"),
        ("key", "12", "key is outside 0 to 11: missing"),
        ("mode", "dorian", "mode is neither major nor minor: missing"),
        ("duration_ms", "0", "duration 0: missing"),
        ("duration_ms", "-5", "duration_ms is outside 0 to 8.64e+07: missing"),
    ],
)
def test_an_impossible_value_becomes_missing_under_its_reason(column: str, value: str, reason: str) -> None:
    tables = cleaned({column: value})
    assert tables.catalog_ledger.mended == {reason: 1}
    assert tables.catalog[column].isna().all()


@pytest.mark.parametrize("value", ["", "NA", "NaN", "null"])
def test_a_value_that_was_never_given_is_missing_and_not_mended(value: str) -> None:
    tables = cleaned({"energy": value})
    assert tables.catalog["energy"].isna().all()
    assert tables.catalog_ledger.mended == {}


def test_infinity_is_not_a_value() -> None:
    assert cleaned({"loudness": "inf"}).catalog["loudness"].isna().all()


@pytest.mark.parametrize(
    ("date", "kept", "year"),
    [
        ("2001-02-03", "2001-02-03", 2001.0),
        ("2001-02", "2001-02", 2001.0),
        ("2001", "2001", 2001.0),
        ("2001-02-03T00:00:00Z", "2001-02-03", 2001.0),
        ("2001-02-03 00:00:00", "2001-02-03", 2001.0),
    ],
)
def test_release_dates_keep_their_precision(date: str, kept: str, year: float) -> None:
    catalog = cleaned({"track_album_release_date": date}).catalog
    assert catalog[["release_date", "release_year"]].to_numpy().tolist() == [[kept, year]]


@pytest.mark.parametrize("date", ["0000", "03/02/2001", "2001-13-01", "soon"])
def test_a_date_of_another_form_is_missing_and_counted(date: str) -> None:
    tables = cleaned({"track_album_release_date": date})
    assert tables.catalog[["release_date", "release_year"]].isna().all(axis=None)
    assert tables.catalog_ledger.mended == {"release date is not YYYY, YYYY-MM or YYYY-MM-DD: missing": 1}


def test_the_year_column_stands_in_for_a_date() -> None:
    rows = frame({}, {}, {}).drop(columns="track_album_release_date").assign(year=["1999", "2004.0", "0"])
    tables = clean(RawTables(tracks_of(rows)))
    assert tables.catalog["release_date"].fillna("").tolist() == ["1999", "2004", ""]
    assert tables.catalog_ledger.mended == {"year 0 is 'unknown': missing": 1}


def test_missing_feature_columns_are_missing_values() -> None:
    rows = frame({}).drop(columns=["tempo", "key", "mode", "valence"])
    catalog = clean(RawTables(tracks_of(rows))).catalog
    assert [name for name in AUDIO_FEATURES if catalog[name].isna().all()] == ["key", "mode", "valence", "tempo"]


def test_rows_without_a_playlist_are_tracks_all_the_same() -> None:
    tables = cleaned({}, {"playlist_id": ""})
    assert len(tables.catalog) == 2
    assert tables.playlists_ledger.dropped == {"no playlist id": 1}


def test_a_table_without_playlists_gives_an_empty_playlists_table() -> None:
    rows = frame({}, {}).drop(columns=["playlist_id", "playlist_genre", "playlist_subgenre"])
    tables = clean(RawTables(tracks_of(rows)))
    assert tables.playlists.empty
    assert tables.genres.empty
    check(tables.playlists, PLAYLISTS)


def test_a_table_without_a_usable_row_is_refused_with_the_reasons() -> None:
    with pytest.raises(UnusableData, match=r"no usable row \(1 × no title"):
        cleaned({"track_name": ""})


def test_a_lost_row_is_a_bug_that_is_noticed() -> None:
    with pytest.raises(AssertionError, match="1 of 3 rows are unaccounted for"):
        ledger = Ledger(3)
        ledger.drop("some reason", 1)
        ledger.close(1)
