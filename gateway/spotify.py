"""Search Spotify's catalog through spotipy, without ever letting Spotify hold up a request."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
import spotipy
from pydantic import BaseModel, Field, ValidationError
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.exceptions import SpotifyException, SpotifyOauthError
from spotipy.oauth2 import SpotifyClientCredentials

from gateway.settings import GatewaySettings

SEARCH_LIMIT = 10
"""The most that Spotify gives an app in development mode; asking for more is a 400."""
THREADS = 4
"""Searches that may wait for Spotify at a time; the next one goes to the local catalog."""
PAUSE_S = {401: 600.0, 403: 3600.0, 429: 3600.0}
"""How long Spotify is left alone after a refusal: wrong credentials, no Premium, a spent quota without Retry-After."""
PAUSE_AFTER_FAILURE_S = 15.0
"""The same after a 5xx, a timeout or a broken connection."""

log = logging.getLogger(__name__)


class SpotifyUnavailable(Exception):
    """Spotify gave no answer; the message says why, and for how long it is left alone."""


class _Named(BaseModel):
    name: str = Field(min_length=1)


class _Image(BaseModel):
    url: str


class _Album(BaseModel):
    name: str | None = None
    release_date: str | None = None
    images: list[_Image] = []


class SpotifyTrack(BaseModel):
    """A search hit, as much of Spotify's track object as is used."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    artists: list[_Named] = Field(min_length=1)
    album: _Album = _Album()
    popularity: float | None = None
    duration_ms: int | None = None
    external_ids: dict[str, str] = {}
    external_urls: dict[str, str] = {}

    @property
    def artist(self) -> str:
        """All artists, joined by ", "."""
        return ", ".join(artist.name for artist in self.artists)

    @property
    def release_year(self) -> int | None:
        """The year of the album's release."""
        year = (self.album.release_date or "")[:4]
        return int(year) if year.isdecimal() else None

    @property
    def image_url(self) -> str | None:
        """The album's smallest picture."""
        return self.album.images[-1].url if self.album.images else None


class SpotifySearch:
    """Track search with client credentials: a thread, a hard deadline, no retries, and a pause after every refusal."""

    def __init__(self, settings: GatewaySettings) -> None:
        """settings: with both Spotify credentials set."""
        assert settings.spotipy_client_secret is not None
        self._deadline_s = settings.spotify_deadline_s
        auth = SpotifyClientCredentials(
            client_id=settings.spotipy_client_id,
            client_secret=settings.spotipy_client_secret.get_secret_value(),
            cache_handler=MemoryCacheHandler(),
            requests_timeout=self._deadline_s,
        )
        auth.OAUTH_TOKEN_URL = str(settings.spotify_token_url)
        # An empty list would mean spotipy's own list of statuses to retry on, so it is one that never comes.
        self._client = spotipy.Spotify(
            auth_manager=auth, requests_timeout=self._deadline_s, retries=0, status_retries=0, status_forcelist=(0,)
        )
        self._client.prefix = str(settings.spotify_api_url)
        self._threads = ThreadPoolExecutor(THREADS, "spotify")
        self._free = threading.Semaphore(THREADS)
        self._silent_until = 0.0
        self._reason = ""

    async def search(self, q: str, limit: int) -> list[SpotifyTrack]:
        """At most 10 tracks, best first.

        Raises SpotifyUnavailable within the deadline, or at once while Spotify is left alone.
        """
        left_s = self._silent_until - time.monotonic()
        if left_s > 0:
            raise SpotifyUnavailable(f"{self._reason}; asking again in {left_s:.0f} s")
        if not self._free.acquire(blocking=False):
            raise SpotifyUnavailable("too many searches are waiting for Spotify")
        call = asyncio.get_running_loop().run_in_executor(self._threads, self._call, q, min(limit, SEARCH_LIMIT))
        try:
            found = await asyncio.wait_for(asyncio.shield(call), self._deadline_s)
            return _tracks(found)
        except TimeoutError:
            call.add_done_callback(lambda done: done.exception())  # nobody waits for it any more
            raise self._pause("Spotify did not answer in time", PAUSE_AFTER_FAILURE_S) from None
        except SpotifyException as error:
            raise self._pause(*_refusal(error)) from None
        except SpotifyOauthError:
            raise self._pause("Spotify refused the credentials", PAUSE_S[401]) from None
        except requests.RequestException:
            raise self._pause("Spotify cannot be reached", PAUSE_AFTER_FAILURE_S) from None
        except (AttributeError, KeyError, TypeError):  # what spotipy and _tracks run into
            raise self._pause("Spotify's answer is malformed", PAUSE_AFTER_FAILURE_S) from None

    def close(self) -> None:
        """Start no more calls; those under way end by their own timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _call(self, q: str, limit: int) -> Any:
        try:
            return self._client.search(q, limit=limit, type="track")
        finally:
            self._free.release()

    def _pause(self, reason: str, seconds: float) -> SpotifyUnavailable:
        self._reason = reason
        self._silent_until = time.monotonic() + seconds
        log.warning("spotify left alone", extra={"why": reason, "seconds": seconds})
        return SpotifyUnavailable(f"{reason}; asking again in {seconds:.0f} s")


def _refusal(error: SpotifyException) -> tuple[str, float]:
    status = error.http_status
    given = str(error.headers.get("Retry-After", ""))
    seconds = float(given) if given.isdecimal() else PAUSE_S.get(status, PAUSE_AFTER_FAILURE_S)
    words = {
        401: "Spotify refused the credentials",
        403: "Spotify refused: its app owner needs Premium",
        429: "Spotify's rate limit is reached" if error.reason != "QUOTA_EXCEEDED" else "Spotify's quota is spent",
    }
    return words.get(status, f"Spotify failed with status {status}"), seconds


def _tracks(found: Any) -> list[SpotifyTrack]:
    """The hits in Spotify's answer; one that lacks an id, a name or an artist, as withdrawn tracks do, is left out."""
    tracks = []
    for item in found["tracks"]["items"]:
        try:
            tracks.append(SpotifyTrack.model_validate(item))
        except ValidationError as error:
            log.info("spotify hit left out", extra={"n_problems": error.error_count()})
    return tracks
