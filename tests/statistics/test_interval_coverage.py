"""The printed interval covers the expected difference of the two procedures at least as often as it says.

A longer study with more models, sizes and rival rules is in studies/interval_coverage.py.
"""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import binom

from thalweg.select.scoring.difference import compare
from thalweg.select.scoring.metrics import METRICS

REPETITIONS = 1000


def least_squares(X, y, Z, penalty=1e-9):
    centre, mean = X.mean(0), y.mean()
    A = X - centre
    return mean + (Z - centre) @ np.linalg.solve(A.T @ A + penalty * np.eye(X.shape[1]), A.T @ (y - mean))


def ridge(X, y, Z):
    return least_squares(X, y, Z, 30.0)


def mean(_, y, Z):
    return np.full(len(Z), y.mean())


def neighbours(X, y, Z):
    distance = (Z**2).sum(1)[:, None] - 2 * Z @ X.T + (X**2).sum(1)
    return y[np.argpartition(distance, 10, axis=1)[:, :10]].mean(1)


def best_feature(X, y, Z):
    best = np.abs(np.corrcoef(X.T, y)[-1, :-1]).argmax()
    return least_squares(X[:, [best]], y, Z[:, [best]])


def linear(X, rng):
    return 0.5 * X[:, 0] + 0.3 * X[:, 1] + rng.standard_normal(len(X))


def weak(X, rng):
    return 0.15 * X[:, 0] + rng.standard_normal(len(X))


def curved(X, rng):
    return np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + rng.standard_normal(len(X))


def heteroscedastic(X, rng):
    return 0.5 * X[:, 0] + np.exp(0.8 * X[:, 1]) * rng.standard_normal(len(X))


def one_table(rng, outcome, fits, metric, *, n, folds):
    X = rng.standard_normal((n, 5))
    y = outcome(X, rng)
    fold = rng.permutation(np.arange(n) % folds)
    rows = np.empty((2, n))
    for number in range(folds):
        test = fold == number
        for i, fit in enumerate(fits):
            predicted = fit(X[~test], y[~test], X[test])[None, :, None]
            rows[i, test] = metric.rows(predicted, y[test], np.ones(test.sum()))[0]
    return compare(rows[0], rows[1], fold)


@pytest.mark.parametrize(
    ("outcome", "fits", "n", "folds", "name"),
    [
        (linear, (ridge, least_squares), 100, 5, "rmse"),
        (weak, (mean, least_squares), 100, 10, "rmse"),
        (curved, (neighbours, least_squares), 300, 5, "rmse"),
        (curved, (neighbours, least_squares), 200, 2, "mae"),
        (heteroscedastic, (neighbours, least_squares), 100, 10, "rmse"),
        (heteroscedastic, (mean, least_squares), 200, 5, "r2"),
        (weak, (best_feature, least_squares), 100, 10, "rmse"),
    ],
)
def test_coverage(outcome, fits, n, folds, name):
    rng = np.random.default_rng(7)
    metric = METRICS["regression"][name]
    intervals = [one_table(rng, outcome, fits, metric, n=n, folds=folds) for _ in range(REPETITIONS)]
    truth = np.mean([interval.estimate for interval in intervals])
    covered = sum(interval.low <= truth <= interval.high for interval in intervals)
    assert covered >= binom.ppf(0.01, REPETITIONS, 0.95)


def test_fits_that_vary_by_luck_are_covered_too():
    """All rows of a fold share the luck of one fit, which the rows alone do not show."""
    rng = np.random.default_rng(8)
    fold = np.arange(2000) % 5
    covered = 0
    for _ in range(REPETITIONS):
        luck = rng.standard_normal(5)
        interval = compare(0.1 * rng.standard_normal(2000) + luck[fold], np.zeros(2000), fold)
        covered += interval.low <= 0 <= interval.high
    assert covered >= binom.ppf(0.01, REPETITIONS, 0.95)


def test_rows_of_a_group_are_one_witness():
    """Of 20 groups of unequal size with an effect of their own, rows taken as independent see too little."""
    rng = np.random.default_rng(9)
    knowing, blind = 0, 0
    for _ in range(REPETITIONS):
        groups = np.repeat(np.arange(200), rng.geometric(0.1, 200))[:200]
        fold = rng.permutation(np.arange(groups.max() + 1) % 5)[groups]
        values = rng.standard_normal(200)[groups] + 0.3 * rng.standard_normal(200)
        for known in (groups, None):
            interval = compare(values, np.zeros(200), fold, groups=known)
            covered = interval.low <= 0 <= interval.high
            if known is None:
                blind += covered
            else:
                knowing += covered
    assert knowing >= binom.ppf(0.01, REPETITIONS, 0.95)
    assert blind < knowing - 20


def test_an_interval_without_the_correction_would_not_cover():
    rng = np.random.default_rng(7)
    fits, metric = (neighbours, least_squares), METRICS["regression"]["rmse"]
    intervals = [one_table(rng, heteroscedastic, fits, metric, n=100, folds=10) for _ in range(REPETITIONS)]
    estimates = np.array([interval.estimate for interval in intervals])
    half = np.array([interval.high - interval.estimate for interval in intervals]) / np.sqrt(1 + 10 / 9)
    covered = (np.abs(estimates - estimates.mean()) <= half).sum()
    assert covered < binom.ppf(0.01, REPETITIONS, 0.95)


def test_blocks_of_time_cover_where_differences_remember():
    # an autoregression of 0.9 beside blocks of 100 rows; 300 series, standard error of the share 0.013
    fold, covered = np.repeat(np.arange(5), 100), []
    for seed in range(300):
        shocks = np.random.default_rng(seed).standard_normal(550)
        series = lfilter([1.0], [1.0, -0.9], shocks)[50:]
        found = compare(series, np.zeros(500), fold, in_time=True)
        covered.append(found.low <= 0.0 <= found.high)
    assert 0.91 <= np.mean(covered) <= 0.99
