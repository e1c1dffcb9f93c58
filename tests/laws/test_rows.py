"""Weights are repeated rows, weight zero is no row, and the order of rows means nothing to a full batch."""

import numpy as np
import pytest
import torch

from laws.bench import make_chunk, make_table, run_step
from laws.registry import LOSSES, STACKS, inputs, outcomes
from thalweg.net.spec import mlp
from thalweg.optim.momentum import Momentum
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table

ROWS = 45
WITHOUT_NOISE = {name: stack for name, stack in STACKS.items() if not any("rate" in k for k in stack.settings(1))}


def train(table, network, loss, rows, weights=None, epochs=8):
    member = Member(
        network, loss, np.asarray(rows, dtype=np.int32), weights, optimizer=Momentum(1e-3), batch=None, epochs=epochs
    )
    fit = fit_population(table, [member], workers=1)
    return fit.named(0), fit.member(0).training_loss


def same(a, b, tolerance, *, without=()):
    for name, value in a[0].items():
        if not name.endswith(without or "\0"):
            assert np.abs(value - b[0][name]).max() < tolerance * (1 + np.abs(value).max()), name
    assert a[1] == pytest.approx(b[1], rel=tolerance)


@pytest.mark.parametrize("stack", WITHOUT_NOISE)
def test_whole_weights_are_repeated_rows_for_every_stack(stack):
    """The running variance is left out: Bessel's factor knows shares, not numbers of copies."""
    loss, classes = LOSSES["squared"]
    check_repeats(STACKS[stack], loss, classes)


@pytest.mark.parametrize("loss", LOSSES)
def test_whole_weights_are_repeated_rows_for_every_loss(loss):
    check_repeats(STACKS["batch norm"], *LOSSES[loss])


def check_repeats(network, loss, classes):
    table = make_table(loss, classes, ROWS)
    copies = np.random.default_rng(0).integers(0, 4, ROWS)
    weighted = train(table, network, loss, np.arange(ROWS), copies.astype(float))
    repeated = train(table, network, loss, np.repeat(np.arange(ROWS), copies))
    same(weighted, repeated, 1e-10, without=("running_var",))


@pytest.mark.parametrize("stack", WITHOUT_NOISE)
def test_weight_zero_removes_a_row(stack):
    loss, classes = LOSSES["squared"]
    x, y = inputs(ROWS), outcomes(loss, classes, ROWS)
    y[7], kept = 1e6, np.delete(np.arange(ROWS), 7)  # an outcome nobody could overlook
    table = training_table(x, y, torch.float64)
    weights = np.ones(ROWS)
    weights[7] = 0.0
    with_weight = train(table, STACKS[stack], loss, np.arange(ROWS), weights)
    same(with_weight, train(table, STACKS[stack], loss, kept), 1e-10)


@pytest.mark.parametrize("stack", WITHOUT_NOISE)
def test_the_order_of_rows_changes_no_full_batch_estimate(stack):
    loss, classes = LOSSES["squared"]
    table = make_table(loss, classes, ROWS)
    shuffled = np.random.default_rng(1).permutation(ROWS)
    same(train(table, STACKS[stack], loss, np.arange(ROWS)), train(table, STACKS[stack], loss, shuffled), 1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_last_batch_of_one_row_moves_no_running_statistics(loss):
    """33 rows in batches of 32: torch refuses a batch of one row, here it teaches nothing about spread."""
    loss, classes = LOSSES[loss]
    table = make_table(loss, classes, 33, torch.float32)
    network = mlp((33, 7, 16), "silu", normalise="batch")
    chunk = make_chunk(table, [Member(network, loss, np.arange(33, dtype=np.int32), batch=32, seed=1)])
    for name, value in chunk.blocks.values.items():
        if name.endswith("bias"):
            value.add_(5.0)  # far from where padding rows are
    before = {name: v.clone() for name, v in chunk.blocks.running.items()}
    record = run_step(chunk, 1)[0]
    assert len(record.rows) == 1
    assert all(torch.equal(before[name], value) for name, value in chunk.blocks.running.items())
    assert all(torch.isfinite(g).all() for g in record.gradients.values())
    assert np.isfinite(record.loss)


def test_padding_rows_stay_finite_behind_many_batches_of_one_row():
    """Each batch norm of one row divides the distance of the padding rows by √ε."""
    loss, classes = LOSSES["squared"]
    table = make_table(loss, classes, 33, torch.float32)
    member = Member(mlp((16,) * 20, "relu", normalise="batch"), loss, np.arange(33, dtype=np.int32), batch=32)
    chunk = make_chunk(table, [member])
    record = run_step(chunk, 1)[0]
    assert all(torch.isfinite(g).all() for g in record.gradients.values())
    assert np.isfinite(record.loss)


@pytest.mark.parametrize("loss", ["poisson", "gaussian"])
def test_outputs_of_rows_without_weight_may_overflow(loss):
    loss, classes = LOSSES[loss]
    x, y = inputs(ROWS), outcomes(loss, classes, ROWS)
    x[7], x[8] = 1e6, -1e6  # one of them sends each output of a linear model far up
    table, weights = training_table(x, y, torch.float64), np.ones(ROWS)
    weights[7:9] = 0.0
    with_weight = train(table, STACKS["linear"], loss, np.arange(ROWS), weights)
    same(with_weight, train(table, STACKS["linear"], loss, np.delete(np.arange(ROWS), [7, 8])), 1e-10)
