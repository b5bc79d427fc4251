"""A stand-in for Spotify's token and search endpoints on a real socket; misbehaves as told."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway.catalogs import BLINDING_LIGHTS

Answer = tuple[int, dict[str, str], Any]
"""Status, headers, JSON body."""


def track(track_id: str, title: str, artists: list[str], isrc: str | None = None) -> dict[str, Any]:
    """A track object as Spotify sends it."""
    return {
        "id": track_id, "name": title, "artists": [{"name": artist} for artist in artists], "duration_ms": 200_040,
        "album": {"name": "After Hours", "release_date": "2020-03-20",
                  "images": [{"url": "https://i.example/640"}, {"url": "https://i.example/64"}]},
        "external_ids": {"isrc": isrc} if isrc else {}, "popularity": 90,
        "external_urls": {"spotify": f"https://open.spotify.com/track/{track_id}"},
    }  # fmt: skip


FOUND = [
    track(BLINDING_LIGHTS, "Blinding Lights", ["The Weeknd"]),
    track("other-id-same-isrc", "Blinding Lights - Live", ["The Weeknd"], "USUG11904206"),
    track("other-id-same-title", "HALO", ["Beyonce"]),
    track("not-in-the-catalog", "Bagatelle", ["Nobody", "Somebody"]),
]


def well() -> Answer:
    """Four hits: known by id, by ISRC, by title and artist, and not at all; and two that are no tracks any more."""
    withdrawn = {**track("gone", "", [""]), "album": {"images": []}, "duration_ms": "?"}
    return 200, {}, {"tracks": {"items": [*FOUND, None, withdrawn]}}


class StubSpotify:
    """Listens on a free port; `token` and `search` may be changed at any time. A context manager."""

    def __init__(self) -> None:
        self.token: Callable[[], Answer] = lambda: (200, {}, {"access_token": "token-1", "expires_in": 3600})
        self.search: Callable[[], Answer] = well
        self.searches: list[dict[str, list[str]]] = []
        """The queries that came, oldest first."""
        self.stopped = threading.Event()

    def settings(self) -> dict[str, Any]:
        """Gateway settings that lead here."""
        return {
            "spotipy_client_id": "an-id", "spotipy_client_secret": "a-s3cret-value",
            "spotify_api_url": f"{self.url}/v1/", "spotify_token_url": f"{self.url}/api/token",
        }  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def hang(self) -> Answer:
        """No answer, until the test is over."""
        self.stopped.wait(30)
        return 200, {}, {}

    def __enter__(self) -> "StubSpotify":
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._reply(stub.token())

            def do_GET(self) -> None:
                stub.searches.append(parse_qs(urlsplit(self.path).query))
                self._reply(stub.search())

            def _reply(self, answer: Answer) -> None:
                status, headers, body = answer
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if not stub.stopped.is_set():
                    self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
