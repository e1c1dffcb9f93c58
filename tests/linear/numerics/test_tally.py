"""Sums over rows that come in batches."""

import numpy as np

from thalweg.linear.numerics.moment_sums import MomentSums
from thalweg.linear.numerics.moments import moments
from thalweg.linear.numerics.tally import GroupSums, PairSum, RowBatch, RowsInMemory
from thalweg.linear.rows import check_rows


def test_a_sum_in_pairs_loses_nothing_of_a_hundred_thousand_terms():
    total = PairSum(())
    for _ in range(10_000):
        for value in (1e16, 1.0, -1e16):
            total.add(np.array(value))
    assert float(total.rounded()) == 10_000


def test_groups_are_added_however_the_rows_are_cut(monkeypatch):
    monkeypatch.setattr("thalweg.linear.numerics.tally._PENDING", 3)  # gathered many times
    random = np.random.default_rng(0)
    codes, rows = random.integers(0, 50, 400) * 7, random.normal(size=(400, 2))
    parts = [GroupSums(2), GroupSums(2)]
    for k, some in enumerate(np.array_split(np.arange(400), 20)):
        parts[k % 2].add(codes[some], rows[some])
    parts[0].merge(parts[1])
    keys, sums = parts[0].gathered()
    np.testing.assert_array_equal(keys, np.unique(codes))
    np.testing.assert_allclose(sums, [rows[codes == key].sum(axis=0) for key in keys], rtol=0, atol=1e-13)


def test_moments_about_different_points_add_up():
    random = np.random.default_rng(0)
    X, y = random.normal([0, 1e6, -1e8], size=(500, 3)), random.normal(size=500)
    whole = MomentSums(centre=True)
    for some in np.array_split(np.arange(500), 5):
        part = MomentSums(centre=True)
        part.add(RowBatch(check_rows(X[some], y[some])))
        whole.merge(part)
    expected = moments(check_rows(X, y))
    np.testing.assert_allclose(whole.moments().gram, expected.gram, rtol=1e-9)
    np.testing.assert_allclose(whole.moments().mean_x, expected.mean_x, rtol=1e-15)
    assert whole.count == 500


def test_a_tally_that_is_given_stays_empty():
    empty = MomentSums(centre=True)
    RowsInMemory(RowBatch(check_rows([[1.0], [2.0]], [1.0, 2.0]))).tally(empty)
    assert empty.count == 0
