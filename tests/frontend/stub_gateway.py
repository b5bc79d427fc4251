"""A small gateway on a loopback socket: answers by the contract from a toy catalog, or fails as told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

WORDS = ("Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbor")
GENRES = ("folk", "metal", "jazz")
NASTY = "<img src=x onerror=alert(1)> *bold* [link](javascript:alert(1))"


def _track(i: int) -> dict[str, Any]:
    genre = i % len(GENRES)
    return {
        "track_id": f"track{i}" if i < 100 else f"{i:022}",  # the latter look like Spotify's
        "title": f"{WORDS[i % 8]} {GENRES[genre].title()} {i}" if i != 119 else NASTY,
        "artist": f"The {WORDS[(i * 3 + genre) % 8]}s",
        "artist_id": f"artist{(i * 3 + genre) % 8}",
        "album": f"Album {i // 5}",
        "release_year": 1970 + i % 50,
        "popularity": float(i % 100),
        "features": {
            "danceability": 0.3 + 0.2 * genre, "energy": 0.2 + 0.3 * genre + i % 7 / 50, "key": i % 12,
            "loudness": -8.0, "mode": i % 2, "speechiness": 0.05, "acousticness": 0.8 - 0.3 * genre,
            "instrumentalness": 0.1, "liveness": 0.2, "valence": 0.4 + i % 5 / 10, "tempo": 90.0 + 20 * genre + i % 9,
            "duration_ms": 200_000.0 + i,
        },
    }  # fmt: skip


CATALOG = {track["track_id"]: track for track in map(_track, range(120))}


class StubGateway:
    """What it says, what it was asked, and how it fails: `fault` is None or (status, error code)."""

    def __init__(self) -> None:
        """Healthy, and not demo data."""
        self.is_demo = False
        self.fault: tuple[int, str] | None = None
        self.raw: bytes | None = None
        """If set, the body of every answer."""
        self.deaf = False
        """If set, feedback fails."""
        self.missing: tuple[str, ...] = ()
        """Ids of tracks that search finds, but the catalog does not know."""
        self.asked: list[tuple[str, Any]] = []
        """Path and body or query of every request but /health."""
        self.url = ""

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """Status and JSON for a request."""
        if path == "/health":
            return 200, {"status": "ok", "data_source": "toy", "is_demo": self.is_demo, "n_tracks": 120, "notice": None}
        self.asked.append((path, body if method == "POST" else query))
        if self.fault:
            status, code = self.fault
            return status, {"error": code, "message": f"told to say {code}", "request_id": "r0"}
        if path == "/search":
            found = search(query["q"][0], int(query.get("limit", ["10"])[0]))
            for track in found["tracks"]:
                if track["track_id"] in self.missing:
                    track |= {"in_catalog": False, "catalog_track_id": None}
            return 200, found
        if path == "/recommend_ranked":
            return 200, recommend(body)
        if path == "/feedback" and self.deaf:
            return 503, {"error": "feedback_full", "message": "full", "request_id": "r0"}
        if path == "/feedback":
            return 202, {"status": "accepted"}
        if path == "/ready":
            return 200, {"status": "ready", "model": {"name": "quintet", "version": "3"}}
        if path == "/genres":
            return 200, {"genres": list(GENRES)}
        if path == "/picks":
            return 200, search(query.get("genre", [""])[0], int(query["n"][0]))
        if path.startswith("/v1/"):
            return 200, SPOTIFY[path](query["ids"][0].split(","))
        if path in WATCHED:
            return 200, WATCHED[path]
        return 404, {"error": "not_found", "message": path, "request_id": "r0"}


def search(q: str, limit: int) -> dict[str, Any]:
    """Tracks with every word of q somewhere in title or artist."""
    found = [t for t in CATALOG.values() if all(w in f"{t['title']} {t['artist']}".lower() for w in q.lower().split())]
    keys = ("track_id", "title", "artist", "album", "release_year", "popularity")
    extra = {"in_catalog": True, "image_url": None, "spotify_url": None}
    return {
        "source": "catalog",
        "tracks": [
            {key: t[key] for key in keys}
            | extra
            | {"catalog_track_id": t["track_id"], "duration_ms": t["features"]["duration_ms"]}
            for t in found[:limit]
        ],
        "note": None,
    }


def recommend(body: dict[str, Any]) -> dict[str, Any]:
    """Tracks by their distance in energy to the seeds', after the hard filters."""
    seeds = [CATALOG[i] for i in body["seed_track_ids"] if i in CATALOG]
    energy = sum(t["features"]["energy"] for t in seeds) / max(len(seeds), 1)
    energy = body.get("target", {}).get("energy", energy)
    gone = {*body["seed_track_ids"], *body.get("exclude_track_ids", []), *body.get("negative_track_ids", [])}
    pool = [t for t in CATALOG.values() if t["track_id"] not in gone]
    removed = {}
    for part, sign in (("min", 1), ("max", -1)):
        for name, bound in body.get(part, {}).items():
            left = [t for t in pool if sign * (t["features"].get(name, t.get(name)) - bound) >= 0]
            removed[f"{part}.{name}"] = len(pool) - len(left)
            pool = left
    pool = [t for t in pool if t["artist"] not in body.get("exclude_artists", [])]
    pool.sort(key=lambda t: abs(t["features"]["energy"] - energy))
    pool = pool[: body.get("k", 20)]
    return {
        "request_id": f"request{len(gone)}",
        "model": {"name": "quintet", "version": "3"},
        "seeds": [
            {
                "track_id": i,
                "status": "used" if i in CATALOG else "unknown",
                "title": CATALOG[i]["title"] if i in CATALOG else None,
                "artist": CATALOG[i]["artist"] if i in CATALOG else None,
            }
            for i in body["seed_track_ids"]
        ],
        "profile": seeds[0]["features"] if seeds else {},
        "pool": {"initial": 120, "after_filtering": len(pool), "removed": removed},
        "tracks": [_ranked(rank, t, seeds) for rank, t in enumerate(pool, 1)],
        "message": None if pool else "the filters left nothing",
    }


def _ranked(rank: int, track: dict[str, Any], seeds: list[dict[str, Any]]) -> dict[str, Any]:
    deltas = {name: value - seeds[0]["features"][name] for name, value in track["features"].items()} if seeds else {}
    why = {
        "nearest_seed": seeds[0]["track_id"], "nearest_cosine": 0.9, "deltas": deltas, "text": "It sounds alike.",
        "contributions": [{"feature": "cosine", "value": 0.9, "contribution": 1.0}],
    } if seeds else None  # fmt: skip
    return {
        **track, "rank": rank, "score": 1.0 / rank, "similarity": 0.9, "why": why, "album_id": None, "isrc": None,
        "release_date": str(track["release_year"]), "explicit": False,
    }  # fmt: skip


def _spotify_track(track: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": track["track_id"], "name": track["title"], "artists": [{"name": track["artist"]}], "popularity": 5,
        "album": {"name": track["album"], "release_date": str(track["release_year"]), "images": []},
        "duration_ms": track["features"]["duration_ms"], "external_urls": {},
    }  # fmt: skip


SPOTIFY: dict[str, Callable[[list[str]], Any]] = {
    "/v1/tracks": lambda ids: {"tracks": [_spotify_track(CATALOG[i]) if i in CATALOG else None for i in ids]},
    "/v1/audio-features": lambda ids: {
        "audio_features": [CATALOG[i]["features"] | {"id": i} if i in CATALOG else None for i in ids]
    },
}
METRICS = """\
# TYPE quintet_requests_total counter
quintet_requests_total{method="POST",route="/recommend_ranked",status="200"} 97
quintet_requests_total{method="POST",route="/recommend_ranked",status="503"} 3
quintet_requests_total{method="GET",route="/search",status="200"} 400
# TYPE quintet_request_seconds histogram
quintet_request_seconds_bucket{le="0.005",route="/recommend_ranked"} 0
quintet_request_seconds_bucket{le="0.01",route="/recommend_ranked"} 80
quintet_request_seconds_bucket{le="0.1",route="/recommend_ranked"} 100
quintet_request_seconds_bucket{le="+Inf",route="/recommend_ranked"} 100
# TYPE quintet_breaker_state gauge
quintet_breaker_state{upstream="http://127.0.0.1:8001"} 2
# TYPE quintet_model_info gauge
quintet_model_info{name="quintet",version="3"} 1
"""
WATCHED: dict[str, Any] = {
    "/metrics": METRICS,
    "/feedback/summary": {
        "stored": {
            "recommendations": 10,
            "events": {"impression": 200, "like": 20},
            "by_model_version": [
                {"name": "quintet", "version": "3", "events": {"impression": 200, "like": 20, "skip": 5}}
            ],
        },
        "queue": {"queued": 0, "accepted": 20, "written": 20, "dropped": 0},
    },
    "/quality": {
        "evaluation": {
            "warm": {"popularity": {"r_precision": 0.028, "ndcg@500": 0.094, "clicks": 26.2},
                     "champion": {"r_precision": 0.181, "ndcg@500": 0.452, "clicks": 1.8}},
            "cold": {"champion": {"r_precision": 0.381, "ndcg@500": 0.662, "clicks": 0.18}},
        },
        "recommended": {"impressions": 200, "distinct_tracks": 60, "coverage": 0.5, "mean_popularity_percentile": 0.61},
        "drift": {"n_seeds": 80, "features": [{"name": "energy", "score": 0.6, "drifted": True}]},
    },
}  # fmt: skip


@contextmanager
def running_stub(port: int = 0) -> Iterator[StubGateway]:
    """A stub on a free port, or on the one given."""
    stub = StubGateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlparse(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            status, answer = stub.answer(self.command, parts.path, parse_qs(parts.query), body)
            text = answer if isinstance(answer, str) else json.dumps(answer)
            raw = text.encode() if stub.raw is None else stub.raw
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _serve

        def log_message(self, *args: object) -> None:
            """Nothing: tests read answers, not logs."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
