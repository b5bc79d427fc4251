import socket

import pytest

from frontend.gateway_client import (
    Busy,
    GatewayBroken,
    GatewayClient,
    GatewayDown,
    GatewayProblem,
    ModelDown,
    ModelSlow,
    NoCatalog,
    NotAllowed,
    Refused,
)
from tests.frontend.stub_gateway import StubGateway


@pytest.fixture
def client(gateway: StubGateway) -> GatewayClient:
    return GatewayClient(gateway.url + "/")


def test_search_finds_what_the_gateway_finds(client: GatewayClient) -> None:
    hits = client.search("amber folk", limit=3)
    assert hits.source == "catalog"
    assert all("Amber Folk" in hit.title and hit.in_catalog for hit in hits.tracks)


def test_recommend_reads_tracks_profile_and_the_filters_toll(client: GatewayClient) -> None:
    playlist = client.recommend({"seed_track_ids": ["track0", "nobody"], "k": 5, "min": {"energy": 0.4}})
    assert [track.rank for track in playlist.tracks] == [1, 2, 3, 4, 5]
    assert [seed.status for seed in playlist.seeds] == ["used", "unknown"]
    assert playlist.profile["energy"] == pytest.approx(0.2)
    assert playlist.removed["min.energy"] > 0
    why = playlist.tracks[0].why
    assert why is not None
    assert why.nearest_seed == "track0"
    assert playlist.tracks[0].duration_ms is not None


def test_feedback_names_request_track_and_event(client: GatewayClient, gateway: StubGateway) -> None:
    client.feedback("request1", "track7", "like")
    assert gateway.asked == [("/feedback", {"request_id": "request1", "track_id": "track7", "event": "like"})]


@pytest.mark.parametrize(
    ("status", "code", "problem"),
    [
        (503, "model_unavailable", ModelDown),
        (503, "not_ready", ModelDown),
        (502, "model_error", ModelDown),
        (504, "model_timeout", ModelSlow),
        (503, "overloaded", Busy),
        (503, "catalog_unavailable", NoCatalog),
        (401, "unauthorized", NotAllowed),
        (422, "unknown_seeds", Refused),
        (500, "internal_error", GatewayBroken),
    ],
)
def test_each_error_of_the_gateway_has_its_own_meaning(
    client: GatewayClient, gateway: StubGateway, status: int, code: str, problem: type[GatewayProblem]
) -> None:
    gateway.fault = (status, code)
    with pytest.raises(problem, match=f"told to say {code}"):
        client.recommend({"seed_track_ids": ["track0"]})


def test_nobody_at_the_address_is_a_gateway_that_is_down() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(GatewayDown):
        GatewayClient(f"http://127.0.0.1:{port}").health()


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b'{"tracks": []}', b'{"source": "x", "tracks": [3]}'])
def test_an_answer_that_is_none_is_a_broken_gateway(client: GatewayClient, gateway: StubGateway, body: bytes) -> None:
    gateway.raw = body
    with pytest.raises(GatewayBroken):
        client.search("amber")


def test_an_error_in_another_shape_is_a_broken_gateway(client: GatewayClient, gateway: StubGateway) -> None:
    gateway.fault, gateway.raw = (500, "internal_error"), b"Internal Server Error"
    with pytest.raises(GatewayBroken):
        client.search("amber")
