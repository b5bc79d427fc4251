"""Seeds of several tastes are told apart, and their lists dealt out fairly."""

import numpy as np
from numpy.typing import NDArray

from model.tastes import MAX_TASTES, cut, deal, tastes


def blobs(*sizes: int, apart: float = 10.0, seed: int = 0) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    centres = apart * np.eye(len(sizes), 8)
    return np.concatenate(
        [centre + rng.normal(0, 0.5, (n, 8)) for centre, n in zip(centres, sizes, strict=True)]
    ).astype(np.float32)


def test_two_far_groups_are_two_tastes_the_larger_first() -> None:
    assert [group.tolist() for group in tastes(blobs(2, 3), threshold=20)] == [[2, 3, 4], [0, 1]]


def test_one_group_is_one_taste() -> None:
    assert [group.tolist() for group in tastes(blobs(5), threshold=20)] == [[0, 1, 2, 3, 4]]


def test_a_single_odd_seed_is_no_taste() -> None:
    odd_one_out = cut(blobs(1, 3))[0]
    two_and_two = cut(blobs(2, 2))[0]
    assert odd_one_out < two_and_two
    assert len(tastes(blobs(1, 2), threshold=0)) == 1


def test_many_seeds_are_cut_as_few_are() -> None:
    assert [len(group) for group in tastes(blobs(30, 12), threshold=20)] == [30, 12]


def test_there_are_never_more_tastes_than_the_limit() -> None:
    assert len(tastes(blobs(3, 3, 3, 3, 3, 3), threshold=1)) == MAX_TASTES


def test_every_stretch_holds_the_lists_in_proportion() -> None:
    first, second = np.arange(30), np.arange(100, 130)
    merged = np.concatenate([first, second])[deal([first, second], [3, 2])]
    for end in (5, 10, 20):
        assert (merged[:end] < 100).sum() == end * 3 / 5


def test_an_item_of_both_lists_comes_once() -> None:
    lists = [np.array([1, 2, 3]), np.array([3, 1, 4])]
    assert np.concatenate(lists)[deal(lists, [1, 1])].tolist() == [1, 3, 2, 4]
