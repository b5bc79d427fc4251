"""What `make bench` measures in its own process; how long anything takes is no test's business."""

from itertools import islice

from benchmarks import core
from benchmarks.queries import K, requests, seed_rows
from benchmarks.rivals import Script
from benchmarks.times import Times
from model.recommender import Recommender


def test_no_request_comes_twice(recommender: Recommender) -> None:
    asked = [frozenset(request.seed_track_ids) for request in islice(requests(recommender, seed=3), 200)]
    assert len(set(asked)) == 200
    assert {len(seeds) for seeds in asked} == {5}


def test_every_stage_and_both_parts_of_the_floor_are_seen(recommender: Recommender) -> None:
    measured = core.measure(recommender, 3)
    assert all(min(times.ms) > 0 for times in measured.values())
    assert set(measured) == {
        *("core", "floor", "floor: FAISS", "floor: LightGBM"),
        *(f"stage: {stage}" for stage in ("profile", "retrieval", "features", "ranking", "selection")),
    }


def test_the_classic_script_answers_with_other_tracks_than_the_seeds(recommender: Recommender) -> None:
    rows = next(seed_rows(recommender, seed=4))
    answer = Script(recommender).answer(rows)
    assert isinstance(answer, list)
    assert len(answer) == K
    assert not {track["track_id"] for track in answer} & set(recommender.catalog["track_id"].iloc[rows])


def test_centiles_are_of_the_right_times() -> None:
    times = Times.of([(float(i), 10.0 * i) for i in range(101)])
    assert (times.p50, times.p99, times.cpu_p50, times.rate) == (50, 99, 500, 20)
