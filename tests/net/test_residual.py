import pytest

from thalweg.base.errors import SettingError
from thalweg.net.dense import Dense
from thalweg.net.residual import Residual
from thalweg.net.spec import Network


def test_residual_names_and_errors():
    network = Network((Dense(8), Dense(8), Dense(8), Residual((Dense(4), Dense(8)))))
    assert "3.body.0.weight" in network.parameters(5, 1)
    with pytest.raises(SettingError, match="returns 4"):
        Network((Dense(8), Residual((Dense(4),)))).parameters(5, 1)
    with pytest.raises(SettingError, match="at least one layer"):
        Residual(())
