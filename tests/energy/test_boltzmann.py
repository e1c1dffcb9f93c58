"""Boltzmann machines: the truth is found, within errors that hold."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError, TrainingError
from thalweg.energy import BoltzmannMachine
from thalweg.energy.boltzmann_moments import enumerated, features
from thalweg.energy.configurations import configurations


def truth(units, seed=0):
    return 0.6 * np.random.default_rng(seed).normal(size=units + units * (units - 1) // 2)


def draw(parameters, units, rows, seed):
    states = np.concatenate(list(configurations(units)))
    chance = np.exp(features(states) @ parameters)
    return states[np.random.default_rng(seed).choice(len(states), rows, p=chance / chance.sum())]


def test_moments_are_matched_and_the_truth_is_within_four_errors():
    parameters = truth(6)
    fit = BoltzmannMachine().fit(draw(parameters, 6, 20_000, 1))
    assert fit.gap < 1e-10
    assert np.abs((fit.parameters - parameters) / fit.standard_errors).max() < 4
    assert fit.method == "exact"


def test_standard_errors_cover():
    """200 tables, 10 parameters each: nominal 95 % intervals cover within four errors of their own share."""
    parameters = truth(4)
    inside = []
    for seed in range(200):
        fit = BoltzmannMachine().fit(draw(parameters, 4, 400, seed))
        inside += (np.abs(fit.parameters - parameters) < 1.96 * fit.standard_errors).tolist()
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)


def test_gibbs_agrees_with_enumeration_and_counts_its_own_noise():
    rows = draw(truth(5), 5, 3000, 2)
    exact, sampled = BoltzmannMachine().fit(rows), BoltzmannMachine(learner="gibbs").fit(rows)
    assert np.abs(sampled.parameters - exact.parameters).max() < 0.5 * exact.standard_errors.max()
    assert (sampled.standard_errors > 0.9 * exact.standard_errors).all()
    assert np.isnan(sampled.log_likelihood)


def test_hidden_units_raise_the_likelihood_and_the_gradient_is_zero_there():
    rows = draw(truth(5, seed=3), 5, 2000, 4)[:, :4]
    plain, hidden = BoltzmannMachine(ridge=1.0).fit(rows), BoltzmannMachine(hidden=1, ridge=1.0).fit(rows)
    assert hidden.log_likelihood >= plain.log_likelihood - 1e-3
    assert hidden.units == 5
    assert np.isfinite(hidden.standard_errors).all()


def test_enumerated_moments_are_sums_over_states():
    parameters = truth(3)
    states = np.concatenate(list(configurations(3)))
    weight = np.exp(features(states) @ parameters)
    found = enumerated(parameters, 3)
    assert found.log_partition == pytest.approx(np.log(weight.sum()), rel=1e-14)
    assert found.mean == pytest.approx(weight @ features(states) / weight.sum(), rel=1e-12)


def test_samples_have_the_moments_of_the_machine():
    fit = BoltzmannMachine().fit(draw(truth(4), 4, 4000, 5))
    sample = fit.sample(4000, sweeps=40)
    expected = enumerated(fit.parameters, 4).mean
    assert np.abs(features(sample).mean(axis=0) - expected).max() < 4 * 0.5 / np.sqrt(4000)
    assert list(fit.frame()["unit"][:5]) == ["0", "1", "2", "3", "0 1"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: BoltzmannMachine().fit([[0, 2], [1, 0]]), DataError, "column 1"),
        (lambda: BoltzmannMachine().fit([[0, 1], [0, 0]]), DataError, "Column 0 is constant"),
        (lambda: BoltzmannMachine().fit([[0, 0], [0, 1], [1, 0]]), DataError, "four combinations"),
        (lambda: BoltzmannMachine(hidden=99), SettingError, "hidden units"),
        (lambda: BoltzmannMachine(learner="exact").fit(np.eye(20)), SettingError, "2\\^20"),
        (lambda: BoltzmannMachine(hidden=1).fit(draw(3 * truth(6), 6, 300, 1)[:, :5]), TrainingError, "ridge"),
    ],
)
def test_nonsense_is_refused_in_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
