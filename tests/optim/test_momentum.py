import pytest

from optim.walk import WRONG_RATES, walk
from thalweg.base.errors import SettingError
from thalweg.optim.momentum import Momentum


@pytest.mark.parametrize("rate", WRONG_RATES)
def test_learning_rates_are_checked(rate):
    with pytest.raises(SettingError, match="learning_rate"):
        Momentum(rate)


def test_velocity_adds_up():
    optimizer = Momentum(0.1, momentum=0.5)
    assert walk(optimizer, [1.0, 1.0, 0.0]) == pytest.approx([-0.1, -0.1 - 0.15, -0.25 - 0.075])


def test_nesterov_looks_ahead():
    assert walk(Momentum(0.1, momentum=0.5, nesterov=True), [1.0]) == pytest.approx([-0.15])


def test_momentum_is_checked():
    with pytest.raises(SettingError, match="momentum"):
        Momentum(momentum=1.0)
