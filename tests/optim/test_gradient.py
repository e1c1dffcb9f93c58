import pytest

from optim.walk import WRONG_RATES, walk
from thalweg.base.errors import SettingError
from thalweg.optim.gradient import GradientDescent


@pytest.mark.parametrize("rate", WRONG_RATES)
def test_learning_rates_are_checked(rate):
    with pytest.raises(SettingError, match="learning_rate"):
        GradientDescent(rate)


def test_a_step_goes_against_the_gradient():
    assert walk(GradientDescent(0.1), [2.0, -1.0], start=1.0) == pytest.approx([0.8, 0.9])


def test_the_scale_of_a_gradient_rides_on_the_rate():
    assert walk(GradientDescent(0.1), [1.0], scale=2.0) == pytest.approx([-0.2])
