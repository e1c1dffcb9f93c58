import numpy as np
import pytest

import thalweg as tw
from thalweg.study.capacity.bias_variance import capacity_study
from thalweg.study.sample import sample_of

QUICK = {"epochs": 20, "seeds": 2}


@pytest.fixture(scope="module")
def study():
    return capacity_study(sample_of(tw.pose("example:diabetes"), most=200), **QUICK)


def test_parts_add_up_to_the_loss(study):
    for point in (*study.widths, *study.regular):
        assert point.parts.bias + point.parts.variance == pytest.approx(point.parts.risk, abs=1e-12)
        assert point.parts.data + point.parts.seed == pytest.approx(point.parts.variance, rel=0.5)


def test_wide_networks_fit_their_own_rows_and_pay_elsewhere(study):
    own = [point.trained for point in study.widths]
    assert own[-1] < 0.5 * own[0]
    assert study.widths[-1].parts.risk > study.best.parts.risk


def test_sets_share_no_row_and_no_group():
    from thalweg.study.capacity.bias_variance import _sets

    table = {"y": np.arange(96.0), "x": np.arange(96.0) % 11, "firm": np.arange(96) // 3}
    sample = sample_of(tw.pose(table, target="y", groups="firm"))
    sets = _sets(sample, np.arange(96), 0)
    assert sorted(np.concatenate(sets)) == list(range(96))
    firms = [set(sample.groups[rows]) for rows in sets]
    assert sum(map(len, firms)) == len(set.union(*firms))


def test_classes_are_split_by_cross_entropy():
    study = capacity_study(sample_of(tw.pose("example:iris")), epochs=2, seeds=2)
    assert np.isnan(study.widths[0].parts.seed)
    assert "from the start" not in study.sentence
