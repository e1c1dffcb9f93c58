"""A search in a limited time is, number by number, a search for fewer candidates."""

import time

import numpy as np
import pytest

from thalweg.base.errors import SettingError, TrainingError
from thalweg.estimators import NetRegressor, NetSearch
from thalweg.estimators.search import in_time
from thalweg.estimators.search.in_time import scores_in_time

X = np.random.default_rng(0).normal(size=(80, 3))
Y = X[:, 0] + 0.1 * X[:, 1] ** 2
NET = NetRegressor(hidden=(4,), seeds=1, epochs=5)
SPACE = {"learning_rate": [1e-3, 3e-3, 1e-2, 3e-2]}


class Clock:
    """Time that passes when candidates are tried: a second each."""

    def __init__(self):
        self.now, self.tried = 100.0, []

    def monotonic(self):
        return self.now

    def run(self, candidates, batch):
        self.tried.append((batch, len(candidates)))
        self.now += len(candidates)
        column = np.array([[candidate["a"]] for candidate in candidates], dtype=float)
        return column, column, column


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(in_time, "time", found)
    return found


@pytest.mark.parametrize(("seconds", "done"), [(1.5, 1), (3.5, 2), (8.0, 7), (100.0, 20)])
def test_batches_grow_and_leave_room_for_the_last_fit(clock, seconds, done):
    candidates = [{"a": number} for number in range(20)]
    if done < 20:
        with pytest.warns(UserWarning, match=f"after {done} of 20 candidates"):
            found, columns = scores_in_time(candidates, clock.run, seconds)
    else:
        found, columns = scores_in_time(candidates, clock.run, seconds)
    assert columns[0].ravel().tolist() == list(range(len(found))) == list(range(done))
    assert clock.now - 100.0 <= seconds
    assert [batch for batch, _ in clock.tried] == list(range(len(clock.tried)))


def test_a_batch_that_time_breaks_off_does_not_count_and_ctrl_c_is_no_end_of_time(clock):
    def broken(candidates, batch):
        if batch == 1:
            clock.now += 50.0
            raise KeyboardInterrupt
        return clock.run(candidates, batch)

    with pytest.warns(UserWarning, match="after 1 of 20"):
        found, _ = scores_in_time([{"a": number} for number in range(20)], broken, 30.0)
    assert len(found) == 1
    clock.now = 0.0

    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scores_in_time([{"a": 1}], interrupted, 30.0)


def test_enough_time_gives_the_same_numbers_and_little_those_of_fewer_candidates(tmp_path):
    whole = NetSearch(NET, SPACE, cv=3).fit(X, Y)
    enough = NetSearch(NET, SPACE, cv=3, time_limit="5m", out=tmp_path).fit(X, Y)
    np.testing.assert_array_equal(enough.cv_results_["mean_test_score"], whole.cv_results_["mean_test_score"])
    assert enough.best_params_ == whole.best_params_
    np.testing.assert_array_equal(enough.predict(X), whole.predict(X))
    before = time.monotonic()
    again = NetSearch(NET, SPACE, cv=3, time_limit="5m", out=tmp_path).fit(X, Y)
    assert time.monotonic() - before < 60
    np.testing.assert_array_equal(again.cv_results_["mean_test_score"], whole.cv_results_["mean_test_score"])


def test_too_little_time_and_strategies_that_build_on_all_before_are_refused():
    slow = NetRegressor(hidden=(64, 64), seeds=3, epochs=100_000, patience=None)
    with pytest.raises(TrainingError, match="longer time_limit"):
        NetSearch(slow, SPACE, cv=3, time_limit=0.2).fit(X, Y)
    with pytest.raises(SettingError, match="halving"):
        NetSearch(NET, SPACE, strategy="halving", time_limit=10).fit(X, Y)
    with pytest.raises(SettingError, match="length of time"):
        NetSearch(NET, SPACE, time_limit="soon").fit(X, Y)
