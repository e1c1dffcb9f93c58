"""Values that a new one stays below: ranks without groups, shared weights with them."""

import numpy as np

from thalweg.select.scoring.covering import covering_value, group_shares, rank_up


def test_without_groups_it_is_an_order_statistic():
    values = np.random.default_rng(0).normal(size=(30, 4))
    np.testing.assert_array_equal(covering_value(values, 0.9), np.sort(values, axis=0)[rank_up(30, 0.9) - 1])
    assert np.isinf(covering_value(values[:8], 0.9)).all()


def test_groups_of_one_row_are_rows():
    values = np.random.default_rng(0).normal(size=(30, 4))
    np.testing.assert_array_equal(covering_value(values, 0.9, np.arange(30)), covering_value(values, 0.9))


def test_repeating_the_rows_of_a_group_changes_nothing():
    rng = np.random.default_rng(1)
    values, groups = rng.normal(size=(40, 2)), np.repeat(np.arange(20), 2)
    twice = np.r_[np.arange(40), np.flatnonzero(groups == 3)]
    np.testing.assert_array_equal(
        covering_value(values, 0.9, groups), covering_value(values[twice], 0.9, groups[twice])
    )
    assert np.isinf(covering_value(values[:16], 0.9, groups[:16])).all()  # 8 groups
    count, shares = group_shares(groups)
    assert (count, shares.sum()) == (20, 20.0)
