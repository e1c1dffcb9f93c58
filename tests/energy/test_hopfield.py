"""Hopfield networks: what is stored stays, and energies fall."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.energy import Hopfield


def random_patterns(count, units, seed=0):
    return 2.0 * np.random.default_rng(seed).integers(0, 2, (count, units)) - 1.0


def test_hebbs_couplings_are_whole_numbers_and_energies_their_definition():
    patterns = random_patterns(7, 40)
    memory = Hopfield().store(patterns, bias=np.linspace(-0.1, 0.1, 40))
    W = patterns.T @ patterns / 40
    np.fill_diagonal(W, 0)
    states = random_patterns(5, 40, seed=1)
    expected = -0.5 * np.einsum("ki,ij,kj->k", states, W, states) - states @ np.linspace(-0.1, 0.1, 40)
    assert (memory.couplings == np.rint(memory.couplings)).all()
    assert memory.energy(states) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rule", ["hebb", "pseudo-inverse", "storkey"])
def test_energies_never_rise_and_every_flip_lowers_them_by_twice_the_field(rule):
    memory = Hopfield(rule).store(random_patterns(12, 60))
    found = memory.recall(random_patterns(30, 60, seed=2))
    assert found.converged.all()
    assert np.diff(found.energies, axis=0).max() <= 1e-12
    assert found.energies[-1] == pytest.approx(memory.energy(found.states), rel=1e-9)
    fields = memory.scale * (found.states @ memory.couplings + memory.bias)
    assert (found.states * fields >= -1e-12).all()  # nothing is left that would flip


def test_pseudo_inverse_keeps_every_pattern_and_outlives_hebb():
    patterns = random_patterns(60, 150)  # load .4
    kept = Hopfield("pseudo-inverse", zero_diagonal=False).store(patterns).recall(patterns)
    assert (kept.states == patterns).all()
    turned = patterns.copy()
    turned[:, :8] *= -1
    by_projection = (Hopfield("pseudo-inverse").store(patterns).recall(turned).overlaps.max(axis=1) == 1).mean()
    by_hebb = (Hopfield().store(patterns).recall(turned).overlaps.max(axis=1) == 1).mean()
    assert by_projection > 0.9
    assert by_hebb < 0.1


def test_storkey_equals_its_definition():
    """W_ij += (ξ_i ξ_j − ξ_i h_ji − h_ij ξ_j)/D with h_ij the field of the units other than i and j."""
    patterns, units = random_patterns(3, 6), 6
    W = np.zeros((units, units))
    for xi in patterns:
        new = W.copy()
        for i in range(units):
            for j in range(units):
                if i != j:
                    rest = [k for k in range(units) if k not in (i, j)]
                    h_ij, h_ji = W[i, rest] @ xi[rest], W[j, rest] @ xi[rest]
                    new[i, j] += (xi[i] * xi[j] - xi[i] * h_ji - h_ij * xi[j]) / units
        W = new
    assert Hopfield("storkey").store(patterns).couplings == pytest.approx(W, abs=1e-14)


def test_zero_and_one_are_the_same_network_in_another_coding():
    patterns, probes = random_patterns(4, 50), random_patterns(6, 50, seed=3)
    signs = Hopfield().store(patterns).recall(probes)
    bits = Hopfield().store((patterns + 1) / 2).recall((probes + 1) / 2)
    assert (bits.states == (signs.states + 1) / 2).all()
    assert (bits.energies == signs.energies).all()


def test_a_probe_is_the_same_alone_and_in_company():
    memory, probes = Hopfield().store(random_patterns(12, 60)), random_patterns(9, 60, seed=4)
    together = memory.recall(probes, seed=5)
    for place in range(9):
        assert (memory.recall(probes[place : place + 1], seed=5).states[0] == together.states[place]).all()


@pytest.mark.parametrize("count", [3, 25])  # few patterns, whose overlaps make the fields, and many
@pytest.mark.parametrize("update", ["asynchronous", "synchronous"])
@pytest.mark.parametrize("zero_diagonal", [True, False])
def test_energies_are_those_of_the_states_and_units_at_rest_stay(count, update, zero_diagonal):
    """Whole couplings round nothing: what flips add to the energy is exact, with a bias too."""
    memory = Hopfield(zero_diagonal=zero_diagonal).store(random_patterns(count, 32), bias=np.arange(32) / 32)
    probes = random_patterns(30, 32, seed=6)
    found = memory.recall(probes, update=update, sweeps=20)
    assert found.energies[0] == pytest.approx(memory.energy(probes), rel=1e-14)
    assert found.energies[-1] == pytest.approx(memory.energy(found.states), rel=1e-14)
    again = memory.recall(found.states[found.converged], update=update)
    assert (again.states == found.states[found.converged]).all()
    assert (found.overlaps == found.states @ memory.patterns.T / 32).all()


def test_synchronous_updates_may_cycle_and_say_so():
    memory = Hopfield().store([[1, -1], [1, -1]])  # two units that repel each other
    found = memory.recall([[1, 1]], update="synchronous", sweeps=9)
    assert not found.converged[0]
    assert memory.recall([[1, 1]]).converged[0]


def test_glauber_updates_reach_the_boltzmann_distribution():
    memory = Hopfield().store([[1, 1, -1]], bias=[0.3, 0.0, 0.0])
    found = memory.recall(np.ones((4000, 3)), update="glauber", beta=0.8, sweeps=30, seed=1)
    states = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)], dtype=float)
    chance = np.exp(-0.8 * memory.energy(states))
    chance /= chance.sum()
    seen = np.array([(found.states == state).all(axis=1).mean() for state in states])
    assert np.abs(seen - chance).max() < 4 * np.sqrt(0.25 / 4000)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Hopfield("hopfield"), "rule"),
        (lambda: Hopfield().store([[1, 2], [1, -1]]), "column 1"),
        (lambda: Hopfield().store([[1, 0], [1, -1]]), "Expected 0 and 1"),
        (lambda: Hopfield("pseudo-inverse").store([[1, 1], [1, 1]]), "independent"),
        (lambda: Hopfield().store([[1, -1]]).recall([[1, 0.5]]), "column 1"),
        (lambda: Hopfield().store([[1, -1]]).recall([[1, 1, 1]]), "shape"),
        (lambda: Hopfield().store([[1, -1]]).recall([[1, 1]], update="glauber"), "beta"),
        (lambda: Hopfield().store([[1, -1]]).recall([[1, 1]], sweeps=0), "sweeps"),
        (lambda: Hopfield().store([[1, -1]], bias=[1.0]), "bias"),
        (lambda: Hopfield().store([[1, -1]], bias=[np.nan, 1.0]), "finite biases"),
        (lambda: Hopfield().store([[1, -1]], bias=["a", 1.0]), "biases of numbers"),
        (lambda: Hopfield().store([[1, -1]]).recall([[1, 1]], seed=-1), "seed"),
        (lambda: Hopfield().store([["a", "b"]]), "of numbers"),
        (lambda: Hopfield().store([[1, -1]]).energy([[1.0]]), "shape"),
    ],
)
def test_nonsense_is_refused_in_words(call, words):
    with pytest.raises((DataError, SettingError), match=words):
        call()


def test_the_coldest_glauber_updates_are_a_threshold():
    memory = Hopfield().store(random_patterns(3, 40))
    found = memory.recall(memory.patterns, update="glauber", beta=1e300, sweeps=2)
    assert (found.states == memory.patterns).all()
