import math

import pytest
from scipy.stats import poisson

from loss.rows import predicted, row_loss
from thalweg.loss.poisson import Poisson


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_row_costs_the_likelihood_without_its_constant(count):
    rate = 2.5
    expected = -poisson.logpmf(count, rate) - math.lgamma(count + 1)
    assert row_loss(Poisson(), (math.log(rate),), (float(count),)) == pytest.approx(expected, rel=1e-12)


def test_rates_are_predicted_and_curvature_has_no_bound():
    assert predicted(Poisson(), 0.0, math.log(3)) == pytest.approx([1.0, 3.0])
    assert Poisson().curvature(1) is None
