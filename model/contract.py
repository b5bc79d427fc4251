"""The model's contract: one `Request` row in, one `Answer` row out, over HTTP and in batch alike.

Only types that MLflow can write into a model signature: no `Literal`, and every optional field defaults to None.
"""

from pydantic import BaseModel, Field


class Request(BaseModel):
    """Seeds and wishes. Only `seed_track_ids` is needed; every default means "no wish"."""

    seed_track_ids: list[str]
    k: int = 20
    """How many tracks are wanted."""
    seed_features: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Audio features of seeds that are not in the catalog: track id -> feature -> value."""
    negative_track_ids: list[str] = Field(default_factory=list)
    """Less like these."""
    exclude_track_ids: list[str] = Field(default_factory=list)
    """Never again: these tracks and their other versions."""
    exclude_artists: list[str] = Field(default_factory=list)
    """Never again: artist ids, or names in any case."""
    min: dict[str, float] = Field(default_factory=dict)
    """Hard lower bounds by attribute (`schemas.FILTERS`); a track without the attribute is outside."""
    max: dict[str, float] = Field(default_factory=dict)
    """Hard upper bounds, likewise."""
    target: dict[str, float] = Field(default_factory=dict)
    """Values to pull towards, by attribute."""
    allow_explicit: bool = True
    """False drops tracks known to be explicit."""
    max_per_artist: int = 3
    """At most so many tracks by one artist; 0 is no limit."""
    popularity: float = 0.0
    """-1 deep cuts … 0 as ranked … 1 familiar."""
    diversity: float = 0.0
    """0 pure rank … 1 as unlike each other as the candidates allow (maximal marginal relevance)."""
    temperature: float = 0.0
    """0 always the same answer; above, ranks are sampled (Gumbel noise of this scale)."""
    random_seed: int = 0
    """Makes a sampled answer repeatable."""
    explain: bool = False
    """Adds `why` to every track."""


class Seed(BaseModel):
    """What became of one seed, in request order."""

    track_id: str
    status: str
    """`used`; `unknown`; `duplicate`: the same track, or another version of it, stands earlier among the seeds;
    `no_features`: in the catalog, used for its artist and playlists, but adds nothing to the profile."""
    title: str | None = None
    artist: str | None = None


class Contribution(BaseModel):
    """One ranking feature's share in a score, from LightGBM's `pred_contrib`."""

    feature: str
    value: float | None = None
    contribution: float


class Why(BaseModel):
    """Why a track was recommended."""

    nearest_seed: str
    """Track id of the seed that sounds most alike."""
    nearest_cosine: float
    contributions: list[Contribution]
    """The three strongest, strongest first."""
    deltas: dict[str, float]
    """Audio feature -> track minus mean of the seeds, in the feature's unit."""
    text: str
    """The same in an English sentence that a listener understands."""


class RankedTrack(BaseModel):
    """A recommendation."""

    rank: int
    """From 1 = best."""
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
    """Comparable only within one answer; falls with the rank unless diversity or temperature reorders."""
    similarity: float | None = None
    """Cosine of the track's feature vector to the profile, -1 to 1; None without audio features."""
    features: dict[str, float | None]
    """The twelve audio features as the catalog has them."""
    why: Why | None = None


class Pool(BaseModel):
    """How many candidates there were, and what the filters removed."""

    initial: int
    after_filtering: int
    removed: dict[str, int] = Field(default_factory=dict)
    """Filter (`min.energy`, `max.tempo`, `exclude_artists`, `allow_explicit`, …) -> candidates it removed, counting
    each candidate at the first filter that removed it."""


class ModelVersion(BaseModel):
    """Which registered model answered."""

    name: str
    version: str
    """"unregistered" for a model that was loaded from a plain path."""


class Answer(BaseModel):
    """One request's recommendations; empty, with a message, where there is nothing to recommend."""

    model: ModelVersion
    seeds: list[Seed]
    profile: dict[str, float]
    """Mean audio features of the used seeds, in the features' own units; empty if none has features."""
    pool: Pool
    tracks: list[RankedTrack]
    message: str | None = None
    """Why the list is empty or shorter than asked for."""
