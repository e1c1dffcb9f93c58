"""What happens when a worker dies."""

import os
import signal

import numpy as np
import pytest
import torch

from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.init import FanIn
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, training_table


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
    fit = fit_population(table, members, workers=2, slots=2)
    assert fit.statuses() == {"finished": 8}
    healthy = Member(mlp((8,)), Squared(), np.arange(64), seed=3, epochs=3)
    assert fit_population(table, [healthy], workers=1).members[0].same_numbers(fit.members[3])


def test_a_member_that_kills_twice_is_reported_and_the_others_finish(tmp_path):
    table, members = population(tmp_path, always=True)
    fit = fit_population(table, members, workers=2, slots=2)
    assert [f.number for f in fit.members] == list(range(8))
    assert fit.members[3].status == "failed"
    assert "died twice" in fit.members[3].reason
    assert sum(f.usable for f in fit.members) == 7


class Nosy:
    """A start that notes how the process that draws it is set."""

    def __init__(self, folder):
        self.folder = folder

    def draw(self, stream, fan_in, fan_out):
        flushed = (torch.tensor([1e-310], dtype=torch.float64) * 1.0).item() == 0.0
        (self.folder / str(os.getpid())).write_text(f"{flushed} {torch.get_num_threads()}")
        return FanIn().draw(stream, fan_in, fan_out)


@pytest.mark.parametrize("workers", [1, 2])
def test_where_members_train_denormals_are_zero_and_there_is_one_thread(tmp_path, workers):
    x = np.random.default_rng(0).normal(size=(64, 3))
    network = Network((Dense(8, init=Nosy(tmp_path)), mlp((8,)).layers[1]))
    members = [Member(network, Squared(), np.arange(64), seed=s, epochs=1) for s in range(8)]
    fit_population(training_table(x, x[:, :1]), members, workers=workers, slots=2)
    notes = {int(path.name): path.read_text() for path in tmp_path.iterdir()}
    assert set(notes.values()) == {"True 1"}
    assert (os.getpid() in notes) == (workers == 1)
