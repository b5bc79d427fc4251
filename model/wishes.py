"""Mend a request's wishes that make no sense, and say so, since an answer must come back whatever was asked."""

import math

from model.contract import Request
from model.schemas import FILTERS

RANGES = {"popularity": (-1.0, 1.0), "diversity": (0.0, 1.0), "temperature": (0.0, 10.0)}
"""The dials and how far each turns."""


def tidy(request: Request) -> tuple[Request, list[str]]:
    """The request with only finite wishes about known attributes and dials within their range, and what was mended."""
    notes: list[str] = []
    changes: dict[str, object] = {}
    for part in ("min", "max", "target"):
        wishes: dict[str, float] = getattr(request, part)
        kept = {name: value for name, value in wishes.items() if name in FILTERS and math.isfinite(value)}
        if len(kept) < len(wishes):
            changes[part] = kept
            notes += [_ignored(f"{part}.{name}", name) for name in wishes if name not in kept]
    for dial, (low, high) in RANGES.items():
        value: float = getattr(request, dial)
        turned = 0.0 if math.isnan(value) else min(max(value, low), high)
        if turned != value:
            changes[dial] = turned
            notes.append(f"{dial} was set to {turned:g}: it turns from {low:g} to {high:g}.")
    return (request.model_copy(update=changes) if changes else request), notes


def _ignored(wish: str, name: str) -> str:
    reason = "is not a finite number" if name in FILTERS else f"is no attribute; there are {', '.join(FILTERS)}"
    return f"{wish} was ignored: it {reason}."
