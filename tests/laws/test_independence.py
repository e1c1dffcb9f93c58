"""Member k is bit for bit the same alone, in a chunk of any size, in any slot, beside any neighbours."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from laws.bench import make_chunk, make_table, run_step
from laws.registry import LOSSES, OPTIMIZERS, STACKS
from libraries import needs_native
from thalweg.loss.penalty import Penalty
from thalweg.net.activation import RULES
from thalweg.net.dense import Dense
from thalweg.net.dropout import Dropout
from thalweg.net.residual import Residual
from thalweg.net.spec import Network, mlp
from thalweg.optim.adam import Adam
from thalweg.optim.schedule import Cosine
from thalweg.train.fit import fit_population
from thalweg.train.native.runner import Runner
from thalweg.train.population import Member

pytestmark = needs_native

ROWS = 83


def with_rate(layers, rate):
    """The same architecture with another dropout rate."""
    changed = []
    for layer in layers:
        if isinstance(layer, Dropout):
            changed.append(Dropout(rate))
        elif isinstance(layer, Residual):
            changed.append(Residual(tuple(with_rate(layer.body, rate))))
        else:
            changed.append(layer)
    return changed


def population(network, loss, batch, optimizer=None, weighted=False):
    """Seven members that share a program and nothing else: rates, penalties, schedules, folds, length."""
    rng, members = np.random.default_rng(0), []
    for k in range(7):
        size = ROWS - 2 * (k % 2)  # 83 or 81 rows: the last batch differs
        own = optimizer or Adam(learning_rate=1e-3 * (1 + k % 3), beta2=0.99 if k == 4 else 0.999)
        members.append(
            Member(
                replace(network, layers=tuple(with_rate(network.layers, 0.1 * (k % 3)))),
                loss,
                rng.permutation(ROWS)[:size].astype(np.int32),
                weights=rng.exponential(size=size) if weighted else None,
                validation=np.arange(20 + k, dtype=np.int32),
                seed=k,
                optimizer=own,
                schedule=Cosine() if k == 3 else Member.__dataclass_fields__["schedule"].default_factory(),
                penalty=Penalty(ridge=1e-3 * (k == 2), decay=1e-2 * (k == 5), lasso=1e-3 * (k == 1)),
                batch=batch,
                epochs=2 + k % 3,
                label={"k": k},
            )
        )
    return members


def check(table, members):
    alone = fit_population(table, members, workers=1, slots=1).members
    for slots, order in ((2, range(7)), (7, range(6, -1, -1)), (5, (3, 0, 6, 2, 5, 1, 4))):
        shuffled = list(order)
        together = fit_population(table, [members[i] for i in shuffled], workers=1, slots=slots).members
        for place, number in enumerate(shuffled):
            assert alone[number].same_numbers(together[place]), f"member {number} in chunks of {slots}"
    assert all(fit.usable for fit in alone)


@pytest.mark.parametrize("batch", [17, 32, 48, 50])
@pytest.mark.parametrize("stack", STACKS)
def test_every_stack(stack, batch):
    loss, classes = LOSSES["squared"]
    check(make_table(loss, classes, ROWS, torch.float32), population(STACKS[stack], loss, batch))


@pytest.mark.parametrize("batch", [40, 48])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss, weighted, batch):
    loss, classes = LOSSES[loss]
    network = mlp((7, 33), "silu", normalise="batch", dropout=0.1)
    check(make_table(loss, classes, ROWS, torch.float32), population(network, loss, batch, weighted=weighted))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer(optimizer):
    loss, classes = LOSSES["squared"]
    members = population(mlp((7, 33), "gelu"), loss, 17, OPTIMIZERS[optimizer])
    check(make_table(loss, classes, ROWS, torch.float32), members)


@pytest.mark.parametrize("outputs", [1, 2, 3, 32])
def test_every_gradient_of_a_step_for_small_and_odd_widths(outputs):
    """Products choose their tiles by shape; every shape must give the same for one slot and for many."""
    loss = LOSSES["squared"][0]
    table = make_table(loss, outputs, ROWS, torch.float32)
    widths = (1, 2, 3, 5, 8, 16, 33, 64)
    for first in widths:
        for second in widths:
            network = Network((Dense(first), Dense(second)))
            members = [Member(network, loss, np.arange(ROWS, dtype=np.int32), seed=s, batch=64) for s in range(3)]
            with torch.inference_mode():
                together = run_step(make_chunk(table, members), 0, natively=True)
                for slot, member in enumerate(members):
                    alone = run_step(make_chunk(table, [member]), 0, natively=True)[0]
                    for name, gradient in alone.gradients.items():
                        assert torch.equal(gradient, together[slot].gradients[name]), (first, second, name)


def alone_on(threads, table, member, monkeypatch):
    """Train a member alone on so many cores; from its third step on several share every operation."""
    used, run = [], Runner.run
    monkeypatch.setattr("thalweg.train.products.threads.TIMED", 2)

    def noted(self, slots, steps, threads=1):
        used.append(threads)
        run(self, slots, steps, threads)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "run", noted)
        fit = fit_population(table, [member], workers=threads).members[0]
    assert (max(used) > 1) == (threads > 1)
    return fit


@pytest.mark.parametrize("activation", RULES)
def test_threads_of_a_single_wide_member(activation, monkeypatch):
    """A wide member that trains alone has all cores; widths and batch are such that cuts fall inside registers."""
    loss, classes = LOSSES["squared"]
    table = make_table(loss, classes, 300, torch.float32)
    network = mlp((257, 255), activation, normalise="batch")
    member = Member(network, loss, np.arange(300, dtype=np.int32), batch=300, epochs=6)
    one, four = (alone_on(threads, table, member, monkeypatch) for threads in (1, 4))
    assert one.same_numbers(four)


@pytest.mark.parametrize("loss", ["squared", "softmax", "gaussian", "ordered quantiles"])
def test_threads_of_a_single_member_with_a_long_batch(loss, monkeypatch):
    """Sums of a whole long batch to one number are not shared between threads."""
    loss, classes = LOSSES[loss]
    table = make_table(loss, classes, 40_001, torch.float32)
    network = mlp((32,), "sigmoid")
    member = Member(network, loss, np.arange(40_001, dtype=np.int32), batch=None, epochs=6)
    one, four = (alone_on(threads, table, member, monkeypatch) for threads in (1, 4))
    assert one.same_numbers(four)
