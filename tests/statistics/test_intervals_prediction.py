"""Prediction intervals cover as they say: 500 data sets per design, all their networks trained at once."""

import numpy as np
import pytest

from thalweg.estimators.ensemble.networks import plan_networks, train_lessons
from thalweg.estimators.regressor import NetRegressor
from thalweg.estimators.uncertainty.predictive import prediction_interval
from thalweg.select.learning.observations import canonical_rows

REPLICATIONS, NEW, LEVEL = 500, 40, 0.9
NET = NetRegressor(
    hidden=(6,), activation="tanh", learning_rate=0.05, batch=None, epochs=30, patience=None, seeds=1
).get_params()


def non_linear(rows, rng):
    x = rng.standard_normal((rows, 2))
    return x, np.sin(2 * x[:, 0]) + x[:, 0] * x[:, 1] + 0.5 * rng.standard_normal(rows)


def heteroscedastic(rows, rng):
    x = rng.standard_normal((rows, 2))
    return x, 2 * x[:, 0] + (0.3 + np.abs(x[:, 0])) * rng.standard_normal(rows)


def skewed(rows, rng):
    x = rng.standard_normal((rows, 2))
    return x, np.abs(x[:, 0]) + 0.5 * rng.exponential(size=rows)


def coverage(design, rows, settings, methods):
    rng = np.random.default_rng(20261122)
    tables = [design(rows, rng) for _ in range(REPLICATIONS)]
    plans = [
        plan_networks(canonical_rows(x, y[:, None]), "regression", NET | settings, seed=k)
        for k, (x, y) in enumerate(tables)
    ]
    trained = iter(train_lessons([lesson for plan in plans for lesson in plan.lessons], workers=1))
    inside = np.zeros((len(methods), REPLICATIONS))
    for k, plan in enumerate(plans):
        population = plan.collect([next(trained) for _ in plan.lessons]).population
        x, y = design(NEW, rng)
        for m, method in enumerate(methods):
            low, high = prediction_interval(population, x, LEVEL, method)[:, :, 0].T
            inside[m, k] = ((low <= y) & (y <= high)).mean()
    return dict(zip(methods, inside.mean(axis=1), strict=True))


@pytest.mark.parametrize("design", [non_linear, heteroscedastic, skewed])
def test_split_and_cv_plus(design):
    found = coverage(design, 95, {"folds": 5}, ("split", "cv+"))
    assert 0.88 <= found["split"] <= 0.92
    assert 0.89 <= found["cv+"] <= 0.96


@pytest.mark.parametrize("design", [non_linear, heteroscedastic])
def test_jackknife_plus_after_bootstrap(design):
    found = coverage(design, 40, {"bootstrap": 10}, ("jackknife+ab",))
    assert 0.88 <= found["jackknife+ab"] <= 0.96


def test_corrected_quantiles_cover_and_follow_the_noise():
    settings = {"folds": 5, "loss": "quantile", "epochs": 60}
    assert 0.88 <= coverage(heteroscedastic, 95, settings, ("cqr",))["cqr"] <= 0.95  # of folds: a little careful
    rng = np.random.default_rng(0)
    x, y = heteroscedastic(1000, rng)
    net = NetRegressor(hidden=(16,), epochs=100, learning_rate=0.01, seeds=2, folds=5, loss="quantile").fit(x, y)
    width = np.diff(net.predict_interval(x, method="cqr"))[:, 0]
    assert width[np.abs(x[:, 0]) > 1.5].mean() > 2 * width[np.abs(x[:, 0]) < 0.3].mean()
