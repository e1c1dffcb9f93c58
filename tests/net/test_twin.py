import numpy as np
import pytest
import torch
from torch import nn

from laws.bench import make_chunk, make_table
from laws.registry import INPUTS, LOSSES, STACKS
from thalweg.base.errors import SettingError
from thalweg.net.adopt import from_module
from thalweg.net.dense import Dense
from thalweg.net.residual import Residual
from thalweg.net.spec import Network, mlp
from thalweg.net.twin import to_module
from thalweg.train.fit import fit_population
from thalweg.train.population import Member

ROWS = 128  # the block of a prediction program


def trained(network, loss, classes, dtype=torch.float64):
    """A few epochs, so that running statistics have moved."""
    table = make_table(loss, classes, ROWS, dtype)
    member = Member(network, loss, np.arange(ROWS, dtype=np.int32), batch=50, epochs=3)
    return table, member, fit_population(table, [member], workers=1)


def outputs(table, member, vector):
    """Outputs of the planned prediction [N C]."""
    chunk = make_chunk(table, [member])
    chunk.blocks.load(0, torch.from_numpy(vector))
    program = chunk.program(training=False)
    program.rows.copy_(table.rows[:ROWS])
    for call in program.calls:
        call()
    return program.outputs[0].T


@pytest.mark.parametrize("stack", STACKS)
def test_a_twin_gives_the_same_outputs_and_comes_back_the_same(stack):
    loss, classes = LOSSES["squared, two outcomes"]
    table, member, fit = trained(STACKS[stack], loss, classes)
    twin = to_module(STACKS[stack], fit.named(0))
    with torch.no_grad():
        theirs = twin(table.rows[:-1, :INPUTS])
    assert torch.allclose(outputs(table, member, fit.member(0).parameters), theirs, rtol=1e-12, atol=1e-12)
    network, parameters = from_module(twin)
    assert network == STACKS[stack]
    assert {n: v.tolist() for n, v in parameters.items()} == {n: v.tolist() for n, v in fit.named(0).items()}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_twin_has_the_outputs_the_loss_asked_for(loss):
    _, _, fit = trained(mlp((7,)), *LOSSES[loss])
    loss, classes = LOSSES[loss]
    assert to_module(mlp((7,)), fit.named(0))(torch.zeros(4, INPUTS, dtype=torch.float64)).shape == (
        4,
        loss.outputs(classes),
    )


def test_names_are_those_of_a_sequential():
    network = Network((Dense(5), Residual((Dense(5),))))
    _, _, fit = trained(network, *LOSSES["squared"], dtype=torch.float32)
    twin = to_module(network, fit.named(0))
    assert list(twin.state_dict()) == ["0.weight", "0.bias", "1.body.0.weight", "1.body.0.bias", "2.weight", "2.bias"]
    assert twin[0].weight.dtype == torch.float32
    assert not twin.training


def test_a_stack_made_by_hand_is_adopted():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Linear(INPUTS, 8), nn.BatchNorm1d(8), nn.LeakyReLU(), nn.Dropout(0.3), nn.LayerNorm(8), nn.Linear(8, 2)
    ).double()
    network, parameters = from_module(module)
    assert network.settings(2)["3.rate"] == 0.3
    x = torch.randn(6, INPUTS, dtype=torch.float64)
    assert torch.equal(to_module(network, parameters)(x), module.eval()(x))


@pytest.mark.parametrize(
    ("stages", "named"),
    [
        ([nn.Linear(2, 2), nn.Softplus(), nn.Linear(2, 1)], "Softplus"),
        ([nn.Linear(2, 2), nn.ELU(alpha=2.0), nn.Linear(2, 1)], "ELU with settings"),
        ([nn.Linear(2, 2), nn.GELU(approximate="tanh"), nn.Linear(2, 1)], "GELU with settings"),
        ([nn.Linear(2, 2, bias=False), nn.Linear(2, 1)], "Linear with bias=False"),
        ([nn.Linear(2, 2), nn.BatchNorm1d(2, affine=False), nn.Linear(2, 1)], "BatchNorm1d with"),
        ([nn.Linear(2, 2), nn.LayerNorm(2, elementwise_affine=False), nn.Linear(2, 1)], "LayerNorm with"),
        ([nn.Linear(2, 2), nn.Sigmoid()], "must end in Linear"),
        ([], "must end in Linear"),
    ],
)
def test_what_has_no_counterpart_is_named(stages, named):
    with pytest.raises(SettingError, match=named):
        from_module(nn.Sequential(*stages))


def test_missing_parameters_and_unknown_layers_are_named():
    with pytest.raises(SettingError, match=r"'2\.weight' are missing"):
        to_module(mlp((3,)), {})

    class Strange:
        pass

    with pytest.raises(SettingError, match="Strange has no torch twin"):
        to_module(Network((Strange(),)), {"1.weight": np.zeros((1, 2))})


class Doubled(nn.Linear):
    """A linear layer that is none."""

    def forward(self, x):
        return 2.0 * super().forward(x)


class Backwards(nn.Sequential):
    """A stack that goes its own way."""

    def forward(self, x):
        return -super().forward(x)


def hooked():
    stack = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    stack[1].register_forward_hook(lambda *given: 2.0 * given[-1])
    return stack


@pytest.mark.parametrize(
    ("module", "named"),
    [
        (nn.Sequential(Doubled(3, 2), nn.ReLU(), nn.Linear(2, 1)), "Doubled"),
        (nn.Sequential(nn.Linear(3, 2), Doubled(2, 1)), "must end in Linear"),
        (Backwards(nn.Linear(3, 1)), "Backwards"),
        (nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)), nn.Linear(2, 1)), "ParametrizedLinear"),
        (hooked(), "ReLU with forward hooks"),
    ],
)
def test_what_only_looks_like_a_known_layer_is_refused(module, named):
    with pytest.raises(SettingError, match=named):
        from_module(module)
