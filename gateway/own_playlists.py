"""Entry point: the owner's own Spotify playlists as a table of requests for `recommend_batch`, a row a playlist.

python -m gateway.own_playlists --out var/requests.csv

They are questions to the model and nothing that it learns from: Spotify's terms forbid training on content of its API.
So they never go to data/raw, and `prepare` never reads them.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
import spotipy
from spotipy.cache_handler import CacheFileHandler
from spotipy.exceptions import SpotifyException, SpotifyOauthError

from gateway.exports import replace_csv
from gateway.settings import GatewaySettings

SCOPE = "playlist-read-private"
TOKEN = Path("var/spotify-token.json")
TIMEOUT_S = 10.0


def account(settings: GatewaySettings, token: Path) -> spotipy.SpotifyOAuth | None:
    """The owner's Spotify account, whose token is kept in the file; None where no Spotify app is configured."""
    if not (settings.spotipy_client_id and settings.spotipy_client_secret and settings.spotipy_redirect_uri):
        return None
    token.parent.mkdir(parents=True, exist_ok=True)
    oauth = spotipy.SpotifyOAuth(
        client_id=settings.spotipy_client_id,
        client_secret=settings.spotipy_client_secret.get_secret_value(),
        redirect_uri=settings.spotipy_redirect_uri,
        scope=SCOPE,
        cache_handler=CacheFileHandler(str(token)),
        open_browser=False,
        requests_timeout=TIMEOUT_S,
    )
    oauth.OAUTH_TOKEN_URL = str(settings.spotify_token_url)
    return oauth


def playlists(spotify: spotipy.Spotify) -> Iterator[tuple[str, list[str]]]:
    """Name and track ids of each playlist that is the owner's own and has tracks. Raises what spotipy raises."""
    owner = spotify.current_user()["id"]
    for playlist in _pages(spotify, spotify.current_user_playlists()):
        if playlist["owner"]["id"] == owner:
            entries = _pages(spotify, spotify.playlist_items(playlist["id"], additional_types=("track",)))
            tracks = [entry.get("item") or entry.get("track") or {} for entry in entries]  # the name until 2026
            track_ids = [track["id"] for track in tracks if track.get("id")]  # local files and gone tracks have none
            if track_ids:
                yield playlist["name"], track_ids


def write(found: Iterator[tuple[str, list[str]]], out: Path) -> int:
    """Write the requests, replacing the file as a whole; returns how many."""
    rows = [(name, " ".join(track_ids)) for name, track_ids in found]
    replace_csv(out, ["playlist", "seed_track_ids"], rows)
    return len(rows)


def _pages(spotify: spotipy.Spotify, page: Any) -> Iterator[Any]:
    while page:
        yield from filter(None, page["items"])
        page = spotify.next(page) if page.get("next") else None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 also where no account is connected, which is the rule."""
    parser = argparse.ArgumentParser(description="Write your own Spotify playlists as a table of requests.")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument(
        "--log-in", action="store_true", help="connect the account: prints an address, asks for another"
    )
    given = parser.parse_args(arguments)
    settings = GatewaySettings()
    oauth = account(settings, TOKEN)
    try:
        if oauth and given.log_in:
            oauth.get_access_token(as_dict=False)
        if oauth is None or not oauth.validate_token(oauth.cache_handler.get_cached_token()):
            print("no Spotify account is connected (docs/operations.md says how), so nothing was written")
            return 0
        spotify = spotipy.Spotify(auth_manager=oauth, requests_timeout=TIMEOUT_S, retries=0, status_retries=0)
        spotify.prefix = str(settings.spotify_api_url)
        n_playlists = write(playlists(spotify), given.out)
    except (SpotifyException, SpotifyOauthError, requests.RequestException) as error:
        print(f"Spotify gave no playlists ({type(error).__name__}: {error})", file=sys.stderr)
        return 1
    except (KeyError, TypeError, AttributeError) as error:
        print(f"Spotify's answer is malformed ({error!r})", file=sys.stderr)
        return 1
    print(f"{n_playlists} playlists written to {given.out}; recommend_batch answers them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
