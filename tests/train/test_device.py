"""The road to a device, as far as it can be walked on the CPU."""

import os

import numpy as np
import pytest
import torch
from torch import nn

from thalweg.base.errors import SettingError, TrainingError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.device import WORKSPACE, _slots, made_current, on_device
from thalweg.train.fit import fit_population
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Member, crowd_of, training_table
from thalweg.train.running.workers import Job
from thalweg.train.steps.memory_plan import chunk_bytes


def linear():
    return nn.Linear(3, 1)


def population(network, count=6):
    x = np.random.default_rng(0).normal(size=(200, 3))
    rows, held = np.arange(150, dtype=np.int32), np.arange(150, 200, dtype=np.int32)
    members = [
        Member(network, Squared(), rows, validation=held, seed=s, batch=16, epochs=2 + s % 3) for s in range(count)
    ]
    return training_table(x, x[:, 0]), members


def test_members_come_in_waves_of_equal_size_that_fit():
    table, members = population(mlp((8,)), 1)
    crowd = crowd_of(members[0], table)
    one, two = (chunk_bytes(crowd, table, slots) for slots in (1, 2))
    for members_asked, fitting, expected in ((10, 10, 10), (10, 9, 5), (10, 4, 4), (7, 3, 3), (1, 50, 1)):
        room = one + (fitting - 1) * (two - one)
        slots = _slots(crowd, table, members_asked, room)
        assert slots == expected
        assert chunk_bytes(crowd, table, slots) <= room


def test_a_member_that_does_not_fit_is_told_how_much_it_needs():
    table, members = population(mlp((8,)), 1)
    with pytest.raises(SettingError, match=r"One member needs .* GB"):
        _slots(crowd_of(members[0], table), table, 1, 1000)


@pytest.mark.parametrize("network", [mlp((8,), dropout=0.2), ModuleNetwork(linear)])
def test_all_members_at_once_in_this_process_give_the_numbers_of_workers(network):
    table, members = population(network)
    there = fit_population(table, members, device="cpu:0").members
    here = fit_population(table, members, workers=2).members
    assert all(a.same_numbers(b) for a, b in zip(here, there, strict=True))


def test_modules_train_one_after_the_other_on_a_device_too():
    table, members = population(ModuleNetwork(linear))
    job = Job(crowd_of(members[0], table), range(6), 6)
    _, _, fitted = on_device("cpu", table, None, [job])
    assert [one.slots for one in fitted] == [1]


def test_a_module_has_no_program_and_says_so():
    table, members = population(ModuleNetwork(linear), 1)
    fit = fit_population(table, members, workers=1)
    with pytest.raises(TrainingError, match="no planned program"):
        _ = fit.program


def test_training_modules_leaves_torchs_own_random_numbers_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    fit_population(*population(ModuleNetwork(linear), 1), workers=1)
    assert torch.equal(torch.rand(3), expected)


def test_deterministic_kernels_are_asked_for_while_training_and_no_longer(monkeypatch):
    monkeypatch.delenv(WORKSPACE[0], raising=False)
    asked = []

    def watch(_):
        asked.append(torch.are_deterministic_algorithms_enabled())

    table, members = population(mlp((8,)))
    plain = fit_population(table, members, device="cpu:0", on_progress=watch).members
    assert not any(asked)
    asked.clear()
    same = fit_population(table, members, device="cpu:0", deterministic=True, on_progress=watch).members
    assert asked
    assert all(asked)
    assert not torch.are_deterministic_algorithms_enabled()
    assert os.environ[WORKSPACE[0]] == WORKSPACE[1]
    assert all(a.same_numbers(b) for a, b in zip(plain, same, strict=True))


def test_what_the_user_had_asked_of_torch_is_put_back():
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with made_current(torch.device("cpu")):
            assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
