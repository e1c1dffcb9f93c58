"""Threads of a single wide member, and what a block of computing puts back."""

import numpy as np
import pytest
import torch

from thalweg.train.products.threads import ANEW, Sharing, one_thread


def test_threads_and_denormals_are_put_back():
    small = torch.tensor([1e-310], dtype=torch.float64)
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
        assert (small * 1.0).item() == 0.0
        with one_thread():
            assert torch.get_num_threads() == 1
        assert (small * 1.0).item() == 0.0
    assert torch.get_num_threads() == before
    assert (small * 1.0).item() == 1e-310


def seconds_of(steps, alone, several, *, epoch=0, rest=0.0):
    """Return the time of some steps on a clock that knows what a step takes on one thread and on several.

    After every epoch of steps some time passes that no step has taken.
    """
    now = [0.0]
    share = Sharing(4, clock=lambda: now[0])
    shares, seconds = 0, 0.0
    for step in range(steps):
        share()
        shares += share.threads > 1
        taken = alone(step) if share.threads == 1 else several(step)
        seconds += taken
        now[0] += taken
        if epoch and step % epoch == epoch - 1:
            share.pause()
            now[0] += rest
    return seconds, shares / steps


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_a_quiet_machine_gives_all_threads_whatever_happens_between_epochs(epoch):
    seconds, share = seconds_of(1000, lambda _: 1.0, lambda _: 0.4, epoch=epoch, rest=50.0)
    assert share > 0.98
    assert seconds < 415


@pytest.mark.parametrize("slower", [1.01, 1.2, 2.0, 8.0, 50.0])
@pytest.mark.parametrize("steps", [100, 1_000, 20_000])
def test_a_busy_machine_costs_hardly_more_than_one_thread(slower, steps):
    seconds, _ = seconds_of(steps, lambda _: 1.0, lambda _: slower)
    assert seconds < 1.1 * steps + slower  # the first trial can be as slow as it likes


@pytest.mark.parametrize("slower", [1.5, 4.0])
def test_steps_that_scatter_do_not_hide_that_threads_are_slower(slower):
    """Every time is drawn anew, up to ten times its median: no single step says anything."""
    rng = np.random.default_rng(0)
    draws = np.exp(rng.normal(size=(2, 20_000)) - 0.5)
    seconds, _ = seconds_of(20_000, lambda step: draws[0, step], lambda step: slower * draws[1, step])
    assert seconds < 1.1 * 20_000


def test_steps_that_scatter_do_not_hide_that_threads_are_faster():
    rng = np.random.default_rng(0)
    draws = np.exp(0.5 * rng.normal(size=(2, 20_000)) - 0.125)
    seconds, _ = seconds_of(20_000, lambda step: draws[0, step], lambda step: 0.5 * draws[1, step])
    assert seconds < 0.55 * 20_000


def test_threads_are_shed_when_others_come_and_taken_again_when_they_leave():
    busy = lambda step: 2_000 < step < 6_000  # noqa: E731 - a name for a stretch of steps
    seconds, share = seconds_of(20_000, lambda _: 1.0, lambda step: 8.0 if busy(step) else 0.5)
    assert seconds < 2_000 * 0.51 + 4_000 * 1.1 + 2_048 + 12_000 * 0.51
    assert share > 0.6


def test_one_thread_is_timed_anew_when_all_has_become_faster():
    """Timed on a busy machine, one thread looks slow for ever; quiet again, it would beat several."""
    busy = lambda step: step < 1_000  # noqa: E731 - a name for a stretch of steps
    seconds, _ = seconds_of(20_000, lambda step: 9.0 if busy(step) else 1.0, lambda _: 3.0)
    assert seconds < 1_000 * 3.2 + ANEW * 3.0 + 18_500 * 1.1


def test_now_and_then_a_slow_step_is_no_reason_to_stay_on_one_thread():
    _, share = seconds_of(10_000, lambda _: 1.0, lambda step: 12.0 if step % 500 == 499 else 0.5)
    assert share > 0.7
