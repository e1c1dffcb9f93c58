"""A member is the same numbers alone, in any crowd, on any number of workers, however they are started.

Bit for bit by native steps; by calls of torch, whose products round by the size of the crowd, as far as rounding goes.
"""

import numpy as np
import pytest
import torch

from libraries import needs_native
from thalweg.loss.logistic import Logistic
from thalweg.loss.penalty import Penalty
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.init import Glorot, He
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.optim.momentum import Momentum
from thalweg.optim.schedule import Cosine, StepDecay
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.steps.update import Updater

ROWS = 300


def table_of(inputs, loss, outputs, dtype=torch.float32):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, inputs))
    score = np.sin(2 * x[:, :1]) + 0.3 * rng.normal(size=(ROWS, outputs))
    if isinstance(loss, Logistic):
        return training_table(x, (score > 0).astype(float), dtype)
    if isinstance(loss, Softmax):
        return training_table(x, np.eye(outputs)[score.argmax(1)], dtype)
    return training_table(x, score, dtype)


def members_of(count, hidden, activation, batch, loss, *, dropout):
    """Members that differ in everything a member may differ in."""
    train = [np.arange(0, 240), np.arange(30, 271), np.arange(ROWS)[::-1][:200]]
    weights = np.random.default_rng(1).uniform(0.2, 2.0, size=240)
    optimizers = [Adam(1e-3), Adam(1e-2), Momentum(0.01), Adam(3e-3, beta1=0.8), Momentum(0.02, nesterov=True)]
    penalties = [Penalty(), Penalty(ridge=1e-3), Penalty(decay=0.01, lasso=0.003)]
    schedules = [Cosine(0.1), StepDecay(2, 0.5)]
    members = []
    for k in range(count):
        network = mlp(hidden, activation, dropout=dropout and [dropout, 0.5][k % 2], init=[None, Glorot(), He()][k % 3])
        members.append(
            Member(
                network,
                loss,
                train[k % 3].astype(np.int32),
                weights=weights if k % 6 == 0 else None,
                validation=np.arange(271, 271 + 5 * (1 + k % 5)).astype(np.int32) if k % 4 else None,
                seed=k,
                optimizer=optimizers[k % 5],
                penalty=penalties[k % 3],
                **({"schedule": schedules[k % 2]} if k % 7 == 0 else {}),
                batch=batch,
                epochs=3 + k % 4,
                patience=2 if k % 4 else None,
            )
        )
    return members


NETS = {
    "linear": ((), "relu", 50, Squared(), 3, None),
    "even": ((64, 64), "relu", 32, Squared(), 1, None),
    "odd": ((7, 5), "gelu", 17, Squared(), 2, 0.3),
    "logistic": ((33,), "sigmoid", 64, Logistic(), 1, 0.2),
    "softmax": ((10, 9), "tanh", 33, Softmax(), 3, None),
    "full batch": ((9,), "silu", None, Squared(), 1, None),
}


ARRANGEMENTS = (
    {"workers": 1, "slots": 7},
    {"workers": 1, "slots": 26},
    {"workers": 2},
    {"workers": 3, "slots": 2},
    {"workers": 4, "slots": 5},
    {"workers": 2, "start_method": "fork"},
)


@needs_native
@pytest.mark.parametrize("name", NETS)
def test_alone_in_crowds_on_threads_and_in_processes(name):
    hidden, activation, batch, loss, outputs, dropout = NETS[name]
    table = table_of(9, loss, outputs)
    members = members_of(26, hidden, activation, batch, loss, dropout=dropout)
    alone = [fit_population(table, [m], workers=1).members[0] for m in members]
    for arrangement in ARRANGEMENTS:
        together = fit_population(table, members, **arrangement).members
        differing = [k for k, (a, b) in enumerate(zip(alone, together, strict=True)) if not a.same_numbers(b)]
        assert differing == [], f"{arrangement} changed members {differing}"


@pytest.mark.usefixtures("by_torch")
@pytest.mark.parametrize("name", NETS)
def test_by_calls_of_torch_as_far_as_rounding_goes(name):
    """In double precision, where a few epochs of rounding stay far below what a wrong row or weight would do."""
    hidden, activation, batch, loss, outputs, dropout = NETS[name]
    table = table_of(9, loss, outputs, torch.float64)
    members = members_of(12, hidden, activation, batch, loss, dropout=dropout)
    alone = [fit_population(table, [m], workers=1).members[0] for m in members]
    together = fit_population(table, members, workers=2, slots=5).members
    for one, other in zip(alone, together, strict=True):
        assert one.status == other.status
        np.testing.assert_allclose(other.parameters, one.parameters, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(other.validation_loss, one.validation_loss, rtol=1e-7)


@needs_native
def test_a_crowd_of_a_hundred():
    table = table_of(5, Squared(), 1)
    members = members_of(100, (16,), "tanh", 32, Squared(), dropout=0.2)
    some = [0, 1, 37, 58, 99]
    together = fit_population(table, members, workers=2).members
    for k in some:
        assert fit_population(table, [members[k]], workers=1).members[0].same_numbers(together[k])


@needs_native
def test_a_slot_serves_the_next_member_with_operations_written_once_if_the_settings_are_equal(monkeypatch):
    table = table_of(4, Squared(), 1)
    rules = [Adam(1e-2), Adam(1e-2), Adam(1e-2), Adam(3e-3), Adam(3e-3), Adam(3e-3), Momentum(0.01)]
    penalties = [Penalty(), Penalty(), Penalty(ridge=0.1), Penalty(), Penalty(), Penalty(lasso=0.01), Penalty()]
    members = [
        Member(mlp((8,)), Squared(), np.arange(240), seed=k, optimizer=rule, penalty=penalty, batch=32, epochs=2)
        for k, (rule, penalty) in enumerate(zip(rules, penalties, strict=True))
    ]
    alone = [fit_population(table, [member], workers=1).members[0] for member in members]
    written = []
    regroup = Updater.regroup
    monkeypatch.setattr(Updater, "regroup", lambda *given: (written.append(1), regroup(*given)))
    together = fit_population(table, members, workers=1, slots=1).members
    assert all(a.same_numbers(b) for a, b in zip(alone, together, strict=True))
    assert len(written) == 5, "for every change of settings, and for none else"


@needs_native
def test_spawned_workers_give_the_numbers_of_forked_ones():
    table = table_of(5, Logistic(), 1)
    members = members_of(9, (8,), "relu", 32, Logistic(), dropout=0.2)
    here = fit_population(table, members, workers=1).members
    spawned = fit_population(table, members, workers=2, start_method="spawn").members
    assert all(a.same_numbers(b) for a, b in zip(here, spawned, strict=True))


def test_members_differ_by_seed():
    table = table_of(5, Squared(), 1)
    first, second = (Member(mlp((8,)), Squared(), np.arange(ROWS), seed=s, epochs=2) for s in (0, 1))
    a, b = fit_population(table, [first, second], workers=1).members
    assert not np.array_equal(a.parameters, b.parameters)


@needs_native
def test_a_diverging_member_is_named_and_touches_nobody():
    table = table_of(5, Squared(), 1)
    calm = [Member(mlp((8,)), Squared(), np.arange(ROWS), seed=s, epochs=5, optimizer=Momentum(0.01)) for s in range(4)]
    wild = Member(mlp((8,)), Squared(), np.arange(ROWS), seed=9, epochs=5, optimizer=Momentum(50.0))
    with_wild = fit_population(table, [*calm[:2], wild, *calm[2:]], workers=1, slots=5).members
    without = fit_population(table, calm, workers=1).members
    assert with_wild[2].status == "diverged"
    assert "step" in with_wild[2].reason
    calm_ones = [with_wild[i] for i in (0, 1, 3, 4)]
    assert all(a.same_numbers(b) for a, b in zip(calm_ones, without, strict=True))


def test_common_random_numbers_share_the_order_and_nothing_else():
    table = table_of(5, Squared(), 1)
    rows = np.arange(ROWS)
    a, b = (Member(mlp((8,)), Squared(), rows, seed=s, order_seed=5, epochs=2) for s in (1, 2))
    one, two = fit_population(table, [a, b], workers=1).members
    assert not np.array_equal(one.parameters, two.parameters)
