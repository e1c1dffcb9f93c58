import pytest

from optim.walk import WRONG_RATES, walk
from thalweg.base.errors import SettingError
from thalweg.optim.adam import Adam


@pytest.mark.parametrize("rate", WRONG_RATES)
def test_learning_rates_are_checked(rate):
    with pytest.raises(SettingError, match="learning_rate"):
        Adam(rate)


@pytest.mark.parametrize("gradient", [1e-3, 1.0, 1e3])
def test_the_first_step_is_the_rate_whatever_the_gradient(gradient):
    (first,) = walk(Adam(0.1), [gradient])
    assert first == pytest.approx(-0.1, rel=1e-4)  # epsilon is 1e-5 of the smallest


def test_two_steps_by_hand():
    m, r = 0.1 * 2.0 * 0.9 + 0.1 * -1.0, 0.001 * 4.0 * 0.999 + 0.001 * 1.0
    second = 0.1 * (m / (1 - 0.9**2)) / ((r / (1 - 0.999**2)) ** 0.5 + 1e-8)
    assert walk(Adam(0.1), [2.0, -1.0])[1] == pytest.approx(-0.1 - second, rel=1e-8)


@pytest.mark.parametrize("setting", ["beta1", "beta2"])
def test_betas_are_checked(setting):
    with pytest.raises(SettingError, match=setting):
        Adam(**{setting: 1.0})
