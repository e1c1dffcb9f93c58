import pytest

from loss.rows import predicted, row_loss
from thalweg.loss.squared import Squared


def test_a_row_costs_the_mean_square_over_its_outcomes():
    assert row_loss(Squared(), (3.0, 0.0), (1.0, 1.0)) == (4.0 + 1.0) / 2


def test_outputs_are_predictions():
    assert predicted(Squared(), 1.5, -2.0) == [1.5, -2.0]


@pytest.mark.parametrize("outcomes", [1, 2, 5])
def test_constants_are_shared_by_the_outcomes(outcomes):
    assert Squared().outputs(outcomes) == outcomes
    assert Squared().scale(outcomes) == Squared().curvature(outcomes) == 2 / outcomes
