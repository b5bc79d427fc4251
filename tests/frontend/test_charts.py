import numpy as np
import pytest

from frontend import charts
from frontend.projection import FEATURES, plane

NAMES = {feature: feature.title() for feature in charts.RADAR_FEATURES}
CALM = dict.fromkeys(charts.RADAR_FEATURES, 0.2) | {"tempo": 85.0}
WILD = dict.fromkeys(charts.RADAR_FEATURES, 0.9) | {"tempo": 175.0, "liveness": None}


def tracks(n: int) -> list[dict[str, float | None]]:
    rng = np.random.default_rng(0)
    return [dict(zip(FEATURES, rng.normal(size=len(FEATURES)).tolist(), strict=True)) for _ in range(n)]


@pytest.mark.parametrize(("value", "share"), [(40, 0), (130, 0.5), (220, 1), (0, 0), (300, 1)])
def test_tempo_is_shown_within_its_range(value: float, share: float) -> None:
    assert charts.share("tempo", value) == share


def test_the_radar_closes_its_outlines_and_leaves_out_what_is_unknown() -> None:
    figure = charts.radar({"Your songs": CALM, "Wild": WILD}, NAMES)
    calm, wild = figure.data
    assert calm.theta[0] == calm.theta[-1]
    assert len(calm.theta) == len(charts.RADAR_FEATURES) + 1
    assert "Liveness" not in wild.theta
    assert calm.line.dash != wild.line.dash


def test_the_radar_in_words_says_both_values() -> None:
    words = charts.spoken({"Your songs": CALM, "Wild": WILD}, NAMES)
    assert "Energy 20, 90" in words
    assert "Liveness 20, –" in words
    assert "Tempo 25, 75" in words


def test_the_map_shows_every_track_once() -> None:
    some = {f"t{i}": track for i, track in enumerate(tracks(7))}
    figure = charts.neighbourhood({"seeds": {"s": tracks(1)[0]}, "recommended": some})
    assert [len(trace.x) for trace in figure.data] == [1, 7]


def test_the_spread_has_a_dot_for_each_known_value_and_one_diamond_a_row() -> None:
    dots, diamonds = charts.spread([CALM, WILD], CALM, NAMES, ("tracks", "profile")).data
    assert len(dots.x) == 2 * len(charts.RADAR_FEATURES) - 1
    assert len(diamonds.x) == len(charts.RADAR_FEATURES)


def test_what_sounds_alike_lies_closer_on_the_map() -> None:
    here, there = tracks(2)
    beside = {name: (value or 0) + 0.01 for name, value in here.items()}
    spots = plane([here, beside, there])
    assert np.linalg.norm(spots[0] - spots[1]) < 0.1 * np.linalg.norm(spots[0] - spots[2])


def test_the_same_tracks_give_the_same_map_and_unknown_features_do_no_harm() -> None:
    some = tracks(5)
    some[2]["energy"] = None
    assert np.array_equal(plane(some), plane(some))
    assert np.isfinite(plane(some)).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_even_few_tracks_have_a_place(n: int) -> None:
    assert plane(tracks(n)).shape == (n, 2)
