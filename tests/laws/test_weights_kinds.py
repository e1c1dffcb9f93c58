"""Laws of weights: frequencies repeat rows, of other weights only ratios matter, and weight 0 is no row."""

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.linear import (
    bootstrap,
    debiased_lasso,
    fit_components,
    fit_lasso,
    fit_logistic_path,
    fit_ridge_path,
    lasso_stability,
    logistic_regression,
    multinomial_regression,
    poisson_regression,
    regress,
    select,
    select_likelihood,
)

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


FOLDS = np.arange(COUNT) % 4
LOW_LEVEL = {
    "lasso": lambda X, y, f, **w: fit_lasso(X, y, penalties=[0.3, 0.05], folds=f, **w).errors,
    "ridge path": lambda X, y, f, **w: fit_ridge_path(X, y, penalties=[9.0, 1.0], folds=f, **w).coefficients,
    "default ridge path": lambda X, y, f, **w: fit_ridge_path(X, y, folds=f, **w).settings,
    "components": lambda X, y, f, **w: fit_components(X, y, folds=f, **w).mean_error,
    "logistic path": lambda X, y, f, **w: fit_logistic_path(X, y > 0, ridges=[1.0], folds=f, **w).errors,
    "select": lambda X, y, f, **w: np.array(list(select(X, y, folds=f, **w).criteria.values())),
    "select logistic": lambda X, y, f, **w: select_likelihood("logistic", X, y > 0, folds=f, **w).rss,
    "bootstrap": lambda X, y, _, **w: bootstrap(X, y, replicates=5, **w).replicates,
    "logistic bootstrap": lambda X, y, _, **w: bootstrap(X, y > 0, model="logistic", replicates=5, **w).replicates,
    "cluster bootstrap": lambda X, y, f, **w: bootstrap(X, y, clusters=f, replicates=5, **w).replicates,
    "stability": lambda X, y, _, **w: lasso_stability(X, y, 0.1, replicates=5, **w).replicates,
}


@pytest.mark.parametrize("name", LOW_LEVEL)
def test_weights_mean_the_same_where_nothing_is_inferred(name):
    answer, everything, present = LOW_LEVEL[name], np.arange(COUNT), np.flatnonzero(COUNTS)
    again = np.repeat(everything, COUNTS)
    counted = answer(X, SIGNAL, FOLDS, weights=COUNTS, weights_kind="frequency")
    np.testing.assert_allclose(counted, answer(X[again], SIGNAL[again], FOLDS[again]), rtol=1e-6, atol=1e-8)
    for kind in (None, "analytic", "probability"):
        one = answer(X, SIGNAL, FOLDS, weights=PARTS, weights_kind=kind)
        np.testing.assert_allclose(one, answer(X, SIGNAL, FOLDS, weights=1e6 * PARTS, weights_kind=kind), rtol=1e-6)
        there = answer(X[present], SIGNAL[present], FOLDS[present], weights=PARTS[present], weights_kind=kind)
        np.testing.assert_allclose(one, there, rtol=1e-6)
    with pytest.raises(DataError, match="Frequency weights count rows"):
        answer(X, SIGNAL, FOLDS, weights=PARTS, weights_kind="frequency")
