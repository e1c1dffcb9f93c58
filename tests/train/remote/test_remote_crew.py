"""Workers reached by an executor: the same bits, whatever becomes of them."""

import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from thalweg.base.errors import SettingError, TrainingError
from thalweg.loss.squared import Squared
from thalweg.net.dense import Dense
from thalweg.net.init import FanIn
from thalweg.net.spec import Network, mlp
from thalweg.train.fit import fit_population
from thalweg.train.population import Member
from thalweg.train.remote import parcel, remote_crew
from thalweg.train.running.halving import Rungs
from thalweg.train.versions import versions
from train.remote.populations import TABLE, X, here, members_of, same


class Odd(Executor):
    """Runs at once what it is given, unless a test says what happens instead."""

    def __init__(self, happens, workers=2):
        self.happens, self.num_workers, self.given = happens, workers, []

    def submit(self, function, *arguments):
        self.given.append(arguments[0])
        future = Future()
        found = self.happens(len(self.given), *arguments)
        if isinstance(found, BaseException):
            future.set_exception(found)
        elif found is None:
            future.set_result(function(*arguments))
        elif found != "never":
            future.set_result(found)
        return future


def nothing(*_given):
    return None


@pytest.mark.parametrize("count", [1, 4])
def test_members_have_the_same_bits_by_any_number_of_workers(count):
    members = members_of(9, dropout=0.2)
    with ThreadPoolExecutor(count) as executor:
        assert same(fit_population(TABLE, members, executor=executor), here(members))


def test_work_is_cut_by_predicted_time_and_no_batch_is_given_out_before_its_turn(monkeypatch):
    monkeypatch.setattr(remote_crew, "SHORTEST", 0.0)
    executor, members = Odd(nothing), members_of(40)
    fit_population(TABLE, members, executor=executor)
    sizes = [len(batch.numbers) for batch in executor.given]
    assert sum(sizes) == 40
    assert sizes[0] == max(sizes) > sizes[-1] == 1  # large ones first, so that all end at about the same time
    assert all(len({members[n].network for n in batch.numbers}) == 1 for batch in executor.given)


def test_a_lost_batch_is_given_again_and_then_in_pieces():
    members = members_of(6)
    executor = Odd(lambda _number, batch, _sent: OSError("gone") if len(batch.numbers) > 1 else None)
    assert same(fit_population(TABLE, members, executor=executor), here(members))


def test_a_member_whose_worker_is_always_lost_is_reported_and_the_others_finish():
    members = members_of(6)
    fit = fit_population(
        TABLE, members, executor=Odd(lambda _number, batch, _sent: OSError("gone") if 2 in batch.numbers else None)
    )
    assert fit.statuses() == {"finished": 5, "failed": 1}
    assert fit.members[2].reason == "failed: its worker was lost twice (OSError: gone)"


def test_a_batch_that_never_comes_back_is_given_to_another_worker(monkeypatch):
    monkeypatch.setattr(remote_crew, "LATE", 0.0)
    monkeypatch.setattr(remote_crew, "SHORTEST", 0.0)
    monkeypatch.setattr(remote_crew, "POLL", 0.01)
    members = members_of(6)
    executor = Odd(lambda number, _batch, _sent: "never" if number == 1 else None)
    assert same(fit_population(TABLE, members, executor=executor), here(members))
    assert executor.given[0].numbers == executor.given[-1].numbers


def test_the_table_is_sent_to_a_worker_that_has_no_way_to_it(monkeypatch):
    monkeypatch.setattr(parcel, "_mapped", lambda _path: None)
    parcel._TABLES.clear()
    sent = []

    def happens(_number, _batch, rows):
        sent.append(rows is not None)

    members = members_of(6)
    assert same(fit_population(TABLE, members, executor=Odd(happens)), here(members))
    assert sent[0] is False
    assert sent[-1] is True


def test_a_worker_with_other_versions_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(remote_crew, "versions", lambda: versions() | {"thalweg": "9.9"})
    with pytest.raises(TrainingError, match=r"other numbers, for it has thalweg .*, not 9.9. Give all workers"):
        fit_population(TABLE, members_of(3), executor=Odd(nothing))


def test_a_broken_executor_is_told_in_words_and_what_is_done_was_handed_over():
    done, members = [], members_of(12)
    with ThreadPoolExecutor(1) as executor:
        pass
    with pytest.raises(TrainingError, match=r"executor is broken .*shutdown"):
        fit_population(TABLE, members, executor=executor, on_member=done.append)
    with pytest.raises(TrainingError, match="cannot take their work: ImportError: no thalweg"):
        fit_population(TABLE, members, executor=Odd(lambda *_: ImportError("no thalweg")))


def test_what_was_asked_for_wrongly_is_raised_where_it_was_asked_for():
    class Wrong:
        def draw(self, *_given):
            raise SettingError("A start is wrong.", "Choose another.")

    bad = Member(
        Network((Dense(8, init=Wrong()), mlp((8,)).layers[1])), Squared(), members_of(1)[0].rows, seed=3, epochs=3
    )
    with ThreadPoolExecutor(2) as executor, pytest.raises(SettingError, match="A start is wrong"):
        fit_population(TABLE, [bad], executor=executor)


def test_a_member_that_fails_once_has_the_same_numbers_and_one_that_fails_twice_is_reported():
    class Failing:
        def __init__(self, times):
            self.times = times

        def draw(self, stream, fan_in, fan_out):
            self.times -= 1
            if self.times >= 0:
                raise MemoryError("too much")
            return FanIn().draw(stream, fan_in, fan_out)

    def population(times):
        members = members_of(4)
        failing = Network((Dense(8, init=Failing(times)), mlp((8,)).layers[1]))
        return [*members, *(replace(members[1], network=failing, seed=seed) for seed in (7, 8))]

    with ThreadPoolExecutor(1) as executor:
        assert same(fit_population(TABLE, population(1), executor=executor), here(population(0)))
        fit = fit_population(TABLE, population(9), executor=executor)
    assert fit.statuses() == {"finished": 4, "failed": 2}
    assert fit.members[5].reason == "failed twice: MemoryError: too much"


def test_members_rest_at_rungs_and_go_on_elsewhere():
    members = members_of(9, epochs=8)
    rungs = Rungs((2, 5), lambda rung, fits: sorted(fits, key=lambda n: fits[n].validation_loss[-1])[: 6 - 3 * rung])
    expected = fit_population(TABLE, members, workers=1, rungs=rungs)
    with ThreadPoolExecutor(2) as executor:
        found = fit_population(TABLE, members, executor=executor, rungs=rungs)
    assert same(found, expected)
    assert found.statuses()["dropped"] == 6


def test_after_an_interrupt_nothing_is_left_at_work_and_what_is_done_is_kept():
    members, done = members_of(8, epochs=30_000), []
    quick = members_of(2)

    def interrupt(progress):
        if progress.members_done:
            raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as executor:
        started = time.monotonic()
        fit = fit_population(TABLE, [*quick, *members], executor=executor, on_member=done.append, on_progress=interrupt)
    assert fit.interrupted
    assert 1 <= len(fit.members) == len(done) < 10
    assert time.monotonic() - started < 10.0  # the threads left within a look at the table's file


def test_the_file_of_the_table_is_gone_afterwards(monkeypatch, tmp_path):
    monkeypatch.setattr(parcel.tempfile, "mkdtemp", lambda **_how: str(tmp_path))
    with ThreadPoolExecutor(2) as executor:
        fit_population(TABLE, members_of(3), executor=executor)
    assert not tmp_path.exists()
    assert X.flags.writeable
