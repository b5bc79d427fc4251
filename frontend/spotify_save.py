"""Save a playlist to a listener's Spotify account: OAuth through spotipy, and the playlist endpoints of 2026."""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import requests
import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.exceptions import SpotifyException
from spotipy.oauth2 import SpotifyOauthError

from frontend.answers import Track
from frontend.cards import SPOTIFY_ID
from frontend.settings import SpotifyApp

SCOPE = "playlist-modify-private"
TIMEOUT_S = 10
ITEMS_MAX = 100
"""Spotify's own limit for one call."""
PENDING_S = 900.0
PENDING_MAX = 1000


class NotSaved(Exception):
    """Spotify did not take the playlist. `key` names the text that tells the listener why."""

    def __init__(self, key: str, why: str) -> None:
        """key: of `texts`.  why: for the log, without secrets."""
        super().__init__(why)
        self.key = key


@dataclass(frozen=True)
class Pending:
    """What is to be saved once the listener comes back from Spotify."""

    name: str
    track_ids: tuple[str, ...]
    address: str
    """The query string that the page had."""
    asked_at: float = field(default_factory=time.monotonic)


class PendingSaves:
    """Who went to Spotify, by the `state` that comes back with them; each state works once, and not for long."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._waiting: dict[str, Pending] = {}
        self._lock = Lock()

    def put(self, state: str, pending: Pending) -> None:
        """Let it wait under this state, in place of what waited there."""
        with self._lock:
            fresh = {key: one for key, one in self._waiting.items() if time.monotonic() - one.asked_at < PENDING_S}
            self._waiting = dict(list(fresh.items())[-PENDING_MAX + 1 :]) | {state: pending}

    def take(self, state: str) -> Pending | None:
        """What waited, or None for a state that is unknown, used or too old."""
        with self._lock:
            pending = self._waiting.pop(state, None)
        return pending if pending and time.monotonic() - pending.asked_at < PENDING_S else None


def new_state() -> str:
    """A state that nobody can guess."""
    return secrets.token_urlsafe(24)


def savable(tracks: Sequence[Track]) -> tuple[str, ...]:
    """Ids of the tracks that Spotify knows."""
    return tuple(track.track_id for track in tracks if SPOTIFY_ID.fullmatch(track.track_id))


def consent_url(app: SpotifyApp, state: str) -> str:
    """Where the listener allows the app to write playlists."""
    return str(_oauth(app).get_authorize_url(state))


def save(app: SpotifyApp, code: str, pending: Pending) -> str:
    """The address of the new private playlist. code: what Spotify sent back. Raises NotSaved."""
    try:
        token = _oauth(app).get_access_token(code, as_dict=False, check_cache=False)
        spotify = spotipy.Spotify(auth=token, requests_timeout=TIMEOUT_S, retries=0, status_retries=0)
        spotify.prefix = app.api_url
        made = spotify.current_user_playlist_create(pending.name, public=False)
        uris = [f"spotify:track:{track_id}" for track_id in pending.track_ids]
        for start in range(0, len(uris), ITEMS_MAX):
            spotify.playlist_add_items(made["id"], uris[start : start + ITEMS_MAX])
    except SpotifyOauthError as error:
        raise NotSaved("save.not_allowed", f"token: {error.error}") from error
    except SpotifyException as error:
        key = "save.not_allowed" if error.http_status in (401, 403) else "save.failed"
        raise NotSaved(key, f"status {error.http_status}: {error.reason}") from error
    except requests.RequestException as error:
        raise NotSaved("save.failed", type(error).__name__) from error
    except (KeyError, TypeError) as error:
        raise NotSaved("save.failed", f"unexpected answer: {error!r}") from error
    link = (made.get("external_urls") or {}).get("spotify", "")
    return link if re.match(r"https://open\.spotify\.com/", link) else f"https://open.spotify.com/playlist/{made['id']}"


def _oauth(app: SpotifyApp) -> spotipy.SpotifyOAuth:
    oauth = spotipy.SpotifyOAuth(
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri=app.redirect_uri,
        scope=SCOPE,
        cache_handler=MemoryCacheHandler(),
        open_browser=False,
        requests_timeout=TIMEOUT_S,
    )
    oauth.OAUTH_AUTHORIZE_URL = f"{app.accounts_url}authorize"
    oauth.OAUTH_TOKEN_URL = f"{app.accounts_url}api/token"
    return oauth
