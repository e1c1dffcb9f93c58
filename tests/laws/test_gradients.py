"""The gradient of a planned step is that of torch autograd, and of finite differences."""

import numpy as np
import pytest
import torch

from laws.bench import make_chunk, make_table, run_step
from laws.oracle import forward, row_losses
from laws.registry import LOSSES, STACKS
from thalweg.train.population import Member

ROWS, SLOTS = 83, 3
CASES = {
    "full batch of whole registers": {"batch": 32, "step": 0},
    "odd batch": {"batch": 17, "step": 0},
    "last partial batch": {"batch": 32, "step": 2},
    "weighted rows": {"batch": 32, "step": 1, "weighted": True},
    "weighted last batch": {"batch": 50, "step": 1, "weighted": True},
}


def members(network, loss, batch, *, weighted=False):
    rng = np.random.default_rng(5)
    rows = np.arange(ROWS, dtype=np.int32)
    weights = [rng.integers(0, 4, ROWS).astype(float) if weighted else None for _ in range(SLOTS)]
    return [Member(network, loss, rows, weights=w, seed=s, batch=batch) for s, w in enumerate(weights)]


def moved(chunk):
    """The chunk away from its start, where scales are 1 and shifts 0."""
    generator = torch.Generator().manual_seed(2)
    for name in chunk.blocks.specs:
        value = chunk.blocks.values[name]
        value.add_(0.2 * torch.randn(value.shape, generator=generator, dtype=value.dtype))
    return chunk


def check_against_autograd(network, loss, classes, case):
    case = dict(case)
    step = case.pop("step")
    table = make_table(loss, classes, ROWS)
    chunk = moved(make_chunk(table, members(network, loss, **case)))
    stages = network.stages(chunk.crowd.outputs)
    run_step(chunk, 0)  # nothing of an earlier step may stay
    for slot, record in enumerate(run_step(chunk, step)):
        parameters = {name: v[slot].clone().requires_grad_() for name, v in chunk.blocks.values.items()}
        rows = table.rows[torch.from_numpy(record.rows).long()]
        x, y = rows[:, : table.inputs], rows[:, table.inputs + 1 :]
        q = forward(stages, parameters, x, record.weights, iter(record.masks))
        value = (record.weights * row_losses(loss, q, y)).sum() / chunk.crowd.batch
        value.backward()
        assert record.loss == pytest.approx(value.item(), rel=1e-8, abs=1e-12)
        largest = max(float(parameters[n].grad.abs().max()) for n in record.gradients)
        for name, gradient in record.gradients.items():
            difference = float((gradient - parameters[name].grad).abs().max())
            assert difference <= 1e-10 * largest, f"{name} is off by {difference / largest:.1e}"


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_equal_autograd_for_every_layer_and_loss(stack, loss):
    check_against_autograd(STACKS[stack], *LOSSES[loss], CASES["last partial batch"])


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("case", CASES)
def test_gradients_equal_autograd_for_every_batch(stack, case):
    check_against_autograd(STACKS[stack], *LOSSES["squared, two outcomes"], CASES[case])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", CASES)
def test_gradients_of_every_loss_equal_autograd_for_every_batch(loss, case):
    check_against_autograd(STACKS["tanh"], *LOSSES[loss], CASES[case])


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_equal_finite_differences(stack, loss):
    """Along a random direction: (L(θ + hv) − L(θ − hv)) / 2h = ∇L · v."""
    loss, classes = LOSSES[loss]
    chunk = moved(make_chunk(make_table(loss, classes, ROWS), members(STACKS[stack], loss, 17)[:1]))
    gradients = run_step(chunk, 0)[0].gradients
    generator = torch.Generator().manual_seed(0)
    directions = {n: torch.randn(g.shape, generator=generator, dtype=g.dtype) for n, g in gradients.items()}
    expected = sum(float((gradients[n].clone() * directions[n]).sum()) for n in gradients)
    h, sides = 1e-6, []
    for sign in (1, -1):
        for name, direction in directions.items():
            chunk.blocks.values[name][0].add_(direction, alpha=sign * h)
        sides.append(run_step(chunk, 0)[0].loss)
        for name, direction in directions.items():
            chunk.blocks.values[name][0].add_(direction, alpha=-sign * h)
    scale = sum(float((gradients[n] * directions[n]).abs().sum()) for n in gradients)
    assert (sides[0] - sides[1]) / (2 * h) == pytest.approx(expected, abs=1e-6 * scale)
