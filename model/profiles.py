"""Turn a query's seed tracks into one profile vector."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


def profile(seed_vectors: Float, weights: Float | None = None) -> Float:
    """Weighted mean direction of the seeds.

    seed_vectors: float32 (n_seeds, n_dims), unit rows.  weights: (n_seeds,), > 0; equal if None.
    Returns float32 (n_dims,), unit length; all zeros if there are no seeds or they cancel out.
    Mean of unit vectors, re-normalised: Manning et al., IR book, ch. 14.2 (Rocchio centroid).
    """
    if weights is None:
        weights = np.ones(len(seed_vectors), dtype=np.float32)
    mean: Float = unit_rows((weights @ seed_vectors)[None, :])[0]
    return mean


def unit_rows(matrix: Float) -> Float:
    """Rows scaled to length 1; rows shorter than 1e-6 become zero rows. float32 (n, d) in and out."""
    lengths = np.sqrt(np.add.reduce(matrix * matrix, axis=1, keepdims=True))
    unit: Float = np.divide(matrix, lengths, out=np.zeros_like(matrix, dtype=np.float32), where=lengths > 1e-6)
    return unit
