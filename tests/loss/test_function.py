import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from thalweg.base.errors import SettingError
from thalweg.estimators import NetRegressor
from thalweg.loss.function import FunctionLoss

pytestmark = pytest.mark.filterwarnings("ignore:The operation .* has no native form:UserWarning")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 5))
Y = np.sin(X[:, 0]) + X[:, 1]
QUICK = {"seeds": 2, "epochs": 15, "workers": 1, "learning_rate": 0.01}


def line(inputs, outputs):
    return nn.Linear(inputs, outputs)


def absolute(q, y):
    return (q - y).abs()


@pytest.mark.parametrize("network", [None, line])
def test_a_function_of_torch_is_a_loss(network):
    model = NetRegressor(network=network, loss=absolute, **QUICK | {"epochs": 40}).fit(X, Y)
    assert model.score(X, Y) > 0.3


def test_a_function_loss_trains_as_the_planned_one():
    weights = np.random.default_rng(1).random(80)
    own, planned = (
        NetRegressor(loss=loss, **QUICK | {"epochs": 3}).fit(X, Y, sample_weight=weights)
        for loss in (lambda q, y: (q - y) ** 2, "squared")
    )
    np.testing.assert_allclose(own.predict(X), planned.predict(X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(own.loss_curve_, planned.loss_curve_, rtol=1e-4)


def test_a_function_loss_is_the_same_alone_and_in_a_crowd():
    crowd = NetRegressor(loss=absolute, **QUICK | {"seeds": [3, 5, 9]}).fit(X, Y)
    alone = NetRegressor(loss=absolute, **QUICK | {"seeds": [5]}).fit(X, Y)
    both = [m.population_.final.networks[place].fit.parameters for m, place in ((crowd, 1), (alone, 0))]
    assert np.array_equal(*both)


def test_losses_of_torch_are_taken_row_by_row():
    q, y = torch.randn(2, 1, 6), torch.randn(2, 1, 6)
    found = FunctionLoss(nn.SmoothL1Loss()).rows(q, y)
    torch.testing.assert_close(found, functional.smooth_l1_loss(q, y, reduction="none")[:, 0])
    with pytest.raises(SettingError, match="must return one number per row"):
        NetRegressor(loss=functional.l1_loss, **QUICK).fit(X, Y)
