"""Ramps are cut where the rows are, alike for rows repeated and rows weighed, and never blow a rare value up."""

import numpy as np
import pytest

from thalweg.data.reading.ramps import WIDEST, Ramps, learn_ramps, plan_ramps

RNG = np.random.default_rng(2)
X = np.column_stack([RNG.standard_normal(200), RNG.integers(0, 4, 200), RNG.integers(0, 2, 200), np.zeros(200)])


def test_numbers_have_ramps_and_indicators_and_constants_have_none():
    assert plan_ramps(X).counts.tolist() == [8, 3, 0, 0]
    assert plan_ramps(X, 16).counts.tolist() == [16, 3, 0, 0]
    assert len(plan_ramps(X, 0)) == 0


def test_every_bin_holds_as_many_rows():
    ramps = learn_ramps(X, None, plan_ramps(X))
    above = (X[:, :1] > ramps.low[:8]).sum(axis=0)
    np.testing.assert_array_equal(above, [199, *range(175, 0, -25)])  # the first bin begins at the least value


def test_ramps_add_up_to_the_place_among_the_edges():
    bare = learn_ramps(X, None, plan_ramps(X))
    parts = bare.of(X) + bare.centre
    assert (parts.min(axis=0).round(12) == 0).all()
    assert (parts.max(axis=0).round(12) == 1).all()
    order = np.argsort(X[:, 0])
    assert (np.diff(parts[order, :8].sum(axis=1)) > 0).all()


def test_weights_are_repeated_rows():
    counts = RNG.integers(1, 4, 200)
    plan = plan_ramps(X)
    weighed, repeated = learn_ramps(X, counts * 1.0, plan), learn_ramps(np.repeat(X, counts, axis=0), None, plan)
    np.testing.assert_array_equal(weighed.low, repeated.low)
    np.testing.assert_allclose(weighed.centre, repeated.centre, rtol=1e-12)  # sums of other lengths
    scaled = learn_ramps(X, counts * 0.1, plan)
    np.testing.assert_array_equal(weighed.low, scaled.low)


def test_ties_leave_bins_to_the_other_values():
    """Of 100 rows 60 are 0: bins of an eighth would find three edges."""
    z = np.concatenate([np.zeros(60), np.arange(1.0, 41.0)])[:, None]
    ramps = learn_ramps(z, None, plan_ramps(z))
    assert len(ramps) == 8
    assert np.isfinite(ramps.width).all()


def test_a_part_without_some_values_has_as_many_ramps():
    plan = plan_ramps(X)
    part = X[X[:, 1] < 2]
    ramps = learn_ramps(part, None, plan)
    assert len(ramps) == len(plan)
    seen = ramps.of(X)
    assert np.isfinite(seen).all()
    assert (seen[:, 9:11] == 0).all()  # two of the three have no bin


def test_a_far_value_is_not_blown_up():
    z = np.append(RNG.standard_normal(999), 1e6)[:, None]
    ramps = learn_ramps(z, None, plan_ramps(z))
    assert np.abs(ramps.of(z)).max() <= 1


def test_a_wide_table_has_none():
    wide = RNG.standard_normal((30, WIDEST // 8 + 1))
    assert len(plan_ramps(wide)) == 0
    assert len(plan_ramps(wide[:, 1:])) == WIDEST


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_few_rows(rows):
    z = X[:rows]
    assert np.isfinite(learn_ramps(z, None, plan_ramps(z)).beside(z)).all()


def test_none_is_none():
    assert Ramps.none().beside(X) is X
