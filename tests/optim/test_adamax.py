import pytest

from optim.walk import WRONG_RATES, walk
from thalweg.base.errors import SettingError
from thalweg.optim.adamax import AdaMax


@pytest.mark.parametrize("rate", WRONG_RATES)
def test_learning_rates_are_checked(rate):
    with pytest.raises(SettingError, match="learning_rate"):
        AdaMax(rate)


def test_the_largest_recent_gradient_divides():
    first, second = walk(AdaMax(0.1), [4.0, 1.0])
    assert first == pytest.approx(-0.1)
    m, u = 0.9 * 0.4 + 0.1 * 1.0, 0.999 * 4.0
    assert second - first == pytest.approx(-0.1 * m / ((1 - 0.9**2) * u))


def test_betas_are_checked():
    with pytest.raises(SettingError, match="beta2"):
        AdaMax(beta2=-0.1)
