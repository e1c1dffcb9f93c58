"""Bootstrap confidence intervals of scores and effects cover as they say, over 500 data sets."""

import numpy as np

from thalweg.estimators.linear import LinearRegressor
from thalweg.estimators.uncertainty.average_effects import marginal_effects
from thalweg.estimators.uncertainty.score_bootstrap import score_interval

REPLICATIONS = 500


def test_interval_of_an_error():
    rng = np.random.default_rng(1)
    hits = 0
    for k in range(REPLICATIONS):
        y = rng.standard_normal(100)
        found = score_interval(lambda y, p: np.abs(y - p).mean(), y, np.zeros(100), level=0.9, samples=400, seed=k)
        hits += found.low <= np.sqrt(2 / np.pi) <= found.high
    assert 0.88 <= hits / REPLICATIONS <= 0.92


def test_interval_of_an_accuracy():
    rng = np.random.default_rng(2)
    hits = 0
    for k in range(REPLICATIONS):
        right = (rng.random(150) < 0.8).astype(float)
        found = score_interval(lambda y, p: (y == p).mean(), np.ones(150), right, level=0.9, samples=400, seed=k)
        hits += found.low <= 0.8 <= found.high
    assert 0.88 <= hits / REPLICATIONS <= 0.92


def test_effects_with_errors_that_depend_on_the_features():
    rng = np.random.default_rng(3)
    hits = np.zeros(2)
    for k in range(REPLICATIONS):
        x = rng.standard_normal((120, 2))
        y = x @ [1.0, 0.5] + (0.2 + np.abs(x[:, 0])) * rng.standard_normal(120)
        bounds = marginal_effects(LinearRegressor(ridge=1e-3, bootstrap=60, random_state=k).fit(x, y)).conf_int(0.1)
        hits += ((bounds[0] <= [1.0, 0.5]) & (bounds[1] >= [1.0, 0.5])).to_numpy()
    assert ((hits / REPLICATIONS >= 0.88) & (hits / REPLICATIONS <= 0.92)).all()
