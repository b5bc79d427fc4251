"""How much likelier a track's style is if it belongs with others than if it is just any track of the catalog.

Probabilistic linear discriminant analysis (Ioffe, ECCV 2006): in each direction of style a playlist has a centre, drawn
with variance λ, and its tracks lie around the centre with variance 1. So the style of what else stands in a playlist
follows from the tracks seen in it, and the more are seen the surer.
"""

import numpy as np
from numpy.typing import NDArray

from model.profiles import Float


def log_odds(styles: Float, squares: Float, means: Float, n_seen: Float, strength: Float) -> Float:
    """Log of p(style | it belongs with what was seen) / p(style), float32 (n, n_groups).

    styles: style vectors (n, n_dims).  squares: their entries squared, likewise.  means: mean style of what was seen in
    each group, (n_groups, n_dims).  n_seen: how many that were, (n_groups,), > 0.  strength: λ of each direction,
    (n_dims,).
    """
    n, grown = n_seen[:, None], 1 + strength
    seen, one_more = n * strength + 1, (n + 1) * strength + 1
    scale = n / one_more
    half = 0.5 * scale
    # Style vectors are scaled by sqrt(λ / (1 + λ)) (`style.py`), which cancels the divisions by λ.
    constant = 0.5 * np.log(grown * seen / one_more)
    constant -= half * n * strength * grown / seen * means**2
    odds: NDArray[np.floating] = squares @ (-half * strength).T
    odds += styles @ (scale * grown * means).T
    odds += constant.sum(axis=1)
    return odds.astype(np.float32, copy=False)
