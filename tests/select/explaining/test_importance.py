"""Who lends a value to whom, and what other columns hold."""

import numpy as np
import pytest

from thalweg.select.explaining.importance import SHUFFLES, lenders, redundancy


@pytest.mark.parametrize("count", [2, 3, 40])
def test_with_equal_weights_every_row_lends_once_and_none_to_itself(count):
    for shuffle in range(SHUFFLES):
        found = lenders(np.full(count, 2.5), shuffle, 7)
        assert sorted(found.tolist()) == list(range(count))
        assert (found != np.arange(count)).all()


def test_a_row_lends_as_often_as_its_weight_says():
    weights = np.repeat([1.0, 3.0], 200)
    counts = np.bincount(lenders(weights, 0, 1), minlength=400)
    assert counts[200:].sum() / counts.sum() == pytest.approx(0.75, abs=0.01)


def test_indicators_of_a_category_that_another_column_tells_are_held_by_it():
    codes = np.arange(300) % 3
    ward, other = np.eye(3)[codes], np.random.default_rng(1).standard_normal((300, 1))
    x = np.hstack([ward, other, codes[:, None].astype(float), np.ones((300, 1))])
    found = redundancy(x, [slice(0, 3), slice(3, 4), slice(4, 5), slice(5, 6)])
    assert found[2] == pytest.approx(1.0, abs=1e-3)
    assert 0.3 < found[0] < 1.0
    assert found[1] < 0.05
    assert found[3] == 0.0
