"""Costs of classes and counts: gradients, constants that bound curvature, descents that keep their bounds."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import descend, multinomial_regression, poisson_objective, poisson_regression, softmax_objective

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 3)) * [1, 10, 0.1] + 5
Z = (X - X.mean(axis=0)) / X.std(axis=0)
CODES = (Z @ RANDOM.normal(size=(3, 3)) + RANDOM.gumbel(size=(200, 3))).argmax(axis=1)
COUNTS = RANDOM.poisson(np.exp(0.5 + 0.4 * Z[:, 0] - 0.3 * Z[:, 2]))
COSTS = {"softmax": lambda: softmax_objective(X, CODES), "Poisson": lambda: poisson_objective(X, COUNTS)}


@pytest.mark.parametrize("name", COSTS)
def test_gradient_and_optimum(name):
    cost = COSTS[name]()
    at = RANDOM.normal(size=len(cost.optimum)) * 0.3
    assert check_grad(cost.value, cost.gradient, at) < 1e-6
    assert np.abs(cost.gradient(cost.optimum)).max() < 1e-8
    assert cost.value(cost.optimum) == pytest.approx(cost.minimum)


@pytest.mark.parametrize("name", COSTS)
def test_the_smoothness_bounds_the_curvature_along_a_descent(name):
    cost = COSTS[name]()
    run = descend(cost, steps=400)
    assert run.violation("1/(2tk)") is None
    assert (np.diff(run.values) <= 1e-15).all()
    for t in np.linspace(0, 1, 6):
        at = t * cost.optimum
        hessian = np.stack([(cost.gradient(at + e) - cost.gradient(at - e)) / 2e-5 for e in 1e-5 * np.eye(len(at))])
        assert np.linalg.eigvalsh(hessian).max() <= cost.smoothness * (1 + 1e-6)


@pytest.mark.parametrize("name", COSTS)
def test_errors_along_the_path_are_in_standard_errors(name):
    cost = COSTS[name]()
    run = descend(cost, method="nesterov", steps=5000)
    assert run.enough() is not None
    k = int(np.flatnonzero(run.errors < 0.5)[0])
    part = descend(cost, method="nesterov", steps=k)
    if name == "Poisson":
        best = poisson_regression(Z, COUNTS)
        truth = np.abs((part.final - cost.optimum)[1:]) / best.bse.to_numpy()[1:]
    else:
        best = multinomial_regression(Z, CODES)
        moved = (part.final - cost.optimum).reshape(4, 3)
        truth = np.abs((moved[1:, 1:] - moved[1:, :1]).T.ravel()) / np.delete(best.bse.to_numpy(), [0, 4])
    assert truth.max() <= part.errors[-1] * 1.1


def test_poisson_starts_at_the_mean():
    cost = poisson_objective(X, COUNTS)
    assert cost.value(np.zeros(4)) == pytest.approx(COUNTS.mean() * (1 - np.log(COUNTS.mean())))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: softmax_objective(X, CODES, ridge=-1.0), SettingError),
        (lambda: softmax_objective(X, CODES + 0.5), DataError),
        (lambda: poisson_objective(X, COUNTS, ridge=-1.0), SettingError),
        (lambda: poisson_objective(X, COUNTS - 3.0), DataError),
    ],
)
def test_wrong_input_is_refused(call, error):
    with pytest.raises(error):
        call()
