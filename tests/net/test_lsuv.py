import numpy as np
import pytest
import torch

from laws.registry import INPUTS, STACKS, inputs
from thalweg.base.errors import SettingError
from thalweg.net.lsuv import lsuv
from thalweg.net.spec import Network
from thalweg.net.twin import layer_twin, to_module
from thalweg.train.steps.parameters import ParameterBlocks, split_vector

DEEP = {name: stack for name, stack in STACKS.items() if stack.layers}


def started(network, seed=9):
    specs = network.parameters(INPUTS, 2)
    blocks = ParameterBlocks(specs, 1, 0, torch.float64, torch.device("cpu"))
    blocks.start([0], [specs], [seed])
    return split_vector(specs, blocks.vector(0).numpy())


@pytest.mark.parametrize("stack", [name for name in DEEP if "embedding" not in name])
def test_every_dense_layer_starts_with_unit_variance_on_the_sample(stack):
    x = inputs(300)
    network = lsuv(STACKS[stack], x, outputs=2, seed=4)
    assert network == STACKS[stack]
    module = to_module(network, started(network))
    seen = []
    for part in module.modules():
        if isinstance(part, torch.nn.Linear):
            part.register_forward_hook(lambda _module, _inputs, output: seen.append(float(output.std(correction=0))))
        if isinstance(part, torch.nn.BatchNorm1d):
            part.train()
    with torch.no_grad():
        module(torch.from_numpy(x))
    assert seen == pytest.approx([1.0] * len(seen), rel=2.0**-20)  # as far as deviations are rounded
    assert len(seen) >= 2 or not has_dense(network)


def has_dense(network):
    return any(hasattr(layer, "units") for layer in network.layers)


def test_an_embedding_passes_its_own_start_on():
    network = lsuv(STACKS["embedding"], inputs(300), outputs=2)
    parameters = started(network)
    hidden = layer_twin(network.layers[0], {"3.weight": parameters["0.3.weight"]})(torch.from_numpy(inputs(300)))
    z = hidden.detach().numpy() @ parameters["1.weight"]
    assert z.std() == pytest.approx(1, rel=0.5)  # the tables are drawn anew by every member


def test_members_get_their_own_matrices():
    x = inputs(50)
    a, b = (started(lsuv(STACKS["tanh"], x, outputs=2, seed=seed)) for seed in (0, 1))
    assert np.abs(a["0.weight"] - b["0.weight"]).max() > 0.01


@pytest.mark.parametrize("stack", ["tanh", "batch norm", "residual"])
def test_a_start_is_the_same_where_sums_round_otherwise(stack):
    """As on another processor: here every number of the sample is off by as much as a unit in its last place."""
    x = inputs(300)
    off = np.nextafter(x, np.where(np.arange(x.size).reshape(x.shape) % 2, np.inf, -np.inf))
    here, there = (started(lsuv(STACKS[stack], sample, outputs=2)) for sample in (x, off))
    assert all(np.array_equal(here[name], there[name]) for name in here)


def test_a_sample_without_spread_is_refused():
    with pytest.raises(SettingError, match="do not vary"):
        lsuv(Network(STACKS["tanh"].layers), np.zeros((5, INPUTS)), outputs=1)
