"""Any torch module goes in at every door of the estimators."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from thalweg.base.errors import SettingError
from thalweg.estimators import NetClassifier, NetRegressor, NetSearch, prediction_module
from thalweg.net.spec import mlp
from thalweg.train.adopted import network_of
from thalweg.train.module import ModuleNetwork

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 5))
Y = np.sin(X[:, 0]) + X[:, 1]
QUICK = {"seeds": 2, "epochs": 15, "workers": 1, "learning_rate": 0.01}


class Wave(nn.Module):
    """A module of somebody's own, with a parameter of its own, that returns [B]."""

    def __init__(self, inputs=5, width=8):
        super().__init__()
        self.a, self.b = nn.Linear(inputs, width), nn.Linear(width, 1)
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.b(torch.sin(self.gain * self.a(x))).squeeze(-1)


def make(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, 8), nn.Tanh(), nn.Linear(8, outputs))


WAYS = {
    "class": Wave,
    "instance": Wave(),
    "stack": make(5, 1),
    "function": make,
    "function of inputs": lambda inputs: make(inputs, 1),
    "function of nothing": lambda: make(5, 1),
    "network": ModuleNetwork(make),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_a_module_works_with_folds_and_samples(way):
    model = NetRegressor(network=WAYS[way], folds=2, bootstrap=2, **QUICK).fit(X, Y)
    assert model.score(X, Y) > 0.1
    assert model.predict_interval(X[:2]).shape == (2, 2)
    assert model.parameter_count_ == sum(
        p.numel() for p in network_of(WAYS[way], 5, 1).made(0, torch.float32).parameters()
    )
    with torch.inference_mode():
        found = prediction_module(model)(torch.from_numpy(X)).numpy()[:, 0]
    np.testing.assert_allclose(found, model.predict(X), rtol=1e-5, atol=1e-6)


def test_classes_searches_and_streams_take_modules():
    labels = RNG.integers(0, 3, len(X))
    assert NetClassifier(network=make, **QUICK).fit(X, labels).predict_proba(X).shape == (80, 3)
    search = NetSearch(NetRegressor(**QUICK), {"network": [make, Wave, None]}, cv=2, workers=1).fit(X, Y)
    assert search.best_params_["network"] in {make, Wave, None}
    NetRegressor(network=Wave, **QUICK).partial_fit(X, Y).partial_fit(X, Y)


def test_a_module_starts_from_its_parameters_and_stays_as_it_is():
    stack = make(5, 1)
    before = {name: value.clone() for name, value in stack.state_dict().items()}
    still = NetRegressor(network=stack, **QUICK | {"learning_rate": 1e-12, "epochs": 1}).fit(X, Y)
    assert still.predict(X)[0] == pytest.approx(still.predict_distribution(X, source="seeds").values[0, 0, 0], rel=1e-4)
    assert all(torch.equal(value, before[name]) for name, value in stack.state_dict().items())
    pickle.loads(pickle.dumps(still))  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (lambda: nn.Linear(5, 2), "returns 2 numbers per row, 1 needed"),
        (lambda: nn.Linear(7, 1), "cannot take rows of 5 features"),
        (nn.Conv1d, "asks for in_channels, out_channels, kernel_size"),
        (lambda: 3, "cannot take|made a int"),
        ("mlp", "must be a network or a torch module"),
    ],
)
def test_what_is_no_network_for_these_rows_is_told_before_training(network, words):
    with pytest.raises(SettingError, match=words):
        NetRegressor(network=network, **QUICK).fit(X, Y)


def test_our_own_networks_pass_as_they_are():
    network = mlp((4,))
    assert network_of(network, 5, 1) is network
