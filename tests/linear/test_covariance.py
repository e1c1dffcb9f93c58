"""Clustered covariance: sets of clusters that cross, degrees of freedom, Stata's factors, what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.discrete.tests.results import results_count_robust_cluster as stata
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import logistic_regression, multinomial_regression, poisson_regression, regress
from thalweg.linear.covariance import cluster_ways, sandwich

DRAW = np.random.default_rng(5)
COUNT = 240
FIRM, YEAR = np.arange(COUNT) % 20, np.arange(COUNT) // 20
X = pd.DataFrame({"x": DRAW.normal(size=COUNT) + DRAW.normal(size=20)[FIRM], "z": DRAW.normal(size=12)[YEAR]})
Y = X["x"] + DRAW.normal(size=20)[FIRM] + DRAW.normal(size=12)[YEAR] + DRAW.normal(size=COUNT)
BOTH = pd.DataFrame({"firm": FIRM, "year": YEAR})


def test_two_sets_that_cross_equal_statsmodels():
    fit = regress(X, Y, covariance="cluster", clusters=BOTH)
    peer = sm.OLS(Y, sm.add_constant(X)).fit()
    np.testing.assert_allclose(fit.covariance, cov_cluster_2groups(peer, FIRM, YEAR)[0], rtol=1e-10)
    assert fit.df == 11


def test_sets_may_be_an_array_and_their_order_is_indifferent():
    one = regress(X, Y, covariance="cluster", clusters=BOTH).covariance
    other = regress(X, Y, covariance="cluster", clusters=np.column_stack([YEAR, FIRM])).covariance
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_set_within_another_adds_nothing():
    coarse = regress(X, Y, covariance="cluster", clusters=FIRM)
    both = regress(X, Y, covariance="cluster", clusters=np.column_stack([FIRM, FIRM * 100 + YEAR // 6]))
    np.testing.assert_allclose(coarse.covariance, both.covariance, rtol=1e-9)


def test_no_variance_is_negative():
    # single rows in cells of firm and year: the intersection is every row, and sums of two small sets can be smaller
    draw = np.random.default_rng(3)
    scores = draw.normal(size=(9, 3))
    ways = np.column_stack([np.arange(9) % 3, np.arange(9) // 3])
    scores -= scores.mean(0)
    table = sandwich(np.eye(3), scores, np.ones(9), "cluster", clusters=ways).table
    assert np.linalg.eigvalsh(table).min() >= -1e-12 * np.abs(table).max()


def test_ships_equal_stata():
    folder = Path(stata.__file__).parent
    ships = pd.read_csv(folder / "ships.csv").dropna()
    ships = ships[["yr_con", "op_75_79", "accident", "ship"]]
    fit = poisson_regression(
        ships[["yr_con", "op_75_79"]], ships["accident"], covariance="cluster", clusters=ships["ship"].tolist()
    )
    table = np.asarray(stata.results_poisson_clu.params_table)
    errors = [fit.bse["yr_con"], fit.bse["op_75_79"], fit.bse["Intercept"]]
    np.testing.assert_allclose(errors, table[:3, 1], rtol=1e-6)  # Stata's iterations stop at 1e-7


@pytest.mark.parametrize("estimate", [logistic_regression, poisson_regression, multinomial_regression])
def test_tests_of_likelihoods_know_the_number_of_clusters(estimate):
    fit = estimate(X, (Y > 0).astype(float), covariance="cluster", clusters=YEAR)
    assert fit.df == 11
    assert estimate(X, (Y > 0).astype(float)).df == np.inf


def test_labels_may_be_text_and_missing_ones_are_named():
    ways = cluster_ways(BOTH.assign(firm=[f"firm {n}" for n in FIRM]), COUNT)
    assert [len(np.unique(way)) for way in ways] == [20, 12]
    gap = BOTH.astype(object)
    gap.iloc[7, 1] = None
    with pytest.raises(DataError, match="row 8 is missing"):
        cluster_ways(gap, COUNT)


def test_one_cluster_in_any_set_is_refused():
    with pytest.raises(DataError, match="two clusters"):
        regress(X, Y, covariance="cluster", clusters=BOTH.assign(year=1))


def _dense(weights):
    """Design with its constant, residuals and hat matrix, times the root of the weights."""
    A = np.column_stack([np.ones(COUNT), X]) * np.sqrt(weights)[:, None]
    y = Y.to_numpy() * np.sqrt(weights)
    bread = np.linalg.inv(A.T @ A)
    return A, y, bread, A @ bread @ A.T


@pytest.mark.parametrize("weights", [np.ones(COUNT), np.linspace(0.5, 1.5, COUNT)])
def test_bias_reduced_errors_equal_their_definition(weights):
    A, y, bread, hat = _dense(weights)
    rest = y - hat @ y
    meat, vectors = np.zeros((3, 3)), []
    for year in range(12):
        rows = np.flatnonzero(year == YEAR)
        values, basis = np.linalg.eigh(np.eye(len(rows)) - hat[np.ix_(rows, rows)])
        adjust = (basis / np.sqrt(values)) @ basis.T
        score = A[rows].T @ adjust @ rest[rows]
        meat += np.outer(score, score)
        vectors.append((np.eye(COUNT) - hat)[:, rows] @ adjust @ A[rows] @ bread)
    df = []
    for k in range(3):
        P = np.array([one[:, k] for one in vectors])
        products = P @ P.T
        df.append(np.trace(products) ** 2 / np.square(products).sum())
    fit = regress(X, Y, weights=weights, covariance="CR2", clusters=YEAR)
    np.testing.assert_allclose(fit.covariance, bread @ meat @ bread, rtol=1e-9)
    np.testing.assert_allclose(fit.each_df, df, rtol=1e-9)
    assert 1 < fit.each_df[2] < 11, "z is the same within a cluster"


def test_leave_one_cluster_out_errors_are_those_of_refits():
    weights = np.linspace(0.5, 1.5, COUNT)
    fit = regress(X, Y, weights=weights, covariance="CR3", clusters=YEAR)
    away = [
        regress(X[year != YEAR], Y[year != YEAR], weights=weights[year != YEAR]).estimate - fit.estimate
        for year in range(12)
    ]
    np.testing.assert_allclose(fit.covariance, 11 / 12 * np.transpose(away) @ away, rtol=1e-9)
    assert fit.df == 11


def test_leave_one_cluster_out_errors_of_a_likelihood_are_near_those_of_refits():
    y = (Y > 0).astype(float)
    fit = logistic_regression(X, y, covariance="CR3", clusters=FIRM)
    away = [logistic_regression(X[firm != FIRM], y[firm != FIRM]).estimate - fit.estimate for firm in range(20)]
    refits = np.sqrt(np.diag(19 / 20 * np.transpose(away) @ away))
    np.testing.assert_allclose(fit.bse, refits, rtol=0.03)  # one Newton step instead of all


@pytest.mark.parametrize("covariance", ["HC0", "HC1", "HC2", "HC3"])
def test_what_a_single_row_decides_has_no_robust_error(covariance):
    alone = (np.arange(COUNT) == 7).astype(float)
    fit = regress(X.assign(alone=alone), Y, covariance=covariance)
    rest = regress(X[alone == 0], Y[alone == 0], covariance=covariance)
    assert fit.undefined == ("alone",)
    assert np.isnan(fit.bse["alone"])
    assert "one row alone" in fit.summary()
    if covariance != "HC1":  # whose factor counts the row
        np.testing.assert_allclose(fit.bse[["Intercept", "x", "z"]], rest.bse, rtol=1e-9)


@pytest.mark.parametrize("covariance", ["cluster", "CR2", "CR3"])
@pytest.mark.parametrize("estimate", [regress, logistic_regression])
def test_what_a_single_cluster_decides_has_no_clustered_error(covariance, estimate):
    dummy = X.assign(third=(YEAR == 3).astype(float))
    y = Y if estimate is regress else (Y + np.arange(COUNT) % 3 - 1 > 0).astype(float)
    if (covariance, estimate) == ("CR2", logistic_regression):
        with pytest.raises(SettingError, match="least squares"):
            estimate(dummy, y, covariance=covariance, clusters=YEAR)
        return
    fit = estimate(dummy, y, covariance=covariance, clusters=YEAR)
    assert fit.undefined == ("third",)
    assert np.isfinite(fit.bse[["Intercept", "x", "z"]]).all()
    assert np.isnan(fit.pvalues["third"])


def test_crossed_sets_have_no_leave_one_out_errors():
    with pytest.raises(SettingError, match="one set of clusters"):
        regress(X, Y, covariance="CR3", clusters=BOTH)


def test_a_perfect_fit_has_errors_of_zero_and_no_tests():
    fit = regress(X, 3 + 2 * X["x"])
    assert (fit.bse == 0).all()
    assert np.isnan(fit.pvalues).all()
    assert fit.perfect
