import pytest

from optim.walk import WRONG_RATES, walk
from thalweg.base.errors import SettingError
from thalweg.optim.adagrad import AdaGrad


@pytest.mark.parametrize("rate", WRONG_RATES)
def test_learning_rates_are_checked(rate):
    with pytest.raises(SettingError, match="learning_rate"):
        AdaGrad(rate)


def test_steps_shrink_with_the_sum_of_squares():
    first, second = walk(AdaGrad(0.1), [3.0, 4.0])
    assert first == pytest.approx(-0.1)
    assert second - first == pytest.approx(-0.1 * 4 / 5)


def test_epsilon_is_checked():
    with pytest.raises(SettingError, match="epsilon"):
        AdaGrad(epsilon=0.0)
