"""A kind of network the engine has never heard of trains, stops early, races and predicts like any other."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from thalweg.base.contracts import ParameterSpec
from thalweg.base.errors import DataError, TrainingError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.backend import backend_of
from thalweg.train.fit import fit_population
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, training_table
from thalweg.train.predict import predict_outputs
from thalweg.train.running.halving import Rungs


@dataclass(frozen=True)
class Level:
    """Predicts one number, which moves half of its way to the mean of the training rows with every epoch."""

    def parameters(self, *_):
        return {"level": ParameterSpec((1, 1), lambda stream: stream.normal(1).reshape(1, 1))}

    def settings(self, *_):
        return {}

    def count(self, *_):
        return 1

    def widths(self, *_):
        return []

    @staticmethod
    def input_check(x):
        if not np.isfinite(x).all():
            raise DataError("A level takes finite features.", "Drop the others.")


class LevelChunk:
    def __init__(self, crowd, table, slots):
        self.crowd, self.table, self.slots = crowd, table, slots
        self.members, self.levels, self.best = [None] * slots, torch.zeros(slots), {}

    @property
    def live(self):
        return [slot for slot, member in enumerate(self.members) if member is not None]

    def place(self, slots, members):
        for slot, member in zip(slots, members, strict=True):
            self.members[slot], self.levels[slot] = member, float(member.seed)

    def vacate(self, slots):
        for slot in slots:
            self.members[slot] = None

    def compact(self, slots):
        smaller = LevelChunk(self.crowd, self.table, len(slots))
        smaller.place(range(len(slots)), [self.members[slot] for slot in slots])
        smaller.levels = self.levels[list(slots)]
        smaller.best = {new: self.best[old] for new, old in enumerate(slots) if old in self.best}
        return smaller

    def run_epoch(self, *_):
        losses = np.zeros(self.slots)
        for slot in self.live:
            y = self.table.rows[torch.from_numpy(self.members[slot].rows), -1]
            losses[slot] = ((y - self.levels[slot]) ** 2).mean()
            self.levels[slot] += 0.5 * (y.mean() - self.levels[slot])
        return losses

    def finite_steps(self):
        return [self.crowd.steps] * self.slots

    def weighted_losses(self, order, weights):
        y = self.table.rows[order.long(), -1].view(weights.shape)
        return ((y - self.levels[:, None]) ** 2 * weights).sum((0, 2))

    def remember(self, slots):
        self.best |= {slot: self.levels[slot : slot + 1].clone() for slot in slots}

    def vector(self, slot, *, best=False):
        return self.best[slot] if best and slot in self.best else self.levels[slot : slot + 1].clone()

    def state(self, slot, **_):
        return self.levels[slot : slot + 1]

    def restore(self, slot, epochs, state, best):
        self.levels[slot] = state[0]
        if best is not None:
            self.best[slot] = best.clone()
        return epochs > 0


def refuse(*_):
    raise TrainingError("A level has no program.", "Look at its one number.")


BACKEND = SimpleNamespace(
    lockstep=True,
    without_native_form=lambda *_: None,
    chunk=lambda crowd, table, slots, _: LevelChunk(crowd, table, slots),
    resting=lambda _: 1,
    program=refuse,
    outputs=lambda _network, _loss, vectors, x, *_: np.array([np.full((len(x), 1), vector[0]) for vector in vectors]),
    module=lambda *_: nn.Identity(),
)
backend_of.register(Level, lambda _: BACKEND)


def population():
    y = np.arange(20.0)
    table = training_table(np.zeros((20, 1)), y)
    shared = {"rows": np.arange(16, dtype=np.int32), "validation": np.arange(16, 20, dtype=np.int32)}
    return table, [Member(Level(), Squared(), **shared, seed=seed, epochs=6) for seed in range(5)]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("slots", [1, 3])
def test_it_trains_in_chunks_of_any_size_and_in_workers(workers, slots):
    table, members = population()
    fit = fit_population(table, members, workers=workers, slots=slots, start_method="fork")
    assert fit.statuses() == {"finished": 5}
    for seed, trained in enumerate(fit.members):
        assert trained.parameters[0] == pytest.approx(7.5 + (seed - 7.5) / 2**6, rel=1e-6)


def test_it_rests_at_a_rung_and_goes_on_where_it_was():
    table, members = population()
    rungs = Rungs((2,), lambda _, fits: sorted(fits)[:2])
    raced = fit_population(table, members, workers=1, rungs=rungs).members
    straight = fit_population(table, members[:2], workers=1).members
    assert [fit.status for fit in raced] == ["finished"] * 2 + ["dropped"] * 3
    assert all(mine.same_numbers(other) for mine, other in zip(raced, straight, strict=False))


def test_it_predicts_checks_and_says_what_it_has_not():
    table, members = population()
    fit = fit_population(table, members[:1], workers=1)
    found = predict_outputs(Level(), Squared(), [fit.members[0].parameters], np.zeros((3, 1)))
    assert found.shape == (1, 3, 1)
    assert isinstance(fit.to_module(0), nn.Identity)
    with pytest.raises(TrainingError, match="no program"):
        _ = fit.program
    with pytest.raises(DataError, match="finite features"):
        predict_outputs(Level(), Squared(), [np.zeros(1)], np.full((1, 1), np.inf))


def test_planned_networks_and_modules_keep_their_kinds():
    assert backend_of(mlp((4,))).lockstep
    assert not backend_of(ModuleNetwork(nn.Identity)).lockstep
