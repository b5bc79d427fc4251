from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.catalogs import BLINDING_LIGHTS, HALO
from tests.gateway.running import running_gateway
from tests.gateway.stub_spotify import StubSpotify

SYNTAX = ['"', "'", "*", "title:x", "a AND OR NOT", "NEAR(a b)", "x' OR 1=1 --", "); DROP TABLE tracks; --", "{}[]^",
          "%_", "🎵", "ـ", "\u0301", "a" * 200, "halo " * 39]  # fmt: skip


@pytest.fixture(scope="module")
def gateway() -> Iterator[httpx.Client]:
    with running_gateway() as client:
        yield client


def test_without_credentials_the_local_catalog_answers_and_says_so(gateway: httpx.Client) -> None:
    answer = gateway.get("/search", params={"q": "halo beyonce"}).json()
    assert answer["source"] == "catalog"
    assert "no Spotify credentials" in answer["note"]
    (track,) = answer["tracks"]
    assert track == {
        "track_id": HALO, "title": "Halo", "artist": "Beyoncé", "album": "I AM...SASHA FIERCE", "release_year": 2008,
        "popularity": 80.0, "duration_ms": 261_640, "in_catalog": True, "catalog_track_id": HALO, "image_url": None,
        "spotify_url": f"https://open.spotify.com/track/{HALO}",
    }  # fmt: skip


def test_an_id_that_is_not_spotifys_gets_no_address_at_spotify(gateway: httpx.Client) -> None:
    (track,) = gateway.get("/search", params={"q": "thunderstruck"}).json()["tracks"]
    assert track["spotify_url"] is None


def test_composed_and_decomposed_words_find_the_same(gateway: httpx.Client) -> None:
    for q in ("Beyoncé", "Beyonce\u0301", "님의 노래", "\u1102\u1175\u11b7\u110b\u1174 노래"):
        assert gateway.get("/search", params={"q": q}).json()["tracks"], q


def test_spotify_hits_are_marked_with_the_catalogs_id_by_id_isrc_or_title_and_artist() -> None:
    with StubSpotify() as spotify, running_gateway(**spotify.settings()) as gateway:
        answer = gateway.get("/search", params={"q": "blinding lights", "limit": 50}).json()
    assert answer["source"] == "spotify" and answer["note"] is None
    assert [track["catalog_track_id"] for track in answer["tracks"]] == [BLINDING_LIGHTS, BLINDING_LIGHTS, HALO, None]
    assert [track["in_catalog"] for track in answer["tracks"]] == [True, True, True, False]
    last = answer["tracks"][-1]
    assert (last["artist"], last["release_year"]) == ("Nobody, Somebody", 2020)
    assert last["image_url"] == "https://i.example/64"
    assert spotify.searches == [{"q": ["blinding lights"], "limit": ["10"], "offset": ["0"], "type": ["track"]}]


@pytest.mark.parametrize("q", SYNTAX)
def test_the_syntax_of_query_languages_is_only_text(gateway: httpx.Client, q: str) -> None:
    response = gateway.get("/search", params={"q": q})
    assert response.status_code == 200, response.text
    assert isinstance(response.json()["tracks"], list)


@pytest.mark.parametrize(
    "params",
    [{}, {"q": ""}, {"q": "a\0"}, {"q": "a\nb"}, {"q": "x" * 201}, {"q": "x", "limit": 0}, {"q": "x", "limit": 51},
     {"q": "x", "limit": "ten"}],
    ids=str,
)  # fmt: skip
def test_a_search_that_breaks_the_rules_is_a_422(gateway: httpx.Client, params: dict[str, str]) -> None:
    response = gateway.get("/search", params=params)
    assert (response.status_code, response.json()["error"]) == (422, "invalid_request")
