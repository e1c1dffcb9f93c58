import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from thalweg.effects.distances import (
    farthest_addition,
    largest_residual,
    largest_split_spread,
    share_beyond,
    split_distances,
)


def test_splits_are_measured_from_the_estimate_in_its_own_errors():
    answer = SimpleNamespace(
        evaluation=SimpleNamespace(estimates=np.array([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]])), number=int
    )
    effects = [
        SimpleNamespace(combination="0", estimate=2.0, error=0.5),
        SimpleNamespace(combination="1", estimate=4.0, error=0.0),
    ]
    away = split_distances(answer, effects)
    np.testing.assert_array_equal(away[0], [-2.0, 0.0, 4.0])
    assert np.isnan(away[1]).all()  # no error to measure by
    assert split_distances(answer, []).shape == (0, 3)


@pytest.mark.parametrize(
    ("added", "ours", "found"),
    [
        ([1.0, 3.0, 9.0], [1.0, 2.0, math.nan], ("01", 3.0, 2.0)),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], None),
        ([math.nan] * 3, [1.0, 2.0, 3.0], None),
    ],
)
def test_additions_are_compared_where_both_answer(added, ours, found):
    frame = pd.DataFrame({"combination": ["10", "01", "11"], "linear addition": added, "DeDL": ours})
    assert farthest_addition(frame) == found
    assert farthest_addition(frame.drop(columns="DeDL")) is None


def test_the_spread_over_splits_is_that_of_the_worst_effect():
    frame = pd.DataFrame({"split_sd": [0.1, 0.3, None], "std_error": [0.2, 0.5, 1.0]})
    assert largest_split_spread(SimpleNamespace(frame=lambda: frame)) == pytest.approx(0.6)
    frame = pd.DataFrame({"split_sd": [None], "std_error": [0.2]})
    assert math.isnan(largest_split_spread(SimpleNamespace(frame=lambda: frame)))


def test_residuals_are_told_in_deviations_of_the_target():
    y = np.array([0.0, 4.0])
    reading = SimpleNamespace(experiment=SimpleNamespace(y=y))
    residuals = [SimpleNamespace(mean=-0.5), SimpleNamespace(mean=0.25)]
    assert largest_residual(SimpleNamespace(residuals=residuals, answer=SimpleNamespace(reading=reading))) == 0.25


def test_shares_are_added_from_a_step_on():
    shares = (0.4, 0.3, 0.15, 0.1, 0.04, 0.01)
    assert share_beyond(shares, 1.0) == pytest.approx(0.6)
    assert share_beyond(shares, 100.0) == 0.01
