"""What playlists and content teach, in worlds small enough to check by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pytest import approx

from model import style
from model.colisten import co_listen
from model.config import TrainConfig
from model.features import build
from model.knowledge import Knowledge, learn
from model.neighbours import PLAYLIST_FEATURES, Neighbourhood, playlist_features
from model.phrases import FEATURES
from model.profiles import profile, unit_rows
from model.retrieval import Candidates
from model.schemas import AUDIO_FEATURES
from model.seed_view import mean_or_nan, moments_or_nan, view
from model.splits import Items, playlist_items
from model.style import content, content_of_sound, fit_style
from model.tracks import Tracks, describe
from tests.worlds import World

OUTSIDE = np.empty((0, len(AUDIO_FEATURES)), np.float32)
CONFIG = TrainConfig()


@pytest.fixture(scope="module")
def tracks(world: World) -> Tracks:
    return describe(world.catalog, seed=0)


@pytest.fixture(scope="module")
def lists(world: World, tracks: Tracks) -> list[Items]:
    item_of = dict(zip(world.catalog["track_id"], tracks.item_of_row.tolist(), strict=True))
    return list(playlist_items(world.playlists, item_of, smallest=2).values())


@pytest.fixture(scope="module")
def knowledge(tracks: Tracks, lists: list[Items]) -> Knowledge:
    return learn(tracks, lists, lists, CONFIG)


def genre_of(world: World, tracks: Tracks, item: int) -> str:
    return world.genre[world.catalog["track_id"].iloc[tracks.catalog_rows[item]]]


def test_versions_of_a_song_are_one_item_shown_by_the_canonical_row(world: World, tracks: Tracks) -> None:
    ids = world.catalog["track_id"].tolist()
    assert tracks.item_of_row[ids.index("metal000")] == tracks.item_of_row[ids.index("metal001")]
    assert ids[tracks.catalog_rows[tracks.item_of_row[ids.index("metal001")]]] == "metal000"
    assert len(tracks) == len(world.catalog) - 3


def test_dates_are_years_and_a_bare_year_is_its_middle(world: World) -> None:
    dates = pd.Series(["1999", "1999-07", "2000-01-01", None], index=[2, 3, 4, 5])
    dated = world.catalog.loc[2:5].assign(release_date=dates, release_year=1977.0)
    assert describe(dated, seed=0).date.tolist() == approx([1999.5, 1999.5, 2000, 1977.5], abs=0.01)


def test_standardised_sound_has_mean_zero_and_keeps_what_is_missing(world: World, tracks: Tracks) -> None:
    assert np.nanmean(tracks.sound, axis=0) == approx(np.zeros(12), abs=0.05)
    silent = world.catalog["track_id"].tolist().index("folk039")
    assert np.isnan(tracks.sound[tracks.item_of_row[silent]]).all()


def test_the_best_known_song_of_an_artist_ranks_first(tracks: Tracks) -> None:
    for artist in range(5):
        mine = np.flatnonzero(tracks.artist == artist)
        best = mine[np.argmax(tracks.popularity[mine])]
        assert tracks.artist_rank[best] == 0
        assert tracks.artist_best[artist] == tracks.popularity[best]
        assert tracks.artist_tracks[artist] == len(mine)


def test_the_profile_is_the_direction_of_the_mean() -> None:
    one, two = unit_rows(np.array([[3, 0], [0, 2]], np.float32))
    assert profile(np.stack([one, two])) == approx(np.sqrt([0.5, 0.5]))
    assert profile(np.stack([one, -one])).tolist() == [0, 0]
    assert profile(one[None]).tolist() == [1, 0]
    assert profile(np.empty((0, 2), np.float32)).tolist() == [0, 0]


def test_moments_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).normal(1990, 9, 5).astype(np.float32)
    assert moments_or_nan(values) == (values.mean(), values.std())
    assert mean_or_nan(values) == values.mean()
    assert np.isnan([mean_or_nan(values[:0]), *moments_or_nan(values[:0])]).all()


def test_style_keeps_what_separates_playlists_and_drops_what_does_not() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((600, 2)).astype(np.float32)
    rows[:, 0] += np.repeat([-3, 0, 3], 200)  # the first number tells the playlists apart, the second is noise
    style = fit_style(rows, [np.arange(0, 200), np.arange(200, 400), np.arange(400, 600)], 2, 0.1)
    vectors = style.vectors(rows)
    along = np.abs(np.corrcoef(vectors[:, 0], rows[:, 0])[0, 1])
    assert along > 0.99
    assert vectors[:, 1].std() < 0.2 * vectors[:, 0].std()


def test_a_track_known_by_its_sound_has_average_everything_else(tracks: Tracks) -> None:
    rows = content(tracks)
    alone = content_of_sound(tracks.sound[:3], rows.mean(axis=0))
    assert alone.shape == (3, rows.shape[1])
    assert alone[:, :12] == approx(rows[:3, :12])
    assert alone[:, 15] == approx(np.full(3, rows[:, 15].mean()), abs=1e-5)


def test_artists_of_one_genres_playlists_are_alike(world: World, tracks: Tracks, knowledge: Knowledge) -> None:
    genres = [genre_of(world, tracks, int(np.flatnonzero(tracks.artist == a)[0])) for a in range(24)]
    cosines = knowledge.colisten.artist_vectors @ knowledge.colisten.artist_vectors.T
    same = np.array([[one == two for two in genres] for one in genres])
    assert cosines[same].mean() > cosines[~same].mean() + 0.5


def test_co_occurrence_counts_what_stands_where(tracks: Tracks) -> None:
    known = co_listen(tracks, [np.array([0, 1, 5]), np.array([1])], 4, seed=0)
    assert known.n_homes[[0, 1, 2, 5]].tolist() == [1, 2, 0, 1]
    assert known.sizes.tolist() == [3, 1]
    assert known.n_artist_entries.sum() == 4
    assert known.n_artist_homes[tracks.artist[1]] == 2


def test_without_playlists_everything_is_cold(tracks: Tracks) -> None:
    known = co_listen(tracks, [], 4, seed=0)
    assert not known.n_homes.any()
    assert not known.artist_vectors.any()


def test_the_playlist_that_holds_the_seeds_shares_most(lists: list[Items], knowledge: Knowledge) -> None:
    seeds = view(lists[7][:5], OUTSIDE, knowledge)
    playlists, features = playlist_features(seeds, knowledge)
    assert features.shape == (len(lists), len(PLAYLIST_FEATURES))
    assert playlists[features[:, 0].argmax()] == 7
    assert features[7, 0] == 1


def test_features_of_a_pair_by_hand(tracks: Tracks, lists: list[Items], knowledge: Knowledge) -> None:
    seeds = view(np.array([0, 2]), OUTSIDE, knowledge)
    near = Neighbourhood(np.array([0, 1]), np.array([3.0, 1.0], np.float32))
    items = np.array([3, 60])
    found = Candidates(items, np.array([0.2, 0.1], np.float32), items)
    table = pd.DataFrame(build(seeds, near, found, knowledge), columns=list(FEATURES))
    assert table["same_artist"].tolist() == [int((tracks.artist[[0, 2]] == tracks.artist[i]).sum()) for i in items]
    assert table["popularity_delta"].tolist() == approx(tracks.popularity[items] - tracks.popularity[[0, 2]].mean())
    chance = [sum((n / len(lists[p])) for p, n in ((0, 3), (1, 1)) if i in lists[p]) for i in items]
    assert table["neighbours"].tolist() == approx(chance)
    units = knowledge.sound_units
    assert table["sound_cosine_max"].tolist() == approx((units[items] @ units[[0, 2]].T).max(axis=1).tolist())
    assert table["n_seeds"].tolist() == [2, 2]
    assert table["retrieval_score"].tolist() == approx([0.2, 0.1])


def test_only_features_of_the_whole_list_depend_on_the_company(lists: list[Items], knowledge: Knowledge) -> None:
    seeds = view(lists[3][:4], OUTSIDE, knowledge)
    near = Neighbourhood(np.array([0, 1]), np.array([3.0, 1.0], np.float32))
    items = np.arange(20, 60)
    found = Candidates(items, np.linspace(1, 0, 40, dtype=np.float32), items[:5])
    together = build(seeds, near, found, knowledge)
    ones = [Candidates(items[[i]], found.scores[[i]], found.echo) for i in range(40)]
    alone = np.concatenate([build(seeds, near, one, knowledge) for one in ones])
    for at, name in enumerate(FEATURES):
        if not name.startswith("guess") and not name.endswith("_rank"):
            assert np.allclose(together[:, at], alone[:, at], rtol=1e-3, atol=3e-3, equal_nan=True), name


def test_saved_knowledge_is_the_same_when_loaded(tmp_path: Path, knowledge: Knowledge) -> None:
    knowledge.save(tmp_path)
    again = Knowledge.load(tmp_path)
    assert np.array_equal(again.styles, knowledge.styles)
    assert np.array_equal(again.style.strength, knowledge.style.strength)
    assert np.array_equal(again.artist_guesses, knowledge.artist_guesses)
    assert np.array_equal(again.artist_styles, knowledge.artist_styles)
    assert np.array_equal(again.colisten.n_homes, knowledge.colisten.n_homes)
    assert np.array_equal(again.summary.date, knowledge.summary.date)


def test_blocks_change_nothing(tracks: Tracks, lists: list[Items], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = content(tracks)
    whole = fit_style(rows, lists, 8, 0.1)
    monkeypatch.setattr(style, "_BLOCK", 40)
    assert np.allclose(content(tracks), rows, atol=1e-6)
    pieces = fit_style(rows, lists, 8, 0.1)
    assert np.allclose(pieces.projection, whole.projection, atol=1e-5)
    assert np.allclose(pieces.vectors(rows), whole.vectors(rows), atol=1e-4)


def test_of_very_many_playlists_evenly_spread_ones_make_the_metric(
    tracks: Tracks, lists: list[Items], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = content(tracks)
    every_third = fit_style(rows, lists[::3], 8, 0.1)
    monkeypatch.setattr(style, "_MOST_PLAYLISTS", 25)  # of 60
    assert np.array_equal(fit_style(rows, lists, 8, 0.1).projection, every_third.projection)
