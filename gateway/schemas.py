"""The gateway's request and answers: the model's contract in public, with limits; unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, model_validator

K_MAX = 100
"""Spotify's own limit was the same, and an answer of this length still fits a page."""
SEEDS_MAX = 500
"""A whole long playlist."""

Attribute = Literal[
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness",
    "valence", "tempo", "duration_ms", "popularity", "release_year",
]  # fmt: skip
"""What `min`, `max` and `target` may name."""
AudioFeature = Literal[
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness",
    "valence", "tempo", "duration_ms",
]  # fmt: skip

# No control characters (Unicode Cc): they name no track, and they would forge lines in a terminal.
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
TrackId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
Bounds = dict[Attribute, FiniteFloat]


class RecommendRequest(BaseModel):
    """Seeds and wishes. Only `seed_track_ids` is needed; every default means "no wish"."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)

    seed_track_ids: list[TrackId] = Field(min_length=1, max_length=SEEDS_MAX)
    """Tracks that the listener likes, by catalog id; five are plenty, a whole playlist works."""
    k: Annotated[int, Field(ge=1, le=K_MAX)] = 20
    """How many tracks are wanted."""
    seed_features: dict[TrackId, dict[AudioFeature, FiniteFloat]] = Field(default_factory=dict, max_length=SEEDS_MAX)
    """Audio features of seeds that are not in the catalog: track id -> feature -> value."""
    negative_track_ids: list[TrackId] = Field(default_factory=list, max_length=SEEDS_MAX)
    """Less like these."""
    exclude_track_ids: list[TrackId] = Field(default_factory=list, max_length=2_000)
    """Never again: these tracks and their other versions."""
    exclude_artists: list[Text] = Field(default_factory=list, max_length=SEEDS_MAX)
    """Never again: artist ids, or names in any case."""
    min: Bounds = Field(default_factory=dict)
    """Hard lower bounds by attribute; a track without the attribute is outside."""
    max: Bounds = Field(default_factory=dict)
    """Hard upper bounds, likewise."""
    target: Bounds = Field(default_factory=dict)
    """Values to pull towards, by attribute."""
    allow_explicit: bool = True
    """False drops tracks known to be explicit."""
    max_per_artist: Annotated[int, Field(ge=0, le=K_MAX)] = 3
    """At most so many tracks by one artist; 0 is no limit."""
    popularity: Annotated[float, Field(ge=-1, le=1)] = 0.0
    """-1 deep cuts, 0 as ranked, 1 familiar."""
    diversity: Annotated[float, Field(ge=0, le=1)] = 0.0
    """0 pure rank, 1 as unlike each other as the candidates allow."""
    temperature: Annotated[float, Field(ge=0, le=10)] = 0.0
    """0 always the same answer; above, ranks are sampled."""
    random_seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Makes a sampled answer repeatable."""
    explain: bool = False
    """Adds `why` to every track."""

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> "RecommendRequest":
        for name in self.min.keys() & self.max.keys():
            if self.min[name] > self.max[name]:
                raise ValueError(f"min.{name} is above max.{name}: no track can be within")
        return self


class AnswerPart(BaseModel):
    """Part of an answer: no NaN and no infinity, because JSON has neither."""

    model_config = ConfigDict(allow_inf_nan=False, use_attribute_docstrings=True)


class Seed(AnswerPart):
    """What became of one seed, in request order."""

    track_id: str
    status: Literal["used", "unknown", "duplicate", "no_features"]
    """`duplicate`: it, or another version of it, stands earlier. `no_features`: used, but not in the profile."""
    title: str | None = None
    artist: str | None = None


class Contribution(AnswerPart):
    """One ranking feature's share in a score."""

    feature: str
    value: float | None = None
    contribution: float


class Why(AnswerPart):
    """Why a track was recommended."""

    nearest_seed: str
    nearest_cosine: float
    contributions: list[Contribution]
    deltas: dict[str, float]
    text: str


class RankedTrack(AnswerPart):
    """A recommendation."""

    rank: int = Field(ge=1)
    track_id: str
    title: str
    artist: str
    artist_id: str
    album: str | None = None
    album_id: str | None = None
    release_date: str | None = None
    release_year: int | None = None
    popularity: float | None = None
    explicit: bool | None = None
    isrc: str | None = None
    score: float
    """Comparable only within one answer."""
    similarity: float | None = None
    """Cosine of the track to the profile, -1 to 1; null without audio features."""
    features: dict[str, float | None]
    why: Why | None = None


class Pool(AnswerPart):
    """How many candidates there were, and what the filters removed."""

    initial: int
    after_filtering: int
    removed: dict[str, int] = Field(default_factory=dict)


class ModelVersion(AnswerPart):
    """Which registered model answered."""

    name: str
    version: str


class Answer(AnswerPart):
    """What the model answers to one request."""

    model: ModelVersion
    seeds: list[Seed]
    profile: dict[str, float]
    """Mean audio features of the used seeds, in the features' own units."""
    pool: Pool
    tracks: list[RankedTrack]
    message: str | None = None
    """Why the list is empty or shorter than asked for."""


class RecommendAnswer(Answer):
    """What /recommend_ranked answers."""

    request_id: str
    """Also in the X-Request-ID header; feedback refers to it."""


class SearchHit(AnswerPart):
    """A track that search found."""

    track_id: str
    title: str
    artist: str
    album: str | None
    release_year: int | None
    popularity: float | None
    duration_ms: int | None
    in_catalog: bool
    """Whether it can be a seed as it is."""
    catalog_track_id: str | None
    """Under which id the catalog knows it."""
    image_url: str | None
    spotify_url: str | None


class SearchAnswer(AnswerPart):
    """What /search answers."""

    source: Literal["catalog", "spotify"]
    tracks: list[SearchHit]
    note: str | None = None
    """Why the answer comes from the local catalog."""
