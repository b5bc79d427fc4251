"""Ranking features, against their meaning spelt out pair by pair."""

import numpy as np
import pytest

from model.features import build, two_largest
from model.phrases import FEATURES
from model.profiles import Float
from model.recommender import Recommender, neighbourhood
from model.retrieval import Candidates, Retriever
from model.schemas import AUDIO_FEATURES
from model.seed_view import SeedView, view

NOTHING = np.empty((0, len(AUDIO_FEATURES)), np.float32)


@pytest.fixture(scope="module")
def seeds(recommender: Recommender) -> SeedView:
    return view(np.array([3, 4, 9, 44, 90]), NOTHING, recommender.knowledge)


@pytest.fixture(scope="module")
def found(recommender: Recommender, seeds: SeedView) -> Candidates:
    near = neighbourhood(seeds, recommender.knowledge, recommender.boosters.overlap)
    allowed = np.ones(len(recommender.knowledge.tracks), bool)
    allowed[seeds.items] = False
    return Retriever(recommender.knowledge).candidates(seeds, near, NOTHING, allowed, 100)


@pytest.fixture(scope="module")
def columns(recommender: Recommender, seeds: SeedView, found: Candidates) -> dict[str, Float]:
    near = neighbourhood(seeds, recommender.knowledge, recommender.boosters.overlap)
    return dict(zip(FEATURES, build(seeds, near, found, recommender.knowledge).T, strict=True))


def test_one_row_after_another_in_memory(recommender: Recommender, seeds: SeedView, found: Candidates) -> None:
    near = neighbourhood(seeds, recommender.knowledge, recommender.boosters.overlap)
    assert build(seeds, near, found, recommender.knowledge).flags["C_CONTIGUOUS"]
    assert recommender.knowledge.tracks.sound.flags["C_CONTIGUOUS"]


def test_what_is_counted_by_artist_and_album(
    recommender: Recommender, seeds: SeedView, found: Candidates, columns: dict[str, Float]
) -> None:
    tracks = recommender.knowledge.tracks
    artist, album = tracks.artist.tolist(), tracks.album.tolist()
    seed_artists, echo = [artist[i] for i in seeds.items], found.echo.tolist()
    for at, item in enumerate(found.items.tolist()):
        assert columns["same_artist"][at] == seed_artists.count(artist[item])
        assert columns["same_album"][at] == (album[item] in [album[i] for i in seeds.items])
        others = [artist[other] for other in echo if other != item]
        assert columns["echo_artist"][at] == others.count(artist[item])


def test_extremes_over_the_seeds(
    recommender: Recommender, seeds: SeedView, found: Candidates, columns: dict[str, Float]
) -> None:
    knowledge = recommender.knowledge
    dates = knowledge.tracks.date
    rounding = 1e-6 * float((knowledge.styles**2).sum(axis=1).max())  # distances are differences of squares, in float32
    for at, item in enumerate(found.items.tolist()):
        cosines = [float(knowledge.style_units[item] @ unit) for unit in seeds.style_units]
        squares = [float(((knowledge.styles[item] - style) ** 2).sum()) for style in seeds.styles]
        assert columns["style_cosine_max"][at] == pytest.approx(max(cosines), abs=1e-5)
        assert columns["style_cosine_min"][at] == pytest.approx(min(cosines), abs=1e-5)
        assert columns["style_distance_min"][at] == pytest.approx(min(squares), abs=rounding)
        assert columns["date_nearest"][at] == min(abs(dates[item] - date) for date in seeds.dates)


def test_what_playlists_say_of_a_candidate(
    recommender: Recommender, seeds: SeedView, found: Candidates, columns: dict[str, Float]
) -> None:
    colisten = recommender.knowledge.colisten
    near = neighbourhood(seeds, recommender.knowledge, recommender.boosters.overlap)
    chance = dict(zip(near.playlists.tolist(), (near.overlap / colisten.sizes[near.playlists]).tolist(), strict=True))
    members = colisten.members.toarray()
    for at, item in enumerate(found.items.tolist()):
        homes = np.flatnonzero(members[:, item]).tolist()
        assert columns["track_playlists"][at] == len(homes)
        assert columns["neighbours"][at] == pytest.approx(sum(chance[home] for home in homes), rel=1e-5)
        assert columns["neighbours_max"][at] == pytest.approx(max((chance[home] for home in homes), default=0))
        shared = sum(members[home, seeds.items].sum() / colisten.sizes[home] for home in homes)
        assert columns["item_knn"][at] == pytest.approx(shared, rel=1e-5)


@pytest.mark.parametrize("n_values", [1, 2, 3, 8])
def test_the_two_largest_of_a_row_are_those_at_the_end_when_sorted(n_values: int) -> None:
    values = np.random.default_rng(n_values).integers(0, 5, (40, n_values)).astype(np.float32)
    largest, second = two_largest(values)
    ordered = np.sort(values, axis=1)
    assert largest.tolist() == ordered[:, -1].tolist()
    assert second.tolist() == ordered[:, max(n_values - 2, 0)].tolist()
