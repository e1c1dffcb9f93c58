"""Intervals cover with weights of every kind, on pure noise with whole-number weights and on weights that matter.

The longer study, with networks and more methods, is studies/weights_coverage.py.
"""

import numpy as np
import pytest
from scipy.stats import binom

from thalweg.base.weighing import WEIGHTS_KINDS
from thalweg.estimators import LinearRegressor, NetRegressor
from thalweg.linear import regress
from thalweg.select.scoring.difference import compare

REPETITIONS = 200


def least(level, trials):
    """How many of the trials an honest interval covers at least, but once in a thousand runs."""
    return binom.ppf(1e-3, trials, level)


def sampled(rng, kind, rows=80):
    """Rows of y = 1 + x + e with the weights their kind describes; the slope in the population is 1."""
    if kind == "frequency":  # people in cells, counted
        cells = rng.integers(0, 3, rows), rng.integers(0, 4, rows)
        x, y = cells[0] - 1.0, 1.0 + (cells[0] - 1.0) + (cells[1] - 1.5)
        pairs, counts = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
        return pairs[:, :1], pairs[:, 1], counts
    x = rng.normal(size=(rows if kind == "analytic" else 4 * rows, 1))
    noise = rng.normal(size=len(x))
    if kind == "analytic":  # means of groups of unequal size
        sizes = rng.integers(1, 30, rows)
        return x, 1.0 + x[:, 0] + noise / np.sqrt(sizes), sizes
    y = 1.0 + x[:, 0] + noise * np.exp(0.5 * x[:, 0])
    chance = 1.0 / (1.0 + np.exp(-y))  # those with large outcomes answer more often
    seen = rng.random(len(x)) < chance
    return x[seen], y[seen], 1.0 / chance[seen]


@pytest.mark.parametrize("kind", WEIGHTS_KINDS)
def test_the_slope_of_a_weighted_regression(kind):
    covered = 0
    for seed in range(REPETITIONS):
        X, y, weights = sampled(np.random.default_rng(seed), kind)
        low, high = regress(X, y, weights=weights, weights_kind=kind).conf_int(0.1).iloc[1]
        covered += low <= 1.0 <= high
    assert (
        covered >= least(0.9, REPETITIONS) - (0.03 if kind == "probability" else 0.0) * REPETITIONS
    )  # HC1 of 160 rows


@pytest.mark.parametrize("kind", [None, *WEIGHTS_KINDS])
@pytest.mark.parametrize("design", [{"folds": 8}, {"bootstrap": 12}])
def test_prediction_on_pure_noise_with_whole_weights(design, kind):
    rng = np.random.default_rng(4)
    X, y, weights = rng.normal(size=(120, 8)), rng.normal(size=120), rng.integers(2, 6, 120)
    new, outcomes = rng.normal(size=(2000, 8)), rng.normal(size=2000)
    quick = {"hidden": (32,), "seeds": 1, "patience": None, "epochs": 150, "learning_rate": 0.01, "workers": 1}
    for model in (NetRegressor(**quick, **design, weights_kind=kind), LinearRegressor(**design, weights_kind=kind)):
        bounds = model.fit(X, y, sample_weight=weights).predict_interval(new, level=0.9)
        covered = np.mean((bounds[:, 0] <= outcomes) & (outcomes <= bounds[:, 1]))
        assert covered > 0.82  # 0.9 less three standard errors of 120 residuals; with copies apart it was 0.3 to 0.5


@pytest.mark.parametrize("kind", ["analytic", "probability"])
def test_the_difference_of_two_equal_procedures(kind):
    covered = 0
    for seed in range(REPETITIONS):
        rng = np.random.default_rng(seed)
        losses, weights = rng.normal(size=(2, 100)) ** 2, rng.integers(1, 6, 100).astype(float)
        found = compare(losses[0], losses[1], np.arange(100) % 5, weights, 0.95, weights_kind=kind)
        covered += found.low <= 0.0 <= found.high
    assert covered >= least(0.95, REPETITIONS)


def test_a_difference_counts_frequencies_as_repeated_rows():
    rng = np.random.default_rng(0)
    losses, fold, counts = rng.normal(size=(2, 60)), np.arange(60) % 4, rng.integers(1, 5, 60)
    again = np.repeat(np.arange(60), counts)
    found = compare(losses[0], losses[1], fold, counts.astype(float), weights_kind="frequency")
    expected = compare(losses[0][again], losses[1][again], fold[again])
    np.testing.assert_allclose([found.low, found.high], [expected.low, expected.high], rtol=1e-12)
