"""The page's only way to the gateway: every call, its timeout, and what can go wrong with it.

GatewayProblem
├── GatewayDown      nobody answers at the gateway's address
├── GatewaySlow      no answer in time
├── GatewayBroken    an answer that is none
├── ModelDown        the gateway is up, the model is not (yet)
├── ModelSlow        the model did not answer in time
├── Busy             too many requests at once
├── NoCatalog        the gateway has no catalog to search
├── NotAllowed       the API key is missing or wrong
└── Refused          the gateway did not accept the request
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import requests

from frontend.answers import Hits, Malformed, Playlist, Track, read_hits, read_playlist, read_spotify_tracks

CONNECT_S = 1.0
ANSWER_S = 6.0
"""Longer than the gateway's own deadline for the model, so that its error arrives rather than ours."""

TRACKS_MAX = 50
"""Spotify's own limit for one call."""

Event = Literal["like", "skip", "add"]


class GatewayProblem(Exception):
    """The root. `key` names the text that tells a listener what is wrong; the message is for the log."""

    key = "problem.unexpected"


class GatewayDown(GatewayProblem):
    """Nobody answers at the gateway's address."""

    key = "problem.gateway_down"


class GatewaySlow(GatewayProblem):
    """No answer in time."""

    key = "problem.gateway_slow"


class GatewayBroken(GatewayProblem):
    """An answer that is none."""

    key = "problem.gateway_broken"


class ModelDown(GatewayProblem):
    """The gateway is up, the model is not (yet)."""

    key = "problem.model_down"


class ModelSlow(GatewayProblem):
    """The model did not answer in time."""

    key = "problem.model_slow"


class Busy(GatewayProblem):
    """Too many requests at once."""

    key = "problem.busy"


class NoCatalog(GatewayProblem):
    """The gateway has no catalog to search."""

    key = "problem.no_catalog"


class NotAllowed(GatewayProblem):
    """The API key is missing or wrong."""

    key = "problem.not_allowed"


class Refused(GatewayProblem):
    """The gateway did not accept the request."""

    key = "problem.refused"


BY_CODE: Mapping[str, type[GatewayProblem]] = {
    "model_unavailable": ModelDown,
    "not_ready": ModelDown,
    "model_error": ModelDown,
    "model_timeout": ModelSlow,
    "overloaded": Busy,
    "catalog_unavailable": NoCatalog,
    "unauthorized": NotAllowed,
}
"""The gateway's `error` -> what it means here."""


class GatewayClient:
    """Calls the gateway. One instance serves all sessions of the page: it keeps connections, and no state."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        """url: the gateway's address, such as http://127.0.0.1:8000.  api_key: sent as X-API-Key."""
        self.url = url.rstrip("/")
        self._session = requests.Session()
        if api_key:
            self._session.headers["X-API-Key"] = api_key

    def health(self) -> dict[str, Any]:
        """What the gateway says of itself; raises GatewayProblem."""
        return self._object("GET", "/health")

    def ready(self) -> None:
        """Return if a recommendation goes through; raises GatewayProblem."""
        self._call("GET", "/ready")

    def search(self, q: str, limit: int = 8) -> Hits:
        """Tracks for what a listener typed; raises GatewayProblem."""
        try:
            return read_hits(self._call("GET", "/search", params={"q": q, "limit": limit}))
        except Malformed as error:
            raise GatewayBroken(str(error)) from error

    def recommend(self, wishes: Mapping[str, Any]) -> Playlist:
        """Ranked tracks for seeds and wishes (the gateway's RecommendRequest); raises GatewayProblem."""
        try:
            return read_playlist(self._call("POST", "/recommend_ranked", json=dict(wishes)))
        except Malformed as error:
            raise GatewayBroken(str(error)) from error

    def feedback(self, request_id: str, track_id: str, event: Event) -> None:
        """Say what the listener did with a recommended track; raises GatewayProblem."""
        self._call("POST", "/feedback", json={"request_id": request_id, "track_id": track_id, "event": event})

    def tracks(self, track_ids: Sequence[str]) -> dict[str, Track]:
        """Track id -> track, for those that the catalog knows; raises GatewayProblem."""
        found: dict[str, Track] = {}
        try:
            for start in range(0, len(track_ids), TRACKS_MAX):
                ids = ",".join(track_ids[start : start + TRACKS_MAX])
                answer = self._call("GET", "/v1/tracks", params={"ids": ids})
                found |= {track.track_id: track for track in read_spotify_tracks(answer)}
        except Malformed as error:
            raise GatewayBroken(str(error)) from error
        return found

    def metrics(self) -> str:
        """Prometheus' text; raises GatewayProblem."""
        return self._send("GET", "/metrics").text

    def feedback_summary(self) -> dict[str, Any]:
        """How often each event happened, by model version; raises GatewayProblem."""
        return self._object("GET", "/feedback/summary")

    def quality(self) -> dict[str, Any]:
        """The champion's evaluation, what is recommended, and drift; None for what nobody measured.

        Raises GatewayProblem.
        """
        return self._object("GET", "/quality")

    def genres(self) -> list[str]:
        """Genres of the catalog, the largest first; raises GatewayProblem."""
        return [str(genre) for genre in self._object("GET", "/genres").get("genres", [])]

    def picks(self, n: int, genre: str | None, rng_seed: int) -> Hits:
        """n tracks to start from, of a genre or of any; raises GatewayProblem."""
        params = {"n": n, "rng_seed": rng_seed, **({"genre": genre} if genre else {})}
        try:
            return read_hits(self._call("GET", "/picks", params=params))
        except Malformed as error:
            raise GatewayBroken(str(error)) from error

    def audio_features(self, track_ids: Sequence[str]) -> dict[str, dict[str, float]]:
        """Track id -> audio features, for those that the catalog knows; raises GatewayProblem."""
        answer = self._object("GET", "/v1/audio-features", params={"ids": ",".join(track_ids[:100])})
        return {found["id"]: found for found in answer.get("audio_features", []) if found}

    def _object(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        answer = self._call(method, path, **kwargs)
        if not isinstance(answer, dict):
            raise GatewayBroken(f"{path}: expected an object, got {type(answer).__name__}")
        return answer

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        """The answer's JSON, None for an empty one."""
        response = self._send(method, path, **kwargs)
        if not response.content:
            return None
        try:
            return response.json()
        except requests.JSONDecodeError as error:
            raise GatewayBroken(f"{path}: the answer is not JSON") from error

    def _send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        try:
            response = self._session.request(method, self.url + path, timeout=(CONNECT_S, ANSWER_S), **kwargs)
        except requests.Timeout as error:
            kind = GatewayDown if isinstance(error, requests.ConnectTimeout) else GatewaySlow
            raise kind(f"{self.url}{path}: {error}") from error
        except requests.RequestException as error:
            raise GatewayDown(f"{self.url}{path}: {error}") from error
        if response.status_code >= 400:
            raise _problem(response)
        return response


def _problem(response: requests.Response) -> GatewayProblem:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or "error" not in body:
        return GatewayBroken(f"status {response.status_code} without the gateway's error shape")
    error = body["error"]
    code, message = (error, body.get("message")) if isinstance(error, str) else ("", error.get("message"))
    kind = BY_CODE.get(code, Refused if response.status_code < 500 else GatewayBroken)
    return kind(str(message or code or response.status_code))
