import numpy as np
import pytest

import thalweg as tw
from thalweg.study.sample import halves, sample_of


def test_outcomes_are_as_the_loss_wants_them():
    regression = sample_of(tw.pose("example:diabetes"))
    assert regression.y.mean() == pytest.approx(0, abs=1e-12)
    assert regression.y.std() == pytest.approx(1)
    assert set(np.unique(sample_of(tw.pose("example:breast_cancer")).y)) == {0.0, 1.0}
    assert (sample_of(tw.pose("example:iris")).y.sum(axis=1) == 1).all()


def test_a_constant_outcome_is_refused_by_name():
    table = {"y": [2.0] * 30, "x": list(range(30))}
    with pytest.raises(tw.DataError, match="'y'"):
        sample_of(tw.pose(table, target="y", task="regression"))


def test_halves_cut_no_group():
    table = {"y": np.arange(40.0), "x": np.arange(40.0) % 7, "firm": np.arange(40) // 4}
    sample = sample_of(tw.pose(table, target="y", groups="firm"))
    first, second = halves(sample, 3)
    assert not set(sample.groups[first]) & set(sample.groups[second])
    assert sorted([*first, *second]) == list(range(40))
