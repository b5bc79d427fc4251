import pytest

from frontend import reasons
from frontend.answers import Why
from frontend.texts import TEXTS, Words
from model.phrases import FEATURES

TITLES = {"s1": "Halo"}


def why(**changes: object) -> Why:
    parts = {"nearest_seed": "s1", "nearest_cosine": 0.91, "deltas": {}, "contributions": []}
    return Why(**{**parts, **changes})  # type: ignore[arg-type]


def test_the_nearest_seed_is_named() -> None:
    assert reasons.short(why(), TITLES, Words("en")) == "Sounds like “Halo” (91\u00a0%)"
    assert reasons.short(why(), TITLES, Words("ko")) == "‘Halo’ 같은 소리 (91%)"


def test_the_two_most_notable_differences_are_said_the_strongest_first() -> None:
    # in notable steps: energy 0.12/0.1 = 1.2, tempo -36/12 = -3, valence 0.06/0.12 = 0.5 (not worth a word)
    text = reasons.short(why(deltas={"energy": 0.12, "tempo": -36.0, "valence": 0.06, "key": 9.0}), {}, Words("en"))
    assert text == "Slower, livelier"


def test_the_strongest_reason_that_speaks_for_the_track_is_given() -> None:
    shares = [
        {"feature": "n_seeds", "value": 5.0, "contribution": 3.0},
        {"feature": "same_artist", "value": 0.0, "contribution": -2.0},
        {"feature": "item_knn", "value": 0.4, "contribution": 1.0},
    ]
    assert reasons.short(why(contributions=shares), {}, Words("en")) == "Stands in playlists with your songs"


def test_nothing_known_is_no_reason() -> None:
    assert reasons.short(why(nearest_cosine=0.49), TITLES, Words("en")) == ""


@pytest.mark.parametrize("feature", FEATURES)
def test_every_reason_of_a_ranking_feature_has_words(feature: str) -> None:
    reason = reasons.reason_of(feature)
    assert reason is None or f"reason.{reason}" in TEXTS


@pytest.mark.parametrize("start", reasons.REASONS)
def test_every_reason_belongs_to_a_ranking_feature(start: str) -> None:
    assert any(feature.startswith(start) for feature in FEATURES)
