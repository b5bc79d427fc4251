"""A client in another language: Spotify's own TypeScript SDK, on Node.js."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.catalog import Catalog, CatalogTrack

CLIENTS = Path(__file__).parents[2] / "clients"
NODE = Path(sys.executable).parent / "node"


@pytest.fixture(scope="module")
def tracks(catalog: Catalog) -> list[CatalogTrack]:
    return catalog.random(5, rng_seed=2)


@pytest.fixture(scope="module")
def got(gateway: httpx.Client, tracks: list[CatalogTrack]) -> dict[str, Any]:
    """What the SDK got from the gateway."""
    assert (CLIENTS / "node_modules").is_dir(), "the JavaScript client is not installed; `make test` does it"
    address = f"{str(gateway.base_url).rstrip('/')}/v1/"
    command = [str(NODE), str(CLIENTS / "drop_in.mjs"), address, *(track.track_id for track in tracks)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_sdk_gets_recommendations(got: dict[str, Any], tracks: list[CatalogTrack]) -> None:
    answer = got["recommendations"]
    assert len(answer["tracks"]) == 20
    assert [seed["id"] for seed in answer["seeds"]] == [track.track_id for track in tracks]


def test_the_sdk_gets_genres_audio_features_tracks_and_artists(
    got: dict[str, Any], tracks: list[CatalogTrack], catalog: Catalog
) -> None:
    assert got["genres"]["genres"] == catalog.genres()
    assert got["audioFeatures"] == [got["audioFeature"], None]
    assert got["audioFeature"]["tempo"] == tracks[0].tempo
    assert got["track"]["name"] == tracks[0].title
    assert got["tracks"] == [got["track"], None]
    assert got["artist"]["id"] == tracks[0].artist_id
    assert tracks[0].artist_id in {track["artists"][0]["id"] for track in got["topTracks"]["tracks"]}


def test_the_sdk_finds_a_track(got: dict[str, Any], tracks: list[CatalogTrack]) -> None:
    assert got["found"]["tracks"]["items"][0]["name"] == tracks[0].title


def test_the_sdk_shows_the_reason_of_a_refusal(got: dict[str, Any]) -> None:
    assert "400" in got["refused"] and "limit" in got["refused"]
    assert "404" in got["unknown"] and "is not in the catalog" in got["unknown"]
