import numpy as np
import pytest
import torch

from laws.bench import make_table
from laws.registry import INPUTS
from thalweg.base.errors import SettingError
from thalweg.loss.squared import Squared
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.spec import mlp
from thalweg.net.twin import to_module
from thalweg.optim.gradient import GradientDescent
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, crowd_of
from thalweg.train.steps.order import epoch_order
from thalweg.train.steps.parameters import ParameterBlocks, split_vector


@pytest.mark.parametrize(("batch", "rows"), [(32, 64), (32, 75), (17, 60)])
def test_training_and_running_statistics_are_those_of_torch(batch, rows):
    """Whole registers, an odd batch, a partial last one: the zero rows that fill it enter nothing."""
    table = make_table(Squared(), 1, rows)
    network = mlp((33, 7), "tanh", normalise="batch")
    optimizer = GradientDescent(0.1)
    member = Member(
        network, Squared(), np.arange(rows, dtype=np.int32), optimizer=optimizer, batch=batch, epochs=2, seed=5
    )
    specs = network.parameters(INPUTS, 1)
    blocks = ParameterBlocks(specs, 1, 0, torch.float64, torch.device("cpu"))
    blocks.start([0], [specs], [member.seed])
    twin = to_module(network, split_vector(specs, blocks.vector(0).numpy())).train()
    torch_optimizer, crowd = torch.optim.SGD(twin.parameters(), 0.1), crowd_of(member, table)
    for epoch in range(2):
        order, places = epoch_order(crowd, member, epoch, table.count)
        for step in range(crowd.steps):
            batch_rows = table.rows[torch.from_numpy(order[step][places[step] >= 0]).long()]
            torch_optimizer.zero_grad()
            (twin(batch_rows[:, :INPUTS]) - batch_rows[:, INPUTS + 1 :]).square().mean().backward()
            torch_optimizer.step()
    ours = to_module(network, fit_population(table, [member], workers=1).named(0)).state_dict()
    for name, value in twin.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.allclose(ours[name], value, rtol=1e-10, atol=1e-12), name


@pytest.mark.parametrize("setting", [{"momentum": 0.0}, {"momentum": 1.5}, {"epsilon": 0.0}])
def test_settings_are_checked(setting):
    with pytest.raises(SettingError, match=next(iter(setting))):
        BatchNorm(**setting)
