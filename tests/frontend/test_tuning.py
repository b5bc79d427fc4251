import pytest

from frontend import tuning


def test_untouched_dials_are_no_wish() -> None:
    wishes = tuning.as_wishes(tuning.DEFAULTS, {"energy": 0.5})
    assert (wishes["target"], wishes["min"], wishes["max"]) == ({}, {}, {})
    assert (wishes["popularity"], wishes["diversity"], wishes["k"]) == (0, 0, 20)
    assert "temperature" not in wishes


@pytest.mark.parametrize(("turned", "target"), [(50, 0.85), (-50, 0.35), (100, 1.0), (-100, 0.1)])
def test_a_dial_pulls_from_the_seeds_profile_and_stays_in_range(turned: int, target: float) -> None:
    # 0.6 + 50/100 * 0.5 = 0.85; 0.6 + 0.5 is cut to 1
    wishes = tuning.as_wishes({"energy": turned}, {"energy": 0.6})
    assert wishes["target"] == {"energy": pytest.approx(target)}


def test_a_dial_without_a_known_profile_is_left_out() -> None:
    assert tuning.as_wishes({"energy": 50}, {})["target"] == {}


def test_a_band_bounds_only_where_it_was_moved() -> None:
    wishes = tuning.as_wishes({"energy_range": (20, 100), "era": (1950, 1999), "length_range": (0, 4)}, {})
    assert wishes["min"] == {"energy": pytest.approx(0.2)}
    assert wishes["max"] == {"release_year": 1999, "duration_ms": 240_000}


def test_another_take_is_sampled_and_repeatable() -> None:
    assert tuning.as_wishes({"shuffle": 3}, {})["random_seed"] == 3


def test_changed_names_the_dials_that_were_moved() -> None:
    assert tuning.changed({"energy": 0, "clean": True, "era": (1990, tuning.ERA.high), "shuffle": 4}) == [
        "era",
        "clean",
    ]
