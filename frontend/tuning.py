"""The dials: what each is called in the page's address, how far it turns, and the wish it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

N_TRACKS = (10, 20, 30, 40, 50)


@dataclass(frozen=True)
class Dial:
    """A slider around "as your songs": less of an attribute on the left, more on the right."""

    key: str
    """Name of the widget, of its text, and of the query parameter."""
    attribute: str
    spread: float
    """The attribute's change from the middle to either end, in its own unit."""
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """A slider with two handles: hard bounds. At its full width it is no wish."""

    key: str
    attribute: str
    low: int
    high: int
    scale: float = 1.0
    """Slider value times this is the attribute's value."""
    step: int = 1


DIALS = (
    Dial("energy", "energy", 0.5, 0.0, 1.0),
    Dial("mood", "valence", 0.5, 0.0, 1.0),
    Dial("dance", "danceability", 0.5, 0.0, 1.0),
    Dial("acoustic", "acousticness", 0.5, 0.0, 1.0),
    Dial("tempo", "tempo", 50.0, 40.0, 220.0),
)
"""Soft wishes: `target`. 100 steps either way."""

ERA = Band("era", "release_year", 1950, date.today().year)
BANDS = (
    Band("energy_range", "energy", 0, 100, 0.01),
    Band("mood_range", "valence", 0, 100, 0.01),
    Band("dance_range", "danceability", 0, 100, 0.01),
    Band("acoustic_range", "acousticness", 0, 100, 0.01),
    Band("tempo_range", "tempo", 40, 220),
    Band("popularity_range", "popularity", 0, 100),
    Band("length_range", "duration_ms", 0, 15, 60_000.0),
)
"""Hard wishes: `min` and `max`."""

DEFAULTS: Mapping[str, Any] = {
    **{dial.key: 0 for dial in DIALS},
    **{band.key: (band.low, band.high) for band in (ERA, *BANDS)},
    "familiar": 0,
    "variety": 0,
    "per_artist": 3,
    "clean": False,
    "length": 20,
    "shuffle": 0,
}
"""What every dial stands at when nothing is wished for. `shuffle` counts how often another take was asked for."""

SHUFFLE_TEMPERATURE = 0.5
"""Enough to change about half of the list, by eye, while the head of it stays recognisable."""


def needs_profile(dials: Mapping[str, Any]) -> bool:
    """Whether a wish is relative to the seeds, so that their profile must be known."""
    return any(dials.get(dial.key) for dial in DIALS)


def as_wishes(dials: Mapping[str, Any], profile: Mapping[str, float]) -> dict[str, Any]:
    """The dials as part of a request to /recommend_ranked.

    profile: mean audio features of the seeds, which the soft wishes are relative to; one that lacks an attribute
    leaves that wish out.
    """
    dials = {**DEFAULTS, **dials}
    bands = [band for band in (ERA, *BANDS)]
    wishes: dict[str, Any] = {
        "k": int(dials["length"]),
        "target": {
            dial.attribute: _towards(dial, dials[dial.key], profile[dial.attribute])
            for dial in DIALS
            if dials[dial.key] and dial.attribute in profile
        },
        "min": {band.attribute: dials[band.key][0] * band.scale for band in bands if dials[band.key][0] > band.low},
        "max": {band.attribute: dials[band.key][1] * band.scale for band in bands if dials[band.key][1] < band.high},
        "popularity": dials["familiar"] / 100,
        "diversity": dials["variety"] / 100,
        "max_per_artist": int(dials["per_artist"]),
        "allow_explicit": not dials["clean"],
    }
    if dials["shuffle"]:
        wishes |= {"temperature": SHUFFLE_TEMPERATURE, "random_seed": int(dials["shuffle"])}
    return wishes


def changed(dials: Mapping[str, Any]) -> list[str]:
    """Keys of the dials that do not stand where they stood at first."""
    return [key for key, value in DEFAULTS.items() if key != "shuffle" and dials.get(key, value) != value]


def _towards(dial: Dial, turned: int, from_value: float) -> float:
    return round(min(max(from_value + turned / 100 * dial.spread, dial.low), dial.high), 4)
