"""Which known playlists is the listener's playlist like? Features of a (query, playlist) pair.

A booster (`ranker.py`) learns from them how many tracks the two have in common. Playlists are to the query what users
are to a user in k-nearest-neighbour collaborative filtering, with a learned similarity in place of a cosine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.incidence import entries
from model.knowledge import Knowledge, Summary
from model.profiles import Float
from model.reductions import over_rows
from model.seed_view import SeedView

MAX_NEIGHBOURS = 1000  # playlists looked at for one query: beyond, the estimate is next to zero
_SMOOTHING = 30.0  # tracks' worth of overall artist frequencies added to each playlist

PLAYLIST_FEATURES = (
    "shared_tracks",  # share of the seeds that stand in it
    "shared_tracks_rarity",  # the same, each seed weighted by log(n_playlists / (1 + playlists it stands in))
    "shared_artists",  # share of the seeds whose artist stands in it
    "shared_artists_rarity",  # log(1 + entries of the artist), weighted by the artist's rarity
    "artist_likelihood",  # mean log-likelihood of the seeds' artists, over that in all playlists
    "artist_cosine",  # co-listen cosine of the playlist to the mean of the seeds' artists
    "artist_cosine_max",  # to the seed's artist nearest to it
    "style_distance",  # squared, of its centre to the seeds' mean
    "style_cosine",  # of its centre to the seeds' mean
    "style_likelihood",  # mean log-density of the seeds in its diagonal Gaussian
    "date_distance",  # years between the means
    "date_distance_spreads",  # the same in units of its own spread
    "date_spread",
    "popularity_distance",
    "popularity",
    "size",
    "commonness",
    "artist_cosine_rank",  # 0 = the playlist with the highest
    "style_distance_rank",  # 0 = the nearest
    "style_likelihood_rank",
    "seeds_date_spread",
    "seeds_popularity_spread",
    "seeds_variety",  # distinct artists over seeds
    "n_seeds",
)


@dataclass(frozen=True)
class Neighbourhood:
    """Known playlists that may be like the query's, with an estimate each."""

    playlists: NDArray[np.int64]
    """Playlist numbers, (n,)."""
    overlap: Float
    """Expected number of further tracks in common, (n,), >= 0."""

    @cached_property
    def best_first(self) -> NDArray[np.int64]:
        """Their positions, by falling overlap, (n,)."""
        return np.argsort(-self.overlap, kind="stable")


def playlist_features(seeds: SeedView, knowledge: Knowledge) -> tuple[NDArray[np.int64], Float]:
    """The nearest MAX_NEIGHBOURS playlists and their features: (n,) and float32 (n, len(PLAYLIST_FEATURES))."""
    colisten, summary = knowledge.colisten, knowledge.summary
    n_playlists = len(colisten.sizes)
    items, artists = seeds.items, seeds.artists
    n = max(len(items), 1)
    track_rarity = np.log(n_playlists / (1 + colisten.n_homes[items]))
    artist_rarity = np.maximum(np.log(n_playlists / (1 + colisten.n_artist_homes[artists])), 0)
    homes, artist_homes = entries(colisten.homes, items), entries(colisten.artist_homes, artists)
    in_common = homes.dense(homes.values, n_playlists)
    by_artist = artist_homes.dense(artist_homes.values, n_playlists)
    log_by_artist = artist_homes.dense(np.log1p(artist_homes.values), n_playlists) @ artist_rarity
    n_in_common = in_common.sum(axis=1)
    artist_cosine = colisten.playlist_vectors @ seeds.artist_profile
    chosen = _nearest(artist_cosine + (log_by_artist + 2 * n_in_common) / n)
    in_common, by_artist, artist_cosine = in_common[chosen], by_artist[chosen], artist_cosine[chosen]

    centre = summary.centre[chosen]
    style_distance = ((centre - seeds.style_mean) ** 2).sum(axis=1)
    likelihood = _style_likelihood(seeds, summary, chosen)
    overall = (colisten.n_artist_entries[artists] + 1) / (colisten.n_artist_entries.sum() + 1)
    sizes = colisten.sizes[chosen]
    smoothed = (by_artist + _SMOOTHING * overall) / (sizes[:, None] + _SMOOTHING)
    (date, date_spread), (popularity, popularity_spread) = seeds.date_moments, seeds.popularity_moments
    date_distance = np.abs(summary.date[chosen] - date)
    columns = [
        n_in_common[chosen] / n,
        in_common @ track_rarity / n,
        (by_artist > 0).sum(axis=1) / n,
        log_by_artist[chosen] / n,
        np.log(smoothed / overall).sum(axis=1) / n,
        artist_cosine,
        _max_or_zero(colisten.playlist_vectors[chosen] @ seeds.artist_vectors.T),
        style_distance,
        centre @ seeds.style_profile / np.maximum(summary.centre_length[chosen], 1e-6),
        likelihood,
        date_distance,
        date_distance / (summary.date_spread[chosen] + 1),
        summary.date_spread[chosen],
        summary.popularity[chosen] - popularity,
        summary.popularity[chosen],
        sizes,
        summary.commonness[chosen],
        ranks(-artist_cosine),
        ranks(style_distance),
        ranks(-likelihood),
        date_spread,
        popularity_spread,
        len(set(artists.tolist())) / n,
        len(seeds),
    ]
    return chosen, matrix_of(columns, len(chosen))


def matrix_of(columns: Iterable[NDArray[np.generic] | float], n_rows: int) -> Float:
    """Columns, (n_rows,) each or one number for all rows, as float32 (n_rows, n_columns), row after row in memory."""
    listed = list(columns)
    rows = np.empty((len(listed), n_rows), np.float32)
    for at, column in enumerate(listed):
        rows[at] = column
    return np.ascontiguousarray(rows.T)


def _nearest(closeness: Float) -> NDArray[np.int64]:
    if len(closeness) <= MAX_NEIGHBOURS:
        return np.arange(len(closeness))
    return np.sort(np.argpartition(-closeness, MAX_NEIGHBOURS)[:MAX_NEIGHBOURS])


def _style_likelihood(seeds: SeedView, summary: Summary, chosen: NDArray[np.int64]) -> Float:
    # Σ (s - c)² p, expanded, so that no (n_playlists, n_seeds, n_dims) array is made.
    squares = (seeds.styles**2).mean(axis=0) @ summary.precision[chosen].T
    squares = squares - 2 * seeds.style_mean @ summary.centre_precision[chosen].T
    result: Float = -0.5 * (squares + summary.centre_square[chosen]) - summary.log_volume[chosen]
    return result


def _max_or_zero(values: Float) -> Float:
    return over_rows(np.maximum, values) if values.shape[1] else np.zeros(len(values), np.float32)


def ranks(values: Float) -> Float:
    """0 for the lowest, 1 for the next, …, (n,); the earlier one first among equals."""
    result = np.empty(len(values), np.float32)
    result[np.argsort(values, kind="stable")] = np.arange(len(values))
    return result
