"""Threads that train: what is heard, what fails, and that nothing is left at work."""

import multiprocessing
import threading
import time

import numpy as np
import pytest

from libraries import needs_native
from thalweg.base.errors import SettingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.init import FanIn
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.running import thread_crew
from thalweg.train.running.halving import Rungs
from thalweg.train.running.loop import train_crowd

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]


def table_of(rows=64):
    x = np.random.default_rng(0).normal(size=(rows, 3))
    return training_table(x, x[:, :1])


def members_of(count, epochs=3, rows=64, **settings):
    return [Member(mlp((8,)), Squared(), np.arange(rows), seed=s, epochs=epochs, **settings) for s in range(count)]


class Failing:
    """A start that fails when it is drawn: the first time, or always."""

    def __init__(self, error, *, always):
        self.error, self.always, self.drawn = error, always, 0

    def draw(self, stream, fan_in, fan_out):
        self.drawn += 1
        if self.always or self.drawn == 1:
            raise self.error
        return FanIn().draw(stream, fan_in, fan_out)


def with_a_failing_one(error, *, always):
    members = members_of(8)
    bad = Network((Dense(8, init=Failing(error, always=always)), mlp((8,)).layers[1]))
    members[3] = Member(bad, Squared(), np.arange(64), seed=3, epochs=3)
    return members


def test_members_train_in_threads_of_this_process_which_then_are_gone():
    seen, before = [], threading.active_count()
    members = members_of(6, epochs=400)
    fit = fit_population(
        table_of(), members, workers=3, slots=1, on_progress=lambda _: seen.append(threading.active_count())
    )
    assert fit.statuses() == {"finished": 6}
    assert max(seen) == before + 3
    assert threading.active_count() == before
    assert multiprocessing.active_children() == []


def test_a_member_that_fails_once_is_tried_again_with_the_same_numbers():
    fit = fit_population(table_of(), with_a_failing_one(ValueError("no"), always=False), workers=2, slots=4)
    assert fit.statuses() == {"finished": 8}
    healthy = fit_population(table_of(), members_of(8), workers=1)
    assert all(a.same_numbers(b) for a, b in zip(fit.members, healthy.members, strict=True))


def test_a_member_that_fails_twice_is_reported_and_the_others_finish():
    fit = fit_population(table_of(), with_a_failing_one(MemoryError("too much"), always=True), workers=2, slots=4)
    assert fit.statuses() == {"finished": 7, "failed": 1}
    assert fit.members[3].reason == "failed twice: MemoryError: too much"


def test_members_for_which_there_is_no_room_together_train_one_by_one(monkeypatch):
    def narrow(*args, slots, **told):
        if slots > 1:
            raise MemoryError("no room")  # before a member is taken, as where buffers are made
        train_crowd(*args, slots=slots, **told)

    whole = fit_population(table_of(), members_of(8), workers=1).members
    monkeypatch.setattr(thread_crew, "train_crowd", narrow)
    fit = fit_population(table_of(), members_of(8), workers=2, slots=4)
    assert all(a.same_numbers(b) for a, b in zip(fit.members, whole, strict=True))


def test_a_member_for_which_memory_runs_out_beside_others_is_tried_when_they_are_done(monkeypatch):
    crowded = []

    def narrow(crowd, table, members, take, emit, *, slots, **told):
        if slots == 1 and threading.active_count() > before + 1:
            crowded.append(take())
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        if slots > 1:
            raise MemoryError
        train_crowd(crowd, table, members, take, emit, slots=slots, **told)

    whole = fit_population(table_of(), members_of(6), workers=1).members
    before = threading.active_count()
    monkeypatch.setattr(thread_crew, "train_crowd", narrow)
    fit = fit_population(table_of(), members_of(6), workers=2, slots=3)
    assert crowded
    assert all(a.same_numbers(b) for a, b in zip(fit.members, whole, strict=True))


def test_what_was_asked_for_wrongly_is_raised_where_it_was_asked_for():
    members = with_a_failing_one(SettingError("A start is wrong.", "Choose another."), always=True)
    with pytest.raises(SettingError, match="A start is wrong"):
        fit_population(table_of(), members, workers=2)


def test_an_error_of_who_keeps_members_ends_all_threads_at_once():
    def full(_):
        raise OSError(28, "No space left on device")

    before, rows = threading.active_count(), 4000
    members = [*members_of(2), *members_of(1, epochs=100_000, rows=rows)]  # the longest begins first
    started = time.perf_counter()
    with pytest.raises(OSError, match="No space left"):
        fit_population(table_of(rows), members, workers=2, slots=1, on_member=full)
    assert threading.active_count() == before
    assert time.perf_counter() - started < 5


def test_ctrl_c_is_heard_in_the_middle_of_an_epoch_and_what_is_done_is_kept():
    """Epochs of several seconds in two threads; the third does the short members."""
    rows, pressed = 400_000, []
    few = members_of(4)
    long = [Member(mlp((256, 256)), Squared(), np.arange(rows), seed=s, epochs=9, batch=128) for s in range(2)]

    def press(progress):
        if progress.members_done >= 4 and not pressed:
            pressed.append(time.perf_counter())
            raise KeyboardInterrupt

    fit = fit_population(table_of(rows), [*few, *long], workers=3, slots=1, on_progress=press)
    waited = time.perf_counter() - pressed[0]
    assert fit.interrupted
    assert fit.statuses() == {"finished": 4}
    assert waited < 0.5  # 0.05 s for a call, and the shuffling of an epoch before it, on a machine that may be busy


def judged(rung, fits):
    return sorted(fits, key=lambda n: fits[n].validation_loss[-1])[: 4 - rung]


def test_rungs_are_judged_alike_in_threads_and_in_processes():
    members = members_of(9, epochs=12, validation=np.arange(20))
    found = [
        fit_population(table_of(), members, rungs=Rungs((2, 5), judged), **how).members
        for how in ({"workers": 1}, {"workers": 3}, {"workers": 2, "slots": 2}, {"workers": 2, "start_method": "fork"})
    ]
    for others in found[1:]:
        assert all(a.same_numbers(b) and a.reason == b.reason for a, b in zip(found[0], others, strict=True))
