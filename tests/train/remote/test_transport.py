"""Dask's workers: the same bits, also when they die, join late, or their scheduler is lost."""

import os
import signal
import time
from dataclasses import replace

import pytest

from thalweg.base.errors import TrainingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.init import FanIn
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member
from thalweg.train.remote import parcel, remote_crew, transport
from thalweg.train.running.halving import Rungs
from train.remote.populations import TABLE, here, members_of, same

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    """Two processes of a thread each, started once."""
    sizes = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": 0}
    with distributed.LocalCluster(dashboard_address="127.0.0.1:0", silence_logs=50, **sizes) as found:
        yield found


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster, set_as_default=False) as found:
        yield found


@pytest.fixture
def many_batches(monkeypatch):
    monkeypatch.setattr(remote_crew, "SHORTEST", 0.0)


class Deadly:
    """A start that kills the process that draws it, once or always."""

    def __init__(self, marker, always):
        self.marker, self.always = marker, always

    def draw(self, stream, fan_in, fan_out):
        if os.getpid() != int(self.marker.read_text()) and (
            self.always or not self.marker.with_suffix(".done").exists()
        ):
            self.marker.with_suffix(".done").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return FanIn().draw(stream, fan_in, fan_out)


def with_a_deadly_one(tmp_path, members, *, always):
    marker = tmp_path / "marker"
    marker.write_text(str(os.getpid()))
    bad = Network((Dense(8, init=Deadly(marker, always)), mlp((8,)).layers[1]))
    deadly = Member(bad, Squared(), members[0].rows, seed=3, epochs=3)
    fine = Member(mlp((8,)), Squared(), members[0].rows, seed=3, epochs=3)
    return [*members, deadly], [*members, fine]


@pytest.mark.usefixtures("many_batches")
def test_members_have_the_same_bits_by_one_worker_by_two_and_at_home(client):
    members = members_of(9, dropout=0.2)
    expected = here(members)
    assert same(fit_population(TABLE, members, executor=client), expected)
    assert same(fit_population(TABLE, members, executor=client.get_executor(), workers=1), expected)


@pytest.mark.usefixtures("many_batches")
def test_a_worker_that_is_killed_in_the_middle_costs_no_member(client, tmp_path):
    members, healthy = with_a_deadly_one(tmp_path, members_of(5), always=False)
    assert same(fit_population(TABLE, members, executor=client), here(healthy))
    assert (tmp_path / "marker.done").exists()


@pytest.mark.usefixtures("many_batches")
def test_a_worker_that_joins_late_is_used(client, cluster):
    client.wait_for_workers(2)  # one that was killed comes back
    members, before = (
        [replace(m, epochs=300, patience=None) for m in members_of(24)],
        set(client.scheduler_info(n_workers=-1)["workers"]),
    )

    def watch(progress):
        if progress.members_done and len(cluster.workers) == 2:
            cluster.scale(3)
            client.wait_for_workers(3)
            client.run(lambda: len(parcel._TABLES))  # it has imported what it needs

    try:
        found = fit_population(TABLE, members, executor=client, on_progress=watch)
        tables = client.run(lambda: len(parcel._TABLES))
    finally:
        cluster.scale(2)
    assert same(found, here(members))
    assert [tables[worker] for worker in tables if worker not in before] == [1]


@pytest.mark.usefixtures("many_batches")
def test_the_table_is_sent_to_each_worker_once_if_none_can_read_its_file(client, monkeypatch):
    monkeypatch.setattr(parcel.np, "save", lambda *_given: None)  # another machine: the file is not there
    sent = []
    scatter = client.scatter
    monkeypatch.setattr(client, "scatter", lambda *given, **how: sent.append(how) or scatter(*given, **how))
    members = members_of(9)
    table = parcel.TrainingTable(TABLE.rows.clone().mul_(0.5), TABLE.inputs, TABLE.classes)
    assert same(fit_population(table, members, executor=client), fit_population(table, members, workers=1))
    assert sent == [{"broadcast": True}]


def test_members_rest_at_rungs_between_workers(client):
    members = members_of(6, epochs=8)
    rungs = Rungs((2, 5), lambda rung, fits: sorted(fits, key=lambda n: fits[n].validation_loss[-1])[: 4 - 2 * rung])
    found = fit_population(TABLE, members, executor=client, rungs=rungs)
    assert same(found, fit_population(TABLE, members, workers=1, rungs=rungs))


def test_a_heavy_batch_passes_by_the_scheduler(client, monkeypatch):
    monkeypatch.setattr(transport, "_HEAVY", 1)
    members = members_of(4)
    assert same(fit_population(TABLE, members, executor=client), here(members))


def test_a_lost_scheduler_is_told_in_words_and_what_is_done_goes_on_elsewhere():
    members, done = members_of(12, epochs=300), []
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0", silence_logs=50
    )
    client = distributed.Client(cluster, set_as_default=False, timeout=1.0)

    def lose(progress):
        if progress.members_done and client.status == "running":
            cluster.close()

    started = time.monotonic()
    with pytest.raises(TrainingError, match=r"scheduler is gone\. Start it again"):
        fit_population(TABLE, members, executor=client, on_member=done.append, on_progress=lose)
    assert time.monotonic() - started < 60.0
    assert 1 <= len(done) < 12
    assert same(fit_population(TABLE, members, done=done, workers=1), here(members))
    client.close()
