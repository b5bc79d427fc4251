"""What a training query's wanted tracks are taken from: playlists, or stand-ins in a catalog without any."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.config import TrainConfig
from model.splits import MIN_PLAYLIST, Items, playlist_items
from model.tracks import Tracks, describe

log = logging.getLogger(__name__)

_FEWEST_PLAYLISTS = 40  # of MIN_PLAYLIST songs; from fewer, a split leaves too little to validate and test on
_SMALLEST_STAND_IN = 8
_SMALLEST_KNOWN = 2


@dataclass(frozen=True)
class Lists:
    """The groups of items that belong together."""

    tracks: Tracks
    names: list[str]
    """Ids of the queried lists, (n_queried,)."""
    queried: list[Items]
    """Those that are cut into queries: long enough to have seeds and wanted tracks."""
    known: list[Items]
    """Those that a recommender in service knows."""
    real: bool
    """Whether they are playlists; else stand-ins (albums and artists' works)."""

    def union(self, chosen: Items) -> NDArray[np.bool_]:
        """Which items stand in one of the chosen queried lists, bool (n_items,)."""
        result = np.zeros(len(self.tracks), bool)
        for number in chosen:
            result[self.queried[number]] = True
        return result


def lists_of(catalog: pd.DataFrame, playlists: pd.DataFrame, config: TrainConfig) -> Lists:
    """The playlists as items; or, where there are too few, albums and artists' works in their place.

    With stand-ins, every track becomes its own artist and album and loses its words: else the ranker would only learn
    that an artist's works are by that artist.
    """
    tracks = describe(catalog, config.seed)
    item_of = dict(zip(catalog["track_id"].tolist(), tracks.item_of_row.tolist(), strict=True))
    queried = playlist_items(playlists, item_of, MIN_PLAYLIST)
    if len(queried) >= _FEWEST_PLAYLISTS:
        known = playlist_items(playlists, item_of, _SMALLEST_KNOWN)
        return Lists(tracks, list(queried), list(queried.values()), list(known.values()), real=True)
    log.warning(
        "only %d playlists have %d distinct songs or more: learning from albums and artists in their place",
        len(queried),
        MIN_PLAYLIST,
    )
    owner = catalog["artist_id"].to_numpy()[tracks.catalog_rows]
    stand_ins = {**_works("artist", tracks.artist, owner), **_works("album", tracks.album, owner)}
    return Lists(_anonymous(tracks), list(stand_ins), list(stand_ins.values()), [], real=False)


def _works(kind: str, codes: Items, owner: NDArray[np.object_]) -> dict[str, Items]:
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    # Named after the artist, so that an artist's albums and the artist's works fall into the same part of the split.
    return {f"{owner[group[0]]}\0{kind}\0{group[0]}": group for group in groups if len(group) >= _SMALLEST_STAND_IN}


def _anonymous(tracks: Tracks) -> Tracks:
    n = len(tracks)
    return replace(
        tracks,
        text=np.zeros_like(tracks.text),
        spelling=np.zeros_like(tracks.spelling),
        artist=np.arange(n),
        album=np.arange(n),
        album_tracks=np.ones(n, np.float32),
        artist_rank=np.zeros(n, np.float32),
        artist_tracks=np.ones(n, np.float32),
        artist_best=tracks.popularity,
        artist_popularity=tracks.popularity,
        artist_date=tracks.date,
    )
