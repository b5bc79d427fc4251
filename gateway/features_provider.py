"""Audio features of tracks outside the catalog, from a public service, so that such tracks can be seeds."""

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Any, Protocol

import aiohttp
from anyio.to_thread import run_sync

from gateway.catalog import Catalog
from gateway.metrics import Metrics
from gateway.schemas import RecommendRequest
from gateway.settings import GatewaySettings
from gateway.spotify_api.parameters import ATTRIBUTES

BATCH = 40  # ids a call, ReccoBeats' limit
REMEMBERED = 10_000  # tracks; a track's features do not change
LONGEST_SILENCE_S = 3600.0
DEFAULT_SILENCE_S = 30.0
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
_TRACK_ADDRESS = re.compile(r"https://open\.spotify\.com/track/([0-9A-Za-z]{22})(?:\?.*)?")
_GIVEN = tuple(name for name in ATTRIBUTES if name not in ("popularity", "time_signature"))

log = logging.getLogger(__name__)
Features = dict[str, float]


class FeaturesProvider(Protocol):
    """Somebody who knows what tracks sound like."""

    async def features(self, track_ids: Sequence[str]) -> dict[str, Features]:
        """Audio features by track id, in the catalog's units. Never fails: what it cannot tell is missing."""

    async def close(self) -> None:
        """Close the connections."""


class ReccoBeats:
    """ReccoBeats' public API: no key, some 15 % of tracks unknown, limits unpublished."""

    def __init__(self, url: str, deadline_s: float, metrics: Metrics) -> None:
        """url: with its version, such as `https://…/v1/`.  deadline_s: for all calls of one question together."""
        self._address = f"{url.rstrip('/')}/audio-features"
        self._deadline_s = deadline_s
        self._errors = metrics.upstream_errors
        self._known: dict[str, Features] = {}
        self._silent_until = 0.0
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def features(self, track_ids: Sequence[str]) -> dict[str, Features]:
        """Audio features by track id; what does not come within the deadline is missing."""
        unknown = [id_ for id_ in dict.fromkeys(track_ids) if id_ not in self._known and _SPOTIFY_ID.fullmatch(id_)]
        if unknown and asyncio.get_running_loop().time() >= self._silent_until:
            calls = [
                asyncio.create_task(self._call(unknown[start : start + BATCH]))
                for start in range(0, len(unknown), BATCH)
            ]
            _, late = await asyncio.wait(calls, timeout=self._deadline_s)
            for call in late:
                call.cancel()
            if late:
                self._failed("timeout", f"{len(late)} of {len(calls)} calls were late")
        return {track_id: self._known[track_id] for track_id in track_ids if track_id in self._known}

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _call(self, track_ids: Sequence[str]) -> None:
        try:
            async with self._session.get(
                self._address, params={"ids": ",".join(track_ids)}, allow_redirects=False
            ) as response:
                if response.status == 429:
                    self._be_silent(response.headers.get("Retry-After", ""))
                response.raise_for_status()
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, ValueError, RecursionError) as error:
            self._failed("error", f"{type(error).__name__} {getattr(error, 'status', '')}")
            return
        for track_id, features in _by_track(answer):
            if features:
                self._remember(track_id, features)

    def _be_silent(self, retry_after: str) -> None:
        seconds = float(retry_after) if retry_after.isdecimal() else DEFAULT_SILENCE_S
        self._silent_until = asyncio.get_running_loop().time() + min(seconds, LONGEST_SILENCE_S)

    def _remember(self, track_id: str, features: Features) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.pop(next(iter(self._known)))  # the oldest
        self._known[track_id] = features

    def _failed(self, kind: str, why: str) -> None:
        self._errors.labels("reccobeats", kind).inc()
        log.warning("audio features missing", extra={"upstream": "reccobeats", "kind": kind, "why": why})


def from_settings(settings: GatewaySettings, metrics: Metrics) -> FeaturesProvider | None:
    """The provider that the settings name; None for none. Belongs to the running event loop."""
    if settings.features_provider == "none":
        return None
    return ReccoBeats(str(settings.reccobeats_url), settings.features_deadline_s, metrics)


async def with_features(wish: RecommendRequest, catalog: Catalog, provider: FeaturesProvider) -> RecommendRequest:
    """The wish, with the features of those seeds that the catalog does not know and the provider does."""
    in_catalog = {track.track_id for track in await run_sync(catalog.tracks, wish.seed_track_ids)}
    missing = [id_ for id_ in wish.seed_track_ids if id_ not in in_catalog and id_ not in wish.seed_features]
    found = await provider.features(missing) if missing else {}
    return wish.model_copy(update={"seed_features": found | wish.seed_features}) if found else wish


def _by_track(answer: Any) -> list[tuple[str, Features]]:
    """(track id, features) of every usable entry. Entries are known by their `href`: `id` is ReccoBeats' own."""
    content = answer.get("content") if isinstance(answer, dict) else None
    entries = [entry for entry in content if isinstance(entry, dict)] if isinstance(content, list) else []
    addresses = [(_TRACK_ADDRESS.fullmatch(str(entry.get("href"))), entry) for entry in entries]
    return [(address[1], _usable(entry)) for address, entry in addresses if address]


def _usable(entry: dict[str, Any]) -> Features:
    values: list[tuple[str, Any]] = [(name, entry.get(name)) for name in _GIVEN]
    numbers = {name: float(value) for name, value in values if type(value) in (int, float)}
    if numbers.get("tempo") == 0:  # not detected
        del numbers["tempo"]
    return {name: value for name, value in numbers.items() if ATTRIBUTES[name][0] <= value <= ATTRIBUTES[name][1]}
