"""What a program says it costs is what it costs."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from laws.bench import make_chunk, make_table
from laws.registry import INPUTS, LOSSES, OPTIMIZERS, STACKS
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.train.fit import fit_population
from thalweg.train.population import Member

LOSS, CLASSES = LOSSES["squared"]


def program_of(network, batch, slots):
    members = [Member(network, LOSS, np.arange(83, dtype=np.int32), seed=s, batch=batch) for s in range(slots)]
    return make_chunk(make_table(LOSS, CLASSES, 83), members).program()


@pytest.mark.parametrize("hidden", [(), (16,), (33, 7), (64, 64, 32)])
def test_products_of_a_perceptron_cost_six_batches_of_weights_less_the_first_layers_input_gradient(hidden):
    """6 B Σ w − 2 B w₁: every product is needed forwards and twice backwards, but nobody asks for ∂x of the table.

    The bias of the first layer is a row of its weights and counts; other biases are no products.
    """
    widths = [INPUTS, *hidden, CLASSES]
    weights = [a * b for a, b in pairwise(widths)]
    weights[0] += widths[1]
    B, slots = 32, 3
    assert program_of(mlp(hidden), B, slots).product_flops == slots * (6 * B * sum(weights) - 2 * B * weights[0])


@pytest.mark.parametrize("stack", STACKS)
def test_products_cost_what_torch_counts(stack):
    program = program_of(STACKS[stack], 32, 2)
    with FlopCounterMode(display=False) as counter:
        for op in program.ops:
            if op.product and getattr(op.run, "func", None) is not torch.mul:
                op.run()
    multiplied = sum(op.flops for op in program.ops if op.product and getattr(op.run, "func", None) is torch.mul)
    assert program.product_flops == counter.get_total_flops() + multiplied
    assert program.flops > program.product_flops


def updates(optimizers, penalty=None):
    """Operations behind the backward pass of a chunk whose members have these optimizers."""
    rows, penalty = np.arange(64, dtype=np.int32), penalty or Penalty()
    network = mlp((33, 7))
    members = [Member(network, LOSS, rows, seed=s, optimizer=o, penalty=penalty) for s, o in enumerate(optimizers)]
    chunk = make_chunk(make_table(LOSS, CLASSES, 64, torch.float32), members)
    chunk._regroup()
    return chunk.updater.ops


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_members_with_rates_of_their_own_are_priced_as_many_calls_that_do_the_same_work(optimizer):
    kind = type(OPTIMIZERS[optimizer])
    one, three = updates([kind(0.01)] * 3), updates([kind(0.01 * (s + 1)) for s in range(3)])
    assert len(three) == 3 * len(one)
    for kept in ("flops", "bytes"):
        total, apart = (sum(getattr(op, kept) for op in ops) for ops in (one, three))
        assert apart == pytest.approx(total, rel=0.02)


def test_an_update_costs_what_its_formula_needs_and_penalties_what_they_touch():
    plain = updates([Adam()] * 2)
    assert plain[0].flops == 13 * plain[0].shape[0]
    assert plain[0].bytes == 4 * 7 * plain[0].shape[0]
    ridge = updates([Adam()] * 2, Penalty(ridge=0.1))
    weights = 2 * (INPUTS * 33 + 33 * 7 + 7 * CLASSES)
    assert sum(op.flops for op in ridge) - plain[0].flops == 2 * weights


def test_a_trained_population_prints_the_step_of_its_first_member():
    rows = np.arange(64, dtype=np.int32)
    members = [Member(mlp((7,)), LOSS, rows, penalty=Penalty(decay=d), epochs=1) for d in (0.1, 0.0)]
    program = fit_population(make_table(LOSS, CLASSES, 64), members, workers=1).program
    assert [op.text for op in program.ops][-2:] == ["w −= α δ w", "m, r = moments of g, w −= α m̂ / (√r̂ + ε)"]
    assert {op.target for op in program.ops} >= {"gradient", "weights", "loss"}


def test_running_statistics_are_called_statistics():
    moved = [op.target for op in program_of(STACKS["batch norm"], 32, 2).ops if "running" in op.text]
    assert moved
    assert set(moved) == {"statistics"}
