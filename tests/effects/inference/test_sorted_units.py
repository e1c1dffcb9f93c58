"""Sorted units: what is said of them against plain means, and its coverage by simulation."""

import numpy as np
import pytest
from scipy.stats import binom

from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import influence
from thalweg.effects.inference.sorted_units import SHARES, heterogeneity_of, same_means, sort_units

GROUPS, UNITS, REPLICATIONS = 5, 500, 300


def answered(x, scores, predicted, *, weights=None, clusters=None, shifts=None):
    rows = len(x)
    trial = Experiment(x, scores, np.array([[0]]), np.zeros(rows, dtype=int), np.ones(1), clusters, weights)
    one = sort_units(scores, predicted, np.zeros(rows, dtype=int), least=0.0, shifts=shifts)
    return heterogeneity_of(trial, [one], (), groups=GROUPS, level=0.95)


def test_groups_and_curve_are_means_of_scores():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(UNITS, 2))
    scores, predicted = x[:, 0] + draw.normal(size=UNITS), x[:, 0] + 0.5 * x[:, 1]
    found = answered(x, scores, predicted)
    order = np.argsort(predicted)
    for one, rows in zip(found.groups, np.split(order, GROUPS), strict=True):
        assert one.estimate == pytest.approx(scores[rows].mean())
        assert one.error == pytest.approx(scores[rows].std() / np.sqrt(UNITS / GROUPS), rel=0.01)
    for share, one in zip(SHARES, found.curve, strict=True):
        first = order[-round(share * UNITS) :]
        assert one.estimate == pytest.approx(scores[first].mean() - scores.mean())
    assert found.policy.estimate == pytest.approx((scores * (predicted > 0)).mean())
    design = np.column_stack([np.ones(UNITS), (x - x.mean(0)) / x.std(0)])
    line = np.linalg.lstsq(design, scores, rcond=None)[0][1:]
    assert [one.estimate for one in found.projection] == pytest.approx(line.tolist())


def test_intervals_cover_and_the_test_has_its_size_whatever_the_predictions_are_worth():
    inside, rejected, curve, area = [], [], [], []
    for seed in range(REPLICATIONS):
        draw = np.random.default_rng(seed)
        x = draw.normal(size=(UNITS, 2))
        homes = np.arange(UNITS) // 5
        noise = draw.standard_t(5, UNITS) + draw.normal(size=UNITS // 5)[homes]
        found = answered(x, 1.0 + noise, draw.normal(size=UNITS), clusters=homes)  # one effect; the order is chance
        inside += [one.low <= 1.0 <= one.high for one in found.groups]
        curve += [found.curve[1].low <= 0.0 <= found.curve[1].high]
        area += [found.targeting.low <= 0.0 <= found.targeting.high]
        rejected.append(found.differ < 0.05)
    low, high = (binom.ppf(q, REPLICATIONS, 0.95) / REPLICATIONS for q in (1e-4, 1 - 1e-4))
    assert low - 0.01 < np.mean(inside) < high  # few clusters a group: the normal interval is a little short
    assert low < np.mean(curve) <= high
    assert low < np.mean(area) <= high
    assert np.mean(rejected) < binom.ppf(1 - 1e-4, REPLICATIONS, 0.06) / REPLICATIONS


def test_all_that_are_predicted_alike_are_not_sorted():
    assert sort_units(np.zeros(4), np.ones(4), np.zeros(4, dtype=int), least=1e-9) is None


def test_means_that_hang_together_are_tested_together():
    draw = np.random.default_rng(1)
    shared = draw.normal(size=(400, 1))
    rows = influence(shared + 0.1 * draw.normal(size=(400, 3)))
    apart = np.array([0.0, 0.0, 0.05])
    assert same_means(apart, rows) < 1e-6
    assert same_means(apart, influence(draw.normal(size=(400, 3)))) > 0.05
    assert same_means(np.zeros(1), rows[:, :1]) == 1.0
