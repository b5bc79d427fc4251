"""The gateway's answers as the page uses them; fields that the page does not need are left unread."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

Read = TypeVar("Read")


class Malformed(ValueError):
    """An answer lacks a field that the contract promises."""


@dataclass(frozen=True)
class Track:
    """A track as far as the page can show it."""

    track_id: str
    title: str
    artist: str
    album: str | None = None
    release_year: int | None = None
    popularity: float | None = None
    duration_ms: float | None = None
    image_url: str | None = None
    spotify_url: str | None = None


@dataclass(frozen=True)
class Hit(Track):
    """A track that a search found."""

    in_catalog: bool = True
    catalog_track_id: str | None = None
    """Under which id the catalog knows it; None if it does not."""


@dataclass(frozen=True)
class Hits:
    """What /search answers."""

    source: str
    """"catalog" or "spotify"."""
    tracks: list[Hit]


@dataclass(frozen=True)
class Why:
    """Why a track was recommended."""

    nearest_seed: str
    nearest_cosine: float
    deltas: Mapping[str, float]
    """Audio feature -> track minus mean of the seeds."""
    contributions: list[Mapping[str, Any]] = field(default_factory=list)
    """`feature`, `value` and `contribution` of the ranking features that counted most."""
    text: str = ""
    """The same in an English sentence."""


@dataclass(frozen=True, kw_only=True)
class RankedTrack(Track):
    """A recommendation."""

    rank: int
    score: float
    """Comparable only within one answer."""
    similarity: float | None = None
    artist_id: str | None = None
    explicit: bool | None = None
    isrc: str | None = None
    features: Mapping[str, float | None] = field(default_factory=dict)
    why: Why | None = None


@dataclass(frozen=True)
class Seed:
    """What became of a seed."""

    track_id: str
    status: str
    title: str | None = None
    artist: str | None = None


@dataclass(frozen=True)
class Playlist:
    """What /recommend_ranked answers."""

    request_id: str
    model: Mapping[str, str]
    """`name` and `version`."""
    seeds: list[Seed]
    profile: Mapping[str, float]
    tracks: list[RankedTrack]
    removed: Mapping[str, int]
    """Filter -> candidates that it removed."""
    message: str | None = None


def read(kind: type[Read], payload: object) -> Read:
    """A dataclass from a JSON object.

    Raises Malformed, naming the field, where the object lacks one that has no default, or is no object.
    """
    if not isinstance(payload, dict):
        raise Malformed(f"{kind.__name__}: expected an object, got {type(payload).__name__}")
    values = {}
    for part in fields(kind):  # type: ignore[arg-type]
        if part.name in payload:
            values[part.name] = payload[part.name]
        elif part.default is MISSING and part.default_factory is MISSING:
            raise Malformed(f"{kind.__name__}: {part.name} is missing")
    return kind(**values)


def read_all(kind: type[Read], payload: object) -> list[Read]:
    """A list of dataclasses from a JSON array; raises Malformed if it is none."""
    if not isinstance(payload, list):
        raise Malformed(f"{kind.__name__}: expected a list, got {type(payload).__name__}")
    return [read(kind, item) for item in payload]


def read_hits(payload: object) -> Hits:
    """What /search answered; raises Malformed."""
    whole = read(Hits, payload)
    return Hits(whole.source, read_all(Hit, whole.tracks))


def read_playlist(payload: object) -> Playlist:
    """What /recommend_ranked answered; raises Malformed."""
    if not isinstance(payload, dict):
        raise Malformed(f"Playlist: expected an object, got {type(payload).__name__}")
    pool = payload.get("pool") or {}
    whole = read(Playlist, {**payload, "removed": pool.get("removed") or {}})
    return Playlist(
        request_id=whole.request_id,
        model=whole.model,
        seeds=read_all(Seed, whole.seeds),
        profile=whole.profile,
        tracks=[_ranked(track) for track in whole.tracks],
        removed=whole.removed,
        message=whole.message,
    )


def read_spotify_tracks(payload: object) -> list[Track]:
    """What /v1/tracks answered, in Spotify's shape, without the unknown ones; raises Malformed."""
    if not isinstance(payload, dict) or not isinstance(payload.get("tracks"), list):
        raise Malformed("tracks: expected an object with a list")
    try:
        return [_spotify_track(track) for track in payload["tracks"] if track]
    except (KeyError, TypeError, IndexError) as error:
        raise Malformed(f"tracks: {error!r} in a track") from error


def _spotify_track(track: dict[str, Any]) -> Track:
    album = track.get("album") or {}
    year = str(album.get("release_date") or "")[:4]
    images = album.get("images") or [{}]
    return Track(
        track_id=track["id"],
        title=track["name"],
        artist=", ".join(artist["name"] for artist in track["artists"]),
        album=album.get("name") or None,
        release_year=int(year) if year.isdecimal() and int(year) else None,
        popularity=track.get("popularity"),
        duration_ms=track.get("duration_ms") or None,
        image_url=images[0].get("url"),
        spotify_url=(track.get("external_urls") or {}).get("spotify"),
    )


def _ranked(payload: object) -> RankedTrack:
    if not isinstance(payload, dict):
        raise Malformed(f"RankedTrack: expected an object, got {type(payload).__name__}")
    why = payload.get("why")
    features = payload.get("features") or {}
    return read(
        RankedTrack,
        {**payload, "why": read(Why, why) if why else None, "duration_ms": features.get("duration_ms")},
    )
