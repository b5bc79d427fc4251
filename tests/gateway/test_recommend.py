from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel


@pytest.fixture(scope="module")
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


@pytest.fixture(scope="module")
def gateway(stub: StubModel) -> Iterator[httpx.Client]:
    with running_gateway(model_urls=(stub.url,)) as client:
        yield client


def test_five_seeds_come_back_as_ranked_tracks(gateway: httpx.Client) -> None:
    response = gateway.post("/recommend_ranked", json={"seed_track_ids": ["a", "b", "c", "d", "e"], "k": 3})
    answer = response.json()
    assert response.status_code == 200
    assert [track["rank"] for track in answer["tracks"]] == [1, 2, 3]
    assert [seed["status"] for seed in answer["seeds"]] == ["used"] * 5
    assert answer["model"] == {"name": "quintet", "version": "7"}
    assert answer["request_id"] == response.headers["X-Request-ID"]
    assert answer["profile"]["danceability"] == 0.5
