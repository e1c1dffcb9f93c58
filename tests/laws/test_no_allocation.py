"""A step runs in memory that was set aside when its program was written."""

from functools import partial

import numpy as np
import pytest
import torch

from laws.bench import make_chunk, make_table
from laws.registry import LOSSES, OPTIMIZERS, STACKS
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import mlp
from thalweg.optim.schedule import Constant, Cosine
from thalweg.train.population import Member
from thalweg.train.steps.masks import MOST_RATES

pytestmark = pytest.mark.usefixtures("by_torch")


def allocations(calls):
    """Operations that took memory in the second run of some calls, with the bytes."""
    with torch.inference_mode():
        for call in calls:
            call()
        with torch.autograd.profiler.profile(profile_memory=True) as record:
            for call in calls:
                call()
    return {event.name: event.cpu_memory_usage for event in record.function_events if event.cpu_memory_usage > 0}


def chunk_of(network, loss, classes, *, weighted=False, **settings):
    rows = np.arange(83, dtype=np.int32)
    weights = np.ones(83) if weighted else None
    members = [Member(network, loss, rows, weights=weights, seed=s, batch=32, **settings) for s in range(2)]
    with torch.inference_mode():
        return make_chunk(make_table(loss, classes, 83, torch.float32), members)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("stack", STACKS)
def test_layers_allocate_nothing(stack, weighted):
    chunk = chunk_of(STACKS[stack], *LOSSES["squared"], weighted=weighted)
    with torch.inference_mode():
        assert allocations(chunk.program(weighted=weighted).calls) == {}
        assert allocations(chunk.program(training=False).calls) == {}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_allocate_nothing(loss, weighted):
    chunk = chunk_of(mlp((7,)), *LOSSES[loss], weighted=weighted)
    with torch.inference_mode():
        assert allocations(chunk.program(weighted=weighted).calls) == {}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_allocate_nothing(optimizer):
    penalty = Penalty(ridge=1e-3, decay=1e-2, lasso=1e-3)
    chunk = chunk_of(mlp((7,)), *LOSSES["squared"], optimizer=OPTIMIZERS[optimizer], penalty=penalty)
    with torch.inference_mode():
        chunk._regroup()
        assert allocations(chunk._calls(chunk.program())) == {}


def test_masks_of_many_rates_allocate_nothing():
    rows, table = np.arange(83, dtype=np.int32), make_table(*LOSSES["squared"], 83, torch.float32)
    networks = [mlp((7,), "tanh", dropout=0.05 * n) for n in range(MOST_RATES + 1)]
    chunk = make_chunk(table, [Member(n, LOSSES["squared"][0], rows, seed=s, batch=32) for s, n in enumerate(networks)])
    assert chunk.pool.uniform
    assert allocations(chunk.program().calls) == {}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("schedule", [Constant(), Cosine()])
def test_whole_steps_allocate_nothing(weighted, schedule):
    penalty = Penalty(ridge=1e-3, decay=1e-2, lasso=1e-3)
    network = mlp((7,), "tanh", dropout=0.2)
    chunk = chunk_of(network, *LOSSES["squared"], weighted=weighted, schedule=schedule, penalty=penalty)
    with torch.inference_mode():
        chunk._regroup()
        plan, before = chunk._plan_epoch(), partial(chunk.updater.advance, chunk.epochs)
        stepper = chunk._stepper(weighted=weighted)
        assert allocations([partial(stepper.run, plan, range(2), before)]) == {}


def test_an_allocating_call_is_noticed():
    x = torch.ones(64)
    assert allocations([lambda: x + 1])
