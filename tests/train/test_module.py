"""Torch modules trained by autograd under the same loop."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from thalweg.base.errors import SettingError
from thalweg.loss.penalty import Penalty
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.adopt import from_module
from thalweg.net.dense import Dense
from thalweg.net.init import Given
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.optim.momentum import Momentum
from thalweg.train.fit import fit_population
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, training_table
from thalweg.train.predict import predict_outputs


class Block(nn.Module):
    """A residual block of convolutions."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x):
        return torch.relu(x + self.body(x))


def residual_net():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), Block(8), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.1), nn.Linear(128, 10)
    )


class Tagger(nn.Module):
    """A transformer over token numbers, called and answering as Hugging Face's models do."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(6, 12)
        self.encoder = nn.TransformerEncoderLayer(12, 2, 24, dropout=0.1, batch_first=True)
        self.head = nn.Linear(12, 2)

    def forward(self, input_ids):
        hidden = self.encoder(self.embed(input_ids.long()))
        return SimpleNamespace(logits=self.head(hidden.mean(1)), hidden_states=hidden)


def small_net():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))


def digits():
    data = load_digits()
    return training_table(data.data / 16.0, np.eye(10)[data.target]), data


def test_a_residual_convolution_net_learns_digits_and_repeats():
    table, data = digits()
    network = ModuleNetwork(residual_net, (1, 8, 8))
    train, held = np.arange(900, dtype=np.int32), np.arange(900, 1100, dtype=np.int32)
    members = [
        Member(network, Softmax(), train, validation=held, seed=s, optimizer=Adam(3e-3), epochs=4, patience=2)
        for s in range(3)
    ]
    fit = fit_population(table, members, workers=1)
    assert fit.statuses() == {"finished": 3}
    q = predict_outputs(network, Softmax(), [f.parameters for f in fit.members], data.data[1100:] / 16.0, 10)
    assert (q.mean(0).argmax(1) == data.target[1100:]).mean() > 0.85
    alone = fit_population(table, [members[1]], workers=1).members[0]
    together = fit_population(table, members, workers=2).members[1]
    assert alone.same_numbers(fit.members[1])
    assert alone.same_numbers(together)


def test_a_transformer_with_an_output_record_learns_and_is_the_same_in_any_company():
    tokens = np.random.default_rng(0).integers(0, 6, size=(500, 7))
    often = (tokens == 2).sum(1) >= 2
    table = training_table(tokens.astype(float), np.eye(2)[often.astype(int)])
    network, train = ModuleNetwork(Tagger), np.arange(401, dtype=np.int32)
    members = [
        Member(
            network, Softmax(), train, validation=np.arange(401, 450), seed=s, optimizer=Adam(1e-2), epochs=3 + s % 2
        )
        for s in range(5)
    ]
    crowd = fit_population(table, members, workers=1, slots=3).members
    spread = fit_population(table, members, workers=2).members
    alone = fit_population(table, [members[3]], workers=1).members[0]
    assert all(a.same_numbers(b) for a, b in zip(crowd, spread, strict=True))
    assert alone.same_numbers(crowd[3])
    assert not np.array_equal(crowd[0].parameters, crowd[2].parameters)
    q = predict_outputs(network, Softmax(), [f.parameters for f in crowd], tokens[450:].astype(float), 2)
    assert (q.mean(0).argmax(1) == often[450:]).mean() > 0.8


@pytest.mark.parametrize("weighted", [False, True])
def test_autograd_and_plan_train_alike(weighted):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4))
    table = training_table(x, np.sin(x[:, :1]), torch.float64)
    rows = np.arange(150, dtype=np.int32)
    weights = rng.random(150) if weighted else None
    module = ModuleNetwork(small_net)
    start = module.made(5, torch.float64)
    network, named = from_module(start)
    given = mlp((16,))
    first = Dense(16, Given(named["0.weight"][:-1]), Given(np.tile(named["0.weight"][-1:], (4, 1))))
    output = Given(named["2.weight"].T), Given(np.tile(named["2.bias"].T, (16, 1)))
    planned = type(network)((first, given.layers[1]), *output)
    same = {
        "rows": rows,
        "weights": weights,
        "validation": np.arange(150, 200, dtype=np.int32),
        "seed": 5,
        "optimizer": Momentum(0.05),
        "penalty": Penalty(ridge=1e-3, decay=1e-3),
        "batch": 32,
        "epochs": 3,
    }
    one, two = (
        fit_population(table, [Member(net, Squared(), **same)], workers=1).members[0] for net in (module, planned)
    )
    np.testing.assert_allclose(one.training_loss, two.training_loss, rtol=1e-9)
    np.testing.assert_allclose(one.validation_loss, two.validation_loss, rtol=1e-9)


def test_members_come_back_as_modules_with_the_same_outputs():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 4))
    table = training_table(x, x[:, :1])
    networks = (ModuleNetwork(small_net), mlp((8,), "tanh", dropout=0.1))
    for network in networks:
        fit = fit_population(table, [Member(network, Squared(), np.arange(100), epochs=2)], workers=1)
        outputs = predict_outputs(network, Squared(), [fit.members[0].parameters], x)[0]
        with torch.no_grad():
            theirs = fit.to_module(0)(torch.from_numpy(x).float()).numpy()
        np.testing.assert_allclose(outputs, theirs, rtol=1e-5, atol=1e-6)


def flat_net():
    return nn.Flatten(0)


def test_a_module_of_the_wrong_shape_is_named():
    table = training_table(np.zeros((10, 4)), np.zeros(10))
    member = Member(ModuleNetwork(flat_net), Squared(), np.arange(10))
    with pytest.raises(SettingError, match=r"outputs \[B C\] for 10 rows, got \(40,\)"):
        fit_population(table, [member], workers=1)


class DrawsElsewhere(nn.Linear):
    """Starts from numbers of Python and NumPy, as models of other libraries do."""

    def __init__(self):
        super().__init__(1, 1)
        with torch.no_grad():
            self.weight.fill_(random.random())  # noqa: S311 - the same of Python
            self.bias.fill_(np.random.random())  # noqa: NPY002 - the global state is what is tried


def test_starts_drawn_beside_torch_are_a_members_own_too():
    network, before = ModuleNetwork(DrawsElsewhere), (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    one, two, again = (network.made(seed, torch.float32).state_dict() for seed in (1, 2, 1))
    assert all(torch.equal(one[name], again[name]) and not torch.equal(one[name], two[name]) for name in one)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
