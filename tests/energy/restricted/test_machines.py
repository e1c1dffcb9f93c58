"""Populations of restricted machines: members are themselves in any company, rows count as they should."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError, TrainingError
from thalweg.energy import RBMMember, bars_and_stripes, fit_rbm_population, log_partition
from thalweg.energy.restricted.model import hidden_mean
from thalweg.energy.restricted.partition import log_likelihood


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("weights", "visible_bias", "hidden_bias")
    )


def rows(count=90, visible=7, seed=0):
    return np.random.default_rng(seed).integers(0, 2, (count, visible)).astype(float)


@pytest.mark.parametrize("learner", ["pcd", "cd", "exact"])
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_a_member_is_bit_for_bit_the_same_alone_and_in_company(learner, visible):
    if learner == "exact" and visible == "gaussian":
        pytest.skip("the exact gradient is for binary units")
    settings = {"visible": visible, "learner": learner, "chains": 9, "batch": 16, "epochs": 4, "learning_rate": 0.05}
    members = [
        RBMMember(5 + seed % 2, seed=seed, momentum=0.5 * (seed % 3 == 0), ridge=0.01 * seed, **settings)
        for seed in range(6)
    ]
    x = rows() if visible == "bernoulli" else np.random.default_rng(1).normal(size=(90, 7))
    weights = np.random.default_rng(2).exponential(size=(6, 90))
    weights *= 90 / weights.sum(axis=1, keepdims=True)  # a pass of equal length, so that all six are one crowd
    together = fit_rbm_population(x, members, weights=weights)
    for place, member in enumerate(members):
        alone = fit_rbm_population(x, [member], weights=weights[place])
        assert same(alone.parameters[0], together.parameters[place])
    assert len(together.frame()) == 6


def test_the_exact_learner_comes_near_the_ceiling_and_chains_follow():
    """Bars and stripes of 3 x 3: −2.5993 is the best mean log-likelihood, the uniform model has −6.238."""
    x = bars_and_stripes(3)
    exact = RBMMember(16, learner="exact", schedule="constant", learning_rate=0.3, momentum=0.9, epochs=1500)
    chains = RBMMember(16, chains=200, steps=2, learning_rate=0.3, momentum=0.5, batch=None, epochs=1500)
    found = fit_rbm_population(x, [exact, chains])
    assert found.curves[0][-1, 1] > -2.66
    assert found.curves[1][-1, 1] > -3.3
    assert found.curves[0][:, 1].max() < -2.5993


def test_one_row_more_is_no_disaster():
    """1,793 rows in batches of 128 leave one over; dividing its phases by a common count costs 37 nats elsewhere."""
    from sklearn.datasets import load_digits

    x = (load_digits().data / 16 > 0.5).astype(float)
    likelihood = []
    for count in (1792, 1793):
        member = RBMMember(10, batch=128, chains=64, epochs=12)
        machine = fit_rbm_population(x[:count], [member]).parameters[0]
        likelihood.append(log_likelihood(machine, x[:1792], log_partition(machine)).mean())
    assert abs(likelihood[0] - likelihood[1]) < 0.3
    assert likelihood[0] > -23.5  # independent pixels reach −24.43


@pytest.mark.parametrize("learner", ["pcd", "cd", "exact"])
@pytest.mark.parametrize("visible", ["bernoulli", "gaussian"])
def test_a_row_of_weight_three_is_a_row_that_stands_three_times(learner, visible):
    if learner == "exact" and visible == "gaussian":
        pytest.skip("the exact gradient is for binary units")
    rng = np.random.default_rng(3)
    x, weights = rows(40, 5) if visible == "bernoulli" else rng.normal(size=(40, 5)), rng.integers(0, 4, 40)
    settings = {"visible": visible, "learner": learner, "batch": 16, "chains": 10, "epochs": 8, "learning_rate": 0.1}
    members = [RBMMember(3, seed=seed, **settings) for seed in range(2)]
    weighted = fit_rbm_population(x, members, weights=weights)
    repeated = fit_rbm_population(rng.permutation(np.repeat(x, weights, axis=0)), members)
    for one, other in zip(weighted.parameters, repeated.parameters, strict=True):
        near = 1e-12 if learner == "exact" else 0.0  # that one sums weights times rows in every update
        assert one.weights == pytest.approx(other.weights, abs=near, rel=0)
        assert one.visible_bias == pytest.approx(other.visible_bias, abs=near, rel=0)
    if learner != "exact":
        assert weighted.curves[1].tolist() == repeated.curves[1].tolist()


def test_equal_weights_that_sum_to_little_are_no_weights():
    x, member = rows(40, 5), RBMMember(3, batch=16, epochs=3)
    assert same(*(fit_rbm_population(x, [member], weights=w).parameters[0] for w in (None, np.full(40, 0.3))))


def test_a_row_of_weight_zero_is_absent():
    x, weights = rows(50, 5), np.ones(50)
    weights[:7] = 0
    for learner in ("pcd", "exact"):
        member = RBMMember(3, learner=learner, batch=8, chains=8, epochs=5)
        both = fit_rbm_population(x, [member, member], weights=[weights, np.ones(50)])
        assert same(both.parameters[0], fit_rbm_population(x[7:], [member]).parameters[0])
        assert same(both.parameters[1], fit_rbm_population(x, [member]).parameters[0])


def test_machines_of_other_kinds_are_measured_by_their_own():
    members = [RBMMember(3, epochs=1), RBMMember(14, visible="gaussian", epochs=1, learning_rate=0.01)]
    found = fit_rbm_population(rows(), members).frame()
    assert found["measure"].tolist() == ["log-likelihood", "minus squared error of reconstruction"]


def test_gaussian_units_find_a_mixture():
    """Two clusters 6 apart: one hidden unit tells them, and the noise is the variance within them."""
    rng = np.random.default_rng(4)
    side = rng.integers(0, 2, 600)
    x = rng.normal(size=(600, 3)) * 0.5 + 3.0 * (2 * side[:, None] - 1)
    member = RBMMember(1, visible="gaussian", chains=200, learning_rate=0.05, epochs=80)
    machine = fit_rbm_population(x, [member]).parameters[0]
    assert machine.variance == pytest.approx(np.full(3, 0.25), rel=0.4)
    mean = machine.visible_bias, machine.visible_bias + machine.weights[:, 0]
    assert sorted(float(m.mean()) for m in mean) == pytest.approx([-3, 3], abs=0.4)


def test_gaussian_units_do_not_depend_on_the_unit_of_a_column():
    """A column in grams or tons, around 0 or around a million, gives the same features."""
    x = np.random.default_rng(6).normal(size=(80, 3)).round(3)
    member = RBMMember(4, visible="gaussian", epochs=10, ridge=0.01, learning_rate=0.05)
    plain = fit_rbm_population(x, [member])
    for scale, shift in ((2.0**-20, 0.0), (2.0**40, 0.0), (1e-60, 0.0), (1.0, 1e6)):
        other = fit_rbm_population(x * scale + shift, [member])
        features = [hidden_mean(one.parameters[0], rows) for one, rows in ((plain, x), (other, x * scale + shift))]
        assert features[1] == pytest.approx(features[0], abs=1e-4)
    assert (plain.parameters[0].variance > 0).all()


def test_constant_columns_keep_their_value():
    x = np.column_stack([np.full(30, 0.1 * 57), np.random.default_rng(7).normal(size=30)])
    machine = fit_rbm_population(x, [RBMMember(2, visible="gaussian", epochs=5)]).parameters[0]
    assert np.isfinite(machine.weights).all()
    assert machine.visible_bias[0] == pytest.approx(5.7, abs=0.5)


@pytest.mark.parametrize(
    ("x", "members", "weights", "error", "words"),
    [
        ([[0, 3.5]], [RBMMember(2)], None, DataError, "column 1"),
        ([[0, np.nan]], [RBMMember(2, visible="gaussian")], None, DataError, "column 1"),
        ([[0, 1], [1e-200, 2]], [RBMMember(2, visible="gaussian")], None, DataError, "Scale the column"),
        ([[0, -1e200]], [RBMMember(2, visible="gaussian")], None, DataError, "below 1e[+]100"),
        ([0, 1], [RBMMember(2)], None, DataError, "shape"),
        ([["a"]], [RBMMember(2)], None, DataError, "of numbers"),
        ([[0, 1]], [], None, SettingError, "no machine"),
        ([[0, 1]], [RBMMember(2)], [-1.0], DataError, "at least 0"),
        ([[0, 1]], [RBMMember(2)], [1.0, 1.0], DataError, "shape"),
        ([[0, 1]], [RBMMember(2)], [1e9], DataError, "Divide them by their mean"),
    ],
)
def test_nonsense_is_refused_in_words(x, members, weights, error, words):
    with pytest.raises(error, match=words):
        fit_rbm_population(x, members, weights=weights)


def test_settings_are_checked_at_once():
    for settings, words in (
        ({"learner": "sgd"}, "learner"),
        ({"momentum": 1.0}, "momentum"),
        ({"epochs": 0}, "epochs"),
    ):
        with pytest.raises(SettingError, match=words):
            RBMMember(2, **settings)
    with pytest.raises(SettingError, match="gaussian"):
        RBMMember(2, learner="exact", visible="gaussian")


def test_a_machine_that_diverges_is_named():
    x = np.random.default_rng(5).normal(size=(50, 3))
    member = RBMMember(40, visible="gaussian", learning_rate=1e6, schedule="constant", epochs=20, seed=7)
    with pytest.raises(TrainingError, match="seed 7"):
        fit_rbm_population(x, [member])
