"""The largest of several estimates."""

import numpy as np
import pytest
from scipy.stats import norm

from thalweg.effects.inference.intervals import joint
from thalweg.effects.inference.winner import SHARE, after_selection

REPLICATIONS = 400


@pytest.mark.parametrize("truth", [np.zeros(6), np.array([0.0, 0.0, 0.0, 0.0, 0.5, 1.0]), 4.0 * np.arange(6)])
@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_intervals_of_the_winner_cover_after_selection(truth, shared):
    draw = np.random.default_rng([int(truth.sum()), int(10 * shared)])
    covariance = (1 - shared) * np.eye(6) + shared
    root = np.linalg.cholesky(covariance)
    critical = joint(truth, np.ones(6), root.T).critical(1 - 0.05 * SHARE)
    inside, above, naive = [], [], []
    for _ in range(REPLICATIONS):
        estimate = truth + root @ draw.standard_normal(6)
        winner = estimate.argmax()
        middle, low, high = after_selection(estimate, covariance, critical, level=0.95)
        inside.append(low <= truth[winner] <= high)
        above.append(middle > truth[winner])
        naive.append(estimate[winner] > truth[winner])
    doubt = 3 * np.sqrt(0.95 * 0.05 / REPLICATIONS)
    assert np.mean(inside) > 0.95 - doubt
    assert abs(np.mean(above) - 0.5) < 4 * 0.5 / np.sqrt(REPLICATIONS)
    if truth.max() == 0.0:
        assert np.mean(naive) > 0.75  # without correction the winner of equals is too large nearly always


def test_a_clear_winner_keeps_its_interval():
    critical = 3.2
    middle, low, high = after_selection(np.array([0.0, 50.0]), np.eye(2), critical, level=0.95)
    assert abs(middle - 50.0) < 1e-6
    z = norm.ppf(1 - 0.045 / 0.995 / 2)
    assert high - low == pytest.approx(2 * z, rel=0.01)


def test_a_winner_without_error_is_itself():
    assert after_selection(np.array([1.0, 0.0]), np.zeros((2, 2)), 3.0, level=0.95) == (1.0, 1.0, 1.0)
