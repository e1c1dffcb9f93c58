import numpy as np
import pytest

from thalweg.linear import descend
from thalweg.linear.descent.objectives import Objective
from thalweg.study.race.modes import modes_of, momentum_rate


def companion(scaled_step, momentum):
    """R on (v, x) with λ = 1, whose spectral radius NumPy finds by itself."""
    return np.array([[momentum, 1.0], [-scaled_step * momentum, 1 - scaled_step]])


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.81, 0.99])
@pytest.mark.parametrize("scaled_step", [0.01, 0.5, 1.0, 1.9, 3.0, 3.99])
def test_the_rate_is_the_spectral_radius(scaled_step, momentum):
    radius = np.abs(np.linalg.eigvals(companion(scaled_step, momentum))).max()
    assert momentum_rate(scaled_step, momentum) == pytest.approx(
        radius, abs=1e-7
    )  # a double root is that ill-conditioned


def test_what_oscillates_shrinks_by_the_root_of_momentum_not_twice_it():
    assert momentum_rate(1.0, 0.81) == pytest.approx(0.9, abs=1e-12)


def test_the_edge_of_convergence_is_two_plus_two_momentum():
    momentum = np.linspace(0, 0.99, 12)
    assert (momentum_rate(2 + 2 * momentum - 1e-6, momentum) < 1).all()
    assert (momentum_rate(2 + 2 * momentum + 1e-6, momentum) > 1).all()


@pytest.mark.parametrize("condition", [2.0, 100.0, 1e4])
def test_best_settings_reach_the_known_rates(condition):
    modes = modes_of(np.diag([3.0, 3.0 * condition]))
    root = np.sqrt(condition)
    assert modes.slowest == pytest.approx(((condition - 1) / (condition + 1), (root - 1) / (root + 1)), rel=1e-7)


def test_no_other_setting_is_better():
    modes, rng = modes_of(np.diag([1.0, 7.0, 40.0])), np.random.default_rng(0)
    for step, momentum in zip(rng.uniform(0, 0.1, 500), rng.uniform(0, 1, 500), strict=True):
        assert momentum_rate(step * modes.eigenvalues, momentum).max() >= modes.slowest[1] - 1e-12


def test_descent_shrinks_as_the_modes_say():
    hessian = np.diag([1.0, 5.0, 25.0])
    quadratic = Objective(
        lambda x: float(x @ hessian @ x / 2), lambda x: hessian @ x, 1.0, 25.0, np.zeros(3), 0.0, hessian
    )
    modes = modes_of(hessian)
    run = descend(quadratic, start=[0, 0, 1.0], method="gradient", step=0.03, steps=20, tolerance=1e-300)
    assert np.sqrt(run.gaps[20] / run.gaps[0]) == pytest.approx(momentum_rate(0.03 * 25, 0.0) ** 20)
    heavy = descend(
        quadratic, start=[1.0, 1, 1], method="heavy-ball", step=modes.step, momentum=modes.momentum, steps=300
    )
    slope = np.log(heavy.gaps[50] / heavy.gaps[10]) / 2 / 40
    assert slope == pytest.approx(np.log(modes.slowest[1]), rel=0.12)  # double roots: k ρᵏ, and log(50/10)/40 is 0.04


def test_directions_without_curvature_are_left_out():
    assert len(modes_of(np.diag([0.0, 1.0, 2.0])).eigenvalues) == 2
