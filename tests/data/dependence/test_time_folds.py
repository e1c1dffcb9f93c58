import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.dependence.time_folds import latest_rows, read_time, time_folds
from thalweg.data.problem import pose
from thalweg.data.split import folds_in_time, validation_rows

DAYS = np.random.default_rng(0).permutation(100)


@pytest.mark.parametrize("gap", [0, 3])
def test_every_fold_learns_from_what_is_earlier_alone(gap):
    folds = time_folds(DAYS, 4, gap)
    for fold in folds:
        assert DAYS[fold.learned].max() + gap < DAYS[fold.held_out].min()
    held = np.concatenate([fold.held_out for fold in folds])
    assert len(np.unique(held)) == len(held) == 80
    assert DAYS[folds[-1].held_out].max() == 99


def test_rows_of_one_time_are_never_cut():
    time = np.repeat(np.arange(12), 25)
    for fold in time_folds(time, 3):
        assert not set(time[fold.learned]) & set(time[fold.held_out])
    learned, watched = latest_rows(time, np.arange(200), 0.15)
    assert set(time[watched]) == {7}
    assert set(time[learned]) == set(range(7))


def test_the_rows_that_training_is_watched_by_are_the_latest_whatever_the_seed():
    problem = pose({"day": DAYS, "x": DAYS * 1.0, "y": DAYS % 7 * 1.0}, target="y", time="day")
    parts = [validation_rows(problem, np.arange(100), 0.2, seed, gap=2) for seed in (0, 1)]
    assert np.array_equal(parts[0][1], parts[1][1])
    assert sorted(DAYS[parts[0][1]]) == list(range(80, 100))
    assert DAYS[parts[0][0]].max() == 77


def test_dates_and_numbers_are_times_and_texts_are_not():
    dates = pd.Series(["2020-03-01", "2020-01-01", "2020-03-01"], name="day")
    assert read_time(dates).tolist() == [1, 0, 1]
    assert read_time(pd.Series([0.5, -1.0])).tolist() == [1, 0]
    with pytest.raises(DataError, match="neither numbers nor dates"):
        read_time(pd.Series(["spring", "summer"], name="season"))
    with pytest.raises(DataError, match="missing in row 2"):
        read_time(pd.Series([1.0, np.nan, 3.0], name="day"))


@pytest.mark.parametrize(
    ("time", "folds", "gap", "told"),
    [
        (np.repeat([0, 1], 30), 5, 0, "at least 6 different times, the table has 2"),
        (np.repeat(np.arange(6), [50, 1, 1, 1, 1, 1]), 5, 0, "Block"),
        (np.arange(20), 4, 5, "A gap of 5 times leaves fold 1 of 4"),
    ],
)
def test_what_cannot_be_cut_is_told(time, folds, gap, told):
    with pytest.raises(DataError, match=told):
        time_folds(time, folds, gap)


def test_a_class_that_comes_late_is_told():
    table = {"day": range(40), "x": range(40), "y": ["a"] * 25 + ["b"] * 15}
    with pytest.raises(DataError, match="Class 'b' has no row before fold 1 of 3"):
        folds_in_time(pose(table, target="y", time="day"), 3)


def test_groups_and_time_contradict_each_other_and_clusters_do_not():
    table = {"day": range(40), "x": range(40), "y": np.arange(40.0), "firm": np.arange(40) % 8}
    with pytest.raises(SettingError, match="groups and time both say how folds are cut"):
        pose(table, target="y", time="day", groups="firm")
    problem = pose(table, target="y", time="day", clusters="firm")
    assert problem.groups is None
    assert problem.clusters.max() == 7
    assert list(problem.features) == ["x"]
    alone = pose(table, target="y", clusters="firm")
    assert np.array_equal(alone.groups, alone.clusters)
