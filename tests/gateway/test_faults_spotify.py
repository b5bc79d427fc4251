"""Spotify refusing, failing and hanging: search answers from the local catalog, at once, and does not ask again."""

import logging
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.conftest import MatrixRow, timed
from tests.gateway.running import running_gateway
from tests.gateway.stub_spotify import Answer, StubSpotify, well


def error(status: int, message: str, reason: str | None = None, **headers: str) -> Answer:
    body = {"status": status, "message": message, **({"reason": reason} if reason else {})}
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, {"error": body}


REFUSALS = {
    "429, Retry-After 1 s": error(429, "API rate limit exceeded", Retry_After="1"),
    "429, Retry-After 86,400 s": error(429, "API rate limit exceeded", Retry_After="86400"),
    "429, Retry-After that is no number": error(429, "API rate limit exceeded", Retry_After="soon"),
    "429, QUOTA_EXCEEDED": error(429, "Quota", reason="QUOTA_EXCEEDED"),
    "401": error(401, "Invalid access token"),
    "403, no Premium": error(403, "Active premium subscription required for the owner of the app"),
    "500": error(500, "Server error"),
    "500, its error a text": (500, {}, {"error": "internal"}),
    "503 as HTML": (503, {}, "<html>unavailable</html>"),
    "200 with no JSON": (200, {}, "<html>hello</html>"),
    "200 with other JSON": (200, {}, {"artists": []}),
    "200 with tracks that are no list": (200, {}, {"tracks": {"items": None}}),
}


@pytest.fixture
def spotify() -> Iterator[StubSpotify]:
    with StubSpotify() as stub:
        yield stub


def search(gateway: httpx.Client) -> httpx.Response:
    return gateway.get("/search", params={"q": "halo"})


def assert_local(response: httpx.Response) -> None:
    answer = response.json()
    assert response.status_code == 200
    assert answer["source"] == "catalog" and answer["tracks"][0]["title"] == "Halo"
    assert "Spotify" in answer["note"]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_after_a_refusal_the_catalog_answers_and_spotify_is_left_alone(
    spotify: StubSpotify, refusal: str, matrix_row: MatrixRow
) -> None:
    spotify.search = lambda: REFUSALS[refusal]
    with running_gateway(**spotify.settings()) as gateway:
        first, ms = timed(lambda: search(gateway))
        second = search(gateway)
    assert_local(first)
    assert_local(second)
    assert len(spotify.searches) == 1
    assert ms < 1000
    matrix_row(f"Spotify answers: {refusal}", "local results, marked so; no sleep, no second try", f"{ms:.0f} ms")


@pytest.mark.parametrize("status", [400, 401, 429, 503])
def test_a_token_that_is_refused_is_no_different(spotify: StubSpotify, status: int, matrix_row: MatrixRow) -> None:
    spotify.token = lambda: (status, {"Retry-After": "60"}, {"error": "invalid_client"})
    with running_gateway(**spotify.settings()) as gateway:
        response, ms = timed(lambda: search(gateway))
    assert_local(response)
    assert spotify.searches == []
    assert ms < 1000
    matrix_row(f"Spotify's token endpoint answers: {status}", "local results, marked so", f"{ms:.0f} ms")


def test_a_hanging_spotify_costs_its_deadline_once(spotify: StubSpotify, matrix_row: MatrixRow) -> None:
    spotify.search = spotify.hang
    with running_gateway(**spotify.settings()) as gateway:
        first, ms = timed(lambda: search(gateway))
        second, next_ms = timed(lambda: search(gateway), 200)
        spotify.stopped.set()
    assert_local(first)
    assert_local(second)
    assert 1500 <= ms < 2000
    assert next_ms < 200
    matrix_row("Spotify hangs", "local results after 1.5 s, then at once", f"{ms:.0f} ms, then {next_ms:.0f} ms")


def test_a_spotify_that_is_not_there_is_replaced_at_once(spotify: StubSpotify, matrix_row: MatrixRow) -> None:
    gone = {**spotify.settings(), "spotify_api_url": "http://127.0.0.1:9/v1/"}
    with running_gateway(**gone) as gateway:
        response, ms = timed(lambda: search(gateway))
    assert_local(response)
    assert ms < 1000
    matrix_row("Spotify cannot be reached", "local results, marked so", f"{ms:.0f} ms")


def test_no_credentials_mean_the_local_catalog(matrix_row: MatrixRow) -> None:
    with running_gateway() as gateway:
        response, ms = timed(lambda: search(gateway))
    assert_local(response)
    matrix_row("no Spotify credentials", "local results, marked so", f"{ms:.0f} ms")


def test_after_retry_after_spotify_is_asked_again(spotify: StubSpotify) -> None:
    spotify.search = lambda: error(429, "API rate limit exceeded", Retry_After="1")
    with running_gateway(**spotify.settings()) as gateway:
        assert_local(search(gateway))
        spotify.search = well
        assert_local(search(gateway))
        time.sleep(1.1)
        assert search(gateway).json()["source"] == "spotify"


def test_the_secret_and_the_words_searched_for_stay_out_of_the_log(
    spotify: StubSpotify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "gateway")
    spotify.search = lambda: REFUSALS["500"]
    with running_gateway(**spotify.settings()) as gateway:
        search(gateway)
    own = [str(vars(record)) for record in caplog.records if record.name.startswith("gateway")]
    assert own
    assert not any("a-s3cret-value" in line or "halo" in line.lower() for line in own)
