"""Seeds outside the catalog, whose audio features ReccoBeats knows; and a ReccoBeats that is slow, strict or wrong."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.gateway.catalogs import HALO
from tests.gateway.conftest import MatrixRow, timed
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel, hang
from tests.gateway.stub_reccobeats import StubReccoBeats, entry

FEATURES = {
    "acousticness": 0.1, "danceability": 0.6, "energy": 0.7, "instrumentalness": 0.0, "key": 5, "liveness": 0.1,
    "loudness": -6.5, "mode": 1, "speechiness": 0.05, "tempo": 120.5, "valence": 0.4,
}  # fmt: skip


def track_id(number: int, end: str = "a") -> str:
    """An id of Spotify's form that no catalog has."""
    return f"outside{number:014d}{end}"


_numbers = itertools.count(1000)


@pytest.fixture
def outside() -> str:
    """An id that was never asked for before, because answers are remembered."""
    return track_id(next(_numbers))


@pytest.fixture(scope="module")
def model() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


@pytest.fixture(scope="module")
def shared_reccobeats() -> Iterator[StubReccoBeats]:
    with StubReccoBeats() as stub:
        yield stub


@pytest.fixture
def reccobeats(shared_reccobeats: StubReccoBeats) -> StubReccoBeats:
    shared_reccobeats.asked, shared_reccobeats.answer = [], shared_reccobeats.well
    return shared_reccobeats


@contextmanager
def asking(reccobeats: StubReccoBeats, model: StubModel, **values: Any) -> Iterator[httpx.Client]:
    settings = {"features_provider": "reccobeats", "reccobeats_url": reccobeats.url, "model_urls": (model.url,)}
    with running_gateway(**(settings | values)) as client:
        yield client


@pytest.fixture(scope="module")
def gateway(shared_reccobeats: StubReccoBeats, model: StubModel) -> Iterator[httpx.Client]:
    with asking(shared_reccobeats, model) as client:
        yield client


def recommend(gateway: httpx.Client, *seeds: str, **wish: Any) -> httpx.Response:
    return gateway.post("/recommend_ranked", json={"seed_track_ids": list(seeds), "k": 2, **wish})


def test_the_features_of_a_seed_outside_the_catalog_reach_the_model(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel, outside: str
) -> None:
    assert recommend(gateway, HALO, outside, f"{outside[:-1]}x").status_code == 200
    assert reccobeats.asked == [[outside, f"{outside[:-1]}x"]]
    assert model.requests[-1]["seed_features"] == {outside: FEATURES}


def test_the_drop_in_asks_too(gateway: httpx.Client, model: StubModel, outside: str) -> None:
    gateway.get("/v1/recommendations", params={"seed_tracks": outside})
    assert model.requests[-1]["seed_features"] == {outside: FEATURES}


def test_nobody_is_asked_by_default(reccobeats: StubReccoBeats, model: StubModel, outside: str) -> None:
    with running_gateway(reccobeats_url=reccobeats.url, model_urls=(model.url,)) as gateway:
        recommend(gateway, outside)
    assert reccobeats.asked == []
    assert "seed_features" not in model.requests[-1]


def test_features_that_the_caller_gave_are_not_asked_for(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel, outside: str
) -> None:
    recommend(gateway, outside, seed_features={outside: {"energy": 0.5}})
    assert reccobeats.asked == []
    assert model.requests[-1]["seed_features"] == {outside: {"energy": 0.5}}


def test_ids_that_are_not_spotifys_are_not_asked_for(gateway: httpx.Client, reccobeats: StubReccoBeats) -> None:
    recommend(gateway, "my-own-id", "a,b", "ünïcödé" * 3)
    assert reccobeats.asked == []


def test_a_hundred_seeds_are_asked_for_forty_at_a_time(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel
) -> None:
    seeds = [track_id(number) for number in range(100)]
    recommend(gateway, *seeds)
    assert sorted(map(len, reccobeats.asked)) == [20, 40, 40]
    assert sorted(model.requests[-1]["seed_features"]) == seeds


def test_a_known_track_is_asked_for_once(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel, outside: str
) -> None:
    recommend(gateway, outside)
    recommend(gateway, outside)
    assert reccobeats.asked == [[outside]]
    assert model.requests[-1]["seed_features"] == {outside: FEATURES}


def test_an_entry_is_joined_by_its_address_not_by_its_id(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel, outside: str
) -> None:
    foreign = entry(track_id(7))
    reccobeats.answer = lambda ids: (200, {}, {"content": [foreign | {"id": outside}, entry(outside, energy=0.9)]})
    recommend(gateway, outside)
    assert model.requests[-1]["seed_features"] == {outside: FEATURES | {"energy": 0.9}}


@pytest.mark.parametrize("wrong", [-0.1, 1.5, "0.5", None, True, [], float("nan"), float("inf")])
def test_a_value_that_cannot_be_is_left_out(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel, wrong: object, outside: str
) -> None:
    reccobeats.answer = lambda ids: (200, {}, {"content": [entry(outside, energy=wrong, tempo=0, time_signature=4)]})
    recommend(gateway, outside)
    expected = {name: value for name, value in FEATURES.items() if name not in ("energy", "tempo")}
    assert model.requests[-1]["seed_features"] == {outside: expected}


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, "<html>"),
        (200, {}, "[]"),
        (200, {}, '{"content": {}}'),
        (200, {}, '{"content": [1, null, {}, {"href": 5}, {"href": "https://open.spotify.com/album/1"}]}'),
        (200, {}, "[" * 100_000),
        (302, {"Location": "/v1/audio-features?ids=elsewhere"}, ""),
        (400, {}, {"error": "bad"}),
        (500, {}, "boom"),
    ],
)
def test_an_answer_of_no_use_leaves_the_seed_without_features(
    gateway: httpx.Client, reccobeats: StubReccoBeats, model: StubModel, answer: Any, outside: str
) -> None:
    reccobeats.answer = lambda ids: answer
    assert recommend(gateway, outside).status_code == 200
    assert "seed_features" not in model.requests[-1]
    assert len(reccobeats.asked) == 1


@pytest.mark.parametrize("retry_after", ["86400", "soon", ""])
def test_after_a_429_nobody_is_asked_for_a_while_and_nobody_waits(
    reccobeats: StubReccoBeats, model: StubModel, retry_after: str, matrix_row: MatrixRow, outside: str
) -> None:
    reccobeats.answer = lambda ids: (429, {"Retry-After": retry_after}, {"error": "slow down"})
    with asking(reccobeats, model) as gateway:
        first, first_ms = timed(lambda: recommend(gateway, outside))
        second, second_ms = timed(lambda: recommend(gateway, outside), within_ms=500)
    assert (first.status_code, second.status_code) == (200, 200)
    assert len(reccobeats.asked) == 1
    assert first_ms < 800  # FEATURES_DEADLINE_S, which waiting would have used up
    assert second_ms < 500
    if retry_after == "86400":
        matrix_row(
            "ReccoBeats answers 429, Retry-After 86400",
            "recommendations without its features, no sleep, no further call",
            f"200 in {first_ms:.0f} ms, then {second_ms:.0f} ms and not asked again",
        )


def test_a_provider_that_hangs_costs_its_own_deadline_and_not_the_seeds(
    reccobeats: StubReccoBeats, model: StubModel, matrix_row: MatrixRow, outside: str
) -> None:
    reccobeats.answer = reccobeats.hang
    with asking(reccobeats, model, features_deadline_s=0.3) as gateway:
        response, ms = timed(lambda: recommend(gateway, HALO, outside))
    assert response.status_code == 200
    assert 300 <= ms < 700
    matrix_row(
        "ReccoBeats hangs",
        "an answer without its features after FEATURES_DEADLINE_S (here 0.3 s)",
        f"200 in {ms:.0f} ms",
    )


def test_what_came_before_the_deadline_is_used(reccobeats: StubReccoBeats, model: StubModel) -> None:
    reccobeats.answer = lambda ids: reccobeats.hang(ids) if len(ids) < 40 else reccobeats.well(ids)
    with asking(reccobeats, model, features_deadline_s=0.5) as gateway:
        recommend(gateway, *(track_id(number) for number in range(41)))
    assert len(model.requests[-1]["seed_features"]) == 40


def test_a_provider_and_a_model_that_hang_share_one_deadline(reccobeats: StubReccoBeats, outside: str) -> None:
    reccobeats.answer = reccobeats.hang
    with StubModel(hang) as model, asking(reccobeats, model, model_deadline_s=0.8, features_deadline_s=0.5) as gateway:
        response, ms = timed(lambda: recommend(gateway, outside))
    assert response.status_code == 504
    assert ms < 900


def test_a_failure_is_counted(reccobeats: StubReccoBeats, model: StubModel, outside: str) -> None:
    reccobeats.answer = lambda ids: (500, {}, "boom")
    with asking(reccobeats, model) as gateway:
        recommend(gateway, outside)
        metrics = gateway.get("/metrics").text
    assert 'quintet_upstream_errors_total{kind="error",upstream="reccobeats"} 1.0' in metrics
