import pytest

from optim.walk import WRONG_RATES, walk
from thalweg.base.errors import SettingError
from thalweg.optim.rmsprop import RMSProp


@pytest.mark.parametrize("rate", WRONG_RATES)
def test_learning_rates_are_checked(rate):
    with pytest.raises(SettingError, match="learning_rate"):
        RMSProp(rate)


def test_the_past_is_forgotten_at_rate_rho():
    first, second = walk(RMSProp(0.1, rho=0.75), [2.0, 0.0])
    assert first == pytest.approx(-0.1 * 2 / 1.0)  # the root of a quarter of 4
    assert second == first


def test_rho_is_checked():
    with pytest.raises(SettingError, match="rho"):
        RMSProp(rho=1.0)
