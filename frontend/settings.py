"""The page's settings, from the environment; `.env.template` explains each."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SpotifyApp:
    """The operator's app, as Spotify's developer pages know it."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    """The page's own address; the app must list it."""
    api_url: str = "https://api.spotify.com/v1/"
    accounts_url: str = "https://accounts.spotify.com/"


@dataclass(frozen=True)
class PageSettings:
    """All optional."""

    gateway_url: str = "http://127.0.0.1:8000"
    """Where the gateway is."""
    api_key: str | None = None
    """The gateway's key, where it wants one."""
    spotify_covers: bool = True
    """Whether the listener's browser may ask Spotify for the covers of real tracks."""
    client_id: str | None = None
    """Spotify app id; with the secret and the page's address, listeners can save playlists to Spotify."""
    client_secret: str | None = field(default=None, repr=False)
    """Spotify app secret."""
    redirect_uri: str | None = None
    """The page's own address, as the Spotify app lists it."""
    spotify_api_url: str = "https://api.spotify.com/v1/"
    """Where Spotify's Web API is."""
    spotify_accounts_url: str = "https://accounts.spotify.com/"
    """Where Spotify's log-in is."""

    def spotify_app(self) -> SpotifyApp | None:
        """The app to save playlists with; None where a part of it is not set."""
        if not (self.client_id and self.client_secret and self.redirect_uri):
            return None
        return SpotifyApp(
            self.client_id, self.client_secret, self.redirect_uri, self.spotify_api_url, self.spotify_accounts_url
        )


def from_environment(environment: Mapping[str, str]) -> PageSettings:
    """The settings; empty variables count as unset."""
    port = environment.get("GATEWAY_PORT") or "8000"
    return PageSettings(
        gateway_url=environment.get("GATEWAY_URL") or f"http://127.0.0.1:{port}",
        api_key=environment.get("API_KEY") or None,
        spotify_covers=(environment.get("SPOTIFY_COVERS") or "1").lower() not in ("0", "false", "no", "off"),
        client_id=environment.get("SPOTIPY_CLIENT_ID") or None,
        client_secret=environment.get("SPOTIPY_CLIENT_SECRET") or None,
        redirect_uri=environment.get("SPOTIPY_REDIRECT_URI") or None,
        spotify_api_url=environment.get("SPOTIFY_API_URL") or PageSettings.spotify_api_url,
        spotify_accounts_url=environment.get("SPOTIFY_ACCOUNTS_URL") or PageSettings.spotify_accounts_url,
    )
