"""Partition functions: enumerated both ways, and annealed with an error that holds."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from thalweg.base.errors import SettingError
from thalweg.energy.configurations import configurations
from thalweg.energy.restricted.model import RBMParameters, free_energy, pseudo_log_likelihood
from thalweg.energy.restricted.partition import log_likelihood, log_partition


def machine(visible, hidden, seed=0, size=1.0, variance=None):
    rng = np.random.default_rng(seed)
    W, a, b = rng.normal(size=(visible, hidden)), rng.normal(size=visible), rng.normal(size=hidden)
    return RBMParameters(size * W, a, b, variance)


def test_sums_over_either_layer_agree_with_the_sum_over_both():
    one = machine(5, 4)
    (v,), (h,) = configurations(5), configurations(4)
    energy = -(v @ one.visible_bias)[:, None] - (h @ one.hidden_bias)[None] - v @ one.weights @ h.T
    total = math.log(np.exp(-energy).sum())
    turned = RBMParameters(one.weights.T, one.hidden_bias, one.visible_bias)
    assert log_partition(one).value == pytest.approx(total, abs=1e-12)
    assert log_partition(turned).value == pytest.approx(total, abs=1e-12)
    assert -np.log(np.exp(-energy).sum(axis=1)) == pytest.approx(free_energy(one, v), abs=1e-12)
    assert np.exp(log_likelihood(one, v, log_partition(one))).sum() == pytest.approx(1, abs=1e-12)


def test_gaussian_units_integrate_to_one():
    one = machine(1, 3, variance=np.array([0.7]))
    partition = log_partition(one)
    density = lambda v: math.exp(log_likelihood(one, np.array([[v]]), partition)[0])  # noqa: E731
    assert quad(density, -30, 30, limit=200)[0] == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("gaussian", [False, True])
def test_annealed_values_lie_within_their_errors(gaussian):
    """40 machines: at least 36 within two errors (95 % would be 38), none beyond five, and hardly any bias.

    Taking each ratio after the transition, a known mistake, puts the mean .2 too high here.
    """
    away, errors = [], []
    for seed in range(40):
        variance = np.random.default_rng(seed).uniform(0.5, 2, 8) if gaussian else None
        one = machine(8, 6, seed, size=0.5, variance=variance)
        found = log_partition(one, method="annealed", temperatures=60, chains=100, seed=seed)
        away.append(found.value - log_partition(one).value)
        errors.append(found.standard_error)
    scaled = np.abs(np.array(away) / np.array(errors))
    assert (scaled < 2).sum() >= 34
    assert scaled.max() < 5
    assert abs(np.mean(away)) < 4 * np.std(away) / math.sqrt(40) + 0.01


def test_pseudo_likelihoods_turn_every_unit():
    one = machine(4, 3)
    v = np.array([[1.0, 0.0, 1.0, 1.0]])
    expected = 0.0
    for unit in range(4):
        other = v.copy()
        other[0, unit] = 1 - other[0, unit]
        expected -= math.log1p(math.exp(free_energy(one, v)[0] - free_energy(one, other)[0]))
    assert pseudo_log_likelihood(one, v)[0] == pytest.approx(expected, rel=1e-12)


def test_enumeration_beyond_reach_is_refused():
    one = RBMParameters(np.zeros((30, 30)), np.zeros(30), np.zeros(30))
    with pytest.raises(SettingError, match="annealed"):
        log_partition(one, method="exact")
    found = log_partition(one, temperatures=5)
    assert found.method == "annealed"
    assert found.value == pytest.approx(60 * math.log(2), abs=1e-9)  # nothing is coupled
