"""The owner's playlists become questions for recommend_batch, and never training data."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from data.sources import tables_in
from gateway.own_playlists import SCOPE, main
from model.recommend_batch import read_requests


class Handler(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        page = self.pages.get(self.path.split("?")[0].rstrip("/"))
        self.send_response(200 if page else 403)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(page or {"error": {"status": 403, "message": "no"}}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def spotify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Pages by path of a stand-in for Spotify, which the settings lead to; a token is at hand."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1/"
        monkeypatch.chdir(tmp_path)
        for name, value in {
            "SPOTIPY_CLIENT_ID": "id",
            "SPOTIPY_CLIENT_SECRET": "a-s3cret",
            "SPOTIPY_REDIRECT_URI": "http://127.0.0.1:9/back",
            "SPOTIFY_API_URL": url,
        }.items():
            monkeypatch.setenv(name, value)
        token = {"access_token": "t", "refresh_token": "r", "scope": SCOPE, "expires_at": int(time.time()) + 3600}
        Path("var").mkdir()
        Path("var/spotify-token.json").write_text(json.dumps(token))
        mine, other = {"owner": {"id": "me"}}, {"owner": {"id": "somebody"}}
        Handler.pages = {
            "/v1/me": {"id": "me"},
            "/v1/me/playlists": {
                "items": [{"id": "p1", "name": "Mine", **mine}, None, {"id": "p9", "name": "Theirs", **other}],
                "next": f"{url}more",
            },
            "/v1/more": {"items": [{"id": "p2", "name": "Empty", **mine}], "next": None},
            "/v1/playlists/p1/items": {
                "items": [{"item": {"id": "a"}}, {"track": {"id": "b"}}, {"item": {"id": None}}, {"item": None}]
            },
            "/v1/playlists/p2/items": {"items": []},
        }
        yield Handler.pages
        server.shutdown()


def test_own_playlists_are_requests_that_recommend_batch_reads(spotify: dict[str, Any]) -> None:
    assert main(["--out", "var/requests.csv"]) == 0
    assert [request.seed_track_ids for request in read_requests(Path("var/requests.csv"))] == [["a", "b"]]


def test_what_comes_from_spotify_never_stands_where_prepare_reads(spotify: dict[str, Any], tmp_path: Path) -> None:
    assert main(["--out", "var/requests.csv"]) == 0
    assert tables_in(tmp_path / "data" / "raw") == ([], [])
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert written == ["var/requests.csv", "var/spotify-token.json"]


def test_a_refusal_leaves_the_file_before(spotify: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    Path("var/requests.csv").write_text("before")
    del spotify["/v1/playlists/p1/items"]
    assert main(["--out", "var/requests.csv"]) == 1
    assert "Spotify gave no playlists" in capsys.readouterr().err
    assert Path("var/requests.csv").read_text() == "before"


def test_without_an_account_nothing_is_asked_and_nothing_written(
    spotify: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("var/spotify-token.json").unlink()
    assert main(["--out", "var/requests.csv"]) == 0
    monkeypatch.delenv("SPOTIPY_REDIRECT_URI")
    assert main(["--out", "var/requests.csv"]) == 0
    assert capsys.readouterr().out.count("no Spotify account is connected") == 2
    assert not Path("var/requests.csv").exists()
