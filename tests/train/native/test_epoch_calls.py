"""What surrounds the steps natively is what it is in Python: the rows of every slot, their weights, sums of losses."""

import numpy as np
import pytest
import torch

from builds import LEVELS, needs_compiler, run_on
from libraries import needs_native
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.native.epoch_calls import Drain, NativePlanner, WeighedSum
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.steps.epoch import plan_on_host

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]


@needs_compiler
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("count", "batch"), [(1, 1), (2, 1), (5, 4), (90, None), (90, 17), (128, 32), (4097, 100)])
def test_rows_and_weights_are_those_of_the_host(count, batch, weighted, dtype, level, monkeypatch):
    run_on(monkeypatch, level)
    rng = np.random.default_rng(0)
    table = training_table(np.zeros((5000, 1)), np.zeros(5000), dtype)

    def member(seed, rows):
        weights = rng.random(rows) + 0.1 if weighted else None
        return Member(mlp(()), Squared(), rng.permutation(5000)[:rows], weights=weights, batch=batch, seed=seed)

    first = member(0, count)
    fewer = max(1, count - 1)
    members = [first, None, member(2, fewer if crowd_of(member(2, fewer), table).steps == first.steps else count)]
    crowd, epochs = crowd_of(first, table), [3, 0, 7]
    carrying = crowd.steps if weighted else int(crowd.partial)
    planner = NativePlanner(crowd, members, table.count, dtype, carrying)
    planner.fill([9, 9, 9])  # what was there before is overwritten
    planner.fill(epochs)
    host = plan_on_host(crowd, members, epochs, table.count, carrying, dtype)
    assert torch.equal(planner.order, host.order)
    assert planner.weights is None if host.weights is None else torch.equal(planner.weights, host.weights)


def in_pairs(numbers):
    """First half plus second half, and so on, as epoch.h says."""
    while len(numbers) > 1:
        half = len(numbers) // 2
        numbers = np.concatenate([numbers[:half] + numbers[half : 2 * half], numbers[2 * half :]])
    return numbers[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("rows", [1, 2, 7, 64, 1001])
def test_losses_are_summed_in_pairs_and_taken_away(rows, dtype):
    total = torch.rand(3, 2, rows, generator=torch.Generator().manual_seed(0), dtype=dtype)
    expected = [in_pairs(slot) for slot in total.reshape(3, -1).numpy()]
    sums = Drain(total)()
    assert sums[:, 0, 0].tolist() == [float(number) for number in expected]
    assert (sums[:, 1:] == 0).all()
    assert (total == 0).all()


def test_a_row_of_weight_zero_counts_nothing_whatever_it_holds():
    losses = torch.rand(3, 2, 2, 5, generator=torch.Generator().manual_seed(0))
    weights = torch.rand(3, 2, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weights[2, :, 3:] = 0
    losses[2, 0, 1, 3:] = torch.tensor([torch.nan, torch.inf])
    found = WeighedSum(losses, weights)()[:, 0, 0]
    expected = torch.where(weights[:, :, None] > 0, losses.double() * weights[:, :, None], 0.0)
    ordered = expected.permute(1, 2, 0, 3).reshape(2, -1).numpy()
    assert found.tolist() == [in_pairs(slot) for slot in ordered]
