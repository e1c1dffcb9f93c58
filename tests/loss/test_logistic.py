import math

import pytest

from loss.rows import predicted, row_loss
from thalweg.loss.logistic import Logistic


@pytest.mark.parametrize("p", [0.01, 0.5, 0.9])
def test_a_row_costs_minus_the_log_of_its_probability(p):
    q = math.log(p / (1 - p))
    assert predicted(Logistic(), q) == pytest.approx([p], rel=1e-14)
    assert row_loss(Logistic(), (q,), (1.0,)) == pytest.approx(-math.log(p), rel=1e-13)
    assert row_loss(Logistic(), (q,), (0.0,)) == pytest.approx(-math.log(1 - p), rel=1e-13)


def test_certain_outputs_cost_their_size_and_not_infinity():
    assert row_loss(Logistic(), (-1000.0,), (1.0,)) == 1000.0
    assert row_loss(Logistic(), (1000.0,), (1.0,)) == 0.0


def test_curvature_is_largest_at_even_odds():
    assert Logistic().curvature(3) == 0.25 / 3
