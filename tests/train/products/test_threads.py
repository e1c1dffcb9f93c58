"""Threads of a single wide member, and what a block of computing puts back."""

import pytest
import torch

from libraries import LIBRARIES, multiply_with
from thalweg.train.products.openblas import TORCH, openblas
from thalweg.train.products.threads import Sharing, compute_threads


@pytest.mark.parametrize("library", LIBRARIES)
def test_threads_and_denormals_are_put_back(library, monkeypatch):
    multiply_with(monkeypatch, library)
    small = torch.tensor([1e-310], dtype=torch.float64)
    before = torch.get_num_threads()
    with compute_threads(2) as between:
        assert torch.get_num_threads() == 1
        assert (small * 1.0).item() == 0.0
        assert (between is None) == (library == TORCH)
        if between is not None:
            for _ in range(5):
                between()
            assert openblas().threads() == 2
        with compute_threads(1) as nothing:
            assert nothing is None
            assert openblas() is None or openblas().threads() == 1
        assert (small * 1.0).item() == 0.0
    assert torch.get_num_threads() == before
    assert openblas() is None or openblas().threads() == 1
    assert (small * 1.0).item() == 1e-310


def seconds_of(steps, alone, several):
    """Return the time of some steps on a clock that knows what a step takes on one thread and on several."""
    state = {"threads": 1, "now": 0.0, "step": 0}
    share = Sharing(4, lambda count: state.update(threads=count), clock=lambda: state["now"])
    shares = 0
    for step in range(steps):
        share()
        shares += state["threads"] > 1
        state["now"] += alone(step) if state["threads"] == 1 else several(step)
    return state["now"], shares / steps


def test_a_quiet_machine_gives_all_threads():
    seconds, share = seconds_of(1000, lambda _: 1.0, lambda _: 0.4)
    assert share > 0.99
    assert seconds < 410


@pytest.mark.parametrize("slower", [1.2, 2.0, 8.0, 50.0])
def test_a_busy_machine_costs_hardly_more_than_one_thread(slower):
    seconds, _ = seconds_of(20_000, lambda _: 1.0, lambda _: slower)
    assert seconds < 20_000 * (1 + 0.001 * slower) + 4 * slower


def test_threads_are_shed_when_others_come_and_taken_again_when_they_leave():
    busy = lambda step: 2_000 < step < 6_000  # noqa: E731 - a name for a stretch of steps
    seconds, share = seconds_of(20_000, lambda _: 1.0, lambda step: 8.0 if busy(step) else 0.5)
    assert seconds < 2_000 * 0.5 + 4_000 * 1.05 + 10_000 * 0.5 + 4_096
    assert share > 0.5


def test_one_slow_step_is_no_reason_to_shed():
    _, share = seconds_of(1_000, lambda _: 1.0, lambda step: 5.0 if step % 10 == 0 else 0.5)
    assert share > 0.99
