"""The wild cluster bootstrap against its definition, and what it refuses."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.linear import regress, wild_cluster_test
from thalweg.linear.crowds.wild import _signs

DRAW = np.random.default_rng(2)
CODES = np.sort(DRAW.integers(0, 9, 120))
X = DRAW.normal(size=(120, 2)) + DRAW.normal(size=(9, 2))[CODES]
Y = 0.3 * X[:, 0] + DRAW.normal(size=9)[CODES] + DRAW.normal(size=120)


@pytest.mark.parametrize("null", [0.0, 0.7])
def test_p_value_is_that_of_refits_of_every_draw(null):
    told = wild_cluster_test(X, Y, CODES, "x1", null=null, draws=99, seed=4)
    rest = regress(X[:, 1:], Y - null * X[:, 0]).estimate
    fitted = null * X[:, 0] + rest[0] + rest[1] * X[:, 1]
    extreme = 0
    for signs in _signs(9, 99, 4):
        refit = regress(X, fitted + signs[CODES] * (Y - fitted), covariance="cluster", clusters=CODES)
        extreme += abs(refit.estimate[1] - null) / refit.bse["x1"] >= abs(told.statistic) * _cr1()
    assert told.p_value == pytest.approx((1 + extreme) / 100)


def _cr1() -> float:
    """Root of Stata's factor, which every statistic is divided by."""
    fit = regress(X, Y, covariance="cluster", clusters=CODES)
    told = wild_cluster_test(X, Y, CODES, "x1", draws=19)
    return float(fit.tvalues["x1"] / told.statistic)


def test_ends_are_where_the_test_turns():
    told = wild_cluster_test(X, Y, CODES, "x1", draws=199)
    step = 0.02 * abs(told.estimate / told.statistic)
    for end, outwards in ((told.low, -1), (told.high, 1)):
        assert wild_cluster_test(X, Y, CODES, "x1", null=end + outwards * step, draws=199).p_value <= 0.05
        assert wild_cluster_test(X, Y, CODES, "x1", null=end - outwards * step, draws=199).p_value > 0.05


def test_a_column_that_one_cluster_decides_is_refused():
    with pytest.raises(DataError, match="One cluster alone"):
        wild_cluster_test(np.column_stack([X, CODES == 3]), Y, CODES, "x3")
    with pytest.raises(SettingError, match="term must be one of"):
        wild_cluster_test(X, Y, CODES, "x9")
