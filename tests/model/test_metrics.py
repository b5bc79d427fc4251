"""The metrics against arithmetic by hand, and three properties."""

from math import log2

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from model.metrics import bootstrap_interval, clicks, ndcg, r_precision, recall


def hits(*flags: int) -> np.ndarray:
    return np.array(flags, bool)


def test_r_precision_looks_only_as_deep_as_there_are_relevant_tracks() -> None:
    assert r_precision(hits(1, 0, 1, 1), 3) == approx(2 / 3)
    assert r_precision(hits(0, 0, 0, 1), 3) == 0


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    ideal = 1 / log2(2) + 1 / log2(3)
    assert ndcg(hits(0, 1, 1), 2, k=3) == approx((1 / log2(3) + 1 / log2(4)) / ideal)


def test_the_perfect_list_of_ndcg_is_no_longer_than_k() -> None:
    assert ndcg(hits(1, 1), 10, k=2) == approx(1)


def test_clicks_count_the_pages_before_the_first_hit() -> None:
    assert clicks(hits(*[0] * 9, 1), 1) == 0
    assert clicks(hits(*[0] * 10, 1), 1) == 1
    assert clicks(hits(*[0] * 25, 1), 1) == 2


def test_no_hit_among_five_hundred_is_fifty_one_clicks() -> None:
    assert clicks(hits(*[0] * 500, 1), 1) == 51


def test_recall_divides_by_what_could_be_found() -> None:
    assert recall(hits(1, 1, 0), 4, k=2) == 1
    assert recall(hits(1, 0, 1), 4, k=3) == approx(2 / 3)


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 20))
def test_metrics_lie_between_zero_and_one(flags: list[bool], unseen: int) -> None:
    n_relevant = max(sum(flags) + unseen, 1)
    for metric in (r_precision, ndcg, recall):
        assert 0 <= metric(np.array(flags), n_relevant) <= 1


@given(st.integers(1, 40), st.integers(0, 40))
def test_a_perfect_order_is_worth_one(n_relevant: int, rest: int) -> None:
    perfect = np.array([True] * n_relevant + [False] * rest)
    assert (r_precision(perfect, n_relevant), clicks(perfect, n_relevant)) == (1, 0)
    assert ndcg(perfect, n_relevant) == approx(1)


@given(st.lists(st.booleans(), min_size=2, max_size=60), st.integers(1, 58))
def test_more_hits_are_found_deeper_down(flags: list[bool], k: int) -> None:
    n_relevant = max(sum(flags), 1)
    found = [recall(np.array(flags), n_relevant, depth) * min(depth, n_relevant) for depth in (k, k + 1)]
    assert found[1] >= found[0] - 1e-9


def test_the_interval_is_over_playlists_and_not_over_draws() -> None:
    # Two playlists, a thousand draws each: as draws, the mean would be sharp; as playlists, it is anything between.
    values = np.repeat([0.0, 1.0], 1000)
    low, high = bootstrap_interval(values, np.repeat([0, 1], 1000), seed=0)
    assert (low, high) == (0, 1)
