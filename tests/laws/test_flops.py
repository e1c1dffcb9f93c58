"""What a program says it costs is what it costs."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from laws.bench import make_chunk, make_table
from laws.registry import INPUTS, LOSSES, STACKS
from libraries import multiply_with
from thalweg.net.spec import mlp
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
def test_products_cost_what_torch_counts(stack, monkeypatch):
    multiply_with(monkeypatch, "torch")
    program = program_of(STACKS[stack], 32, 2)
    with FlopCounterMode(display=False) as counter:
        for op in program.ops:
            if op.product and getattr(op.run, "func", None) is not torch.mul:
                op.run()
    multiplied = sum(op.flops for op in program.ops if op.product and getattr(op.run, "func", None) is torch.mul)
    assert program.product_flops == counter.get_total_flops() + multiplied
    assert program.flops > program.product_flops
