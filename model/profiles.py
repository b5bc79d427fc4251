"""Turn a query's seed tracks into one profile vector."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

_SHORTEST = 1e-6  # what is shorter points nowhere


def profile(seed_vectors: Float) -> Float:
    """Mean direction of the seeds.

    seed_vectors: float32 (n_seeds, n_dims), unit rows.
    Returns float32 (n_dims,), unit length; all zeros if there are no seeds or they cancel out.
    Mean of unit vectors, re-normalised: Manning et al., IR book, ch. 14.2 (Rocchio centroid).
    """
    total: Float = np.ones(len(seed_vectors), np.float32) @ seed_vectors
    length = np.sqrt(np.add.reduce(total * total))
    return total / length if length > _SHORTEST else np.zeros_like(total)


def unit_rows(matrix: Float) -> Float:
    """Rows scaled to length 1; rows shorter than 1e-6 become zero rows. float32 (n, d) in and out."""
    lengths = np.sqrt(np.add.reduce(matrix * matrix, axis=1, keepdims=True))
    unit: Float = np.divide(matrix, lengths, out=np.zeros_like(matrix, dtype=np.float32), where=lengths > _SHORTEST)
    return unit
