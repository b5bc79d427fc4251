"""Stage one: exact cosine, and candidates for every taste among the seeds."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.phrases import FEATURES
from model.profiles import unit_rows
from model.recommender import Query, Recommender
from model.retrieval import CandidateIndex, best_first
from tests.worlds import World


def units(n: int, seed: int) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).standard_normal((n, 12)).astype(np.float32))


def test_the_index_finds_what_brute_force_finds() -> None:
    rows, queries = units(500, 1), units(20, 2)
    expected = np.argsort(-(queries @ rows.T), axis=1, kind="stable")[:, :50]
    found = CandidateIndex(rows).nearest(queries, 50)
    assert [row.tolist() for row in found] == expected.tolist()


def test_the_index_finds_only_what_is_allowed() -> None:
    rows, queries = units(500, 1), units(3, 2)
    allowed = np.random.default_rng(3).random(500) < 0.1
    cosines = np.where(allowed, queries @ rows.T, -2)
    found = CandidateIndex(rows).nearest(queries, 20, allowed)
    assert [row.tolist() for row in found] == np.argsort(-cosines, axis=1)[:, :20].tolist()


@pytest.mark.parametrize("n_forbidden", [1, 5, 100, 101])
def test_a_few_forbidden_rows_are_left_out_as_many_are(n_forbidden: int) -> None:
    rows, queries = units(500, 1), units(3, 2)
    cosines = queries @ rows.T
    allowed = np.ones(500, bool)
    allowed[np.argsort(-cosines[0])[:n_forbidden]] = False
    expected = np.argsort(-np.where(allowed, cosines, -2), axis=1)[:, :20]
    assert [row.tolist() for row in CandidateIndex(rows).nearest(queries, 20, allowed)] == expected.tolist()


@pytest.mark.parametrize("k", [1, 2, 30, 99, 100, 200])
def test_the_best_come_first_and_ties_in_their_order(k: int) -> None:
    scores = np.random.default_rng(4).integers(0, 10, 100).astype(np.float32)
    assert best_first(scores, k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    allowed = np.zeros(30, bool)
    allowed[[4, 7]] = True
    assert sorted(CandidateIndex(units(30, 1)).nearest(units(1, 2), 10, allowed)[0].tolist()) == [4, 7]


def rows_of(recommender: Recommender, ids: list[str]) -> NDArray[np.int64]:
    track_ids = recommender.catalog["track_id"].tolist()
    return np.array([track_ids.index(track_id) for track_id in ids])


def test_two_tastes_among_the_seeds_are_both_served(recommender: Recommender, world: World) -> None:
    seeds = rows_of(recommender, ["metal005", "metal011", "folk005", "folk011", "folk017"])
    top = recommender.rank(Query(seeds)).rows[:20]
    genres = [world.genre[recommender.catalog["track_id"].iloc[row]] for row in top]
    assert genres.count("metal") >= 3
    assert genres.count("folk") >= 3


def test_no_candidate_is_a_seed_or_another_version_of_one(recommender: Recommender) -> None:
    seeds = rows_of(recommender, ["metal001", "metal005"])  # metal001 is the live version of metal000
    ranked = recommender.catalog["track_id"].iloc[recommender.rank(Query(seeds)).rows].tolist()
    assert not {"metal000", "metal001", "metal005"} & set(ranked)


def test_a_song_whose_canonical_version_is_not_allowed_is_shown_by_one_that_is(recommender: Recommender) -> None:
    allowed = np.ones(len(recommender.catalog), bool)
    allowed[rows_of(recommender, ["metal000"])] = False
    ranking = recommender.rank(Query(rows_of(recommender, ["metal005"]), allowed=allowed))
    ranked = recommender.catalog["track_id"].iloc[ranking.rows].tolist()
    assert "metal001" in ranked
    assert "metal000" not in ranked


def test_a_seed_known_by_its_sound_alone_finds_its_like(recommender: Recommender, world: World) -> None:
    sound = recommender.catalog.iloc[rows_of(recommender, ["disco007"])]
    features = sound.loc[:, "danceability":"duration_ms"].to_numpy(np.float32)
    ranking = recommender.rank(Query(np.empty(0, np.int64), features))
    genres = [world.genre[recommender.catalog["track_id"].iloc[row]] for row in ranking.rows[:10]]
    assert genres.count("disco") >= 8


@pytest.mark.parametrize("ids", [["disco003", "disco009"], ["metal005", "metal011", "folk005", "folk011", "folk017"]])
def test_each_track_keeps_the_features_it_was_scored_by(recommender: Recommender, ids: list[str]) -> None:
    ranking = recommender.rank(Query(rows_of(recommender, ids)))
    dates = recommender.knowledge.tracks.date[recommender.knowledge.tracks.item_of_row[ranking.rows]]
    places = np.arange(len(dates))[::-2]
    assert ranking.features_of(places)[:, FEATURES.index("date")].tolist() == dates[places].tolist()


def test_scores_fall_and_features_are_finite_or_missing(recommender: Recommender) -> None:
    ranking = recommender.rank(Query(rows_of(recommender, ["disco003", "disco009", "disco012"])))
    assert (np.diff(ranking.scores) <= 0).all()
    assert np.isfinite(ranking.scores).all()
    assert not np.isinf(ranking.features).any()


def test_a_loaded_recommender_searches_the_files_that_were_saved(recommender: Recommender, tmp_path: Path) -> None:
    recommender.save(tmp_path)
    loaded = Recommender.load(tmp_path)
    query = Query(rows_of(recommender, ["disco003", "disco009"]))
    assert loaded.rank(query).scores.tolist() == recommender.rank(query).scores.tolist()
    assert loaded.catalog.equals(recommender.catalog)
    file = np.load(tmp_path / "style_units.npy", mmap_mode="r+")
    file[:] = 0
    file.flush()
    assert not loaded.knowledge.style_units.any()
