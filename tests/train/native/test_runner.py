"""Native calls come back soon, read tables step by step, and are never mixed with calls of torch."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from laws.bench import make_chunk, make_table
from laws.registry import LOSSES
from libraries import needs_native
from thalweg.base.contracts import Native
from thalweg.base.errors import SettingError
from thalweg.net.activation import Activation
from thalweg.net.dense import Dense
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.native import library, runner
from thalweg.train.native.runner import PATIENCE, Runner
from thalweg.train.population import Member
from thalweg.train.products.switch import NATIVE, SWITCH, TORCH
from thalweg.train.steps.planner import StepPlanner
from thalweg.train.steps.stepper import HostStepper, NativeStepper
from thalweg.train.versions import versions

pytestmark = [needs_native, pytest.mark.usefixtures("natively")]

LOSS, CLASSES = LOSSES["squared"]


def adding(slots=1):
    total, one = torch.zeros(slots, 1, 3), torch.ones(slots, 1, 3)
    return total, one, Runner([Native("add", total, (total, one), (1.0,))], slots, total.dtype)


def test_every_step_of_every_slot_runs_once():
    total, _, made = adding(slots=3)
    made.run([0, 2], range(1000))
    assert total[:, 0, 0].tolist() == [1000.0, 0.0, 1000.0]


def test_a_call_takes_no_longer_than_patience(monkeypatch):
    """With a clock on which every step takes 4 ms: a dozen of them fill 50 ms."""
    now, sizes = [0.0], []

    def call(_, unit, end, threads):
        assert threads == 1
        sizes.append(end - unit)
        now[0] += 4e-3 * (end - unit)

    _, _, made = adding()
    monkeypatch.setattr(made, "_call", call)
    monkeypatch.setattr(runner, "perf_counter", lambda: now[0])
    made.run([0], range(500))
    assert sum(sizes) == 500
    assert sizes[:4] == [1, 2, 4, 8]
    assert max(sizes) * 4e-3 <= PATIENCE


def test_a_table_is_read_row_by_row_from_the_step_that_is_first():
    total, one, made = adding()
    table = torch.arange(12.0).view(4, 1, 1, 3)
    made.feed(one, table, skipped=5)
    made.run([0], range(6, 8))
    assert total.ravel().tolist() == [3.0 + 6.0, 4.0 + 7.0, 5.0 + 8.0]


def steppers_of(network):
    members = [Member(network, LOSS, np.arange(83, dtype=np.int32), batch=17)]
    with torch.inference_mode():
        chunk = make_chunk(make_table(LOSS, CLASSES, 83, torch.float32), members)
        chunk._regroup()
        return [type(chunk._stepper(weighted=some)) for some in (True, chunk.crowd.weighted)]


class Unknown(Activation):
    """A layer whose kernel no loop knows."""

    __slots__ = ()

    def wire(self, planner, x):
        planner.op("a = i0e z", torch.special.i0e, x.features, out=x.features)
        return Activation.wire(self, planner, x)


def test_one_operation_without_a_native_form_and_nothing_is_native():
    assert steppers_of(mlp((7,))) == [NativeStepper, NativeStepper]
    assert steppers_of(Network((Dense(7), Unknown("relu")))) == [HostStepper, HostStepper]


def test_an_operation_without_a_form_when_validating_counts_for_training_too(monkeypatch):
    original = StepPlanner.op

    def op(self, text, function, *arguments, **keywords):
        original(self, text, function, *arguments, **keywords)
        if not self.training:
            self.ops[-1] = replace(self.ops[-1], native=None)

    monkeypatch.setattr(StepPlanner, "op", op)
    assert steppers_of(mlp((9,), "tanh")) == [HostStepper, HostStepper]


@pytest.mark.parametrize("asked", [None, "", NATIVE])
def test_steps_are_native_unless_the_environment_asks_for_torch(asked, monkeypatch):
    monkeypatch.delenv(SWITCH)
    if asked is not None:
        monkeypatch.setenv(SWITCH, asked)
    assert steppers_of(mlp((7,))) == [NativeStepper, NativeStepper]
    assert versions()["arithmetic"] == f"native {library.ARITHMETIC}"


def test_nothing_is_native_where_the_environment_asks_for_torch(monkeypatch):
    monkeypatch.setenv(SWITCH, TORCH)
    monkeypatch.setattr(library, "compiled", None)  # not even looked for
    assert steppers_of(mlp((7,))) == [HostStepper, HostStepper]
    assert versions()["arithmetic"] == TORCH


def test_another_word_is_refused(monkeypatch):
    monkeypatch.setenv(SWITCH, "Haswell")
    with pytest.raises(SettingError, match=r"'Haswell'; it can be native or torch"):
        steppers_of(mlp((7,)))


@pytest.fixture
def nothing_compiled(monkeypatch, tmp_path):
    monkeypatch.setattr(library, "BUILT", tmp_path)
    library.compiled.cache_clear()
    yield
    library.compiled.cache_clear()


def trained(network):
    members = [Member(network, LOSS, np.arange(83, dtype=np.int32), seed=s, epochs=2) for s in range(2)]
    return fit_population(make_table(LOSS, CLASSES, 83, torch.float32), members, workers=1, slots=1).statuses()


@pytest.mark.usefixtures("nothing_compiled")
def test_where_nothing_was_compiled_to_ask_for_it_is_refused():
    with pytest.raises(SettingError, match=r"were not compiled.*Unset THALWEG_STEPS"):
        trained(mlp((7,)))


@pytest.mark.usefixtures("nothing_compiled")
@pytest.mark.parametrize("asked", [None, TORCH])
def test_where_nothing_was_compiled_torch_does_it_and_that_is_said_unless_it_was_asked_for(asked, monkeypatch, recwarn):
    monkeypatch.delenv(SWITCH)
    if asked is not None:
        monkeypatch.setenv(SWITCH, asked)
    warnings.simplefilter("default")
    assert [trained(mlp((7,))) for _ in range(2)] == [{"finished": 2}] * 2
    said = [str(one.message) for one in recwarn]
    assert len(said) == (asked is None)
    assert asked or "Native steps were not compiled when thalweg was installed" in said[0]


def test_an_operation_without_a_native_form_is_named():
    with pytest.warns(UserWarning, match=r"operation 'a = i0e z' has no native form: steps are calls of torch"):
        assert trained(Network((Dense(7), Unknown("relu")))) == {"finished": 2}


@pytest.mark.parametrize("damage", [b"", b"\x7fELF nothing"])
def test_a_damaged_library_is_none(damage, tmp_path):
    file = tmp_path / "steps.so"
    file.write_bytes(damage)
    assert library.load(file) is None


def test_a_library_of_other_sources_is_none(monkeypatch):
    level = library.levels_here()[-1]
    file = library.library_file(library.BUILT, level, "float32")
    assert library.load(file) is not None
    monkeypatch.setattr(library, "sources", lambda: "others")
    assert library.load(file) is None


def test_a_table_that_begins_before_its_memory_is_taken_for_nothing_else():
    """A table read from step 10 on is addressed as if it began ten rows earlier, where another tensor may lie."""
    memory = torch.arange(100.0)
    row, other = torch.zeros(1, 1, 4), memory[:4].view(1, 1, 4)
    late, own = memory[40:80].view(10, 1, 1, 4), torch.full((11, 1, 1, 4), 7.0)
    assert late.data_ptr() - 10 * late.stride(0) * late.element_size() == other.data_ptr()
    sums = [torch.zeros(1, 1, 4) for _ in range(2)]
    forms = [Native("add", total, (total, read), (1.0,)) for total, read in zip(sums, (row, other), strict=True)]
    made = Runner(forms, 1, row.dtype)
    made.feed(row, late, 10)
    made.feed(other, own)
    made.run([0], range(10, 11))
    assert sums[0].flatten().tolist() == [40.0, 41.0, 42.0, 43.0]
    assert sums[1].flatten().tolist() == [7.0] * 4
