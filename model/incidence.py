"""Rows of a sparse matrix as plain arrays: for a few short rows, scipy's indexing checks longer than it fetches."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.profiles import Float
from model.splits import Items


@dataclass(frozen=True)
class Entries:
    """The stored entries of some rows, row after row."""

    starts: NDArray[np.int64]
    """Where each row's entries begin, (n_rows + 1,); the last is their number."""
    places: Items
    """Which of the rows an entry belongs to, (n_entries,), ascending."""
    columns: NDArray[np.integer]
    """(n_entries,)."""
    values: Float
    """(n_entries,)."""

    def times(self, vector: Float) -> Float:
        """The rows times a vector, float32 (n_rows,); entry after entry, as scipy adds them up."""
        result = np.zeros(len(self.starts) - 1, np.float32)
        np.add.at(result, self.places, self.values * vector[self.columns])
        return result

    def largest(self, vector: Float) -> Float:
        """For each row the largest of the vector's values at its columns, (n_rows,); 0 for an empty row."""
        result = np.zeros(len(self.starts) - 1, np.float32)
        filled = self.starts[1:] > self.starts[:-1]
        if len(self.columns):
            result[filled] = np.maximum.reduceat(vector[self.columns], self.starts[:-1][filled])
        return result

    def dense(self, values: Float, n_columns: int) -> Float:
        """These values in the entries' places, 0 elsewhere: float32 (n_columns, n_rows)."""
        result = np.zeros((len(self.starts) - 1, n_columns), np.float32)
        result[self.places, self.columns] = values
        return result.T


def entries(matrix: sp.csr_array, rows: Items) -> Entries:
    """The entries of the given rows, (n_rows,), which may repeat."""
    first = matrix.indptr[rows]
    counts = matrix.indptr[rows + 1] - first
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    places = np.repeat(np.arange(len(rows)), counts)
    at = np.arange(len(places)) + (first - starts[:-1])[places]
    return Entries(starts, places, matrix.indices[at], matrix.data[at])


def distinct(values: NDArray[np.integer], n: int) -> tuple[Items, Items]:
    """The values, (n_values,) in [0, n), each once and ascending; and which of them each is.

    As `np.unique` with `return_inverse`, in a third of its time: nothing is sorted.
    """
    there = np.zeros(n, bool)
    there[values] = True
    once = np.flatnonzero(there)
    place = np.empty(n, np.int64)
    place[once] = np.arange(len(once))
    return once, place[values]
