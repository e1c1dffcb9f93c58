"""The door: what is an executor, what is a cluster, and what is neither."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from thalweg.base.errors import SettingError, TrainingError
from thalweg.train.fit import fit_population
from thalweg.train.remote.executors import executor_in_use, work_on
from train.remote.populations import TABLE, members_of


class Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    given = 0

    def submit(self, *arguments):
        self.given += 1
        return super().submit(*arguments)


def test_populations_inside_the_block_are_trained_by_the_executor_and_none_after_it():
    with Counting(1) as executor:
        with work_on(executor):
            fit_population(TABLE, members_of(2))
        assert executor.given > 0
        before = executor.given
        fit_population(TABLE, members_of(2), workers=1)
    assert executor.given == before
    assert executor_in_use() is None


@pytest.mark.parametrize("cluster", ["qq", "local:0", "local:", "firm", "http://host", 4, "tcp://"])
def test_what_is_no_cluster_is_refused_before_anything_begins(cluster):
    with pytest.raises(SettingError, match=r"cluster is .*local:4 .*tcp://host:8786"):
        work_on(cluster=cluster)


def test_one_place_only():
    with ThreadPoolExecutor(1) as executor, pytest.raises(SettingError, match="Give one"):
        work_on(executor, "local:2")
    with pytest.raises(SettingError, match=r"got int.*workers"):
        fit_population(TABLE, members_of(1), executor=2)


def test_an_address_where_nobody_answers_is_told(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("thalweg.train.remote.executors._TIMEOUT", 0.2)
    said = r"No scheduler answers at tcp://127\.0\.0\.1:1 .*dask scheduler"
    with work_on(cluster="tcp://127.0.0.1:1"), pytest.raises(TrainingError, match=said):
        fit_population(TABLE, members_of(1))
