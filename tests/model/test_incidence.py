"""Rows of sparse matrices: what scipy computes, without scipy's indexing."""

import numpy as np
import pytest
import scipy.sparse as sp

from model.incidence import distinct, entries
from model.profiles import Float

N_COLUMNS = 30


@pytest.fixture(scope="module")
def matrix() -> sp.csr_array:
    rng = np.random.default_rng(0)
    dense = rng.random((50, N_COLUMNS), np.float32) * (rng.random((50, N_COLUMNS)) < 0.2)
    dense[[0, 7, 49]] = 0
    return sp.csr_array(dense.astype(np.float32))


@pytest.fixture(scope="module")
def vector() -> Float:
    return np.random.default_rng(1).random(N_COLUMNS, np.float32)


ROWS = [[3], [0], [], [5, 5, 2], [0, 1, 7, 49], list(range(49, -1, -1))]


@pytest.mark.parametrize("rows", ROWS)
def test_a_product_is_scipys_to_the_last_digit(matrix: sp.csr_array, vector: Float, rows: list[int]) -> None:
    chosen = np.array(rows, np.int64)
    assert entries(matrix, chosen).times(vector).tolist() == (matrix[chosen] @ vector).tolist()


@pytest.mark.parametrize("rows", ROWS)
def test_the_dense_form_is_the_transpose_of_scipys(matrix: sp.csr_array, rows: list[int]) -> None:
    chosen = np.array(rows, np.int64)
    taken = entries(matrix, chosen)
    assert taken.dense(taken.values, N_COLUMNS).tolist() == matrix[chosen].toarray().T.tolist()


@pytest.mark.parametrize("rows", ROWS)
def test_the_largest_value_of_a_row_is_found(matrix: sp.csr_array, vector: Float, rows: list[int]) -> None:
    chosen = np.array(rows, np.int64)
    expected = [max(vector[matrix[[row]].indices], default=0) for row in rows]
    assert entries(matrix, chosen).largest(vector).tolist() == expected


@pytest.mark.parametrize("n", [0, 1, 1000])
def test_distinct_values_are_those_of_numpy(n: int) -> None:
    values = np.random.default_rng(2).integers(0, 300, n)
    once, which = np.unique(values, return_inverse=True)
    found = distinct(values, 300)
    assert found[0].tolist() == once.tolist()
    assert found[1].tolist() == which.tolist()
