"""The demo data: like the real data in what a ranker needs, and plainly fictional."""

import pandas as pd
import pytest

from data import demo
from data.clean import clean
from data.read import RawTables, tracks_of
from tests.data.rows import ROW


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return demo.generate()


def test_has_the_columns_of_the_public_file(rows: pd.DataFrame) -> None:
    assert list(rows.columns) == list(ROW)


def test_has_the_size_that_is_promised(rows: pd.DataFrame) -> None:
    assert rows["track_id"].nunique() == 5000
    assert rows["playlist_id"].nunique() == 500


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    first, again, other = (demo.generate(300, 20, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not set(first["track_id"]) & set(other["track_id"])


@pytest.mark.parametrize(("n_tracks", "n_playlists"), [(1, 1), (2, 3), (60, 1), (400, 7)])
def test_any_size_gives_every_track_a_playlist(n_tracks: int, n_playlists: int) -> None:
    rows = demo.generate(n_tracks, n_playlists, seed=0)
    assert rows["track_id"].nunique() == n_tracks
    assert rows["playlist_id"].nunique() <= n_playlists
    assert not rows.duplicated(["playlist_id", "track_id"]).any()


def test_every_id_begins_with_demo(rows: pd.DataFrame) -> None:
    for column in ("track_id", "playlist_id", "track_album_id"):
        assert rows[column].str.fullmatch("demo[0-9A-Za-z]{18}").all()


def test_nothing_of_it_is_dropped_or_mended_but_repeated_tracks(rows: pd.DataFrame) -> None:
    tables = clean(RawTables(tracks_of(rows)))
    assert list(tables.catalog_ledger.dropped) == ["the track came before (it stands in several playlists or genres)"]
    assert tables.catalog_ledger.mended == tables.playlists_ledger.dropped == {}
    assert tables.catalog["canonical_id"].nunique() < 0.97 * len(tables.catalog)


def test_most_tracks_stand_in_few_playlists(rows: pd.DataFrame) -> None:
    assert rows["track_id"].value_counts().quantile(0.9) <= 5


CLOSER = {"year": 0.55, "track_popularity": 0.8, "energy": 0.76, "valence": 0.79}
"""Deviation within a playlist over the catalog's: below these only if playlists have an era, a level and a mood."""


@pytest.mark.parametrize("column", CLOSER)
def test_tracks_of_a_playlist_are_closer_than_tracks_at_large(rows: pd.DataFrame, column: str) -> None:
    dated = rows.assign(year=rows["track_album_release_date"].str[:4].astype(int))
    within = dated.groupby("playlist_id")[column].std().mean()
    assert within / dated.drop_duplicates("track_id")[column].std() < CLOSER[column]


def test_playlists_come_back_to_their_favourite_artists(rows: pd.DataFrame) -> None:
    playlists = rows.groupby("playlist_id")["track_artist"]
    assert (playlists.nunique() / playlists.size()).mean() < 0.53


def test_some_names_are_hangul_and_some_kana(rows: pd.DataFrame) -> None:
    tracks = rows.drop_duplicates("track_id")
    assert tracks["track_name"].str.contains("[가-힣]").mean() > 0.02
    assert tracks["track_name"].str.contains("[ぁ-ヿ]").mean() > 0.01
