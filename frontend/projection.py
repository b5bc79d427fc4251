"""Many audio features on a plane, so that what sounds alike lies close together."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)


def plane(tracks: Sequence[Mapping[str, float | None]]) -> NDArray[np.float64]:
    """Each track's place, (n_tracks, 2): the first two principal components of the standardised features.

    An unknown feature is taken as the others' mean. The components' signs are fixed (the feature with the largest
    share points right, or up), so that the same tracks always give the same map.
    """
    values = np.array([[track.get(name) for name in FEATURES] for track in tracks], dtype=float)
    if not len(values):
        return np.empty((0, 2))
    known = ~np.isnan(values)
    means = np.divide(np.where(known, values, 0).sum(0), np.maximum(known.sum(0), 1))
    centred = np.where(known, values - means, 0)
    standard = centred / np.where(centred.std(0) > 1e-9, centred.std(0), 1)
    components = np.linalg.svd(standard, full_matrices=False)[2][:2]
    largest = components[np.arange(len(components)), np.abs(components).argmax(1)]
    components = components * np.sign(np.where(largest == 0, 1, largest))[:, None]
    places = standard @ components.T
    return np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
