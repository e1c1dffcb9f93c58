"""Differences between units."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.base.errors import DataError
from thalweg.effects.one_treatment.average import QUIET, average_effects
from thalweg.effects.one_treatment.heterogeneity import heterogeneity

QUICK = replace(QUIET, epochs=3, folds=2, repeats=1, workers=1, hidden=(4,), ridge=(1e-2,))


def trial(seed, slope, rows=800):
    draw = np.random.default_rng(seed)
    x, t = draw.normal(size=(rows, 3)), draw.integers(0, 2, rows)
    return x, t * (0.3 + slope * x[:, 0]) + x[:, 1] + draw.normal(size=rows), t


def test_units_that_differ_are_sorted_calibrated_and_worth_targeting():
    x, y, t = trial(1, 1.0, rows=2000)
    found = heterogeneity(average_effects(x, y, t, assignment="empirical", training=QUICK), ("age", "size", "visits"))
    effects = [one.estimate for one in found.groups]
    assert effects == sorted(effects)
    assert found.differ < 1e-6
    assert abs(found.calibration.estimate - 1.0) < 4 * found.calibration.error
    [age, size, visits] = found.projection
    assert abs(age.estimate - 1.0) < 4 * age.error
    assert max(abs(size.estimate), abs(visits.estimate)) < 0.3
    assert age.name == "age"
    # E max(0.3 + z, 0) = 0.3 Φ(0.3) + φ(0.3) = 0.567
    assert abs(found.policy.estimate - 0.567) < 4 * found.policy.error
    assert abs(found.everybody.estimate - 0.3) < 4 * found.everybody.error
    # the mean of z (−log(1 − Φ(z)) − 1) is 0.903
    assert abs(found.targeting.estimate - 0.903) < 0.25


def test_where_units_do_not_differ_tests_keep_their_level():
    rejected, calibrated = 0, 0
    for seed in range(12):
        x, y, t = trial(seed, 0.0, rows=300)
        try:
            found = heterogeneity(average_effects(x, y, t, assignment="empirical", training=QUICK), groups=3)
        except DataError:
            continue
        rejected += found.differ < 0.05
        calibrated += abs(found.targeting.estimate) > 1.96 * found.targeting.error
    assert rejected <= 3
    assert calibrated <= 3


def test_what_cannot_be_sorted_is_refused():
    x, y, t = trial(0, 0.0, rows=200)
    constant = average_effects(np.zeros((200, 0)), y, t, assignment="empirical", training=QUICK)
    with pytest.raises(DataError, match="one effect"):
        heterogeneity(constant)
    three = average_effects(x, y, np.arange(200) % 3, assignment="empirical", training=QUICK)
    with pytest.raises(DataError, match="two levels"):
        heterogeneity(three)
