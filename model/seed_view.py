"""A query's seeds as features see them: rows of every kind of vector, outside seeds included."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.knowledge import Knowledge
from model.profiles import Float, profile, unit_rows
from model.reductions import mean
from model.splits import Items
from model.style import content_of_sound


@dataclass(frozen=True)
class SeedView:
    """Seeds of one query. Outside seeds have a sound and a style, but no artist, date or playlists."""

    items: Items
    """Items of the seeds in the catalog, (n_items,)."""
    artists: Items
    """Their artists, (n_items,), with repeats."""
    artist_vectors: Float
    """Co-listen vectors of those artists, (n_items, n_dims)."""
    sound: Float
    """Standardised audio features of all seeds, (n_seeds, 12), NaN where missing."""
    sound_units: Float
    """Unit feature vectors, (n_seeds, 12)."""
    styles: Float
    """Style vectors, (n_seeds, n_dims)."""
    style_units: Float
    """The same as unit rows."""
    dates: Float
    """Release dates in years that are known, (<= n_items,)."""
    popularities: Float
    """Popularities that are known, (<= n_items,)."""

    def __len__(self) -> int:
        """How many seeds there are."""
        return len(self.sound)

    @cached_property
    def sound_profile(self) -> Float:
        """Profile of the unit feature vectors, (12,)."""
        return profile(self.sound_units)

    @cached_property
    def style_profile(self) -> Float:
        """Profile of the style vectors, (n_dims,)."""
        return profile(self.style_units)

    @cached_property
    def style_mean(self) -> Float:
        """Mean style vector, (n_dims,)."""
        centre: Float = self.styles.mean(axis=0)
        return centre

    @cached_property
    def artist_profile(self) -> Float:
        """Profile of the artists' co-listen vectors, (n_dims,)."""
        return profile(self.artist_vectors)

    @cached_property
    def date_moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the known release dates in years; NaN where none is known."""
        return moments_or_nan(self.dates)

    @cached_property
    def popularity_moments(self) -> tuple[float, float]:
        """The same of the known popularities."""
        return moments_or_nan(self.popularities)


def view(items: Items, outside: Float, knowledge: Knowledge) -> SeedView:
    """Seeds given as items, and as audio features in their own units, (n_outside, 12), for seeds not in the catalog."""
    tracks = knowledge.tracks
    sound, styles = tracks.sound[items], knowledge.styles[items]
    if len(outside):
        extra = tracks.standardise(outside)
        sound = np.concatenate([sound, extra])
        rows = content_of_sound(extra, knowledge.style.mean)
        styles = np.concatenate([styles, knowledge.style.vectors(rows)])
    dates, popularities = tracks.date[items], tracks.popularity[items]
    artists = tracks.artist[items]
    return SeedView(
        items=items,
        artists=artists,
        artist_vectors=knowledge.colisten.artist_vectors[artists],
        sound=sound,
        sound_units=unit_rows(np.where(np.isnan(sound), 0, sound)),
        styles=styles,
        style_units=unit_rows(styles),
        dates=dates[np.isfinite(dates)],
        popularities=popularities[np.isfinite(popularities)],
    )


def mean_or_nan(values: Float) -> float:
    """Mean of the values, (n,); NaN of none."""
    return float(mean(values)) if len(values) else float("nan")


def moments_or_nan(values: Float) -> tuple[float, float]:
    """Mean and standard deviation of the values, (n,); NaN of none."""
    if not len(values):
        return float("nan"), float("nan")
    centre = mean(values)
    centred = values - centre
    return float(centre), float(np.sqrt(mean(centred * centred)))
