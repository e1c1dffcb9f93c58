import pytest

from thalweg.base.errors import SettingError
from thalweg.net.dropout import Dropout


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan"), "half"])
def test_rates_are_checked(rate):
    with pytest.raises(SettingError, match="dropout"):
        Dropout(rate)


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.5])
def test_what_is_kept_is_scaled_to_the_same_mean(rate):
    settings = Dropout(rate).settings()
    assert settings["keep_scale"] * (1 - settings["rate"]) == 1.0
