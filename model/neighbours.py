"""Which known playlists is the listener's playlist like? Features of a (query, playlist) pair.

A booster (`ranker.py`) learns from them how many tracks the two have in common. Playlists are to the query what users
are to a user in k-nearest-neighbour collaborative filtering, with a learned similarity in place of a cosine.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.knowledge import Knowledge
from model.profiles import Float, profile
from model.seed_view import SeedView, mean_or_nan, spread_or_nan

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


def playlist_features(seeds: SeedView, knowledge: Knowledge) -> tuple[NDArray[np.int64], Float]:
    """The nearest MAX_NEIGHBOURS playlists and their features: (n,) and float32 (n, len(PLAYLIST_FEATURES))."""
    colisten, summary = knowledge.colisten, knowledge.summary
    n_playlists = len(colisten.sizes)
    items, artists = seeds.items, seeds.artists
    n = max(len(items), 1)
    track_rarity = np.log(n_playlists / (1 + colisten.n_homes[items]))
    artist_rarity = np.maximum(np.log(n_playlists / (1 + colisten.n_artist_homes[artists])), 0)
    in_common = _columns(colisten.homes, items)
    entries = _columns(colisten.artist_homes, artists)
    artist_mean = profile(seeds.artist_vectors)
    artist_cosine = colisten.playlist_vectors @ artist_mean
    chosen = _nearest(artist_cosine + (np.log1p(entries) @ artist_rarity + 2 * in_common.sum(axis=1)) / n)
    in_common, entries, artist_cosine = in_common[chosen], entries[chosen], artist_cosine[chosen]

    centre, spread = summary.centre[chosen], summary.spread[chosen]
    mean_style = seeds.styles.mean(axis=0)
    style_distance = ((centre - mean_style) ** 2).sum(axis=1)
    likelihood = _style_likelihood(seeds.styles, centre, spread)
    overall = (colisten.n_artist_entries[artists] + 1) / (colisten.n_artist_entries.sum() + 1)
    sizes = colisten.sizes[chosen]
    smoothed = (entries + _SMOOTHING * overall) / (sizes[:, None] + _SMOOTHING)
    date_distance = np.abs(summary.date[chosen] - mean_or_nan(seeds.dates))
    columns = [
        in_common.sum(axis=1) / n,
        in_common @ track_rarity / n,
        (entries > 0).sum(axis=1) / n,
        np.log1p(entries) @ artist_rarity / n,
        np.log(smoothed / overall).sum(axis=1) / n,
        artist_cosine,
        _max_or_zero(colisten.playlist_vectors[chosen] @ seeds.artist_vectors.T),
        style_distance,
        centre @ profile(seeds.style_units) / np.maximum(np.linalg.norm(centre, axis=1), 1e-6),
        likelihood,
        date_distance,
        date_distance / (summary.date_spread[chosen] + 1),
        summary.date_spread[chosen],
        summary.popularity[chosen] - mean_or_nan(seeds.popularities),
        summary.popularity[chosen],
        sizes,
        summary.commonness[chosen],
        _rank(-artist_cosine),
        _rank(style_distance),
        _rank(-likelihood),
        *(
            np.full(len(chosen), value)
            for value in (
                spread_or_nan(seeds.dates),
                spread_or_nan(seeds.popularities),
                len(set(artists.tolist())) / n,
                len(seeds),
            )
        ),
    ]
    return chosen, np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _columns(homes: sp.csr_array, rows: NDArray[np.int64]) -> Float:
    """Dense (n_playlists, len(rows)) of the sparse rows."""
    return homes[rows].toarray().T.astype(np.float32) if len(rows) else np.zeros((homes.shape[1], 0), np.float32)


def _nearest(closeness: Float) -> NDArray[np.int64]:
    if len(closeness) <= MAX_NEIGHBOURS:
        return np.arange(len(closeness))
    return np.sort(np.argpartition(-closeness, MAX_NEIGHBOURS)[:MAX_NEIGHBOURS])


def _style_likelihood(styles: Float, centre: Float, spread: Float) -> Float:
    precision = 1 / spread**2
    # Σ (s - c)² p, expanded, so that no (n_playlists, n_seeds, n_dims) array is made.
    squares = (styles**2).mean(axis=0) @ precision.T - 2 * styles.mean(axis=0) @ (centre * precision).T
    result: Float = -0.5 * (squares + (centre**2 * precision).sum(axis=1)) - np.log(spread).sum(axis=1)
    return result


def _max_or_zero(values: Float) -> Float:
    return values.max(axis=1) if values.shape[1] else np.zeros(len(values), np.float32)


def _rank(values: Float) -> Float:
    ranks = np.empty(len(values), np.float32)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
