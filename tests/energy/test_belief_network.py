"""Belief networks hand their weights to supervised networks."""

import numpy as np
import pytest
from scipy.special import expit

from thalweg.base.errors import SettingError
from thalweg.base.seeds import Stream
from thalweg.energy import DBN, bars_and_stripes
from thalweg.estimators import NetClassifier


def test_the_network_starts_at_the_features_of_the_stack():
    x = bars_and_stripes(3)
    stack = DBN((5, 4), epochs=3).fit(x)
    first, second = (layer.parameters_ for layer in stack.layers_)
    by_hand = expit(expit(x @ first.weights + first.hidden_bias) @ second.weights + second.hidden_bias)
    assert stack.transform(x) == pytest.approx(by_hand, rel=1e-12)
    parameters = stack.network().parameters(9, 2)
    start = parameters["0.weight"].draw(Stream(0))
    assert np.array_equal(start[:-1], first.weights)
    assert np.array_equal(start[-1], first.hidden_bias)
    assert np.array_equal(parameters["2.weight"].draw(Stream(0)), second.weights)


def test_a_classifier_trains_on_from_there():
    x = bars_and_stripes(3)
    y = np.repeat([0, 1], 8)
    stack = DBN((6,), epochs=3).fit(x)
    model = NetClassifier(
        network=stack.network(), standardise=False, seeds=1, epochs=1, patience=None, learning_rate=1e-6
    ).fit(x, y)
    assert model.predict_proba(x) == pytest.approx(np.full((16, 2), 0.5), abs=1e-3)  # the output layer starts at 0


def test_gaussian_rows_are_met_by_their_own_units():
    x = np.random.default_rng(0).normal(size=(60, 3))
    stack = DBN((4,), epochs=2, learning_rate=0.01).fit(x)
    machine = stack.layers_[0].parameters_
    assert np.allclose(
        stack.network().parameters(3, 1)["0.weight"].draw(Stream(0))[:-1], machine.weights / machine.variance[:, None]
    )


@pytest.mark.parametrize("hidden", ["64", 5, (), (4, 0)])
def test_widths_are_checked(hidden):
    with pytest.raises(SettingError, match="hidden"):
        DBN(hidden).fit(bars_and_stripes(2))
