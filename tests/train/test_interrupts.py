"""Ctrl-C at the worst moments: around a fork, in the middle of a message, in a process that is starting."""

import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import pickle
import signal
import struct

import numpy as np
import pytest
import torch

from thalweg.base.errors import SettingError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, training_table
from thalweg.train.products.threads import interrupts_held
from thalweg.train.running.workers import HELLO

LENGTH = struct.Struct("!i")  # before every message of a connection


def population(epochs):
    rng = np.random.default_rng(0)
    table = training_table(rng.normal(size=(64, 3)), rng.normal(size=64))
    return table, [Member(mlp((4,)), Squared(), np.arange(64), seed=s, epochs=epochs) for s in range(12)]


def in_a_process(case, *arguments):
    """Run a case in a process of its own, which Ctrl-C may end; return what it says and its exit code."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def body():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sender.send(case(*arguments))

    process = context.Process(target=body)
    process.start()
    sender.close()
    answer = receiver.recv() if receiver.poll(30) else None
    process.join(5)
    process.kill()
    return answer, process.exitcode


def once(function):
    """Return a callback that acts the first time."""
    left = [function]
    return lambda *_: left.pop()() if left else None


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def forking_under_ctrl_c(moment, epochs):
    os.register_at_fork(**{moment: once(press_ctrl_c)})
    fit = fit_population(*population(epochs), workers=2, start_method="fork")
    return fit.interrupted, fit.statuses()


@pytest.mark.parametrize("moment", ["before", "after_in_parent"])
def test_ctrl_c_at_a_fork_ends_the_training_and_keeps_what_is_done(moment, capfd):
    answer, exit_code = in_a_process(forking_under_ctrl_c, moment, 100_000)
    assert (answer, exit_code) == ((True, {}), 0)
    assert capfd.readouterr().err == ""


def born_under_ctrl_c():
    multiprocessing.util._run_after_forkers = once(press_ctrl_c)  # what a new process does first
    fit = fit_population(*population(3), workers=2, start_method="fork")
    return fit.interrupted, fit.statuses()


def test_ctrl_c_in_a_worker_that_is_being_born_is_the_parents_affair(capfd):
    answer, exit_code = in_a_process(born_under_ctrl_c)
    assert (answer, exit_code) == ((False, {"finished": 12}), 0)
    assert capfd.readouterr().err == ""


def receiving_under_ctrl_c():
    connection, press = multiprocessing.connection.Connection, once(press_ctrl_c)
    read = connection._recv

    def read_and_press(self, size, *rest):
        found = read(self, size, *rest)
        if size == LENGTH.size and LENGTH.unpack(found.getvalue())[0] > len(pickle.dumps(HELLO)):
            press()  # between the length of a message and the message, which is the first of a member
        return found

    connection._recv = read_and_press
    table, members = population(3)
    fit = fit_population(table, [*members, *population(100_000)[1]], workers=2, slots=1, start_method="fork")
    return fit.interrupted, fit.statuses()


def test_ctrl_c_in_the_middle_of_a_message_garbles_nothing(capfd):
    (interrupted, statuses), exit_code = in_a_process(receiving_under_ctrl_c)
    assert interrupted
    assert statuses.get("finished", 0) >= 1
    assert exit_code == 0
    assert capfd.readouterr().err == ""


def test_ctrl_c_is_held_back_and_then_heard():
    before, held = signal.getsignal(signal.SIGINT), []
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), interrupts_held():
            held.append(press_ctrl_c())
        assert held == [None]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_trained_population_can_be_pickled():
    table, members = population(2)
    fit = fit_population(table, members[:2], workers=1)
    again = pickle.loads(pickle.dumps(fit))  # noqa: S301 - our own bytes
    assert all(a.same_numbers(b) for a, b in zip(fit.members, again.members, strict=True))
    assert str(again.program) == str(fit.program)


def test_a_module_that_cannot_travel_is_named():
    network = ModuleNetwork(lambda: torch.nn.Linear(3, 1))
    table, _ = population(1)
    members = [Member(network, Squared(), np.arange(64), seed=s, epochs=1) for s in range(2)]
    with pytest.raises(SettingError, match="build function cannot be sent"):
        fit_population(table, members, workers=2, start_method="spawn")
