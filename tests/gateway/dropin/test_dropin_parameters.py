"""The query parameters on the wire: what is taken, and that a refusal is a 400 which names the parameter."""

import httpx
import pytest

from gateway.catalog import Catalog
from gateway.spotify_api.parameters import ATTRIBUTES, spotify_id
from tests.gateway.dropin.conftest import message_of
from tests.gateway.stub_model import StubModel

SEED = "demoG28YEo32BcXmNnWucr"


@pytest.fixture
def ids(catalog: Catalog) -> list[str]:
    return [track.track_id for track in catalog.random(3, rng_seed=1)]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "seed_tracks, seed_artists and seed_genres must hold 1 to 5 seeds together, not 0"),
        ("seed_tracks=", "1 to 5 seeds together, not 0"),
        ("seed_tracks=,,", "1 to 5 seeds together, not 0"),
        ("seed_tracks=a,b,c&seed_artists=d,e&seed_genres=f", "1 to 5 seeds together, not 6"),
        ("seed_tracks=spotify:artist:a", "seed_tracks: Value error, 'spotify:artist:a' is of kind artist"),
        ("seed_artists=https://open.spotify.com/track/a", "seed_artists"),
        ("seed_tracks=" + "x" * 10_000, "seed_tracks.0"),
        ("seed_tracks=a%00b", "seed_tracks.0"),
        ("seed_tracks=a&limit=0", "limit"),
        ("seed_tracks=a&limit=101", "limit"),
        ("seed_tracks=a&limit=ten", "limit"),
        ("seed_tracks=a&limit=", "limit"),
        ("seed_tracks=a&min_energy=-0.1", "min_energy"),
        ("seed_tracks=a&max_energy=1.1", "max_energy"),
        ("seed_tracks=a&target_energy=loud", "target_energy"),
        ("seed_tracks=a&target_energy=", "target_energy"),
        ("seed_tracks=a&target_energy=NaN", "target_energy"),
        ("seed_tracks=a&min_tempo=Infinity", "min_tempo"),
        ("seed_tracks=a&max_loudness=1e999", "max_loudness"),
        ("seed_tracks=a&target_time_signature=12", "target_time_signature"),
        ("seed_tracks=a&min_key=12", "min_key"),
        ("seed_tracks=a&min_energy=0.8&max_energy=0.2", "min_energy is above max_energy"),
        ("seed_tracks=a&target_enrgy=0.8", "target_enrgy is no attribute; did you mean target_energy?"),
        ("seed_tracks=a&min_release_year=1990", "min_release_year is no attribute"),
    ],
)
def test_a_bad_recommendation_request_is_a_400_that_names_the_parameter(
    gateway: httpx.Client, query: str, parameter: str
) -> None:
    response = gateway.get(f"/v1/recommendations?{query}")
    assert response.status_code == 400
    assert parameter in message_of(response)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("audio-features", "ids"),
        ("audio-features/?ids=", "ids"),
        ("audio-features?ids=spotify:album:a", "ids"),
        ("tracks", "ids"),
        ("tracks/?ids=" + ",".join(["a"] * 51), "ids"),
        ("artists?ids=spotify:track:a", "ids"),
        ("search?q=halo", "type"),
        ("search?q=halo&type=artist", "type"),
        ("search?q=halo&type=track,album", "type"),
        ("search?type=track", "q"),
        ("search?q=&type=track", "q"),
        ("search?q=halo%00&type=track", "q"),
        ("search?q=halo&type=track&limit=51", "limit"),
        ("search?q=halo&type=track&limit=-1", "limit"),
        ("search?q=halo&type=track&offset=1001", "offset"),
        ("search?q=halo year:1999&type=track", "q: the filter year: is not served"),
    ],
)
def test_a_bad_look_up_is_a_400_that_names_the_parameter(gateway: httpx.Client, path: str, parameter: str) -> None:
    response = gateway.get(f"/v1/{path}")
    assert response.status_code == 400
    assert parameter in message_of(response)


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("bound", ["min_", "max_", "target_"])
def test_each_attribute_reaches_the_model_at_both_ends_of_its_range_and_is_refused_beyond(
    gateway: httpx.Client, model: StubModel, name: str, bound: str
) -> None:
    low, high = ATTRIBUTES[name]
    for value in (low, high):
        response = gateway.get("/v1/recommendations", params={"seed_tracks": SEED, f"{bound}{name}": value})
        assert response.status_code == 200
        sent = model.requests[-1].get(bound[:-1], {})
        assert sent == ({} if name == "time_signature" else {name: value})
    for value in (low - 0.5, high + 0.5):
        response = gateway.get("/v1/recommendations", params={"seed_tracks": SEED, f"{bound}{name}": value})
        assert response.status_code == 400
        assert f"{bound}{name}" in message_of(response)


@pytest.mark.parametrize("separator", [",", "%2C", "%2c", ", ", ",,", "&seed_tracks="])
def test_seeds_may_be_separated_as_clients_do_it(gateway: httpx.Client, ids: list[str], separator: str) -> None:
    answer = gateway.get(f"/v1/recommendations?seed_tracks={separator.join(ids)}").json()
    assert [seed["id"] for seed in answer["seeds"]] == ids


@pytest.mark.parametrize("path", ["audio-features", "audio-features/", "tracks", "tracks/", "artists", "artists/"])
def test_a_trailing_slash_changes_nothing_and_costs_no_redirect(gateway: httpx.Client, path: str) -> None:
    assert gateway.get(f"/v1/{path}?ids=a,b", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("extra", ["market=KR", "market=from_token", "country=KR", "_=1700000000"])
def test_market_and_parameters_that_spotify_ignores_change_nothing(
    gateway: httpx.Client, ids: list[str], extra: str
) -> None:
    plain = gateway.get(f"/v1/recommendations?seed_tracks={ids[0]}")
    assert gateway.get(f"/v1/recommendations?seed_tracks={ids[0]}&{extra}").json() == plain.json()


@pytest.mark.parametrize(
    ("text", "track_id"),
    [
        ("abc", "abc"),
        ("spotify:track:abc", "abc"),
        ("https://open.spotify.com/track/abc", "abc"),
        ("https://open.spotify.com/track/abc?si=1", "abc"),
        ("https://open.spotify.com/intl-de/track/abc#x", "abc"),
        ("http://open.spotify.com/track/abc", "abc"),
        ("https://example.com/track/abc", "https://example.com/track/abc"),
    ],
)
def test_an_id_is_found_in_every_way_to_write_it(text: str, track_id: str) -> None:
    assert spotify_id("track", text) == track_id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/me", 404),
        ("GET", "/v1/playlists/x/tracks", 404),
        ("GET", "/v1/nothing/here/", 404),
        ("POST", "/v1/recommendations", 405),
        ("DELETE", "/v1/tracks/x", 405),
    ],
)
def test_routes_that_are_not_served_answer_in_spotifys_shape(
    gateway: httpx.Client, method: str, path: str, status: int
) -> None:
    response = gateway.request(method, path)
    assert response.status_code == status
    assert message_of(response)
