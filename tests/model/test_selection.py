"""The dials do what they say, measured over many seeds."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from model.answers import Answerer
from model.contract import Answer, Request
from model.recommender import Recommender
from tests.worlds import World

QUERIES = [
    [f"{genre}{i:03d}" for i in range(start, start + 3)] for genre in ("metal", "folk") for start in range(2, 36, 3)
]


def answers(answerer: Answerer, **wishes: object) -> list[Answer]:
    return [answerer.answer(Request.model_validate({"seed_track_ids": seeds, **wishes})) for seeds in QUERIES]


def mean_of(attribute: str, found: list[Answer]) -> float:
    values = [
        track.popularity if attribute == "popularity" else track.features[attribute]
        for answer in found
        for track in answer.tracks
    ]
    return float(np.nanmean(np.array(values, float)))


@pytest.mark.parametrize(
    ("attribute", "steps"),
    [
        ("energy", [0.1, 0.3, 0.5, 0.7, 0.9]),
        ("valence", [0.1, 0.5, 0.9]),
        ("tempo", [80, 120, 160]),
        ("popularity", [10, 50, 90]),
    ],
)
def test_raising_a_target_raises_the_attribute(answerer: Answerer, attribute: str, steps: list[float]) -> None:
    means = [mean_of(attribute, answers(answerer, k=10, target={attribute: step})) for step in steps]
    assert np.diff(means).min() > -1e-9  # sums in another order differ in the last digit
    assert means[-1] > means[0]


def test_a_target_that_the_seeds_already_meet_changes_little(answerer: Answerer, world: World) -> None:
    plain = answerer.answer(Request(seed_track_ids=QUERIES[0], k=10))
    pulled = answerer.answer(Request(seed_track_ids=QUERIES[0], k=10, target={"energy": plain.profile["energy"]}))
    assert {world.genre[track.track_id] for track in pulled.tracks} == {"metal"}


def test_keys_lie_on_a_circle(answerer: Answerer) -> None:
    def mean_distance(found: list[Answer]) -> float:
        keys = np.array([track.features["key"] for answer in found for track in answer.tracks], float)
        steps = np.abs(keys[np.isfinite(keys)] - 11)
        return float(np.minimum(steps, 12 - steps).mean())

    # Disco stands in C (0): one step from B (11), whatever the difference of the numbers.
    pulled, plain = answers(answerer, k=10, target={"key": 11.0}), answers(answerer, k=10)
    assert mean_distance(pulled) < mean_distance(plain)


def test_tracks_are_less_like_the_negative_seeds(answerer: Answerer, recommender: Recommender) -> None:
    row = {track_id: i for i, track_id in enumerate(recommender.catalog["track_id"])}

    def likeness(found: list[Answer], negative: str) -> float:
        rows = [row[track.track_id] for answer in found for track in answer.tracks]
        return float((recommender.vectors[rows] @ recommender.vectors[row[negative]]).mean())

    mixed = {"seed_track_ids": ["metal004", "folk004", "metal012", "folk012"], "k": 15}
    plain = answerer.answer(Request.model_validate(mixed))
    turned = answerer.answer(Request.model_validate({**mixed, "negative_track_ids": ["metal030"]}))
    assert likeness([turned], "metal030") < likeness([plain], "metal030") - 0.1
    assert "metal030" not in [track.track_id for track in turned.tracks]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_artist_has_more_tracks_than_allowed(answerer: Answerer, limit: int) -> None:
    for answer in answers(answerer, k=30, max_per_artist=limit):
        artists = [track.artist_id for track in answer.tracks]
        assert max(artists.count(artist) for artist in artists) == limit


def test_an_artist_limit_of_zero_is_no_limit(answerer: Answerer) -> None:
    artists = [track.artist_id for track in answers(answerer, k=60, max_per_artist=0)[0].tracks]
    assert max(artists.count(artist) for artist in artists) == 5


def test_the_popularity_dial_moves_the_answer_from_deep_cuts_to_hits(answerer: Answerer) -> None:
    means = [mean_of("popularity", answers(answerer, k=10, popularity=dial)) for dial in (-1, -0.5, 0, 0.5, 1)]
    assert np.diff(means).min() > -1e-9  # sums in another order differ in the last digit
    assert means[-1] > means[0] + 30


@pytest.fixture
def likeness_within(recommender: Recommender) -> Callable[[Answer], float]:
    row = {track_id: i for i, track_id in enumerate(recommender.catalog["track_id"])}

    def mean_cosine(answer: Answer) -> float:
        vectors = recommender.vectors[[row[track.track_id] for track in answer.tracks]]
        cosines = vectors @ vectors.T
        return float(cosines[np.triu_indices(len(cosines), 1)].mean())

    return mean_cosine


def test_tracks_grow_less_alike_as_the_diversity_dial_rises(
    answerer: Answerer, likeness_within: Callable[[Answer], float]
) -> None:
    dials = (0, 0.25, 0.5, 0.75, 1)
    means = [
        float(np.mean([likeness_within(answer) for answer in answers(answerer, k=10, diversity=dial)]))
        for dial in dials
    ]
    assert all(later < earlier for earlier, later in pairwise(means))


def test_the_best_track_stays_first_at_any_diversity_below_one(answerer: Answerer) -> None:
    first = [answer.tracks[0].track_id for answer in answers(answerer)]
    assert [answer.tracks[0].track_id for answer in answers(answerer, diversity=0.9)] == first


def test_temperature_samples_and_a_seed_repeats_the_sample(answerer: Answerer) -> None:
    def order(seed: int, temperature: float) -> list[list[str]]:
        found = answers(answerer, temperature=temperature, random_seed=seed)
        return [[track.track_id for track in answer.tracks] for answer in found]

    assert order(1, 0.3) == order(1, 0.3)
    assert order(1, 0.3) != order(2, 0.3)
    assert order(1, 0) == order(2, 0)


def test_a_little_temperature_keeps_the_taste(answerer: Answerer, world: World) -> None:
    for answer, seeds in zip(answers(answerer, k=10, temperature=0.1), QUERIES, strict=True):
        genres = [world.genre[track.track_id] for track in answer.tracks]
        assert genres.count(world.genre[seeds[0]]) >= 8
