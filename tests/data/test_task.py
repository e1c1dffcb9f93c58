import numpy as np
import pandas as pd
import pytest

from thalweg.data.problem import pose


def problem(values: list, **asked: object):
    return pose({"x": np.arange(len(values)) ** 1.5, "y": values}, target="y", **asked)


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["a", "b"] * 10, "binary", ("a", "b")),
        (["a", "b", "c"] * 10, "multiclass", ("a", "b", "c")),
        ([True, False] * 10, "binary", ("false", "true")),
        ([0, 1] * 10, "binary", ("0", "1")),
        ([1.5, 2.5] * 10, "binary", ("1.5", "2.5")),
        ([-1, 1] * 10, "binary", ("-1", "1")),
        (list(range(10)) * 5, "multiclass", tuple("0123456789")),
        (list(range(10)) * 4, "regression", ()),
        (list(range(11)) * 50, "regression", ()),
        ([0.5, 1.0, 1.5] * 50, "regression", ()),
        (list(range(100)), "regression", ()),
    ],
)
def test_the_rule(values, task, classes):
    found = problem(values)
    assert (found.task, found.classes) == (task, classes)
    assert [note.code for note in found.notes].count("task") == 1
    if classes:
        assert found.outcome.dtype == np.int64
        assert [found.classes[code] for code in found.outcome[: len(classes)]] == [
            {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            for value in values[: len(classes)]
        ]
    else:
        assert found.outcome.tolist() == [float(value) for value in values]


def test_the_note_says_how_to_override():
    note = next(note for note in problem([0, 1] * 10).notes if note.code == "task")
    assert (
        note.text
        == "Target 'y' has 2 values: binary classification, '1' counts as 1. Say task='regression' to override."
    )
    assert not note.is_warning


def test_overrides():
    assert problem([0, 1] * 10, task="regression").outcome.tolist() == [0.0, 1.0] * 10
    assert problem(list(range(20)) * 3, task="multiclass").classes == tuple(map(str, range(20)))
    assert problem(["a", "b"] * 10, task="multiclass").task == "multiclass"
    assert problem(pd.Categorical(["3", "1"] * 10), task="regression").outcome.tolist() == [3.0, 1.0] * 10
    assert "task" not in [note.code for note in problem([0, 1] * 10, task="binary").notes]


def test_numbers_as_classes_are_in_the_order_of_numbers():
    assert problem([2, 10, 1] * 10).classes == ("1", "2", "10")
