"""Playlists to queries."""

import numpy as np
import pandas as pd

from model.splits import MIN_RELEVANT, draw, folds, playlist_items, split

NAMES = [f"playlist{i}" for i in range(2000)]


def test_the_parts_are_seventy_ten_and_twenty_percent() -> None:
    cut = split(NAMES, seed=0)
    assert np.allclose([len(cut.train), len(cut.valid), len(cut.test)], [1400, 200, 400], atol=60)
    assert sorted([*cut.train, *cut.valid, *cut.test]) == list(range(2000))


def test_a_playlist_keeps_its_part_when_others_come_and_go() -> None:
    cut, fewer = split(NAMES, seed=0), split(NAMES[1000:], seed=0)
    assert set(fewer.test + 1000) <= set(cut.test)
    assert set(fewer.train + 1000) <= set(cut.train)


def test_another_seed_is_another_split() -> None:
    assert split(NAMES, seed=0).test.tolist() != split(NAMES, seed=1).test.tolist()


def test_folds_share_out_all_playlists() -> None:
    dealt = folds(np.arange(10, 33), 5, seed=0)
    assert sorted(np.concatenate(dealt).tolist()) == list(range(10, 33))
    assert {len(fold) for fold in dealt} == {4, 5}


def test_versions_of_a_song_count_once_and_unknown_tracks_not_at_all() -> None:
    playlists = pd.DataFrame(
        {"playlist_id": ["a"] * 4 + ["b"], "position": [3, 1, 2, 4, 0], "track_id": ["x", "x-live", "y", "?", "y"]}
    )
    lists = playlist_items(playlists, {"x": 0, "x-live": 0, "y": 1}, smallest=1)
    assert {name: items.tolist() for name, items in lists.items()} == {"a": [0, 1], "b": [1]}
    assert list(playlist_items(playlists, {"x": 0, "x-live": 0, "y": 1}, smallest=2)) == ["a"]


def test_seeds_and_wanted_tracks_share_nothing_and_leave_nothing_out() -> None:
    items = [np.arange(100, 120)]
    for task in draw(items, np.array([0]), [1, 3, 5, 10], seed=0):
        assert sorted([*task.seeds, *task.wanted]) == list(range(100, 120))


def test_a_draw_that_leaves_too_few_wanted_tracks_is_not_made() -> None:
    items = [np.arange(10 + MIN_RELEVANT - 1)]
    assert [len(task.seeds) for task in draw(items, np.array([0]), [10, 5], seed=0)] == [5]


def test_a_playlists_draws_do_not_depend_on_the_others() -> None:
    items = [np.arange(20), np.arange(30)]
    alone = draw(items, np.array([1]), [5], seed=3)[0]
    among = draw(items, np.array([0, 1]), [5], seed=3)[1]
    assert alone.seeds.tolist() == among.seeds.tolist()
