"""What every answer keeps to, whatever was asked."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.answers import Answerer
from model.contract import Answer, ModelVersion, Request
from model.lookup import Lookup
from model.recommender import Recommender
from tests.worlds import World

METAL = ["metal004", "metal009", "metal014", "metal019", "metal024"]

REQUESTS: dict[str, dict[str, Any]] = {
    "five seeds": {"seed_track_ids": METAL},
    "one seed": {"seed_track_ids": ["folk000"]},
    "a whole playlist": {"seed_track_ids": [f"disco{i:03d}" for i in range(25)], "k": 5},
    "two tastes": {"seed_track_ids": ["folk004", "folk005", "metal004", "metal005", "metal006"]},
    "k beyond the catalog": {"seed_track_ids": METAL, "k": 100_000, "max_per_artist": 0},
    "k zero": {"seed_track_ids": METAL, "k": 0},
    "k negative": {"seed_track_ids": METAL, "k": -3},
    "no seeds": {"seed_track_ids": []},
    "unknown seeds only": {"seed_track_ids": ["nope", "", " ", "x" * 10_000, "\x00", "한국"]},
    "unknown and known": {"seed_track_ids": ["nope", "metal004"]},
    "repeated seeds": {"seed_track_ids": ["metal004", "metal004", "spotify:track:metal004"]},
    "another version of a seed": {"seed_track_ids": ["metal001", "metal000"]},
    "seed without features": {"seed_track_ids": ["metal039"]},
    "seeds from outside": {"seed_track_ids": ["out"], "seed_features": {"out": {"energy": 0.9, "tempo": 160}}},
    "outside seed without numbers": {"seed_track_ids": ["out"], "seed_features": {"out": {"energy": math.nan}}},
    "outside seed with absurd numbers": {
        "seed_track_ids": ["out"],
        "seed_features": {"out": {"energy": 1e300, "tempo": -math.inf, "loudness": 1e30, "nonsense": 1}},
    },
    "wishes that are not numbers": {
        "seed_track_ids": METAL,
        "min": {"energy": math.nan},
        "max": {"energy": math.inf},
        "target": {"tempo": -math.inf, "nonsense": 3},
        "popularity": math.nan,
        "diversity": math.nan,
        "temperature": math.nan,
    },
    "dials beyond their range": {"seed_track_ids": METAL, "popularity": 9, "diversity": -5, "temperature": 1e9},
    "all dials": {
        "seed_track_ids": METAL,
        "negative_track_ids": ["folk004", "nope", "metal030"],
        "exclude_track_ids": ["metal020", "nope"],
        "exclude_artists": ["THE METAL 1", "disco-artist2", "nobody"],
        "min": {"energy": 0.2, "release_year": 1900},
        "max": {"tempo": 200.0},
        "target": {"valence": 0.5, "key": 11, "popularity": 50},
        "allow_explicit": False,
        "max_per_artist": 1,
        "popularity": -0.5,
        "diversity": 0.5,
        "temperature": 0.5,
        "random_seed": -4,
        "explain": True,
    },
    "filters that leave nothing": {"seed_track_ids": METAL, "min": {"energy": 2.0}},
    "explained": {"seed_track_ids": [*METAL, "folk039"], "explain": True, "k": 200},
    "explained, from outside": {
        "seed_track_ids": ["out"],
        "seed_features": {"out": {"energy": 0.9}},
        "explain": True,
    },
}

every_request = pytest.mark.parametrize("request_", [Request(**fields) for fields in REQUESTS.values()], ids=REQUESTS)


def ids(answer: Answer) -> list[str]:
    return [track.track_id for track in answer.tracks]


@every_request
def test_no_seed_and_no_version_of_a_seed_comes_back(answerer: Answerer, world: World, request_: Request) -> None:
    song = world.catalog.set_index("track_id")["canonical_id"]
    seeds = {song[seed.removeprefix("spotify:track:")] for seed in request_.seed_track_ids if seed in song}
    assert not seeds & set(song[ids(answerer.answer(request_))])


@every_request
def test_no_song_comes_twice(answerer: Answerer, world: World, request_: Request) -> None:
    song = world.catalog.set_index("track_id")["canonical_id"]
    songs = song[ids(answerer.answer(request_))]
    assert songs.is_unique


@every_request
def test_ranks_count_from_one_and_never_beyond_k(answerer: Answerer, request_: Request) -> None:
    ranks = [track.rank for track in answerer.answer(request_).tracks]
    assert ranks == list(range(1, len(ranks) + 1))
    assert len(ranks) <= max(request_.k, 0)


@every_request
def test_scores_fall_unless_something_reorders(answerer: Answerer, request_: Request) -> None:
    reordered = request_.diversity > 0 or request_.temperature > 0
    scores = [track.score for track in answerer.answer(request_).tracks]
    assert reordered or scores == sorted(scores, reverse=True)


@every_request
def test_the_answer_is_valid_json_without_nan_and_matches_the_contract(answerer: Answerer, request_: Request) -> None:
    answer = answerer.answer(request_)
    text = json.dumps(answer.model_dump(), allow_nan=False)
    assert Answer.model_validate(json.loads(text), strict=True) == answer


@every_request
def test_every_seed_gets_a_status_in_the_order_asked(answerer: Answerer, request_: Request) -> None:
    assert [seed.track_id for seed in answerer.answer(request_).seeds] == request_.seed_track_ids


@every_request
def test_a_short_answer_says_why(answerer: Answerer, request_: Request) -> None:
    answer = answerer.answer(request_)
    if len(answer.tracks) < request_.k or request_.k < 1:
        assert answer.message


@every_request
def test_the_same_request_gets_the_same_answer(answerer: Answerer, request_: Request) -> None:
    assert answerer.answer(request_) == answerer.answer(request_)


@every_request
def test_a_reloaded_recommender_gives_the_same_answer(
    answerer: Answerer, recommender: Recommender, request_: Request, tmp_path: Path
) -> None:
    recommender.save(tmp_path)
    reloaded = Answerer(Recommender.load(tmp_path), ModelVersion(name="quintet", version="7"))
    assert reloaded.answer(request_) == answerer.answer(request_)


@every_request
def test_pool_sizes_add_up(answerer: Answerer, request_: Request) -> None:
    pool = answerer.answer(request_).pool
    assert pool.initial - sum(pool.removed.values()) == pool.after_filtering


def test_twenty_metal_tracks_for_metal_seeds(answerer: Answerer, world: World) -> None:
    answer = answerer.answer(Request(seed_track_ids=METAL))
    assert [world.genre[track] for track in ids(answer)] == ["metal"] * 20


def test_seed_statuses_tell_what_became_of_each(answerer: Answerer) -> None:
    seeds = ["metal004", "nope", "spotify:track:metal001", "https://open.spotify.com/track/metal000?si=1", "folk039"]
    answer = answerer.answer(Request(seed_track_ids=seeds))
    assert [seed.status for seed in answer.seeds] == ["used", "unknown", "used", "duplicate", "no_features"]
    assert answer.seeds[2].title == "Metal Song 0 - Live"


def test_an_outside_seed_with_features_is_used_like_any_other(answerer: Answerer, world: World) -> None:
    by_id = world.catalog.set_index("track_id")
    names = ("energy", "acousticness", "tempo", "mode", "loudness")
    features = {name: float(by_id[name]["folk004"]) for name in names}
    request = Request(seed_track_ids=["out"], seed_features={"out": features}, k=10)
    answer = answerer.answer(request)
    assert answer.seeds[0].status == "used"
    assert {world.genre[track] for track in ids(answer)} == {"folk"}


def test_features_given_for_a_catalog_track_that_has_none_are_used(answerer: Answerer) -> None:
    request = Request(seed_track_ids=["metal039"], seed_features={"metal039": {"energy": 0.25}})
    answer = answerer.answer(request)
    assert answer.seeds[0].status == "used"
    assert answer.profile == {"energy": 0.25}


def test_the_profile_is_the_mean_of_the_seeds_in_their_own_units(answerer: Answerer, world: World) -> None:
    answer = answerer.answer(Request(seed_track_ids=["folk004", "folk005", "folk039"]))
    tempo = world.catalog.set_index("track_id")["tempo"]
    assert answer.profile["tempo"] == pytest.approx((tempo["folk004"] + tempo["folk005"]) / 2, rel=1e-6)


def test_numbers_come_without_the_tail_of_float32(answerer: Answerer, world: World) -> None:
    answer = answerer.answer(Request(seed_track_ids=METAL, k=1))
    energy = world.catalog.set_index("track_id")["energy"][answer.tracks[0].track_id]
    assert str(answer.tracks[0].features["energy"]) == str(energy)


def test_an_emptied_pool_names_the_filter_that_did_it(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=METAL, min={"energy": 0.5, "tempo": 500.0}))
    assert answer.tracks == []
    assert answer.message is not None
    assert f"min.tempo removed {answer.pool.removed['min.tempo']}" in answer.message


def test_a_wish_that_makes_no_sense_is_named_in_the_message(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=METAL, min={"energy": math.nan}, target={"groove": 1.0}))
    assert len(answer.tracks) == 20
    assert answer.message is not None
    assert "min.energy was ignored" in answer.message and "target.groove was ignored" in answer.message


def test_every_answer_says_which_version_gave_it(answerer: Answerer) -> None:
    assert answerer.answer(Request(seed_track_ids=[])).model == ModelVersion(name="quintet", version="7")


def test_a_catalog_whose_texts_come_in_pieces_is_read_like_any_other(world: World) -> None:
    half = len(world.catalog) // 2
    pieces = pd.concat([world.catalog.iloc[:half], world.catalog.iloc[half:]], ignore_index=True)
    rows = np.array([0, half, len(pieces) - 1])
    assert Lookup(pieces).texts(rows) == Lookup(world.catalog).texts(rows)
    assert Lookup(pieces).texts(rows)["title"] == world.catalog["title"].iloc[rows].tolist()


def test_texts_of_any_script_and_missing_ones_are_as_in_the_catalog(world: World) -> None:
    catalog = world.catalog.iloc[:4].assign(
        title=["사랑", "", "Für Elise", "🎵"], isrc=pd.array(["KR1", None, "", None], "string")
    )
    lookup = Lookup(catalog)
    assert lookup.text("title", np.array([3, 0, 1, 2, 0])) == ["🎵", "사랑", "", "Für Elise", "사랑"]
    assert lookup.text("isrc", np.arange(4)) == ["KR1", None, "", None]
    assert Lookup(catalog.assign(isrc=None)).text("isrc", np.array([2])) == [None]
