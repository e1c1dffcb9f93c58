import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes

from thalweg.base.errors import SettingError
from thalweg.linear import (
    Objective,
    descend,
    least_squares_objective,
    logistic_objective,
    logistic_regression,
    regress,
)
from thalweg.linear.descent.rates import deck_iterations, extreme_eigenvalues, nesterov_rate
from thalweg.optim.adagrad import AdaGrad
from thalweg.optim.adam import Adam
from thalweg.optim.adamax import AdaMax
from thalweg.optim.gradient import GradientDescent
from thalweg.optim.momentum import Momentum
from thalweg.optim.rmsprop import RMSProp

DATA = load_diabetes()
COST = least_squares_objective(DATA.data, DATA.target)
START = np.r_[DATA.target.mean(), np.zeros(10)]


def bowl(*eigenvalues):
    values = np.array(eigenvalues)
    return Objective(
        value=lambda x: 0.5 * float(x @ (values * x)),
        gradient=lambda x: values * x,
        convexity=float(values.min()),
        smoothness=float(values.max()),
        optimum=np.zeros(len(values)),
        minimum=0.0,
        hessian=np.diag(values),
    )


def test_constants_of_the_diabetes_cost():
    assert math.isclose(COST.smoothness, 4.02421075, rel_tol=1e-8)
    assert math.isclose(COST.convexity, 0.00856073, rel_tol=1e-6)
    assert math.isclose(COST.value(START) - COST.minimum, 1535.09427466, rel_tol=1e-10)
    assert math.isclose(float(np.sum((START - COST.optimum) ** 2)), 4295.12653607, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({}, 3170),
        ({"step": 2 / (COST.convexity + COST.smoothness)}, 2106),
        ({"method": "nesterov"}, 192),
        ({"method": "heavy-ball"}, 159),
    ],
)
def test_steps_to_a_relative_gap_of_1e_8(settings, steps):
    run = descend(COST, start=START, tolerance=1e-7, **settings)
    assert run.converged
    assert int(np.flatnonzero(run.gaps <= 1e-8 * run.gaps[0])[0]) == steps


def test_the_measured_curve_is_the_predicted_one():
    run = descend(COST, start=START, tolerance=1e-3)
    np.testing.assert_allclose(run.gaps, run.predicted, atol=1e-9)


@pytest.mark.parametrize("method", ["gradient", "nesterov", "line-search"])
def test_no_true_bound_is_violated(method):
    run = descend(COST, start=START, method=method, tolerance=1e-3)
    assert run.bounds
    assert all(run.violation(name) is None for name in run.bounds if name != "printed (6.1)")


def test_the_printed_bound_lacks_the_step():
    run = descend(bowl(10.0), start=[1.0], step=0.01, steps=20)
    assert math.isclose(run.gaps[1], 4.05)
    assert run.bounds["printed (6.1)"][1] == 0.5
    assert run.violation("printed (6.1)") == 1
    assert math.isclose(run.bounds["1/(2tk)"][1], 50)
    assert run.violation("1/(2tk)") is None


@pytest.mark.parametrize("k", [1, 5, 10])
def test_the_tight_bound_is_attained_by_a_huber_function(k):
    knee = 1 / (2 * k + 1)
    huber = Objective(
        value=lambda x: knee * abs(x[0]) - knee**2 / 2 if abs(x[0]) > knee else x[0] ** 2 / 2,
        gradient=lambda x: np.clip(x, -knee, knee),
        convexity=0.0,
        smoothness=1.0,
        optimum=np.zeros(1),
        minimum=0.0,
    )
    run = descend(huber, start=[1.0], steps=k, tolerance=1e-12)
    assert math.isclose(run.gaps[k], run.bounds["tight 1/k"][k], rel_tol=1e-12)


def test_exact_line_search_attains_its_rate():
    run = descend(bowl(1.0, 100.0), start=[1.0, 0.01], method="line-search", tolerance=1e-6)
    np.testing.assert_allclose(run.gaps[1:20] / run.gaps[:19], (99 / 101) ** 2, rtol=1e-9)


def test_heavy_ball_with_the_best_settings_for_quadratics_can_cycle_for_ever():
    cycling = Objective(
        value=lambda x: float(
            12.5 * x[0] ** 2
            if x[0] < 1
            else (x[0] ** 2 / 2 + 24 * x[0] - 12 if x[0] < 2 else 12.5 * x[0] ** 2 - 24 * x[0] + 36)
        ),
        gradient=lambda x: np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24)),
        convexity=1.0,
        smoothness=25.0,
        optimum=np.zeros(1),
        minimum=0.0,
    )
    run = descend(cycling, start=[3.3], method="heavy-ball", steps=3000)
    assert not run.converged
    assert "cycles" in run.words
    assert min(abs(run.final[0] * 1225 - v) for v in (792, -2208, 2592)) < 1e-6
    assert descend(cycling, start=[3.3], steps=3000).converged


@pytest.mark.parametrize(("method", "nesterov"), [("heavy-ball", False), ("nesterov", True)])
def test_momentum_is_torchs(method, nesterov):
    steps = 25
    ours = descend(COST, start=START, method=method, step=0.05, momentum=0.9, steps=steps, tolerance=1e-12)
    parameter = torch.tensor(START, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=0.05, momentum=0.9, nesterov=nesterov)
    ahead = parameter.detach().numpy()
    for _ in range(steps):
        parameter.grad = torch.tensor(COST.gradient(parameter.detach().numpy()))
        before = parameter.detach().clone()
        optimizer.step()
        ahead = before.numpy()
    if nesterov:  # torch stores the look-ahead point; ours is one gradient step behind it
        np.testing.assert_allclose(ours.final, ahead - 0.05 * COST.gradient(ahead), rtol=1e-10)
    else:
        np.testing.assert_allclose(ours.final, parameter.detach().numpy(), rtol=1e-10)


def test_too_long_a_step_is_called_divergence():
    run = descend(bowl(1.0, 10.0), start=[1.0, 1.0], step=0.21)
    assert run.margin > 2
    assert "diverged" in run.words


def test_the_error_in_standard_errors_is_that_of_the_regression():
    run = descend(COST, start=START, steps=300, tolerance=1e-12)
    Z = (DATA.data - DATA.data.mean(axis=0)) / DATA.data.std(axis=0)
    best = regress(Z, DATA.target)
    distance = np.abs(run.final - best.estimate) / best.bse.to_numpy()
    assert distance.max() <= run.errors[-1]
    assert math.isclose(distance.max(), 0.97, abs_tol=0.005)
    assert run.enough() is None
    long = descend(COST, start=START, tolerance=1e-6)
    assert long.errors[long.enough()] < 0.01 <= long.errors[long.enough() - 1]


def test_logistic_descent_in_standard_errors():
    y = DATA.target > 150
    run = descend(logistic_objective(DATA.data, y), method="nesterov", steps=60, tolerance=1e-9)
    Z = (DATA.data - DATA.data.mean(axis=0)) / DATA.data.std(axis=0)
    best = logistic_regression(Z, y)
    distance = np.max(np.abs(run.final - best.estimate) / best.bse.to_numpy())
    assert distance <= 1.1 * run.errors[-1]


def test_theory_in_numbers():
    assert math.isclose(deck_iterations(50.5, 1e-8, 1.0, 100.0), 2223.08, abs_tol=0.01)
    assert deck_iterations(1.0, 1e-8, 0.0, 1.0) == math.inf
    assert nesterov_rate(1.0, 100.0) == 0.9
    low, high = extreme_eigenvalues(np.diag(np.linspace(1, 5, 2100)))  # beyond the dense limit
    assert math.isclose(low, 1, rel_tol=1e-4)
    assert math.isclose(high, 5, rel_tol=1e-9)


def test_heavy_ball_needs_strong_convexity_or_settings():
    flat = logistic_objective(DATA.data, DATA.target > 150)
    with pytest.raises(SettingError, match="m is 0"):
        descend(flat, method="heavy-ball")
    assert descend(flat, method="heavy-ball", step=0.5, momentum=0.5, steps=50).gaps[-1] < 0.05


def test_line_search_needs_a_quadratic():
    with pytest.raises(SettingError, match="quadratics"):
        descend(logistic_objective(DATA.data, DATA.target > 150), method="line-search")


@pytest.mark.parametrize(
    ("optimizer", "theirs", "settings"),
    [
        (GradientDescent(0.1), torch.optim.SGD, {"lr": 0.1}),
        (Momentum(0.05, momentum=0.9), torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
        (Momentum(0.05, nesterov=True), torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
        (AdaGrad(0.5), torch.optim.Adagrad, {"lr": 0.5}),
        (RMSProp(0.01), torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.99}),
        (Adam(0.1), torch.optim.Adam, {"lr": 0.1}),
        (AdaMax(0.1), torch.optim.Adamax, {"lr": 0.1}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_optimizers_of_the_engine_take_torchs_path(optimizer, theirs, settings):
    steps = 40
    ours = descend(COST, start=START, method=optimizer, steps=steps, tolerance=1e-12)
    x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    their = theirs([x], **settings)
    for _ in range(steps):
        x.grad = torch.from_numpy(COST.gradient(x.detach().numpy()))
        their.step()
    np.testing.assert_allclose(ours.final, x.detach().numpy(), rtol=1e-9, atol=1e-12)
    assert len(ours.gaps) == steps + 1


def test_the_engines_gradient_descent_is_held_to_the_bounds():
    run = descend(COST, start=START, method=GradientDescent(1 / COST.smoothness), tolerance=1e-4)
    same = descend(COST, start=START, tolerance=1e-4)
    assert run.bounds.keys() == same.bounds.keys()
    np.testing.assert_allclose(run.gaps, same.gaps, rtol=1e-8, atol=1e-9)
    assert run.predicted is not None


def test_a_path_ends_with_the_certificates_word():
    long, short = descend(COST, tolerance=1e-9, method="nesterov"), descend(COST, steps=5)
    assert long.verdict in {"exact", "negligible"}
    assert short.verdict == "not converged"
    assert descend(bowl(1.0), start=[1.0]).verdict is None
    slow = descend(COST, method=Adam(1.0), steps=300)
    assert slow.errors[-1] < slow.errors[0]
    assert (slow.step, slow.bounds) == (None, {})


def test_an_optimizer_brings_its_own_settings():
    with pytest.raises(SettingError, match="Set them in the optimizer"):
        descend(COST, method=Adam(), step=0.1)


def test_iterates_are_kept_and_are_where_the_values_were_measured():
    cost = least_squares_objective([[0.0, 1.0], [1.0, 0.0], [2.0, 1.5], [3.0, 0.5]], [0.0, 1.1, 1.9, 3.2])
    for method in ("gradient", "heavy-ball", "nesterov", "line-search"):
        run = descend(cost, method=method, steps=12)
        assert run.iterates.shape == (len(run.values), 3)
        np.testing.assert_allclose([cost.value(x) for x in run.iterates], run.values, rtol=1e-12)
        assert (run.final == run.iterates[-1]).all()
