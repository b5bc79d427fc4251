"""Explanations are true, and in words."""

import numpy as np
import pytest

from model.answers import Answerer
from model.contract import Answer, Request
from model.explain import DELTA_WORDS
from model.phrases import FEATURES, PHRASES
from model.recommender import Recommender
from model.schemas import AUDIO_FEATURES
from tests.worlds import World

SEEDS = ["metal004", "folk004"]


@pytest.fixture
def explained(answerer: Answerer) -> Answer:
    return answerer.answer(Request(seed_track_ids=SEEDS, k=12, explain=True))


def test_the_nearest_seed_is_the_one_that_sounds_most_alike(explained: Answer, recommender: Recommender) -> None:
    row = {track_id: i for i, track_id in enumerate(recommender.catalog["track_id"])}
    for track in explained.tracks:
        assert track.why is not None
        cosines = {seed: recommender.vectors[row[track.track_id]] @ recommender.vectors[row[seed]] for seed in SEEDS}
        assert track.why.nearest_seed == max(cosines, key=lambda seed: cosines[seed])
        assert track.why.nearest_cosine == pytest.approx(max(cosines.values()), abs=1e-5)


def test_deltas_are_track_minus_profile(explained: Answer) -> None:
    for track in explained.tracks:
        assert track.why is not None
        for name, delta in track.why.deltas.items():
            value = track.features[name]
            assert value is not None
            assert delta == pytest.approx(value - explained.profile[name], rel=1e-4, abs=1e-3)


def test_contributions_are_at_most_three_strongest_first(explained: Answer) -> None:
    for track in explained.tracks:
        assert track.why is not None
        shares = [abs(share.contribution) for share in track.why.contributions]
        assert 1 <= len(shares) <= 3
        assert shares == sorted(shares, reverse=True)
        assert {share.feature for share in track.why.contributions} <= set(FEATURES)


def test_the_text_names_the_nearest_seed_by_its_title_if_there_is_a_likeness(
    explained: Answer, answerer: Answerer, world: World
) -> None:
    title = world.catalog.set_index("track_id")["title"]
    strangers = answerer.answer(Request(seed_track_ids=["folk004"], min={"energy": 0.8}, k=3, explain=True))
    for track in explained.tracks + strangers.tracks:
        assert track.why is not None
        assert (title[track.why.nearest_seed] in track.why.text) == (track.why.nearest_cosine >= 0.5)


def test_words_about_differences_agree_with_the_deltas(explained: Answer) -> None:
    said = 0
    for track in explained.tracks:
        assert track.why is not None
        _, _, comparison = track.why.text.partition("Next to your songs it is ")
        for name, (more, less) in DELTA_WORDS.items():
            assert more not in comparison or track.why.deltas[name] > 0
            assert less not in comparison or track.why.deltas[name] < 0
            said += (more in comparison) + (less in comparison)
    assert said >= len(explained.tracks)


def test_a_track_without_features_is_explained_too(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, k=200, max_per_artist=0, explain=True))
    blank = next(track for track in answer.tracks if track.track_id == "folk039")
    assert blank.why is not None and blank.why.text
    assert blank.why.deltas == {}
    assert blank.similarity is None or np.isfinite(blank.similarity)


def test_every_ranking_feature_has_a_phrase_and_every_direction_a_word() -> None:
    assert tuple(PHRASES) == tuple(FEATURES)
    assert set(DELTA_WORDS) == set(AUDIO_FEATURES) - {"key", "mode"}
