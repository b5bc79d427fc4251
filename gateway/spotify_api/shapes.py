"""Spotify's objects, field for field, filled with what the catalog knows.

What it does not know is said as Spotify says it of a local file, so that strictly typed clients can read it too: null
where Spotify allows null, else 0, false or an empty list. docs/api.md lists the fields.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from gateway.catalog import CatalogTrack
from gateway.schemas import RankedTrack

_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
_DATE_PRECISION: dict[int, Literal["year", "month", "day"]] = {4: "year", 7: "month", 10: "day"}
NOT_DETECTED = -1  # Spotify's own value for a key or mode that was not found


class Image(BaseModel):
    """A cover or a portrait. The catalog has none."""

    url: str
    height: int | None
    width: int | None


class Followers(BaseModel):
    """Not in the catalog: always none."""

    href: None = None
    total: int = 0


class SimplifiedArtist(BaseModel):
    """An artist as a track names it."""

    external_urls: dict[str, str]
    href: str
    id: str
    name: str
    type: Literal["artist"] = "artist"
    uri: str


class Artist(SimplifiedArtist):
    """An artist."""

    followers: Followers = Followers()
    genres: list[str] = []
    images: list[Image] = []
    popularity: int = 0


class Album(BaseModel):
    """An album as a track names it."""

    album_type: str | None = None
    total_tracks: int = 0
    available_markets: list[str] = []
    external_urls: dict[str, str]
    href: str | None = None
    id: str | None
    images: list[Image] = []
    name: str
    release_date: str | None
    release_date_precision: Literal["year", "month", "day"] | None
    type: Literal["album"] = "album"
    uri: str | None
    artists: list[SimplifiedArtist]


class Track(BaseModel):
    """A track."""

    album: Album
    artists: list[SimplifiedArtist]
    available_markets: list[str] = []
    disc_number: int = 0
    duration_ms: int
    explicit: bool
    external_ids: dict[str, str]
    external_urls: dict[str, str]
    href: str
    id: str
    is_local: bool = False
    is_playable: bool = True
    name: str
    popularity: int
    preview_url: str | None = None
    track_number: int = 0
    type: Literal["track"] = "track"
    uri: str


class AudioFeatures(BaseModel):
    """What a track sounds like."""

    acousticness: float | None
    analysis_url: str = ""
    danceability: float | None
    duration_ms: int
    energy: float | None
    id: str
    instrumentalness: float | None
    key: int
    liveness: float | None
    loudness: float | None
    mode: int
    speechiness: float | None
    tempo: float
    time_signature: int = 0
    track_href: str
    type: Literal["audio_features"] = "audio_features"
    uri: str
    valence: float | None


class RecommendationSeed(BaseModel):
    """What became of a seed. An unknown one has pools of size 0."""

    initialPoolSize: int
    afterFilteringSize: int
    afterRelinkingSize: int
    id: str
    type: Literal["TRACK", "ARTIST", "GENRE"]
    href: str | None


class Recommendations(BaseModel):
    """What /v1/recommendations answers."""

    seeds: list[RecommendationSeed]
    tracks: list[Track]


class TrackPage(BaseModel):
    """A part of a search result."""

    href: str
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int
    items: list[Track]


@dataclass(frozen=True)
class Links:
    """Addresses of things: `href` within this gateway, `external_urls` at Spotify."""

    base: str
    """Where /v1 is, as the client sees it, without a trailing slash."""
    at_spotify: bool
    """False for demo data, whose ids Spotify does not know."""

    def href(self, kind: str, thing_id: str) -> str:
        """Where this gateway serves the thing."""
        return f"{self.base}/{kind}s/{thing_id}"

    def external(self, kind: str, thing_id: str | None) -> dict[str, str]:
        """Spotify's page; none for ids that are not Spotify's."""
        if not (self.at_spotify and thing_id and _SPOTIFY_ID.fullmatch(thing_id)):
            return {}
        return {"spotify": f"https://open.spotify.com/{kind}/{thing_id}"}


def track_object(track: CatalogTrack | RankedTrack, links: Links) -> Track:
    """A catalog track, or a recommended one, as Spotify's TrackObject."""
    duration_ms = track.duration_ms if isinstance(track, CatalogTrack) else track.features.get("duration_ms")
    artists = [_artist(track.artist_id, track.artist, links)]
    return Track(
        album=_album(track, artists, links),
        artists=artists,
        duration_ms=round(duration_ms or 0),
        explicit=bool(track.explicit),
        external_ids={"isrc": track.isrc} if track.isrc else {},
        external_urls=links.external("track", track.track_id),
        href=links.href("track", track.track_id),
        id=track.track_id,
        name=track.title,
        popularity=round(track.popularity or 0),
        uri=f"spotify:track:{track.track_id}",
    )


def artist_object(artist_id: str, name: str, links: Links) -> Artist:
    """A catalog artist as Spotify's ArtistObject."""
    return Artist(**_artist(artist_id, name, links).model_dump())


def audio_features_object(track: CatalogTrack, links: Links) -> AudioFeatures | None:
    """A catalog track's audio features as Spotify's AudioFeaturesObject; None if the catalog has none of them."""
    if track.danceability is None and track.energy is None and track.tempo is None:
        return None
    return AudioFeatures(
        acousticness=track.acousticness,
        danceability=track.danceability,
        duration_ms=round(track.duration_ms or 0),
        energy=track.energy,
        id=track.track_id,
        instrumentalness=track.instrumentalness,
        key=NOT_DETECTED if track.key is None else round(track.key),
        liveness=track.liveness,
        loudness=track.loudness,
        mode=NOT_DETECTED if track.mode is None else round(track.mode),
        speechiness=track.speechiness,
        tempo=track.tempo or 0.0,
        track_href=links.href("track", track.track_id),
        uri=f"spotify:track:{track.track_id}",
        valence=track.valence,
    )


def _artist(artist_id: str, name: str, links: Links) -> SimplifiedArtist:
    return SimplifiedArtist(
        external_urls=links.external("artist", artist_id),
        href=links.href("artist", artist_id),
        id=artist_id,
        name=name,
        uri=f"spotify:artist:{artist_id}",
    )


def _album(track: CatalogTrack | RankedTrack, artists: Sequence[SimplifiedArtist], links: Links) -> Album:
    date = track.release_date
    return Album(
        external_urls=links.external("album", track.album_id),
        id=track.album_id,
        name=track.album or "",
        release_date=date,
        release_date_precision=_DATE_PRECISION.get(len(date or "")),
        uri=f"spotify:album:{track.album_id}" if track.album_id else None,
        artists=list(artists),
    )
