import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg.base.errors import DataError, SettingError
from thalweg.data.problem import Problem, pose
from thalweg.data.split import fold_numbers, validation_rows


def problem(kind: str, rows: int = 120, groups: int = 0) -> Problem:
    rng = np.random.default_rng(5)
    table = {"x": rng.normal(size=rows).tolist()}
    table["y"] = (rng.normal(size=rows) if kind == "regression" else rng.choice(list("aaab"), size=rows)).tolist()
    if groups:
        table["g"] = rng.integers(0, groups, size=rows).tolist()
    return pose(table, target="y", groups="g" if groups else None)


CASES = [(kind, groups) for kind in ("regression", "binary") for groups in (0, 30)]


@pytest.mark.parametrize(("kind", "groups"), CASES)
def test_folds_are_fixed_by_the_seed_alone(kind, groups):
    table = problem(kind, groups=groups)
    first = fold_numbers(table, 5, seed=7)
    np.random.default_rng(1).normal()
    assert fold_numbers(table, 5, seed=7).tolist() == first.tolist()
    assert fold_numbers(table, 5, seed=8).tolist() != first.tolist()
    assert fold_numbers(table, 5, seed=-1).tolist() != fold_numbers(table, 5, seed=2**40).tolist()
    assert first.dtype == np.int64
    assert set(first.tolist()) == set(range(5))


def test_folds_have_equal_shares_of_classes():
    table = problem("binary")
    folds = fold_numbers(table, 5, seed=0)
    counts = np.array([np.bincount(table.outcome[folds == fold], minlength=2) for fold in range(5)])
    assert np.ptp(counts, axis=0).max() <= 1


@pytest.mark.parametrize("kind", ["regression", "binary"])
def test_no_fold_cuts_a_group(kind):
    table = problem(kind, groups=30)
    folds = fold_numbers(table, 5, seed=0)
    assert all(len(set(folds[table.groups == group])) == 1 for group in set(table.groups.tolist()))


@pytest.mark.parametrize(("kind", "groups"), CASES)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(-(2**63), 2**63), share=st.floats(0.05, 0.6))
def test_validation_rows_never_leave_the_training_rows(kind, groups, seed, share):
    table = problem(kind, groups=groups)
    rows = np.flatnonzero(fold_numbers(table, 4, seed=0) != 1)
    train, held = validation_rows(table, rows, share, seed)
    assert len(train) > 0
    assert len(held) > 0
    assert sorted([*train, *held]) == rows.tolist()
    assert (np.diff(train) > 0).all()
    assert (np.diff(held) > 0).all()
    if groups:
        assert not set(table.groups[train]) & set(table.groups[held])
    else:
        assert abs(len(held) - share * len(rows)) <= 1
    if kind == "binary" and not groups:
        assert abs(table.outcome[held].mean() - table.outcome[rows].mean()) <= 1 / len(held) + 1e-9
    again = validation_rows(table, rows[::-1], share, seed)
    assert again[1].tolist() == held.tolist()


def test_validation_rows_differ_from_folds_and_between_seeds():
    table = problem("regression")
    rows = np.arange(120)
    held = {tuple(validation_rows(table, rows, 0.2, seed)[1]) for seed in range(10)}
    assert len(held) == 10


def test_a_class_with_one_training_row_stays_in_training():
    table = pose({"x": range(41), "y": ["a", "b"] * 20 + ["once"]}, target="y")
    train, held = validation_rows(table, np.arange(41), 0.3, seed=0)
    assert 40 in train
    assert set(table.outcome[held]) == {0, 1}


def test_small_tables_keep_every_class_in_both_parts():
    table = pose({"x": range(40), "y": list("abcdefghij") * 4}, target="y")
    _, held = validation_rows(table, np.arange(30), 0.1, seed=0)
    assert len(set(table.outcome[held])) == 10


def test_what_cannot_be_held_out_is_said():
    table = problem("regression", rows=20)
    with pytest.raises(DataError, match="at least 2 training rows"):
        validation_rows(table, np.array([3]), 0.5, seed=0)
    classes = problem("binary", rows=40)
    with pytest.raises(DataError, match="too few to hold out"):
        validation_rows(classes, np.array([0, int(np.argmax(classes.outcome != classes.outcome[0]))]), 0.5, seed=0)
    grouped = problem("regression", groups=3)
    with pytest.raises(DataError, match="belong to one group"):
        validation_rows(grouped, np.flatnonzero(grouped.groups == 0), 0.2, seed=0)
    with pytest.raises(SettingError, match="share"):
        validation_rows(table, np.arange(10), 1.0, seed=0)
    with pytest.raises(SettingError, match="folds"):
        fold_numbers(table, 1, seed=0)
