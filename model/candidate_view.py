"""The candidates of one query as features see them. What several features need is fetched from the tables once."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.incidence import distinct
from model.knowledge import Knowledge
from model.profiles import Float
from model.splits import Items

Columns = dict[str, NDArray[np.generic] | float]
"""Features by name: (n,), or one number for all candidates."""


class CandidateView:
    """Rows of every kind of table, fetched when first asked for."""

    def __init__(self, items: Items, knowledge: Knowledge) -> None:
        """items: (n,)."""
        self.items = items
        self._knowledge = knowledge

    @cached_property
    def sound(self) -> Float:
        """Standardised audio features, (n, 12), NaN where missing."""
        return self._knowledge.tracks.sound.take(self.items, axis=0)

    @cached_property
    def silent(self) -> NDArray[np.bool_]:
        """Whether all audio features are missing, (n,)."""
        return self._knowledge.silent[self.items]

    @cached_property
    def sound_units(self) -> Float:
        """Unit feature vectors, (n, 12)."""
        return self._knowledge.sound_units.take(self.items, axis=0)

    @cached_property
    def styles(self) -> Float:
        """Style vectors, (n, n_dims)."""
        return self._knowledge.styles.take(self.items, axis=0)

    @cached_property
    def squared_styles(self) -> Float:
        """Each of their entries squared, (n, n_dims)."""
        squared: Float = self.styles**2
        return squared

    @cached_property
    def style_squares(self) -> Float:
        """Their squared lengths, (n,)."""
        squares: Float = self.squared_styles.sum(axis=1)
        return squares

    @cached_property
    def style_units(self) -> Float:
        """Style vectors as unit rows, (n, n_dims)."""
        return self._knowledge.style_units.take(self.items, axis=0)

    @cached_property
    def artist(self) -> Items:
        """Artist numbers, (n,)."""
        return self._knowledge.tracks.artist[self.items]

    @cached_property
    def distinct_artists(self) -> tuple[Items, Items]:
        """Their artist numbers, each once, ascending, (n_artists,); and which of them each candidate has, (n,)."""
        return distinct(self.artist, len(self._knowledge.artist_guesses))

    @cached_property
    def artist_guesses(self) -> Float:
        """Guessed co-listen vectors of their artists, (n, n_dims)."""
        return self._knowledge.artist_guesses.take(self.artist, axis=0)

    @cached_property
    def date(self) -> Float:
        """Release dates in years, (n,), NaN where missing."""
        return self._knowledge.tracks.date[self.items]

    @cached_property
    def popularity(self) -> Float:
        """0-100, (n,), NaN where missing."""
        return self._knowledge.tracks.popularity[self.items]
