"""Weights that give a sample the shares of its population."""

import numpy as np
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.effects.experiment.rebalance import rebalancing_weights

HALVES = np.array([0.0, 0.5, 1.0])


def test_weighted_shares_are_those_of_the_population():
    values = np.random.default_rng(0).exponential(size=5000)
    weights = rebalancing_weights(values, HALVES, np.array([0.3, 0.7]))
    low, high = (values < 0.5), (values >= 0.5) & (values <= 1.0)
    assert weights[low].sum() / weights.sum() == pytest.approx(0.3)
    assert weights[low | high].mean() == pytest.approx(1.0)
    assert (weights[values > 1.0] == 0.0).all()


def test_borders_belong_to_a_bucket():
    weights = rebalancing_weights(np.array([0.0, 0.5, 1.0]), HALVES, np.array([0.5, 0.5]))
    np.testing.assert_allclose(weights, [1.5, 0.75, 0.75])


@pytest.mark.parametrize(
    ("edges", "shares"), [([0.0, 1.0], [0.5, 0.5]), ([1.0, 0.0], [1.0]), ([0.0, 1.0], [-1.0]), ([0.0, 1.0], [0.0])]
)
def test_borders_and_shares_must_match(edges, shares):
    with pytest.raises(SettingError, match="increasing borders"):
        rebalancing_weights(np.array([0.5]), np.array(edges), np.array(shares))


def test_a_bucket_nobody_is_in_is_refused():
    with pytest.raises(DataError, match=r"No unit lies between 0.5 and 1"):
        rebalancing_weights(np.array([0.1, 0.2]), HALVES, np.array([0.5, 0.5]))
