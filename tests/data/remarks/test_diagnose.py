import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.encode import fit_encoder
from thalweg.data.notes import CODES
from thalweg.data.problem import Problem, pose

N = 200
RNG = np.random.default_rng(3)
Y = RNG.normal(size=N)
X = RNG.normal(size=N)
LABEL = np.where(Y > 0, "up", "down")


def codes(**columns: object) -> dict[str, str]:
    asked = {name: columns.pop(name) for name in ("target", "formula", "ignore") if name in columns}
    problem = pose({"x": X, **columns}, **asked)
    return {note.code: note.text for note in problem.notes if note.code != "task"}


def test_a_clean_table_has_no_remarks():
    assert codes(y=Y, target="y") == {}


def test_row_numbers_and_foreign_dates_are_recognised():
    assert "numbers the rows" in codes(row=np.arange(1, N + 1), y=Y, target="y")["id_like"]
    assert "id_like" not in codes(year=np.arange(1801, 1801 + N), y=Y, target="y")
    days = pd.date_range("2020-01-01", periods=N).strftime("%d_%m_%Y")
    assert "id_like" in codes(day=days, y=Y, target="y")


def test_classes():
    rare = ["rare"] * 4 + ["usual"] * (N - 4)
    said = codes(y=rare, target="y")
    assert "98.0% of the rows" in said["imbalance"]
    assert "'rare' (4)" in said["rare_class"]


def test_more_columns_than_rows_are_told():
    wide = {f"z{place}": RNG.normal(size=20) for place in range(30)}
    assert (
        "30 columns after encoding for 20 rows"
        in {note.code: note.text for note in pose({**wide, "y": RNG.normal(size=20)}, target="y").notes}[
            "more_columns_than_rows"
        ]
    )


def test_missing_values_and_markers_are_told():
    ages = ["?" if place < 7 else str(place) for place in range(N)]
    said = codes(age=ages, y=Y, target="y")
    assert said["missing_markers"] == "Read as missing: '?' in 'age' (7)."
    assert "'age' (7 of 200)" in said["missing"]
    assert "Left out for lack of 'age': 7 rows." in codes(age=ages, target="age")["missing_outcome"]
    assert (
        "Left out for lack of 'age', which the formula needs: 7 rows."
        in codes(age=ages, y=Y, formula="y ~ age + x")["incomplete_rows"]
    )


def test_extreme_values_are_told_and_absurd_ones_refused():
    far, absurd = (np.where(np.arange(N) == 0, value, Y) for value in (1e9, -1e30))
    assert (
        "1e+09 in row 1, far outside all others (1 such value); left as" in codes(y=far, target="y")["extreme_values"]
    )
    assert "counted as the nearest" in codes(x=far, y=Y, target="y")["extreme_values"]
    for columns in ({"y": absurd, "x": X}, {"y": Y, "x": absurd}):
        with pytest.raises(DataError, match=r"holds -1e\+30 in row 1, far outside all others \(1 such value\). Mend"):
            pose(columns, target="y")


def test_many_levels_are_told_and_a_thousand_are_refused():
    rows = np.arange(3003)
    for levels, said in ((101, "the 100 most frequent"), (1000, "has 1,000 levels")):
        table = {"k": [f"k{row % levels}" for row in rows], "y": np.sin(rows)}
        assert said in next(note.text for note in pose(table, target="y").notes if note.code == "many_levels")
    with pytest.raises(DataError, match="'k' has 1,001 levels, such as 'k0'; a category may have at most 1,000"):
        pose({"k": [f"k{row % 1001}" for row in rows], "y": np.sin(rows)}, target="y")


def test_the_hundred_levels_kept_are_the_most_frequent_and_the_others_are_counted():
    levels = [f"often{k}" for k in range(100) for _ in range(4)] + [f"a rare one {k}" for k in range(30)] * 3
    problem = pose({"k": levels, "y": np.sin(np.arange(len(levels)))}, target="y")
    kept = fit_encoder(problem, np.arange(len(levels))).columns[0].levels
    assert all(level.startswith("often") for level in kept)
    said = next(note.text for note in problem.notes if note.code == "many_levels")
    assert "the 100 most frequent have a column each, the other 30 share '(other)' (90 rows of 490)." in said


def test_profile():
    problem: Problem = pose(
        {"x": [1.0, 2.0, None, 4.0] * 5, "k": list("aab") * 6 + ["c", None], "free": ["t"] * 20, "y": range(20)},
        target="y",
        ignore="free",
    )
    profile = {column.name: column for column in problem.profile}
    assert [column.role for column in problem.profile] == ["feature", "feature", "ignored", "target"]
    assert (profile["x"].missing, profile["x"].distinct) == (5, 3)
    assert (profile["x"].minimum, profile["x"].mean, profile["x"].maximum) == (1.0, 7 / 3, 4.0)
    assert profile["k"].top == (("a", 12), ("b", 6), ("c", 1))
    assert profile["free"].kind == "unread"


def test_every_code_is_documented():
    noted = {note.code for name in ("fair", "digits", "iris") for note in pose(f"example:{name}").notes}
    assert noted <= CODES.keys()
