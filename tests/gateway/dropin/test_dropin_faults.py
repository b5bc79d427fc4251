"""The drop-in when something behind it is broken: Spotify's error shape, and what spotipy makes of it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import spotipy

from gateway.catalog import Catalog
from tests.gateway.dropin.conftest import client_of, message_of
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import TRACE, Behaviour, StubModel, hang, reset, says, trace

pytestmark = pytest.mark.filterwarnings("ignore:You're using:DeprecationWarning")  # spotipy, of what Spotify removed
SEED = "demoG28YEo32BcXmNnWucr"


@pytest.fixture
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


@pytest.fixture
def gateway(tables: Path, stub: StubModel) -> Iterator[httpx.Client]:
    settings = {"model_deadline_s": 0.5, "breaker_failures": 100}
    with running_gateway(catalog_path=tables / "catalog.db", model_urls=(stub.url,), **settings) as client:
        yield client


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [(hang, 504), (reset, 503), (trace, 502), (says("<html>"), 502), (says('{"predictions": [{"tracks": NaN}]}'), 502)],
)
def test_a_broken_model_is_a_5xx_in_spotifys_shape_without_its_words(
    gateway: httpx.Client, stub: StubModel, behaviour: Behaviour, status: int
) -> None:
    stub.behaviour = behaviour
    response = gateway.get("/v1/recommendations", params={"seed_tracks": SEED})
    assert response.status_code == status
    assert message_of(response) not in TRACE


def test_look_ups_do_not_need_the_model(gateway: httpx.Client, stub: StubModel, catalog: Catalog) -> None:
    stub.die()
    (track,) = catalog.random(1, 0)
    for path in (f"tracks/{track.track_id}", f"audio-features/{track.track_id}", "search?type=track&q=halo"):
        assert gateway.get(f"/v1/{path}").status_code == 200


def test_spotipys_retries_bridge_a_model_that_is_away_for_a_second(gateway: httpx.Client, stub: StubModel) -> None:
    sp = client_of(gateway)
    port = stub.port
    stub.die()
    back = threading.Timer(1.0, stub.start, [port])
    back.start()
    try:
        assert len(sp.recommendations(seed_tracks=[SEED])["tracks"]) == 20
    finally:
        back.join()


def test_spotipy_gives_up_after_four_calls_and_three_seconds_when_the_model_stays_away(
    gateway: httpx.Client, stub: StubModel
) -> None:
    sp = client_of(gateway)
    stub.die()
    started = time.monotonic()
    with pytest.raises(spotipy.SpotifyException) as error:
        sp.recommendations(seed_tracks=[SEED])
    assert time.monotonic() - started < 5
    assert (error.value.http_status, str(error.value.reason)) == (429, "too many 503 error responses")
    assert 'route="/v1/recommendations",status="503"} 4.0' in gateway.get("/metrics").text


def test_spotipy_shows_the_reason_when_it_is_told_not_to_hide_it(gateway: httpx.Client, stub: StubModel) -> None:
    sp = client_of(gateway, status_forcelist=[429])
    stub.die()
    with pytest.raises(spotipy.SpotifyException, match="the model server cannot be reached") as error:
        sp.recommendations(seed_tracks=[SEED])
    assert error.value.http_status == 503


def test_a_refused_request_is_not_retried(gateway: httpx.Client) -> None:
    sp = client_of(gateway)
    with pytest.raises(spotipy.SpotifyException, match="limit") as error:
        sp.recommendations(seed_tracks=[SEED], limit=101)
    assert error.value.http_status == 400
    assert 'route="/v1/recommendations",status="400"} 1.0' in gateway.get("/metrics").text


@pytest.mark.parametrize(
    "path", [f"recommendations?seed_tracks={SEED}", "tracks/x", "search?q=halo&type=track", "audio-features?ids=x"]
)
def test_without_a_catalog_every_route_says_how_to_make_one(stub: StubModel, tmp_path: Path, path: str) -> None:
    with running_gateway(model_urls=(stub.url,), catalog_path=tmp_path / "none.db") as gateway:
        response = gateway.get(f"/v1/{path}")
        assert response.status_code == 503
        assert "mlflow run . -e prepare" in message_of(response)


def test_the_bearer_token_is_the_api_key_where_there_is_one(tables: Path, stub: StubModel) -> None:
    settings = {"catalog_path": tables / "catalog.db", "model_urls": (stub.url,), "api_key": "long-enough-to-keep"}
    with running_gateway(**settings) as gateway:
        sp = client_of(gateway, auth="long-enough-to-keep")
        assert sp.recommendations(seed_tracks=[SEED])["tracks"]
        stranger = client_of(gateway)
        with pytest.raises(spotipy.SpotifyException, match="API key") as error:
            stranger.recommendations(seed_tracks=[SEED])
        assert error.value.http_status == 401


def test_overload_is_a_503_in_spotifys_shape(tables: Path, stub: StubModel) -> None:
    stub.behaviour = hang
    settings = {"catalog_path": tables / "catalog.db", "model_urls": (stub.url,), "max_in_flight": 1}
    with running_gateway(**settings) as gateway:
        path = f"/v1/recommendations?seed_tracks={SEED}"
        first = threading.Thread(target=gateway.get, args=[path])
        first.start()
        while not stub.requests:
            time.sleep(0.01)
        response = gateway.get(path)
        first.join()
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        assert "too many requests" in message_of(response)
