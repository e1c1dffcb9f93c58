"""Laws of weights: frequencies repeat rows, of other weights only ratios matter, and weight 0 is no row."""

import numpy as np
import pytest

from thalweg.linear import debiased_lasso, logistic_regression, multinomial_regression, poisson_regression, regress

COUNT = 240
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(COUNT, 3))
SIGNAL = X @ [1.0, -0.5, 0.0] + RANDOM.normal(size=COUNT) * (1 + np.abs(X[:, 0]))
CLUSTERS = np.arange(COUNT) // 6
COUNTS = RANDOM.integers(0, 4, COUNT)
COUNTS[CLUSTERS == 7] = 0  # a whole cluster that is not there
PARTS = COUNTS * 0.37  # the same zeros
MODELS = {
    "least squares": (regress, SIGNAL, ("classical", "HC0", "HC1", "HC2", "HC3", "cluster")),
    "logistic": (logistic_regression, SIGNAL > 0, ("classical", "HC0", "HC1", "cluster")),
    "poisson": (poisson_regression, np.floor(np.exp(SIGNAL / 2)), ("classical", "HC1", "cluster")),
    "softmax": (multinomial_regression, np.digitize(SIGNAL, [-1.0, 1.0]), ("classical", "HC1", "cluster")),
}
CASES = [(name, covariance) for name, (_, _, covariances) in MODELS.items() for covariance in covariances]


def fitted(name, covariance, rows, weights=None, kind=None):
    estimate, y, _ = MODELS[name]
    clusters = CLUSTERS[rows] if covariance == "cluster" else None
    y = np.asarray(y, dtype=float)[rows]
    return estimate(X[rows], y, weights=weights, weights_kind=kind, covariance=covariance, clusters=clusters)


def same(one, other):
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose([one.nobs, one.df, one.llf, one.aic], [other.nobs, other.df, other.llf, other.aic])
    assert one.nobs == other.nobs
    assert one.df == other.df


@pytest.mark.parametrize(("name", "covariance"), CASES)
def test_frequency_weights_are_repeated_rows(name, covariance):
    everything = np.arange(COUNT)
    weighed = fitted(name, covariance, everything, COUNTS, "frequency")
    same(weighed, fitted(name, covariance, np.repeat(everything, COUNTS)))


@pytest.mark.parametrize(("name", "covariance"), CASES)
@pytest.mark.parametrize("kind", ["analytic", "probability"])
def test_of_other_weights_only_ratios_matter_and_zero_is_no_row(name, covariance, kind):
    if (kind, covariance) == ("probability", "classical"):
        pytest.skip("refused")
    everything, present = np.arange(COUNT), np.flatnonzero(PARTS)
    one = fitted(name, covariance, everything, PARTS, kind)
    same(one, fitted(name, covariance, everything, 1e6 * PARTS, kind))
    same(one, fitted(name, covariance, present, PARTS[present], kind))
    assert one.nobs == len(present)


def test_equal_weights_of_any_size_are_none():
    plain = regress(X, SIGNAL, covariance="HC3")
    for kind in ("analytic", "probability"):
        same(regress(X, SIGNAL, weights=np.full(COUNT, 4e5), weights_kind=kind, covariance="HC3"), plain)


def test_debiased_lasso():
    settings = {"columns": ["x1"], "penalty": 0.1}
    weighed = debiased_lasso(X, SIGNAL, weights=COUNTS, weights_kind="frequency", **settings)
    repeated = debiased_lasso(np.repeat(X, COUNTS, axis=0), np.repeat(SIGNAL, COUNTS), **settings)
    np.testing.assert_allclose(weighed.standard_errors, repeated.standard_errors, rtol=1e-6)
    small, large = (debiased_lasso(X, SIGNAL, weights=w, **settings) for w in (PARTS, 1e6 * PARTS))
    np.testing.assert_allclose(small.standard_errors, large.standard_errors, rtol=1e-6)
