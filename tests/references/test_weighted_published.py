"""Stata's frequency, analytic and probability weights, numbers as kept in the test suite of statsmodels (BSD licence).

Data: executions in 17 states of the USA (Gill 2000, Generalized Linear Models: A Unified Approach), with weights and
clusters as ``test_glm_weights.py`` of statsmodels lays them out.
"""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.genmod.tests.results import results_glm_poisson_weights as stata

from thalweg.linear import poisson_regression, regress

WEIGHTS = np.array([1, 1, 1, 2, 2, 2, 3, 3, 3, 1, 1, 1, 2, 2, 2, 3, 3], dtype=float)
CLUSTERS = np.arange(1, 18) // 2
KINDS = {"fweight": "frequency", "aweight": "analytic", "pweight": "probability"}


@pytest.fixture(scope="module")
def executions():
    data = sm.datasets.cpunish.load()
    X = np.array(data.exog, dtype=float)
    X[:, 3] = np.log(X[:, 3])
    X = X.astype(np.float32).astype(float)  # Stata kept them in single precision
    return X, np.array(data.endog, dtype=float)


def numbers(found):
    """Estimates and standard errors as printed, the constant first as here."""
    table = np.roll(np.asarray(found.params_table), 1, axis=0)
    return table[:, 0], table[:, 1]


@pytest.mark.parametrize(
    ("name", "covariance"),
    [("aweight_robust", "HC1"), ("aweight_clu1", "cluster"), ("fweight_clu1", "cluster"), ("pweight_clu1", "cluster")],
)
def test_regress(executions, name, covariance):
    published = getattr(stata, f"results_wls_{name}")
    clusters = CLUSTERS if covariance == "cluster" else None
    kind = KINDS[name.partition("_")[0]]
    fit = regress(*executions, weights=WEIGHTS, weights_kind=kind, covariance=covariance, clusters=clusters)
    estimate, error = numbers(published)
    np.testing.assert_allclose(fit.estimate, estimate, rtol=1e-9)
    np.testing.assert_allclose(fit.bse, error, rtol=1e-9)
    np.testing.assert_allclose([fit.nobs, fit.df], [published.N, published.df_r])
    np.testing.assert_allclose([fit.rsquared, fit.rsquared_adj, fit.llf], [published.r2, published.r2_a, published.ll])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("errors", ["nonrobust", "hc1", "clu1"])
def test_poisson(executions, kind, errors):
    published = getattr(stata, f"results_poisson_{kind}_{errors}")
    covariance = {"nonrobust": None, "hc1": "HC0", "clu1": "cluster"}[errors]
    clusters = CLUSTERS if covariance == "cluster" else None
    fit = poisson_regression(
        *executions, weights=WEIGHTS, weights_kind=KINDS[kind], covariance=covariance, clusters=clusters
    )
    estimate, error = numbers(published)
    n, k = published.N, len(estimate)
    factor = n / (n - 1)  # Stata's for robust errors of likelihoods, in place of n / (n - k)
    if kind == "pweight" and errors == "nonrobust":
        factor *= (n - k) / n  # robust for probability weights, here HC1
    elif errors != "hc1":
        factor = 1.0
    np.testing.assert_allclose(fit.estimate, estimate, rtol=1e-6)  # Stata stops its Newton steps there
    np.testing.assert_allclose(fit.bse * np.sqrt(factor), error, rtol=1e-5)
    np.testing.assert_allclose(fit.nobs, n)
    if kind != "pweight":
        np.testing.assert_allclose(fit.llf, published.ll, rtol=1e-9)
