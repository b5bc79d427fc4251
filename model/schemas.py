"""The tables that `data` writes and `model` reads: column names, dtypes, and what one row means."""

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

AUDIO_FEATURES = (
    "danceability",  # 0-1
    "energy",  # 0-1
    "key",  # pitch class 0-11, 0 = C
    "loudness",  # dB, about -60 to +2
    "mode",  # 0 minor, 1 major
    "speechiness",  # 0-1
    "acousticness",  # 0-1
    "instrumentalness",  # 0-1
    "liveness",  # 0-1
    "valence",  # 0-1
    "tempo",  # beats per minute; 0 is "not detected" at the source and missing here
    "duration_ms",
)
"""The twelve numbers that describe a track's sound, in catalog column order."""

FILTERS = (*AUDIO_FEATURES, "popularity", "release_year")
"""The attributes a request may bound with `min` / `max` or pull with `target`."""


class TableMismatch(ValueError):
    """A table does not have the columns, dtypes or ranges that its schema promises."""


def _text(*, nullable: bool = False, unique: bool = False) -> pa.Column:
    return pa.Column(str, nullable=nullable, unique=unique, coerce=True)


def _number(low: float | None = None, high: float | None = None, dtype: str = "float32") -> pa.Column:
    checks = [pa.Check.ge(low)] if low is not None else []
    checks += [pa.Check.le(high)] if high is not None else []
    return pa.Column(dtype, checks, nullable=True, coerce=True)


CATALOG = pa.DataFrameSchema(
    {
        "track_id": _text(unique=True),
        "title": _text(),
        "artist": _text(),  # display name; several artists are joined by ", "
        "artist_id": _text(),  # of the first artist: as given, else derived from the name
        "album": _text(nullable=True),
        "album_id": _text(nullable=True),
        "release_date": _text(nullable=True),  # YYYY, YYYY-MM or YYYY-MM-DD, as the source had it
        "release_year": _number(1000, 2200),
        "popularity": _number(0, 100),
        "explicit": pa.Column("boolean", nullable=True, coerce=True),
        "isrc": _text(nullable=True),
        "canonical_id": _text(),  # track_id of the version that stands for all versions of this song
        **{name: _number(0, 1) for name in AUDIO_FEATURES},
        "key": _number(0, 11),
        "loudness": _number(-120, 20),
        "tempo": _number(0, 1000),
        "duration_ms": _number(0),
    },
    strict=True,
    ordered=True,
    name="catalog",
)
"""One row is a track; the row number is its index everywhere inside the model."""

PLAYLISTS = pa.DataFrameSchema(
    {
        "playlist_id": _text(),
        "position": pa.Column("int32", pa.Check.ge(0), coerce=True),
        "track_id": _text(),  # may name a track outside the catalog
    },
    strict=True,
    ordered=True,
    unique=["playlist_id", "track_id"],
    name="playlists",
)
"""One row is a track in a playlist. May be empty: a catalog without playlists trains too."""


def check(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The frame, coerced to the schema's dtypes.

    Raises TableMismatch with the table's name, the column and the first offending values.
    """
    try:
        return schema.validate(frame)
    except (SchemaError, SchemaErrors) as error:
        raise TableMismatch(f"table {schema.name!r}: {str(error).splitlines()[0]}") from error
