"""What playlists know: which track stands in which, and vectors for artists and playlists from their co-occurrence."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.utils.extmath import randomized_svd

from model.profiles import Float, unit_rows
from model.splits import Items
from model.tracks import Tracks

_CONTEXT_POWER = 0.75  # damps the PMI of rare artists (Levy et al. 2015)


@dataclass(frozen=True)
class CoListen:
    """Co-occurrence in a set of playlists. With no playlists, everything is zero and every track is cold."""

    members: sp.csr_array
    """1 where an item stands in a playlist, float32 (n_playlists, n_items)."""
    homes: sp.csr_array
    """Its transpose, (n_items, n_playlists)."""
    artists: sp.csr_array
    """How many items of an artist stand in a playlist, float32 (n_playlists, n_artists)."""
    artist_homes: sp.csr_array
    """Its transpose, (n_artists, n_playlists)."""
    sizes: Float
    """Items in each playlist, (n_playlists,)."""
    n_homes: Float
    """Playlists that each item stands in, (n_items,); 0 is cold."""
    n_artist_homes: Float
    """Playlists that each artist stands in, (n_artists,)."""
    n_artist_entries: Float
    """Entries of each artist over all playlists, (n_artists,)."""
    artist_vectors: Float
    """Unit co-listen vectors, (n_artists, n_dims); zero for an artist in no playlist."""
    playlist_vectors: Float
    """Unit mean of the playlist's artist vectors, (n_playlists, n_dims)."""


def co_listen(tracks: Tracks, playlists: list[Items], n_dims: int, seed: int) -> CoListen:
    """Learn co-occurrence from playlists, each an array of distinct items."""
    # 32 bits are enough for every place and number here, and half the memory; scipy keeps what it is given.
    rows = np.repeat(np.arange(len(playlists), dtype=np.int32), [len(items) for items in playlists])
    columns = np.concatenate(playlists).astype(np.int32) if playlists else np.empty(0, np.int32)
    ones = np.ones(len(columns), np.float32)
    members = sp.csr_array((ones, (rows, columns)), (len(playlists), len(tracks)))
    return derive(members, _artist_vectors(_count_artists(members, tracks), n_dims, seed), tracks)


def derive(members: sp.csr_array, artist_vectors: Float, tracks: Tracks) -> CoListen:
    """Everything that follows from who stands where: members (n_playlists, n_items), vectors (n_artists, n_dims)."""
    artists = _count_artists(members, tracks)
    n_items, n_artists = len(tracks), len(tracks.artist_tracks)
    return CoListen(
        members=members,
        homes=members.T.tocsr(),
        artists=artists,
        artist_homes=artists.T.tocsr(),
        sizes=np.diff(members.indptr).astype(np.float32),
        n_homes=np.bincount(members.indices, minlength=n_items).astype(np.float32),
        n_artist_homes=np.bincount(artists.indices, minlength=n_artists).astype(np.float32),
        n_artist_entries=np.bincount(tracks.artist[members.indices], minlength=n_artists).astype(np.float32),
        artist_vectors=artist_vectors,
        playlist_vectors=unit_rows((artists @ artist_vectors).astype(np.float32)),
    )


def _count_artists(members: sp.csr_array, tracks: Tracks) -> sp.csr_array:
    """How many items of each artist stand in each playlist, float32 (n_playlists, n_artists)."""
    shape = (members.shape[0], len(tracks.artist_tracks))
    counts = sp.csr_array(
        (members.data, tracks.artist[members.indices].astype(np.int32), members.indptr), shape, copy=True
    )
    counts.sum_duplicates()
    return counts


def _artist_vectors(artists: sp.csr_array, n_dims: int, seed: int) -> Float:
    """Singular vectors of the positive pointwise mutual information of artists and playlists.

    PMI = log(p(a, l) / (p'(a) p(l))), smoothed, and singular values to the power 0.5, as in Levy, Goldberg, Dagan,
    "Improving distributional similarity with lessons learned from word embeddings", TACL 3, 2015. Counts enter as
    log(1 + n).
    """
    n_playlists, n_artists = artists.shape
    vectors = np.zeros((n_artists, n_dims), np.float32)
    if not artists.nnz:
        return vectors
    counts = artists.tocoo(copy=True)
    weights = np.log1p(counts.data).astype(np.float64)
    of_playlist = np.bincount(counts.row, weights, n_playlists)
    of_artist = np.bincount(counts.col, weights, n_artists) ** _CONTEXT_POWER
    pmi = np.log(weights * of_artist.sum() / (of_playlist[counts.row] * of_artist[counts.col]))
    positive = sp.csr_array((np.maximum(pmi, 0), (counts.row, counts.col)), artists.shape)
    dims = min(n_dims, min(artists.shape) - 1)
    if dims < 1:
        return vectors
    _, strengths, right = randomized_svd(positive, dims, n_iter=5, random_state=seed)
    vectors[:, :dims] = unit_rows((right.T * np.sqrt(strengths)).astype(np.float32))
    return vectors
