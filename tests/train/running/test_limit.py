import math
import time

import numpy as np
import pytest

from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.running.limit import ending_at, halted_in_time, seconds_left

X = np.random.default_rng(0).normal(size=(2000, 5))
TABLE = training_table(X, X[:, 0])


def member(seed, epochs):
    return Member(mlp((64,)), Squared(), np.arange(2000), seed=seed, epochs=epochs)


@pytest.mark.parametrize(
    ("workers", "start_method"), [(1, None), (2, None), (2, "fork")], ids=["here", "threads", "processes"]
)
def test_training_ends_in_time_and_keeps_the_numbers_of_what_was_done(workers, start_method):
    members = [member(0, 2), member(1, 2), *(member(seed, 1_000_000) for seed in (2, 3))]
    started = time.monotonic()
    with ending_at(started + 0.5):
        found = fit_population(TABLE, members, workers=workers, start_method=start_method, slots=1)
    assert time.monotonic() - started < 5.0  # 0.5 s, and what a busy machine takes to hear of it
    assert found.interrupted
    assert [fit.number for fit in found.members] == [0, 1]
    alone = fit_population(TABLE, members[:1], workers=1)
    assert found.members[0].same_numbers(alone.members[0])


def test_a_limit_that_is_not_reached_changes_nothing():
    with ending_at(time.monotonic() + 60.0):
        assert not fit_population(TABLE, [member(0, 2)], workers=1).interrupted
    assert math.isinf(seconds_left())


def test_no_time_is_no_training_but_what_was_done_before_stays():
    done = fit_population(TABLE, [member(0, 2)], workers=1).members
    with ending_at(time.monotonic() - 1.0):
        found = fit_population(TABLE, [member(0, 2), member(1, 2)], workers=1, done=done)
        whole = fit_population(TABLE, [member(0, 2)], workers=1, done=done)
    assert found.interrupted
    assert [fit.number for fit in found.members] == [0]
    assert not whole.interrupted


def test_the_earlier_of_two_limits_holds():
    with ending_at(time.monotonic() + 5.0), ending_at(time.monotonic() + 60.0):
        assert seconds_left() < 5.1


def test_without_a_limit_nothing_waits():
    with halted_in_time() as over:
        assert not over.is_set()
