"""The exact gradient against differences of the enumerated likelihood."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.base.errors import SettingError
from thalweg.energy.restricted.exact import ExactGradient
from thalweg.energy.restricted.model import RBMParameters
from thalweg.energy.restricted.partition import log_likelihood, log_partition


def machine(visible, hidden, seed=0):
    rng = np.random.default_rng(seed)
    return RBMParameters(rng.normal(size=(visible, hidden)), rng.normal(size=visible), rng.normal(size=hidden))


@pytest.mark.parametrize(("visible", "hidden"), [(4, 6), (6, 4)])
def test_gradient_is_the_derivative_of_the_likelihood(visible, hidden):
    one, rng = machine(visible, hidden), np.random.default_rng(1)
    rows, weight = rng.integers(0, 2, (9, visible)).astype(float), rng.exponential(size=9)
    weight /= weight.sum()
    crowd = RBMParameters(*(part[None] for part in (one.weights, one.visible_bias, one.hidden_bias)))
    gradient = ExactGradient(crowd, rows, weight[None]).gradient()

    def height(model):
        return float(weight @ log_likelihood(model, rows, log_partition(model)))

    changes = gradient[0, :24].reshape(visible, hidden), gradient[0, 24 : 24 + visible], gradient[0, 24 + visible :]
    for name, change in zip(("weights", "visible_bias", "hidden_bias"), changes, strict=True):
        place = (1, 2) if name == "weights" else (1,)
        shift = np.zeros_like(getattr(one, name))
        shift[place] = 1e-5
        rise = height(replace(one, **{name: getattr(one, name) + shift}))
        fall = height(replace(one, **{name: getattr(one, name) - shift}))
        assert change[place] == pytest.approx((rise - fall) / 2e-5, abs=1e-8)


def test_too_many_states_are_refused():
    crowd = RBMParameters(np.zeros((1, 30, 20)), np.zeros((1, 30)), np.zeros((1, 20)))
    with pytest.raises(SettingError, match="2\\^20"):
        ExactGradient(crowd, np.zeros((1, 30)), np.ones((1, 1)))
