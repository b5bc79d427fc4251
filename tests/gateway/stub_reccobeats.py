"""A stand-in for ReccoBeats' audio features on a real socket, by its documented contract; misbehaves as told."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_URL, uuid5

Answer = tuple[int, dict[str, str], Any]
"""Status, headers, JSON body."""
MAX_IDS = 40


def entry(track_id: str, **features: Any) -> dict[str, Any]:
    """A track's features as ReccoBeats sends them: under its own id; Spotify's stands in `href` only."""
    return {
        "id": str(uuid5(NAMESPACE_URL, track_id)), "href": f"https://open.spotify.com/track/{track_id}", "isrc": None,
        "acousticness": 0.1, "danceability": 0.6, "energy": 0.7, "instrumentalness": 0.0, "key": 5, "liveness": 0.1,
        "loudness": -6.5, "mode": 1, "speechiness": 0.05, "tempo": 120.5, "valence": 0.4, **features,
    }  # fmt: skip


class StubReccoBeats:
    """Knows every id but those that end in "x". `answer` may be changed at any time. A context manager."""

    def __init__(self) -> None:
        self.answer: Callable[[list[str]], Answer] = self.well
        self.asked: list[list[str]] = []
        """The ids of each call, oldest first."""
        self.stopped = threading.Event()

    def well(self, ids: list[str]) -> Answer:
        """Unknown ids are left out, and the order is not the request's."""
        if not 1 <= len(ids) <= MAX_IDS:
            return 400, {}, {"error": f"ids: 1 to {MAX_IDS}"}
        return 200, {}, {"content": [entry(track_id) for track_id in reversed(ids) if not track_id.endswith("x")]}

    def hang(self, ids: list[str]) -> Answer:
        """No answer, until the test is over."""
        self.stopped.wait(30)
        return 200, {}, {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1/"

    def __enter__(self) -> "StubReccoBeats":
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                assert url.path == "/v1/audio-features"
                ids = parse_qs(url.query).get("ids", [""])[0].split(",")
                stub.asked.append(ids)
                status, headers, body = stub.answer(ids)
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    pass  # the gateway did not wait

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
