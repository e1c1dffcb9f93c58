"""The slope of a numeric treatment."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.effects.one_treatment.average import QUIET
from thalweg.effects.one_treatment.partially_linear import partially_linear

QUICK = replace(QUIET, epochs=20, folds=2, repeats=2, workers=1, hidden=(16,), ridge=(1e-3,))


def test_slope():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(1000, 3))
    t = np.sin(x[:, 0]) + draw.normal(size=1000)
    y = 2 * t + 3 * np.sin(x[:, 0]) + draw.normal(size=1000)
    found = partially_linear(x, y, t, training=QUICK, clusters=np.arange(1000) // 2)
    assert abs(found.effect.estimate - 2.0) < 4 * found.effect.error
    assert found.effect.error < 0.06
    assert [choice.nuisance for choice in found.choices] == ["outcome", "treatment"]


def test_amounts_that_do_not_vary_or_are_no_numbers():
    x, y = np.zeros((20, 1)), np.arange(20.0)
    with pytest.raises(DataError, match="for every unit"):
        partially_linear(x, y, np.ones(20), training=QUICK)
    with pytest.raises(DataError, match="treatment is no finite number in row 1"):
        partially_linear(x, y, np.array([np.inf, *range(19)]), training=QUICK)
    with pytest.raises(DataError, match="predict the treatment without error"):
        partially_linear(np.arange(200.0)[:, None], np.sin(np.arange(200)), np.arange(200.0), training=QUICK)


def test_units_that_come_several_times_are_pointed_out_unless_clusters_are_given():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).repeat(4, axis=0) + 0.001 * rng.normal(size=(240, 3))
    t = rng.normal(size=240)
    y = t + x[:, 0]
    assert "Clusters go into partially_linear(clusters=...)." in partially_linear(x, y, t, training=QUICK).notes[0]
    assert partially_linear(x, y, t, training=QUICK, clusters=np.arange(240) // 4).notes == ()
