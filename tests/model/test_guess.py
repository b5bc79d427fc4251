"""Belonging, guessed artists and the first guess, in worlds small enough to check by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pytest import approx
from scipy.stats import multivariate_normal, norm

from model.artist_guess import guess_artists
from model.candidate_view import CandidateView, Columns
from model.colisten import co_listen
from model.config import TrainConfig
from model.features import build
from model.guess import columns
from model.knowledge import Knowledge, learn
from model.likelihood import log_odds
from model.neighbours import Neighbourhood
from model.phrases import FEATURES
from model.profiles import Float, unit_rows
from model.retrieval import Candidates
from model.schemas import AUDIO_FEATURES
from model.seed_view import SeedView, view
from model.splits import Items, playlist_items
from model.style import content
from model.tracks import Tracks, describe
from tests.worlds import World

OUTSIDE = np.empty((0, len(AUDIO_FEATURES)), np.float32)
NOBODY = Neighbourhood(np.empty(0, np.int64), np.empty(0, np.float32))


@pytest.fixture(scope="module")
def tracks(world: World) -> Tracks:
    return describe(world.catalog, seed=0)


@pytest.fixture(scope="module")
def lists(world: World, tracks: Tracks) -> list[Items]:
    item_of = dict(zip(world.catalog["track_id"], tracks.item_of_row.tolist(), strict=True))
    return list(playlist_items(world.playlists, item_of, smallest=2).values())


@pytest.fixture(scope="module")
def knowledge(tracks: Tracks, lists: list[Items]) -> Knowledge:
    return learn(tracks, lists, lists, TrainConfig())


def found_of(items: Items, scores: Float | None = None) -> Candidates:
    scores = np.linspace(1, 0.5, len(items), dtype=np.float32) if scores is None else scores
    return Candidates(items, scores, items[:5])


def test_log_odds_are_those_of_the_joint_gaussians() -> None:
    strength, seen, x = 3.0, np.array([1.0, 2.0, 0.5]), 1.2  # in units of the spread inside a playlist
    together = multivariate_normal(np.zeros(4), np.eye(4) + strength).logpdf([*seen, x])
    apart = multivariate_normal(np.zeros(3), np.eye(3) + strength).logpdf(seen)
    expected = together - apart - norm(0, np.sqrt(1 + strength)).logpdf(x)
    scaled = np.sqrt(strength / (1 + strength))
    style, mean = (np.array([[value * scaled]], np.float32) for value in (x, seen.mean()))
    odds = log_odds(style, style**2, mean, np.array([3.0], np.float32), np.array([strength], np.float32))
    assert odds.tolist() == [[approx(expected, abs=1e-5)]]


def test_a_direction_that_separates_nothing_says_nothing() -> None:
    ones, zeros = np.ones((2, 1), np.float32), np.zeros((1, 1), np.float32)
    odds = log_odds(ones, ones, zeros, np.ones(1, np.float32), np.zeros(1, np.float32))
    assert odds.tolist() == [[0], [0]]


def test_an_artist_in_no_playlist_is_guessed_among_those_of_its_kind(
    world: World, tracks: Tracks, lists: list[Items]
) -> None:
    ids = world.catalog["track_id"].to_numpy()[tracks.catalog_rows]
    genre = np.array([world.genre[track_id] for track_id in ids])
    of_artist = np.array([genre[tracks.artist == artist][0] for artist in range(len(tracks.artist_tracks))])
    hidden = np.array([np.flatnonzero(of_artist == kind)[0] for kind in np.unique(of_artist)])
    shown = [items[~np.isin(tracks.artist[items], hidden)] for items in lists]
    colisten = co_listen(tracks, shown, 8, seed=0)
    guesses = guess_artists(tracks, content(tracks), unit_rows(np.nan_to_num(tracks.sound)), colisten)
    known = colisten.n_artist_homes > 0
    assert not known[hidden].any()
    assert np.array_equal(guesses[known], colisten.artist_vectors[known])
    for artist in hidden:
        cosines, alike = guesses[known] @ guesses[artist], of_artist[known] == of_artist[artist]
        assert cosines[alike].min() > cosines[~alike].max()


def test_the_first_guess_finds_the_seeds_kind(
    world: World, tracks: Tracks, lists: list[Items], knowledge: Knowledge
) -> None:
    seeds = view(lists[0][:5], OUTSIDE, knowledge)
    items = np.setdiff1d(np.arange(len(tracks)), seeds.items)
    found = found_of(items, np.ones(len(items), np.float32))
    table = pd.DataFrame(build(seeds, NOBODY, found, knowledge), columns=list(FEATURES))
    ids = world.catalog["track_id"].to_numpy()[tracks.catalog_rows]
    kinds = np.array([world.genre[track_id] for track_id in ids])
    best = np.argsort(-table["guess"].to_numpy())[:25]
    assert (kinds[items[best]] == kinds[seeds.items[0]]).all()
    top = items[np.argsort(-table["guess"].to_numpy(), kind="stable")[:30]]
    others = [int((tracks.artist[top] == tracks.artist[i]).sum()) - int(i in top) for i in items]
    assert table["guess_artist"].tolist() == others


def guess(seeds: SeedView, near: Neighbourhood, items: Items, by_track: Float, knowledge: Knowledge) -> Columns:
    told: Columns = {"neighbours": by_track, "same_artist": np.zeros(len(items))}
    return columns(seeds, near, found_of(items), CandidateView(items, knowledge), told, knowledge)


def test_a_track_of_a_likely_playlist_suits_it_better_than_others(lists: list[Items], knowledge: Knowledge) -> None:
    seeds = view(lists[0][:5], OUTSIDE, knowledge)
    items = np.concatenate([lists[0][5:], lists[1]])
    near = Neighbourhood(np.array([0]), np.array([5.0], np.float32))
    of = guess(seeds, near, items, np.zeros(len(items), np.float32), knowledge)
    for name in ("playlists_odds", "playlists_odds_max", "playlists_share"):
        values = np.asarray(of[name])
        assert values[: len(lists[0]) - 5].min() > values[len(lists[0]) - 5 :].max()


def test_in_one_list_warm_tracks_do_not_push_cold_ones_down(lists: list[Items], knowledge: Knowledge) -> None:
    seeds = view(lists[0][:5], OUTSIDE, knowledge)
    items = np.concatenate([lists[0][5:], lists[1]])
    by_track = np.zeros(len(items), np.float32)
    before = guess(seeds, NOBODY, items, by_track, knowledge)
    by_track[:4] = [0.1, 0.2, 0.3, 0.4]
    after = guess(seeds, NOBODY, items, by_track, knowledge)
    assert np.asarray(after["guess"])[4:].tolist() == np.asarray(before["guess"])[4:].tolist()
    assert np.asarray(after["guess"])[3] > np.asarray(before["guess"])[3]


def test_seeds_of_which_only_the_sound_is_known_are_answered(tracks: Tracks, knowledge: Knowledge) -> None:
    stranger = np.full((1, len(AUDIO_FEATURES)), 0.5, np.float32)
    seeds = view(np.empty(0, np.int64), stranger, knowledge)
    features = build(seeds, NOBODY, found_of(np.arange(20)), knowledge)
    assert np.isfinite(features[:, FEATURES.index("guess")]).all()
    assert np.isnan(features[:, FEATURES.index("artist_style_odds")]).all()


def test_an_undated_catalog_is_no_error(tracks: Tracks, lists: list[Items]) -> None:
    unknown = np.full_like(tracks.date, np.nan)
    undated = replace(tracks, date=unknown, artist_date=np.full_like(tracks.artist_date, np.nan))
    knowledge = learn(undated, lists, lists, TrainConfig())
    features = build(view(lists[0][:5], OUTSIDE, knowledge), NOBODY, found_of(np.arange(20)), knowledge)
    assert np.isnan(features[:, FEATURES.index("guess_date")]).all()
    assert np.isfinite(features[:, FEATURES.index("guess")]).all()
