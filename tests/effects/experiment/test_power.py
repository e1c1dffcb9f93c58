"""What an experiment is said to see is what simulated experiments see."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_ind

from thalweg.base.errors import SettingError
from thalweg.effects.experiment.power import Clusters, experiment_power, outcome_clusters


def test_known_numbers():
    """Cohen (1988, Statistical Power Analysis, table 2.4.1): 64 units per arm for an effect of half a deviation."""
    [arm] = experiment_power(1000, deviation=1.0, effect=0.5)
    assert arm.needed == pytest.approx(128.0, abs=1.0)
    [arm] = experiment_power(128, deviation=1.0, effect=0.5)
    assert arm.power == pytest.approx(0.80, abs=0.005)
    assert arm.detectable == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1)])
def test_single_units_reject_as_often_as_said(shares):
    draw, units = np.random.default_rng(0), 60
    [arm] = experiment_power(units, deviation=2.0, shares=shares, effect=1.5)
    first = round(units * shares[0])
    y = 2.0 * draw.normal(size=(4000, units))
    y[:, first:] += 1.5
    rejected = ttest_ind(y[:, :first], y[:, first:], axis=1).pvalue < 0.05
    assert rejected.mean() == pytest.approx(arm.power, abs=0.025)


def test_clusters_of_unequal_size_reject_as_often_as_said():
    """Half of the clusters have 2 units, half 14; a tenth of the variance is in common; t-tests on weighted means."""
    draw, number, share = np.random.default_rng(1), 40, 0.1
    sizes = np.tile([2, 14], number // 2)
    codes, treated = np.repeat(np.arange(number), sizes), np.repeat(np.arange(number) % 4 < 2, sizes)
    units = int(sizes.sum())
    told = Clusters(float(sizes.mean()), float(sizes.std() / sizes.mean()), share)
    [arm] = experiment_power(units, deviation=1.0, clusters=told, effect=0.5)
    found = []
    for _ in range(1500):
        y = math.sqrt(share) * draw.normal(size=number)[codes] + math.sqrt(1 - share) * draw.normal(size=units)
        y = y + 0.5 * treated
        sums = [np.bincount(codes, np.where(side, y - y[side].mean(), 0.0)) for side in (treated, ~treated)]
        error = math.sqrt(
            sum((s**2).sum() / side.sum() ** 2 for s, side in zip(sums, (treated, ~treated), strict=True))
        )
        found.append((y[treated].mean() - y[~treated].mean()) / error)
    seen = np.mean(np.abs(found) > 2.024)  # t with 38 degrees of freedom
    assert seen == pytest.approx(arm.power, abs=0.06)  # few clusters: errors are a little small


def test_covariates_and_clusters_change_the_error_as_the_formula_says():
    [plain] = experiment_power(10_000, deviation=1.0)
    [explained] = experiment_power(10_000, deviation=1.0, explained=0.75)
    [clustered] = experiment_power(10_000, deviation=1.0, clusters=Clusters(5.0, 0.0, 0.25))
    assert plain.error == pytest.approx(0.02)
    assert explained.error == pytest.approx(0.5 * plain.error)
    assert clustered.error == pytest.approx(math.sqrt(2.0) * plain.error)


def test_more_arms_share_out_the_level():
    [one] = experiment_power(9000, deviation=1.0)
    first, second = experiment_power(9000, deviation=1.0, shares=(1 / 3, 1 / 3, 1 / 3))
    assert first.detectable == second.detectable > one.detectable
    wider = experiment_power(6000, deviation=1.0, level=0.975)[0]
    assert first.detectable == pytest.approx(wider.detectable, rel=1e-3)


def test_an_effect_too_small_for_the_world_needs_more_than_there_is():
    [arm] = experiment_power(1000, deviation=1.0, effect=1e-9)
    assert arm.needed == math.inf
    assert arm.power == pytest.approx(0.05, abs=1e-6)


def test_an_effect_of_any_sign_and_size():
    [above], [below] = (experiment_power(100, deviation=1.0, effect=effect) for effect in (0.4, -0.4))
    assert above == below
    assert experiment_power(100, deviation=1.0, effect=1e6)[0].power == 1.0


def test_clusters_are_recovered_from_an_outcome():
    draw = np.random.default_rng(2)
    sizes = draw.integers(1, 12, 3000)
    codes = np.repeat(np.arange(3000), sizes)
    y = math.sqrt(0.2) * draw.normal(size=3000)[codes] + math.sqrt(0.8) * draw.normal(size=len(codes))
    found = outcome_clusters(y, codes)
    assert found.share == pytest.approx(0.2, abs=0.02)
    assert (found.size, found.spread) == pytest.approx((sizes.mean(), sizes.std() / sizes.mean()))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"shares": (0.5, 0.4)}, "sum to 0.9"),
        ({"shares": (1.0,)}, "must be positive and sum to 1"),
        ({"effect": 0.0}, "which no experiment finds"),
        ({"explained": 1.0}, "explained"),
        ({"clusters": Clusters(60.0, 0.0, 0.1)}, r"0\.83 clusters"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(asked, words):
    with pytest.raises(SettingError, match=words):
        experiment_power(100, deviation=1.0, **asked)


@pytest.mark.parametrize(
    "asked",
    [{"deviation": 1e308}, {"deviation": 1e-300}, {"effect": 1e308}, {"units": 10**23}, {"power": 1 - 1e-15}],
)
def test_absurd_numbers_are_refused_by_name(asked):
    with pytest.raises(SettingError, match=next(iter(asked))):
        experiment_power(**{"units": 100, "deviation": 1.0} | asked)


@pytest.mark.parametrize("asked", [{"deviation": 1e149}, {"deviation": 1e-149}, {"power": 0.999}, {"level": 0.999999}])
def test_extreme_numbers_are_answered(asked):
    [arm] = experiment_power(**{"units": 100, "deviation": 1.0} | asked)
    assert 0.0 < arm.error < arm.detectable < math.inf
