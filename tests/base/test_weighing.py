"""What weights mean is said, not guessed, and their scale is common."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.base.weighing import common_weights, weights_kind_of, weights_remark


def test_frequencies_are_counts_and_other_kinds_have_mean_one_over_rows_that_count():
    weights = np.array([0.0, 2.0, 6.0])
    assert common_weights(weights, "frequency").tolist() == [0.0, 2.0, 6.0]
    for kind in ("analytic", "probability"):
        assert common_weights(weights, kind).tolist() == [0.0, 0.5, 1.5]


@pytest.mark.parametrize("factor", [0.25, 4.0, 1e-300, 1e300])
def test_their_scale_is_nothing(factor):
    weights = np.random.default_rng(0).uniform(0.5, 4.0, 100)
    expected = common_weights(weights, "analytic")
    np.testing.assert_allclose(common_weights(weights * factor, "analytic"), expected, rtol=1e-14)
    assert expected.sum() == pytest.approx(100)


def test_a_broken_frequency_is_named_with_its_row():
    with pytest.raises(DataError, match=r"Frequency weights count rows, got 1\.5 in row 2\."):
        common_weights(np.array([1.0, 1.5]), "frequency")


def test_an_unknown_kind_is_refused():
    with pytest.raises(SettingError, match="weights_kind must be one of 'frequency', 'analytic', 'probability'"):
        weights_kind_of("aweight")


@pytest.mark.parametrize(
    ("weights", "kind", "told"),
    [([1.0, 1.2], None, False), ([10.0, 3.0], None, True), ([0.1, 0.3], None, True), ([10.0, 3.0], "analytic", False)],
)
def test_a_sum_far_from_n_is_told_unless_the_kind_was_said(weights, kind, told):
    assert (weights_remark(np.array(weights), kind) is not None) == told
