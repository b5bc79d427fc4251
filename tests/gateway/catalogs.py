"""A small catalog.db with known tracks, written as `prepare` writes it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from data.clean import clean
from data.read import RawTables, tracks_of
from data.search_index import write_catalog_db

BLINDING_LIGHTS = "0VjIjW4GlUZAMYd2vXMi3b"
HALO = "4JehYebiI9JE8sR8MisGVb"

_TRACKS = [
    (BLINDING_LIGHTS, "Blinding Lights", "The Weeknd", "After Hours", "2020-03-20", 95, 200_040, "USUG11904206", "pop"),
    (HALO, "Halo", "Beyoncé", "I AM...SASHA FIERCE", "2008-11-14", 80, 261_640, "USSM10804556", "pop"),
    ("catalog-nimsesari", "님의 노래", "한국 가수", "노래", "2019", 40, 180_000, None, "k-pop"),
    ("catalog-thunderstruck", "Thunderstruck", "AC/DC", "The Razors Edge", "1990-09-24", 84, 292_880, None, "rock"),
]


def write_catalog(path: Path, is_demo: bool = False) -> None:
    """Write the file anew; `path` must not exist."""
    path.write_bytes(_content(is_demo))


@cache
def _content(is_demo: bool) -> bytes:
    columns = ["track_id", "track_name", "track_artist", "track_album_name", "track_album_release_date",
               "track_popularity", "duration_ms", "isrc", "genre"]  # fmt: skip
    frame = pd.DataFrame(_TRACKS, columns=columns).assign(
        danceability=0.5, energy=0.7, key=1, loudness=-6.0, mode=1, speechiness=0.06, acousticness=0.1,
        instrumentalness=0.0, liveness=0.1, valence=0.4, tempo=120.0,
    )  # fmt: skip
    meta = {"source": "a test", "is_demo": str(int(is_demo)), "fingerprint": "0", "created_at": "2026-01-01T00:00:00",
            "n_tracks": str(len(_TRACKS)), "n_playlists": "0"}  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.db"
        write_catalog_db(path, clean(RawTables(tracks_of(frame))), meta)
        return path.read_bytes()
