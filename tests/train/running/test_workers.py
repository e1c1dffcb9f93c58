"""What happens when a worker process dies."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from thalweg.base.errors import TrainingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.init import FanIn
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
from thalweg.train.running.workers import start_method


class Deadly:
    """A start that kills the process that draws it, once or always."""

    def __init__(self, marker, always):
        self.marker, self.always = marker, always

    def draw(self, stream, fan_in, fan_out):
        first = not self.marker.with_suffix(".done").exists()
        if os.getpid() != int(self.marker.read_text()) and (self.always or first):
            self.marker.with_suffix(".done").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return FanIn().draw(stream, fan_in, fan_out)


def population(tmp_path, *, always):
    marker = tmp_path / "marker"
    marker.write_text(str(os.getpid()))
    x = np.random.default_rng(0).normal(size=(64, 3))
    members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=3) for s in range(8)]
    bad = Network((Dense(8, init=Deadly(marker, always)), mlp((8,)).layers[1]))
    members[3] = Member(bad, Squared(), np.arange(64), seed=3, epochs=3)
    return training_table(x, x[:, :1]), members


def test_the_members_of_a_dead_worker_are_tried_once_more(tmp_path):
    table, members = population(tmp_path, always=False)
    fit = fit_population(table, members, workers=2, slots=2, start_method="fork")
    assert fit.statuses() == {"finished": 8}
    healthy = Member(mlp((8,)), Squared(), np.arange(64), seed=3, epochs=3)
    assert fit_population(table, [healthy], workers=1).members[0].same_numbers(fit.members[3])


def test_a_member_that_kills_twice_is_reported_and_the_others_finish(tmp_path):
    table, members = population(tmp_path, always=True)
    fit = fit_population(table, members, workers=2, slots=2, start_method="fork")
    assert [f.number for f in fit.members] == list(range(8))
    assert fit.members[3].status == "failed"
    assert "died twice" in fit.members[3].reason
    assert sum(f.usable for f in fit.members) == 7


def test_workers_that_die_between_members_are_replaced():
    """Killed as by a system short of memory, at any moment: nobody is missing, and no share passes one."""
    x = np.random.default_rng(0).normal(size=(64, 3))
    members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=40) for s in range(12)]
    table, shares, killed = training_table(x, x[:, :1]), [], []
    whole = fit_population(table, members, workers=1).members

    def watch(progress):
        shares.append(progress.share)
        alive = multiprocessing.active_children()
        if alive and len(killed) < 3:
            killed.append(alive[0].pid)
            os.kill(alive[0].pid, signal.SIGKILL)

    fit = fit_population(table, members, workers=2, slots=2, start_method="fork", on_progress=watch)
    assert [f.number for f in fit.members] == list(range(12))
    assert all(a.same_numbers(b) for a, b in zip(whole, fit.members, strict=True) if b.status != "failed")
    assert sum(b.status == "failed" for b in fit.members) <= 4  # held twice by workers that were killed
    assert max(shares) <= 1.0


class Refusing:
    """A start that cannot be drawn."""

    def draw(self, *_):
        raise ValueError("no start")


def test_what_a_member_fails_of_is_told_by_its_worker(capfd):
    x = np.linspace(-1, 1, 64)[:, None]
    bad = Network((Dense(8, init=Refusing()), mlp((8,)).layers[1]))
    members = [Member(bad if s == 1 else mlp((8,)), Squared(), np.arange(64), seed=s, epochs=3) for s in range(3)]
    fit = fit_population(training_table(x, x), members, workers=2, start_method="fork")
    assert fit.statuses() == {"finished": 2, "failed": 1}
    assert fit.members[1].reason == "failed twice: ValueError: no start"
    assert not capfd.readouterr().err


def test_workers_without_room_for_their_numbers_are_not_started_for_ever(monkeypatch, capfd):
    def full(*_, **__):
        raise MemoryError("Unable to allocate 3.2 GiB")

    monkeypatch.setattr("thalweg.train.running.workers.train_crowd", full)
    with pytest.raises(TrainingError, match=r"before they take a network \(MemoryError: .* fewer workers"):
        small_fit(2, start_method="fork")
    assert not capfd.readouterr().err


def test_a_watcher_that_breaks_is_a_warning_and_the_work_goes_on():
    x = np.linspace(-1, 1, 64)[:, None]
    members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=3) for s in range(2)]

    def broken(_):
        raise ValueError("no screen")

    with pytest.warns(RuntimeWarning, match="not called again: ValueError: no screen"):
        fit = fit_population(training_table(x, x), members, workers=1, on_progress=broken)
    assert fit.statuses() == {"finished": 2}


def small_fit(workers, start_method=None):
    x = np.linspace(-1, 1, 64)[:, None]
    members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=3) for s in range(3)]
    fit = fit_population(training_table(x, x), members, workers=workers, start_method=start_method)
    return [member.parameters.tobytes() for member in fit.members]


def test_inside_a_daemonic_worker_the_numbers_are_the_same():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(small_fit, (2,)) == small_fit(1)


def test_without_memory_to_share_the_numbers_are_the_same(monkeypatch):
    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    expected = small_fit(1)
    monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", refused)
    assert small_fit(2, start_method="fork") == expected


def test_where_nothing_forks_workers_are_spawned(monkeypatch):
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    assert start_method() == "spawn"
    monkeypatch.undo()
    monkeypatch.setattr("sys.platform", "darwin")
    assert start_method() == "spawn"


UNGUARDED = """
import multiprocessing
multiprocessing.get_all_start_methods = lambda: ["spawn"]
import numpy as np
from thalweg.base.errors import TrainingError
from thalweg.loss.squared import Squared
from thalweg.net.spec import mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table
members = [Member(mlp((4,)), Squared(), np.arange(8), seed=s, epochs=2) for s in range(2)]
fit_population(training_table(np.ones((8, 1)), np.ones(8)), members, workers=2, start_method="spawn")
"""


def test_a_script_without_a_guard_is_told_what_to_write(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 1
    assert "under `if __name__ == '__main__':` in your script" in done.stderr.strip().splitlines()[-1]


class Nosy:
    """A start that notes how the process and the thread that draw it are set."""

    def __init__(self, folder):
        self.folder = folder

    def draw(self, stream, fan_in, fan_out):
        flushed = (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() == 0.0
        place = f"{os.getpid()} {threading.get_ident()}"
        (self.folder / place).write_text(f"{flushed} {torch.get_num_threads()}")
        return FanIn().draw(stream, fan_in, fan_out)


@pytest.mark.parametrize(("workers", "method", "here"), [(1, None, True), (2, None, True), (2, "fork", False)])
def test_where_members_train_denormals_are_zero_and_torch_has_one_thread(tmp_path, workers, method, here):
    x = np.random.default_rng(0).normal(size=(64, 3))
    network = Network((Dense(8, init=Nosy(tmp_path)), mlp((8,)).layers[1]))
    members = [Member(network, Squared(), np.arange(64), seed=s, epochs=1) for s in range(8)]
    fit_population(training_table(x, x[:, :1]), members, workers=workers, slots=2, start_method=method)
    notes = {tuple(map(int, path.name.split())): path.read_text() for path in tmp_path.iterdir()}
    assert set(notes.values()) == {"True 1"}
    assert {process == os.getpid() for process, _ in notes} == {here}
    assert ((os.getpid(), threading.get_ident()) in notes) == (workers == 1)
