from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.catalogs import BLINDING_LIGHTS, HALO
from tests.gateway.running import running_gateway


@pytest.fixture(scope="module")
def gateway() -> Iterator[httpx.Client]:
    with running_gateway() as client:
        yield client


def ids(gateway: httpx.Client, **params: object) -> list[str]:
    return [track["track_id"] for track in gateway.get("/picks", params=params).json()["tracks"]]  # type: ignore[arg-type]


def test_genres_come_with_the_largest_first(gateway: httpx.Client) -> None:
    assert gateway.get("/genres").json() == {"genres": ["pop", "k-pop", "rock"]}
    assert gateway.get("/genres", params={"n": 1}).json() == {"genres": ["pop"]}


def test_picks_of_a_genre_are_of_that_genre(gateway: httpx.Client) -> None:
    assert sorted(ids(gateway, genre="Pop")) == sorted([BLINDING_LIGHTS, HALO])


def test_the_same_seed_gives_the_same_picks_and_seeds_differ(gateway: httpx.Client) -> None:
    draws = [ids(gateway, n=1, rng_seed=seed) for seed in range(20)]
    assert draws == [ids(gateway, n=1, rng_seed=seed) for seed in range(20)]
    assert len({track for (track,) in draws}) > 1


def test_an_unknown_genre_is_a_404_that_says_where_to_look(gateway: httpx.Client) -> None:
    response = gateway.get("/picks", params={"genre": "polka"})
    assert response.status_code == 404
    assert response.json()["error"] == "not_found"
    assert "GET /genres" in response.json()["message"]
