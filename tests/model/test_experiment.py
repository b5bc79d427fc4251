"""The whole evaluation, in a world where the right answer is known."""

from typing import Any

import numpy as np
import pytest

from model.experiment import best, measure
from model.recommender import Recommender
from model.report import figures_of, markdown, plot
from model.tables import Tables
from tests.worlds import World

ROWS = {"random", "popularity", "classic", "audio_cosine", "same_artist", "item_knn", "als", "retrieval_only"}


@pytest.fixture(scope="module")
def figures(world: World, recommender: Recommender) -> dict[str, Any]:
    contenders = {"challenger": recommender, "champion": recommender}
    return figures_of(measure(Tables(world.catalog, world.playlists), contenders))


def test_every_baseline_stands_beside_challenger_and_champion(figures: dict[str, Any]) -> None:
    assert set(figures["warm"]) == ROWS | {"challenger", "champion"}


def test_tracks_of_the_genre_are_found_and_chance_does_not_find_them(figures: dict[str, Any]) -> None:
    # A genre is a third of the catalog, so a perfect sense of genre is worth about three times chance, and no more.
    warm = figures["warm"]
    assert warm["challenger"]["r_precision"] > 2 * warm["random"]["r_precision"]
    assert warm["audio_cosine"]["r_precision"] > 2 * warm["random"]["r_precision"]
    assert warm["challenger"]["clicks"] < 1


def test_a_model_is_no_better_and_no_worse_than_itself(figures: dict[str, Any]) -> None:
    assert set(figures["paired"]["warm"]["champion"]["ndcg@500"].values()) == {0.0}


def test_means_lie_within_their_intervals(figures: dict[str, Any]) -> None:
    for row in figures["warm"].values():
        for metric, (low, high) in row["interval"].items():
            assert low <= row[metric] <= high


def test_the_report_names_every_row(figures: dict[str, Any]) -> None:
    text = markdown(figures)
    assert all(f"| {row.replace('_', ' ')} |" in text for row in ROWS)
    assert len(plot(figures).axes) == 4


def test_measuring_again_gives_the_same_figures_to_the_last_digit(
    figures: dict[str, Any], world: World, recommender: Recommender
) -> None:
    contenders = {"challenger": recommender, "champion": recommender}
    assert figures_of(measure(Tables(world.catalog, world.playlists), contenders)) == figures


@pytest.mark.parametrize("n", [0, 1, 7, 40, 500])
def test_the_best_are_the_head_of_the_whole_order_with_ties_by_position(n: int) -> None:
    rng = np.random.default_rng(n)
    scores = rng.integers(0, 6, 300).astype(np.float32)  # so that most are equal
    scores[rng.random(300) < 0.3] = -np.inf
    whole = np.argsort(-scores, kind="stable")[: int(np.isfinite(scores).sum())]
    assert best(scores, n).tolist() == whole[:n].tolist()
