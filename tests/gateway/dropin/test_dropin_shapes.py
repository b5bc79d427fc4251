"""Spotify's objects, field for field, and what stands in the fields that the catalog cannot fill."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.catalog import Catalog, CatalogTrack
from gateway.spotify_api.shapes import Links, artist_object, audio_features_object, track_object

# The fields of Spotify's Web API reference, those marked deprecated included.
TRACK = {
    "album", "artists", "available_markets", "disc_number", "duration_ms", "explicit", "external_ids", "external_urls",
    "href", "id", "is_playable", "name", "popularity", "preview_url", "track_number", "type", "uri", "is_local",
}  # fmt: skip
ALBUM = {
    "album_type", "total_tracks", "available_markets", "external_urls", "href", "id", "images", "name", "release_date",
    "release_date_precision", "type", "uri", "artists",
}  # fmt: skip
SIMPLIFIED_ARTIST = {"external_urls", "href", "id", "name", "type", "uri"}
ARTIST = SIMPLIFIED_ARTIST | {"followers", "genres", "images", "popularity"}
AUDIO_FEATURES = {
    "acousticness", "analysis_url", "danceability", "duration_ms", "energy", "id", "instrumentalness", "key",
    "liveness", "loudness", "mode", "speechiness", "tempo", "time_signature", "track_href", "type", "uri", "valence",
}  # fmt: skip
SEED = {"afterFilteringSize", "afterRelinkingSize", "href", "id", "initialPoolSize", "type"}
PAGE = {"href", "limit", "next", "offset", "previous", "total", "items"}

FULL = CatalogTrack(
    track_id="0VjIjW4GlUZAMYd2vXMi3b", title="Blinding Lights", artist="The Weeknd", artist_id="1Xyo4u8uXC1ZmMpatF05PJ",
    album="After Hours", album_id="4yP0hdKOZPNshxUOjY0cZj", release_date="2020-03-20", release_year=2020,
    popularity=91.6, explicit=True, isrc="USUG11904206", canonical_id="0VjIjW4GlUZAMYd2vXMi3b", danceability=0.514,
    energy=0.73, key=1,
    loudness=-5.934, mode=1, speechiness=0.0598, acousticness=0.00146, instrumentalness=0.0000954, liveness=0.0897,
    valence=0.334, tempo=171.005, duration_ms=200_040,
)  # fmt: skip
BARE = replace(
    FULL, track_id="mine-1", artist_id="mine-2", album=None, album_id=None, release_date=None, release_year=None,
    popularity=None, explicit=None, isrc=None, key=None, mode=None, tempo=None, valence=None, duration_ms=None,
)  # fmt: skip
LINKS = Links("http://127.0.0.1:8000/v1", at_spotify=True)


@pytest.fixture(scope="module")
def answers(gateway: httpx.Client, catalog: Catalog) -> dict[str, Any]:
    (track,) = catalog.random(1, 0)
    paths = {
        "recommendations": f"recommendations?seed_tracks={track.track_id}&limit=2",
        "track": f"tracks/{track.track_id}",
        "search": "search?q=halo&type=track&limit=2",
        "artist": f"artists/{track.artist_id}",
        "features": f"audio-features/{track.track_id}",
    }
    return {name: gateway.get(f"/v1/{path}").json() for name, path in paths.items()}


def test_the_answers_have_exactly_spotifys_fields(answers: dict[str, Any]) -> None:
    recommended, found = answers["recommendations"]["tracks"], answers["search"]["tracks"]
    assert set(answers["recommendations"]) == {"seeds", "tracks"}
    assert set(answers["recommendations"]["seeds"][0]) == SEED
    assert set(found) == PAGE
    assert set(answers["artist"]) == ARTIST
    assert set(answers["features"]) == AUDIO_FEATURES
    for track in (*recommended, *found["items"], answers["track"]):
        assert (set(track), set(track["album"])) == (TRACK, ALBUM)
        assert {frozenset(artist) for artist in track["artists"]} == {frozenset(SIMPLIFIED_ARTIST)}


def test_a_recommended_track_is_the_same_object_as_the_track_itself(
    answers: dict[str, Any], gateway: httpx.Client
) -> None:
    for track in answers["recommendations"]["tracks"]:
        assert gateway.get(f"/v1/tracks/{track['id']}").json() == track


def test_each_href_leads_to_the_thing(answers: dict[str, Any], gateway: httpx.Client) -> None:
    track = answers["track"]
    assert gateway.get(track["href"]).json() == track
    assert gateway.get(track["artists"][0]["href"]).json()["id"] == track["artists"][0]["id"]
    assert gateway.get(answers["features"]["track_href"]).json() == track
    assert gateway.get(answers["recommendations"]["seeds"][0]["href"]).json() == track
    assert gateway.get(answers["search"]["tracks"]["href"]).json() == answers["search"]


def test_a_known_track_fills_its_fields() -> None:
    track = track_object(FULL, LINKS)
    assert (track.name, track.popularity, track.explicit, track.duration_ms) == ("Blinding Lights", 92, True, 200_040)
    assert track.external_ids == {"isrc": "USUG11904206"}
    assert track.external_urls == {"spotify": "https://open.spotify.com/track/0VjIjW4GlUZAMYd2vXMi3b"}
    assert track.uri == "spotify:track:0VjIjW4GlUZAMYd2vXMi3b"
    assert track.href == "http://127.0.0.1:8000/v1/tracks/0VjIjW4GlUZAMYd2vXMi3b"
    assert (track.album.name, track.album.uri) == ("After Hours", "spotify:album:4yP0hdKOZPNshxUOjY0cZj")


def test_what_is_unknown_of_a_track_is_said_as_spotify_says_it_of_a_local_file() -> None:
    track = track_object(BARE, LINKS)
    assert (track.popularity, track.explicit, track.duration_ms, track.disc_number, track.track_number) == (
        0,
        False,
        0,
        0,
        0,
    )
    assert (track.external_ids, track.external_urls, track.preview_url) == ({}, {}, None)
    album = track.album
    assert (album.name, album.id, album.uri, album.release_date, album.release_date_precision) == (
        "",
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("date", "precision"),
    [("1999", "year"), ("1999-07", "month"), ("1999-07-01", "day"), (None, None), ("summer", None)],
)
def test_the_release_dates_precision_is_that_of_the_date(date: str | None, precision: str | None) -> None:
    album = track_object(replace(FULL, release_date=date), LINKS).album
    assert (album.release_date, album.release_date_precision) == (date, precision)


def test_demo_tracks_link_to_nothing_at_spotify() -> None:
    track = track_object(FULL, replace(LINKS, at_spotify=False))
    assert track.external_urls == track.album.external_urls == track.artists[0].external_urls == {}


def test_audio_features_that_were_not_detected_have_spotifys_values_for_that() -> None:
    features = audio_features_object(BARE, LINKS)
    assert features is not None
    assert (features.key, features.mode, features.tempo, features.time_signature, features.valence) == (
        -1,
        -1,
        0,
        0,
        None,
    )


def test_a_track_without_any_audio_feature_has_no_such_object() -> None:
    assert audio_features_object(replace(BARE, danceability=None, energy=None), LINKS) is None


def test_an_artist_is_named_as_the_catalog_names_them() -> None:
    artist = artist_object("1Xyo4u8uXC1ZmMpatF05PJ", "The Weeknd", LINKS)
    assert artist.external_urls == {"spotify": "https://open.spotify.com/artist/1Xyo4u8uXC1ZmMpatF05PJ"}
    assert (artist.name, artist.genres, artist.followers.total) == ("The Weeknd", [], 0)
