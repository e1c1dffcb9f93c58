"""Every program of the registry runs natively, and computes what its calls of torch compute."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from laws.bench import make_chunk, make_table
from laws.registry import LOSSES, OPTIMIZERS, SCHEDULES, STACKS
from libraries import needs_native
from thalweg.loss.penalty import Penalty
from thalweg.net.spec import mlp
from thalweg.train.backend import backend_of
from thalweg.train.fit import fit_population
from thalweg.train.native.fuse import folded, fused
from thalweg.train.native.runner import Runner
from thalweg.train.population import Member
from thalweg.train.products.switch import SWITCH, TORCH

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]

ROWS = 83
CASES = {
    **{f"stack, {name}": (network, LOSSES["squared"]) for name, network in STACKS.items()},
    **{f"loss, {name}": (mlp((7, 33), "tanh", normalise="batch", dropout=0.25), loss) for name, loss in LOSSES.items()},
}


def chunk_of(network, loss, classes, dtype, *, weighted=False, **settings):
    members = [
        Member(
            network,
            loss,
            np.arange(ROWS, dtype=np.int32),
            weights=1.0 + np.arange(ROWS) % 3 if weighted else None,
            validation=np.arange(20, dtype=np.int32),
            seed=seed,
            batch=32,
            **settings,
        )
        for seed in range(2)
    ]
    chunk = make_chunk(make_table(loss, classes, ROWS, dtype), members)
    chunk._regroup()
    return chunk


def one_step(chunk, *, natively):
    """Gradients and loss of the first step."""
    program, plan = chunk.program(weighted=chunk.crowd.weighted), chunk._plan_epoch()
    torch.index_select(chunk.table.rows, 0, plan.order[0], out=program.rows)
    if program.weight is not None:
        program.weight.copy_(plan.weights[0])
    for index, (_, _, starts) in enumerate(program.masks):
        starts.copy_(plan.starts[0, index])
    program.loss_total.zero_()
    if natively:
        forms = [form for op in program.ops for form in op.native]
        Runner(fused(forms), chunk.slots, chunk.dtype).run(range(chunk.slots), range(1))
    else:
        for call in program.calls:
            call()
    trained = [name for name, spec in chunk.blocks.specs.items() if spec.trained]
    return [program.loss_total.clone(), *(chunk.blocks.parameter(name).gradient.clone() for name in trained)]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_losses_and_gradients_are_those_of_torch(case, weighted):
    """In float64 to rounding; torch's own are checked against autograd in test_gradients.py."""
    network, (loss, classes) = CASES[case]
    with torch.inference_mode():
        chunk = chunk_of(network, loss, classes, torch.float64, weighted=weighted)
        assert chunk.native
        native, calls = (one_step(chunk, natively=how) for how in (True, False))
    for mine, theirs in zip(native, calls, strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-11, atol=1e-12 * (1 + float(theirs.abs().max())))


@pytest.mark.parametrize("case", CASES)
def test_a_printed_program_has_the_lines_that_run(case):
    """Also where it is written without memory, when nothing has an address."""
    network, (loss, classes) = CASES[case]
    with torch.inference_mode():
        chunk = chunk_of(network, loss, classes, torch.float32)
    here = chunk.program(weighted=chunk.crowd.weighted)
    lines = folded(here.ops)
    assert sum(len(op.native) for op in lines) == len(fused([form for op in here.ops for form in op.native]))
    assert sum(op.flops for op in lines) == here.flops
    shown = backend_of(network).program(chunk.crowd, chunk.members[0], chunk.table)
    assert [op.text for op in folded(shown.ops)][: len(lines)] == [op.text for op in lines]


@pytest.mark.parametrize("case", CASES)
def test_float32_agrees_with_its_double(case):
    network, (loss, classes) = CASES[case]
    found = []
    with torch.inference_mode():
        for dtype in (torch.float32, torch.float64):
            chunk = chunk_of(network, loss, classes, dtype)
            assert chunk.native
            found.append(one_step(chunk, natively=True))
    for single, double in zip(*found, strict=True):
        assert torch.allclose(single.double(), double, rtol=1e-3, atol=1e-4 * (1 + float(double.abs().max())))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_is_that_of_torch(optimizer, schedule, monkeypatch):
    loss, classes = LOSSES["squared"]
    table = make_table(loss, classes, ROWS, torch.float64)
    base = Member(
        mlp((7, 16), "gelu"),
        loss,
        np.arange(ROWS, dtype=np.int32),
        validation=np.arange(20, dtype=np.int32),
        optimizer=OPTIMIZERS[optimizer],
        schedule=SCHEDULES[schedule],
        batch=32,
        epochs=6,
    )
    penalties = [Penalty(), Penalty(ridge=1e-3), Penalty(decay=1e-2), Penalty(lasso=1e-3)]
    members = [replace(base, penalty=penalty, seed=seed) for seed, penalty in enumerate(penalties)]
    assert make_chunk(table, members).native
    native = fit_population(table, members, workers=1).members
    monkeypatch.setenv(SWITCH, TORCH)
    assert not make_chunk(table, members).native
    for mine, theirs in zip(native, fit_population(table, members, workers=1).members, strict=True):
        assert np.allclose(mine.parameters, theirs.parameters, rtol=1e-9, atol=1e-10)
        assert np.allclose(mine.training_loss, theirs.training_loss, rtol=1e-9)
        assert np.allclose(mine.validation_loss, theirs.validation_loss, rtol=1e-9)
