"""Artists that no playlist knows: where would their co-listen vectors lie, going by style and words?"""

import numpy as np
import scipy.sparse as sp

from model.colisten import CoListen
from model.profiles import Float, unit_rows
from model.style import described
from model.tracks import Tracks

_RIDGE = 50.0  # artists' worth of doubt


def guess_artists(tracks: Tracks, rows: Float, styles: Float, colisten: CoListen) -> Float:
    """Unit vectors, (n_artists, n_dims): the co-listen vector, or ridge regression's guess where there is none.

    rows: `content` of the items.  styles: (n_items, n_style_dims).  Each known artist weighs as the square root of its
    number of items.
    """
    vectors = colisten.artist_vectors
    known = colisten.n_artist_homes > 0
    told = np.concatenate([described(rows), styles, np.ones((len(rows), 1), np.float32)], axis=1)
    items = np.flatnonzero(known[tracks.artist])
    artist = tracks.artist[items]
    weighted = told[items] / np.sqrt(tracks.artist_tracks[artist])[:, None]
    covariance = weighted.T @ told[items] + _RIDGE * np.eye(told.shape[1], dtype=np.float32)
    guesses = told @ np.linalg.solve(covariance, weighted.T @ vectors[artist])
    result: Float = np.where(known[:, None], vectors, unit_rows(of_artists(guesses, tracks)))
    return result


def of_artists(values: Float, tracks: Tracks) -> Float:
    """Mean over each artist's items, (n_artists, n_dims). values: (n_items, n_dims)."""
    n_items, n_artists = len(tracks), len(tracks.artist_tracks)
    belongs = sp.csr_array((np.ones(n_items, np.float32), (tracks.artist, np.arange(n_items))), (n_artists, n_items))
    means: Float = ((belongs @ values) / tracks.artist_tracks[:, None]).astype(np.float32)
    return means
