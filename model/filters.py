"""Hard filters: bounds and never-again lists as one mask over the whole catalog, counted filter by filter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.contract import Request
from model.lookup import Lookup
from model.recommender import Rows
from model.schemas import FILTERS
from model.seeds import rows_of

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Filtered:
    """What the filters left of the catalog."""

    allowed: Mask | None
    """(n_tracks,); None where no filter was asked for."""
    initial: int
    """Tracks that are not a seed or another version of one."""
    remaining: int
    """Of these, the tracks that passed every filter."""
    removed: dict[str, int]
    """Filter -> tracks it removed, in the order of application, each track counted at the first that removed it."""


def apply(request: Request, seed_rows: Rows, lookup: Lookup) -> Filtered:
    """Apply all of the request's hard filters. Bounds must be finite and name an attribute of `schemas.FILTERS`."""
    blocked = lookup.versions(seed_rows)
    initial = remaining = len(lookup) - len(blocked)
    checks = _bounds(request, lookup) + _never_again(request, lookup)
    if not checks:
        return Filtered(None, initial, initial, {})
    allowed = np.ones(len(lookup), bool)
    allowed[blocked] = False
    removed: dict[str, int] = {}
    for name, passes in checks:
        allowed &= passes
        left = int(np.count_nonzero(allowed))
        removed[name] = remaining - left
        remaining = left
    return Filtered(allowed, initial, remaining, removed)


def _bounds(request: Request, lookup: Lookup) -> list[tuple[str, Mask]]:
    # NaN compares false: a track without the attribute is outside, as the contract says.
    lows = [(f"min.{name}", _values(name, lookup) >= low) for name, low in request.min.items()]
    highs = [(f"max.{name}", _values(name, lookup) <= high) for name, high in request.max.items()]
    return lows + highs


def _values(name: str, lookup: Lookup) -> NDArray[np.float32]:
    values: NDArray[np.float32] = lookup.attributes[FILTERS.index(name)]
    return values


def _never_again(request: Request, lookup: Lookup) -> list[tuple[str, Mask]]:
    checks = [] if request.allow_explicit else [("allow_explicit", ~lookup.known_explicit)]
    for name, track_ids in (
        ("exclude_track_ids", request.exclude_track_ids),
        ("negative_track_ids", request.negative_track_ids),
    ):
        if track_ids:
            checks.append((name, _all_but(lookup.versions(rows_of(track_ids, lookup)), lookup)))
    if request.exclude_artists:
        rows = np.concatenate([lookup.artist_rows(artist) for artist in request.exclude_artists])
        checks.append(("exclude_artists", _all_but(rows, lookup)))
    return checks


def _all_but(rows: Rows, lookup: Lookup) -> Mask:
    mask = np.ones(len(lookup), bool)
    mask[rows] = False
    return mask
