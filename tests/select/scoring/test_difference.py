import math

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from thalweg.base.errors import SettingError
from thalweg.select.scoring.difference import Difference, compare

RNG = np.random.default_rng(0)
FOLD = np.arange(60) % 5


def test_rows_decide_when_folds_agree():
    d = np.tile([1.0, -1.0], 30) + 0.3
    interval = compare(d, np.zeros(60), np.repeat(np.arange(5), 12))
    assert interval.estimate == pytest.approx(0.3)
    half = norm.ppf(0.975) * math.sqrt((1 + 5 / 4) * d.var(ddof=1) / 60)
    assert interval.high - interval.estimate == pytest.approx(half)


def test_folds_decide_when_rows_of_a_fold_agree():
    means = np.array([0.0, 1.0, 2.0, 3.0, 5.0])
    interval = compare(means[FOLD], np.zeros(60), FOLD)
    nadeau_bengio = math.sqrt((1 / 5 + 1 / 4) * means.var(ddof=1))
    assert interval.high - interval.estimate == pytest.approx(norm.ppf(0.975) * nadeau_bengio)


def test_swapping_the_models_mirrors_the_interval():
    a, b = RNG.standard_normal((2, 60))
    one, other = compare(a, b, FOLD), compare(b, a, FOLD)
    assert (one.estimate, one.low, one.high) == pytest.approx((-other.estimate, -other.high, -other.low))


def test_equal_models_differ_by_exactly_nothing():
    a = RNG.standard_normal(60)
    interval = compare(a, a, FOLD)
    assert (interval.low, interval.high) == (0.0, 0.0)


def test_scale_and_order_of_rows_do_not_matter():
    a, b, weights = RNG.standard_normal((3, 60))
    weights = np.abs(weights)
    order = RNG.permutation(60)
    one = compare(a, b, FOLD, weights)
    other = compare(a[order], b[order], FOLD[order], 7 * weights[order])
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_rows_of_weight_zero_count_for_nothing():
    a, b = RNG.standard_normal((2, 60))
    weights = (np.arange(60) < 50).astype(float)
    one, other = compare(a, b, FOLD, weights), compare(a[:50], b[:50], FOLD[:50])
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_folds_without_values_are_left_out():
    a, b = RNG.standard_normal((2, 60))
    a[FOLD == 2] = np.nan
    seen = FOLD != 2
    interval = compare(a, b, FOLD)
    assert interval.estimate == pytest.approx((a - b)[seen].mean())
    assert math.isfinite(interval.low)


def test_one_fold_is_not_enough():
    a = np.where(FOLD == 1, 1.0, np.nan)
    assert math.isnan(compare(a, np.zeros(60), FOLD).estimate)


def test_higher_level_is_wider():
    a, b = RNG.standard_normal((2, 60))
    assert compare(a, b, FOLD, level=0.99).high > compare(a, b, FOLD, level=0.9).high


def test_repeated_rows_in_one_group_say_nothing_new():
    a, b = RNG.standard_normal((2, 60))
    once = compare(a, b, FOLD)
    thrice = compare(np.repeat(a, 3), np.repeat(b, 3), np.repeat(FOLD, 3), groups=np.repeat(np.arange(60), 3))
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high), rel=1e-12)


def test_groups_of_single_rows_change_nothing():
    a, b = RNG.standard_normal((2, 60))
    assert compare(a, b, FOLD, groups=RNG.permutation(60) + 7) == compare(a, b, FOLD)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_impossible_levels_are_refused(level):
    with pytest.raises(SettingError, match="level"):
        compare(np.zeros(60), np.zeros(60), FOLD, level=level)


def test_unequal_lengths_are_refused():
    with pytest.raises(SettingError, match="equally long"):
        compare(np.zeros(59), np.zeros(60), FOLD)


@pytest.mark.parametrize(("low", "high", "inside"), [(-1, 1, True), (0.1, 1, False), (-1, -0.1, False), (0, 1, True)])
def test_contains_zero(low, high, inside):
    assert Difference("a", "b", "rmse", 0.0, low, high, 0.95).contains_zero is inside


def test_nothing_is_excluded_by_an_unknown_interval():
    assert Difference("a", "b", "rmse", math.nan, math.nan, math.nan, 0.95).contains_zero


def test_in_time_blocks_are_the_witnesses():
    draw = np.random.default_rng(0)
    fold = np.repeat(np.arange(5), 40)
    shifts = np.array([0.3, -0.1, 0.4, 0.2, 0.7])
    difference = shifts[fold] + 0.01 * draw.normal(size=200)
    found = compare(difference, np.zeros(200), fold, in_time=True)
    means = np.array([difference[fold == f].mean() for f in range(5)])
    half = student.ppf(0.975, 4) * means.std(ddof=1) / np.sqrt(5)
    assert np.isclose(found.high - found.estimate, half)
    rows = 2 * draw.normal(size=200)  # where blocks agree by luck the rows decide
    rows -= np.array([rows[fold == f].mean() for f in range(5)])[fold]
    wide = compare(rows, np.zeros(200), fold, in_time=True)
    assert np.isclose(wide.high, student.ppf(0.975, 4) * rows.std(ddof=1) / np.sqrt(200))
