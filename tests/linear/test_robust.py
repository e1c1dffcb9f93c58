"""Robust errors from sums are those from arrays of the size of the design."""

import tracemalloc

import numpy as np
import pytest

from thalweg.linear import regress
from thalweg.linear.covariance import sandwich


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3", "cluster"])
def test_the_same_as_from_whole_arrays(kind):
    random = np.random.default_rng(0)
    X, y, firms = random.normal(size=(700, 3)), random.normal(size=700), random.integers(0, 30, 700)
    clusters = firms if kind == "cluster" else None
    fit = regress(X, y, covariance=kind, clusters=clusters)
    A = np.column_stack([np.ones(700), X])
    bread = np.linalg.inv(A.T @ A)
    whole = sandwich(bread, A * fit.residuals[:, None], np.ones(700), kind, design=A, clusters=clusters)
    np.testing.assert_allclose(fit.covariance, whole.table, rtol=1e-9)
    assert fit.df == whole.df


@pytest.mark.parametrize("kind", ["HC1", "cluster"])
def test_they_take_little_memory_beside_the_rows(kind, monkeypatch):
    monkeypatch.setattr("thalweg.linear.regression._EXTENDED_CELLS", 0)  # as with more rows
    random = np.random.default_rng(0)
    X, y, firms = random.normal(size=(150_000, 20)), random.normal(size=150_000), random.integers(0, 500, 150_000)
    tracemalloc.start()
    regress(X, y, covariance=kind, clusters=firms if kind == "cluster" else None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * X.nbytes  # beside the design, so at most 1.5 times the data in all
