"""Clustered covariance: sets of clusters that cross, degrees of freedom, Stata's factors, what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.discrete.tests.results import results_count_robust_cluster as stata
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from thalweg.base.errors import DataError
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
    table, _ = sandwich(np.eye(3), scores, np.ones(9), "cluster", clusters=ways)
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
