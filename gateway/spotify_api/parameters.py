"""The query parameters of the drop-in routes: limits, ranges, and the many ways to write an id."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, create_model, model_validator

from gateway.schemas import Text, TrackId

ATTRIBUTES: dict[str, tuple[float, float]] = {
    "acousticness": (0, 1),
    "danceability": (0, 1),
    "duration_ms": (0, 86_400_000),  # a day
    "energy": (0, 1),
    "instrumentalness": (0, 1),
    "key": (0, 11),
    "liveness": (0, 1),
    "loudness": (-120, 20),  # dB
    "mode": (0, 1),
    "popularity": (0, 100),
    "speechiness": (0, 1),
    "tempo": (0, 1000),  # beats per minute
    "time_signature": (0, 11),
    "valence": (0, 1),
}
"""The attributes that `min_`, `max_` and `target_` may precede, and their ranges."""
BOUNDS = ("min_", "max_", "target_")
ATTRIBUTE_PARAMETERS = tuple(bound + name for name in ATTRIBUTES for bound in BOUNDS)
WITHOUT_EFFECT = "time_signature"  # the catalog does not hold it
SEEDS_MAX = 5

_WRITTEN_OUT = re.compile(
    r"(?:spotify:|https?://open\.spotify\.com/(?:intl-\w\w/)?)(?P<kind>[a-z]+)[:/](?P<id>[^?/:#]+)(?:[?#].*)?"
)


def spotify_id(kind: str, text: str) -> str:
    """The id in an id, a `spotify:` URI or an open.spotify.com address; ValueError if it is of another kind."""
    written_out = _WRITTEN_OUT.fullmatch(text)
    if written_out is None:
        return text
    if written_out["kind"] != kind:
        raise ValueError(f"{text[:80]!r} is of kind {written_out['kind']}, wanted is {kind}")
    return written_out["id"]


def _split(value: object) -> object:
    """`a,b` and `a` `b` (a repeated parameter) alike; empty parts are nothing."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        return value
    return [part.strip() for text in texts for part in str(text).split(",") if part.strip()]


def _as_ids(kind: str) -> Callable[[list[str]], list[str]]:
    return lambda texts: [spotify_id(kind, text) for text in texts]


Names = Annotated[list[Text], BeforeValidator(_split)]
TrackIds = Annotated[list[TrackId], BeforeValidator(_split), AfterValidator(_as_ids("track"))]
ArtistIds = Annotated[list[TrackId], BeforeValidator(_split), AfterValidator(_as_ids("artist"))]


class TracksQuery(BaseModel):
    """Of /v1/tracks."""

    ids: TrackIds = Field(min_length=1, max_length=50, description="Track ids, separated by commas.")


class AudioFeaturesQuery(BaseModel):
    """Of /v1/audio-features."""

    ids: TrackIds = Field(min_length=1, max_length=100, description="Track ids, separated by commas.")


class ArtistsQuery(BaseModel):
    """Of /v1/artists."""

    ids: ArtistIds = Field(min_length=1, max_length=50, description="Artist ids, separated by commas.")


class SearchQuery(BaseModel):
    """Of /v1/search."""

    q: Text = Field(description="Words; `track:`, `artist:`, `album:` and `isrc:` work.")
    type: Annotated[list[Literal["track"]], BeforeValidator(_split)] = Field(min_length=1, description="track")
    limit: int = Field(20, ge=0, le=50)
    offset: int = Field(0, ge=0, le=1000)


class RecommendationsQuery(BaseModel):
    """Of /v1/recommendations, without the attributes."""

    seed_tracks: TrackIds = Field([], description="Track ids, separated by commas.")
    seed_artists: ArtistIds = Field([], description="Artist ids, separated by commas.")
    seed_genres: Names = Field([], description="Genres of /v1/recommendations/available-genre-seeds.")
    limit: int = Field(20, ge=1, le=100, description="How many tracks are wanted.")
    market: str | None = Field(None, description="Accepted and without effect: the catalog has one market.")

    @model_validator(mode="after")
    def _one_to_five_seeds(self) -> "RecommendationsQuery":
        n_seeds = len(self.seed_tracks) + len(self.seed_artists) + len(self.seed_genres)
        if not 1 <= n_seeds <= SEEDS_MAX:
            raise ValueError(
                f"seed_tracks, seed_artists and seed_genres must hold 1 to {SEEDS_MAX} seeds together, not {n_seeds}"
            )
        return self

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> "RecommendationsQuery":
        low, high = self.wishes("min_"), self.wishes("max_")
        for name in low.keys() & high.keys():
            if low[name] > high[name]:
                raise ValueError(f"min_{name} is above max_{name}: no track can be within")
        return self

    def wishes(self, bound: str) -> dict[str, float]:
        """Attribute -> value, of the `min_`, `max_` or `target_` parameters that were given and have an effect."""
        given = {name: getattr(self, bound + name) for name in ATTRIBUTES if name != WITHOUT_EFFECT}
        return {name: value for name, value in given.items() if value is not None}


def _attribute(name: str) -> Any:
    low, high = ATTRIBUTES[name]
    return (Annotated[float | None, Field(ge=low, le=high)], None)


# Made, not written, because these 42 only differ in name and range.
_made = {name: _attribute(name.split("_", 1)[1]) for name in ATTRIBUTE_PARAMETERS}
_WithAttributes = create_model("_WithAttributes", __base__=RecommendationsQuery, **_made)


class FullRecommendationsQuery(_WithAttributes):  # type: ignore[misc, valid-type]  # mypy cannot read a made class
    """Of /v1/recommendations."""

    @model_validator(mode="before")
    @classmethod
    def _no_misspelt_attribute(cls, given: dict[str, object]) -> dict[str, object]:
        for name in given:
            if name.startswith(BOUNDS) and name not in ATTRIBUTE_PARAMETERS:
                close = get_close_matches(name, ATTRIBUTE_PARAMETERS, n=1)
                raise ValueError(f"{name[:80]} is no attribute" + (f"; did you mean {close[0]}?" if close else ""))
        return given
