"""The faces of restricted machines and belief networks follow scikit-learn's contract."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from thalweg.base.errors import SettingError
from thalweg.energy import DBN, RBM, BoltzmannMachine, bars_and_stripes, capacity_curve


@parametrize_with_checks([RBM(hidden=3, epochs=2, chains=8), DBN((3, 2), epochs=2)])
def test_contract(estimator, check):
    check(estimator)


def test_likelihoods_are_log_chances():
    x = bars_and_stripes(3)
    model = RBM(hidden=6, epochs=30, chains=32).fit(x)
    partition = model.log_partition()
    assert partition.method == "exact"
    assert model.score(x) == pytest.approx(float((-model.free_energy(x) - partition.value).mean()))
    annealed = model.log_partition(method="annealed", temperatures=300)
    assert abs(annealed.value - partition.value) < max(4 * annealed.standard_error, 0.02)
    assert model.pseudo_log_likelihood(x).shape == (16,)
    assert model.reconstruct(x).shape == x.shape


def test_seeds_are_trained_at_once_and_the_best_is_used():
    x = bars_and_stripes(3)
    model = RBM(hidden=4, epochs=10, chains=16, seeds=3).fit(x)
    last = [curve[-1, 1] for curve in model.population_.curves]
    assert model.parameters_ is model.population_.parameters[int(np.argmax(last))]


def test_samples_have_the_means_of_the_rows():
    x = np.random.default_rng(0).random((400, 4)) < [0.1, 0.4, 0.6, 0.9]
    sample = RBM(hidden=2, epochs=40).fit(x.astype(float)).sample(2000, sweeps=50)
    assert sample.mean(axis=0) == pytest.approx([0.1, 0.4, 0.6, 0.9], abs=0.08)
    gaussian = RBM(hidden=2, epochs=20, learning_rate=0.05).fit(10 + np.random.default_rng(1).normal(size=(300, 2)))
    assert gaussian.visible_kind_ == "gaussian"
    assert gaussian.sample(2000, sweeps=20).mean(axis=0) == pytest.approx([10, 10], abs=0.3)
    with pytest.raises(SettingError, match="log_likelihood"):
        gaussian.pseudo_log_likelihood(np.zeros((1, 2)))


@pytest.mark.parametrize("setting", ["hidden", "chains", "epochs", "seeds"])
def test_absurd_numbers_are_refused_before_any_machine_is_made(setting):
    with pytest.raises(SettingError, match=r"This needs about .* TB of memory, .* Ask for fewer machines"):
        RBM(**{setting: 10**30}).fit(bars_and_stripes(2))


def test_samples_patterns_and_loads_beyond_memory_are_refused():
    machine = RBM(hidden=2, epochs=1, chains=4).fit(bars_and_stripes(2))
    couplings = BoltzmannMachine(ridge=1.0).fit(bars_and_stripes(2))
    asked = [
        lambda: machine.sample(10**30),
        lambda: couplings.sample(10**30),
        lambda: bars_and_stripes(10**6),
        lambda: capacity_curve(10**9, [0.1]),
    ]
    for ask in asked:
        with pytest.raises(SettingError, match=r"This needs about .* of memory, .* Ask for"):
            ask()
    with pytest.raises(SettingError, match="load"):
        capacity_curve(10, [1e308])
