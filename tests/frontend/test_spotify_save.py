import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from frontend.answers import Track
from frontend.settings import SpotifyApp
from frontend.spotify_save import NotSaved, Pending, PendingSaves, consent_url, new_state, savable, save

IDS = tuple(f"{i:022}" for i in range(130))


class StubSpotify:
    """Spotify's token and playlist endpoints of 2026; anything else is a 404, as the retired ones are."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.refuse: tuple[str, int] | None = None
        self.url = ""

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        self.asked.append((path, parse_qs(body) if path.endswith("token") else json.loads(body)))
        if self.refuse and self.refuse[0] in path:
            return self.refuse[1], {"error": {"status": self.refuse[1], "message": "no"}}
        if path == "/accounts/api/token":
            return 200, {
                "access_token": "t",
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "",
                "refresh_token": "r",
            }
        if path == "/v1/me/playlists":
            return 201, {"id": "p1", "external_urls": {"spotify": "https://open.spotify.com/playlist/p1"}}
        if path == "/v1/playlists/p1/items":
            return 201, {"snapshot_id": "s"}
        return 404, {"error": {"status": 404, "message": "gone"}}


@pytest.fixture
def spotify() -> Iterator[StubSpotify]:
    stub = StubSpotify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = stub.answer(urlparse(self.path).path, body)
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield stub
    server.shutdown()
    server.server_close()


def app(spotify: StubSpotify) -> SpotifyApp:
    return SpotifyApp("id", "hush", "http://127.0.0.1:8501/", f"{spotify.url}/v1/", f"{spotify.url}/accounts/")


def test_a_playlist_is_made_private_and_filled_in_batches(spotify: StubSpotify) -> None:
    link = save(app(spotify), "code", Pending("My list", IDS, ""))
    assert link == "https://open.spotify.com/playlist/p1"
    (_, token), (_, made), *filled = spotify.asked
    assert token["code"] == ["code"]
    assert (made["name"], made["public"]) == ("My list", False)
    assert [path for path, _ in filled] == ["/v1/playlists/p1/items"] * 2
    assert [uri for _, batch in filled for uri in batch] == [f"spotify:track:{i}" for i in IDS]


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("token", 400, "save.not_allowed"),
        ("me/playlists", 403, "save.not_allowed"),
        ("me/playlists", 500, "save.failed"),
        ("items", 429, "save.failed"),
    ],
)
def test_a_refusal_says_which_and_is_never_a_crash(spotify: StubSpotify, path: str, status: int, key: str) -> None:
    spotify.refuse = (path, status)
    with pytest.raises(NotSaved) as refused:
        save(app(spotify), "code", Pending("My list", IDS[:5], ""))
    assert refused.value.key == key


def test_nobody_there_is_a_failure(spotify: StubSpotify) -> None:
    dead = SpotifyApp("id", "hush", "http://127.0.0.1:8501/", "http://127.0.0.1:9/v1/", "http://127.0.0.1:9/")
    with pytest.raises(NotSaved):
        save(dead, "code", Pending("My list", IDS[:5], ""))


def test_the_consent_asks_for_private_playlists_only_and_carries_the_state(spotify: StubSpotify) -> None:
    query = parse_qs(urlparse(consent_url(app(spotify), "s3cret")).query)
    assert query["scope"] == ["playlist-modify-private"]
    assert query["state"] == ["s3cret"]
    assert query["client_id"] == ["id"]


def test_a_state_works_once() -> None:
    waiting = PendingSaves()
    state = new_state()
    waiting.put(state, Pending("a", (), ""))
    assert waiting.take("guess") is None
    assert waiting.take(state) is not None
    assert waiting.take(state) is None


def test_a_state_does_not_last(spotify: StubSpotify) -> None:
    waiting = PendingSaves()
    waiting.put("s", Pending("a", (), "", asked_at=-1e6))
    assert waiting.take("s") is None


def test_only_what_spotify_knows_can_be_saved() -> None:
    assert savable([Track(IDS[0], "a", "b"), Track("local", "c", "d")]) == (IDS[0],)


def test_the_secret_is_not_shown(spotify: StubSpotify) -> None:
    assert "hush" not in repr(app(spotify))
