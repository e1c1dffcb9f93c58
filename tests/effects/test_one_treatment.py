"""One treatment of two or more levels, and a numeric one."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.effects.one_treatment import QUIET, average_effects, partially_linear

QUICK = replace(QUIET, epochs=60, folds=3, repeats=2, workers=1, hidden=(16,))


def observed(seed, rows=1500):
    """Units choose: naive differences are off by about one."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    chance = 1 / (1 + np.exp(-x[:, 0]))
    t = (rng.uniform(size=rows) < chance).astype(int)
    return x, t, rng


def test_confounded_treatment_covers():
    inside = []
    for seed in range(8):
        x, t, rng = observed(seed)
        y = 1.5 * x[:, 0] + np.sin(2 * x[:, 1]) + t * (1 + 0.5 * x[:, 2]) + rng.normal(size=len(x))
        [effect] = average_effects(x, y, t.tolist(), training=QUICK, seed=seed)
        assert effect.name == "1 − 0"
        assert y[t == 1].mean() - y[t == 0].mean() > 1.8
        assert 0.03 < effect.error < 0.12
        inside.append(abs(effect.estimate - 1.0) < 3 * effect.error)
    assert sum(inside) >= 7


def test_three_levels_with_known_shares():
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(1500, 2)), rng.integers(0, 3, 1500)
    y = x[:, 0] ** 2 + np.array([0.0, 1.0, -1.0])[t] + 0.3 * rng.normal(size=1500)
    labels = np.array(["a", "b", "c"])[t].tolist()
    up, down = average_effects(x, y, labels, shares=np.full(3, 1 / 3), training=QUICK)
    assert (up.name, down.name) == ("b − a", "c − a")
    assert abs(up.estimate - 1) < 5 * up.error
    assert abs(down.estimate + 1) < 5 * down.error
    assert up.clipped == 0.0
    plain = np.sqrt(y[t == 1].var() / (t == 1).sum() + y[t == 0].var() / (t == 0).sum())
    assert up.error < 0.6 * plain


def test_partially_linear_slope():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 3))
    t = np.sin(x[:, 0]) + rng.normal(size=2000)
    y = 2 * t + 3 * np.sin(x[:, 0]) + rng.normal(size=2000)
    found = partially_linear(x, y, t, training=QUICK, clusters=np.arange(2000) // 2)
    assert abs(found.estimate - 2.0) < 4 * found.error
    assert found.low < 2.0 + found.error
    assert found.error < 0.05


def test_treatments_that_do_not_vary():
    x, y = np.zeros((20, 1)), np.arange(20.0)
    with pytest.raises(DataError, match="single level"):
        average_effects(x, y, [1] * 20, training=QUICK)
    with pytest.raises(DataError, match="for every unit"):
        partially_linear(x, y, np.ones(20), training=QUICK)


def test_units_that_are_not_there_or_not_finite_are_told_by_their_row():
    x, t = np.zeros((60, 2)), [0, 1] * 30
    with pytest.raises(DataError, match=r"y is no finite number in row 4\."):
        average_effects(x, np.array([0.0] * 3 + [np.nan] + [1.0] * 56), t, training=QUICK)
    with pytest.raises(DataError, match="treatment is no finite number in row 1"):
        partially_linear(x, np.arange(60.0), np.array([np.inf, *range(59)]), training=QUICK)
    with pytest.raises(DataError, match=r"\(60, 2\), \(59,\) and \(60,\)"):
        average_effects(x, np.zeros(59), t, training=QUICK)
