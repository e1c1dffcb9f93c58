"""Members that rest at rungs and go on are the numbers of members that never rested."""

import multiprocessing
import os
import signal
from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from thalweg.base.errors import SettingError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.optim.adam import Adam
from thalweg.optim.momentum import Momentum
from thalweg.optim.schedule import Constant, Cosine
from thalweg.train.fit import fit_population
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, training_table
from thalweg.train.running.halving import Rungs

RUNGS = (2, 5)


def population():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 4))
    train, held = np.arange(70, dtype=np.int32), np.arange(70, 90, dtype=np.int32)
    members = [
        Member(
            mlp((9 + 8 * (s % 2),), "tanh", dropout=0.2, normalise="batch" if s % 2 else None),
            Squared(),
            train,
            weights=None if s % 5 else np.linspace(0.5, 2.0, 70),
            validation=held if s % 3 else None,
            seed=s,
            optimizer=Momentum(0.01) if s % 7 == 6 else Adam([1e-3, 1e-2][s // 2 % 2]),
            schedule=Cosine() if s % 4 == 3 else Constant(),
            batch=30,
            epochs=11,
            patience=3 if s % 3 else None,
        )
        for s in range(24)
    ]
    return training_table(x, x[:, 0] ** 2), members


def best_half(rung, fits):  # noqa: ARG001 - what a judge is given
    """Judge by the training loss; what ended early competes as well."""
    order = sorted(fits, key=lambda n: (fits[n].training_loss[-1], n))
    return order[: len(fits) // 2]


@pytest.fixture(scope="module")
def alone():
    table, members = population()
    return fit_population(table, members, workers=1, slots=1).members


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("slots", [None, 3])
def test_those_who_go_on_are_those_who_never_rested(alone, workers, slots):
    table, members = population()
    seen = {}

    def judge(rung, fits):
        seen[rung] = fits
        return best_half(rung, fits)

    fit = fit_population(table, members, workers=workers, slots=slots, rungs=Rungs(RUNGS, judge))
    assert [f.number for f in fit.members] == list(range(24))
    assert fit.statuses()["dropped"] >= 10
    survivors = [f for f in fit.members if f.status != "dropped"]
    assert len(survivors) >= 4
    for found in survivors:
        assert found.same_numbers(alone[found.number])
    for rung, epochs in enumerate(RUNGS):
        for number, found in seen[rung].items():
            if found.epochs == epochs and isinstance(members[number].schedule, Constant):
                short = replace(members[number], epochs=epochs)
                assert found.same_numbers(fit_population(table, [short], workers=1).members[0])


def test_spawned_workers_find_the_shelf(alone):
    table, members = population()
    fit = fit_population(table, members, workers=2, start_method="spawn", rungs=Rungs(RUNGS, best_half))
    assert all(f.same_numbers(alone[f.number]) for f in fit.members if f.status != "dropped")


def test_a_race_goes_on_after_an_interruption():
    table, members = population()
    kept = {}

    def judge(rung, fits):
        kept[rung] = best_half(rung, fits)
        return kept[rung]

    whole = fit_population(table, members, workers=1, rungs=Rungs(RUNGS, judge)).members
    done = [f for f in whole if f.status == "dropped" and f.epochs == RUNGS[0]]
    again = Rungs(RUNGS, judge, passed=1, racing=[n for n in kept[0] if whole[n].epochs > RUNGS[0]])
    ended = [f for f in whole if f.number in kept[0] and f.epochs <= RUNGS[0]]
    resumed = fit_population(table, members, workers=2, done=[*done, *ended], rungs=again).members
    assert all(a.same_numbers(b) for a, b in zip(whole, resumed, strict=True))


def test_a_torch_module_that_rested_goes_on_to_the_same_numbers():
    table, members = population()
    network = ModuleNetwork(lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)))
    members = [replace(m, network=network, weights=None, seed=m.seed) for m in members[:4]]
    whole = fit_population(table, members, workers=1).members
    fit = fit_population(table, members, workers=1, rungs=Rungs((3,), lambda *_: [1, 2]))
    assert [f.status for f in fit.members].count("dropped") == 2
    assert all(f.same_numbers(whole[f.number]) for f in fit.members if f.status != "dropped")


def test_a_worker_that_dies_at_a_rung_is_not_missed(alone):
    def judge(rung, fits):
        """Kill a worker that waits, before the first judgement."""
        if rung == 0:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
        return best_half(rung, fits)

    table, members = population()
    fit = fit_population(table, members, workers=3, start_method="fork", rungs=Rungs(RUNGS, judge))
    assert len(fit.members) == 24
    assert all(f.same_numbers(alone[f.number]) for f in fit.members if f.status != "dropped")


def test_rungs_ascend():
    with pytest.raises(SettingError, match="ascending"):
        Rungs((5, 5), best_half)
