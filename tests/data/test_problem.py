import numpy as np
import pandas as pd
import pytest

from thalweg.data.problem import pose
from thalweg.data.reading.fingerprint import fingerprint


def table(rows: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "x": rng.normal(size=rows),
            "k": rng.choice(["a", "b"], size=rows),
            "w": rng.uniform(1, 2, size=rows),
            "firm": rng.choice(["p", "q", "r"], size=rows),
            "junk": ["text"] * rows,
            "y": rng.normal(size=rows),
        }
    )


def test_roles():
    problem = pose(table(), target="y", weights="w", groups="firm", ignore="junk")
    assert problem.features.columns.tolist() == ["x", "k"]
    np.testing.assert_array_equal(problem.weights, table()["w"])
    np.testing.assert_array_equal(problem.groups, pd.factorize(table()["firm"])[0])
    assert [column.role for column in problem.profile] == [
        "feature",
        "feature",
        "weights",
        "groups",
        "ignored",
        "target",
    ]


def test_long_numbers_name_different_groups():
    ids = [2**60 + row // 3 for row in range(30)]
    problem = pose(table().assign(firm=ids), target="y", groups="firm", ignore="junk")
    assert problem.groups.tolist() == [row // 3 for row in range(30)]


def test_named_features_come_in_their_order():
    assert pose(table(), target="y", features=["k", "x"]).features.columns.tolist() == ["k", "x"]
    assert pose(table(), target="y", features="x").features.columns.tolist() == ["x"]


def test_rows_without_an_outcome_leave_everything_aligned():
    frame = table()
    frame.loc[[0, 5], "y"] = np.nan
    frame.loc[7, "k"] = "only here"
    problem = pose(frame, target="y", weights="w", groups="firm", ignore="junk")
    kept = frame.drop(index=[0, 5])
    assert len(problem) == 28
    np.testing.assert_array_equal(problem.row_numbers, kept.index + 1)
    np.testing.assert_array_equal(problem.outcome, kept["y"])
    np.testing.assert_array_equal(problem.weights, kept["w"])
    assert problem.features.index.tolist() == list(range(28))


def test_levels_of_dropped_rows_are_forgotten():
    frame = table()
    frame.loc[3, ["k", "y"]] = ["gone", np.nan]
    assert pose(frame, target="y", features="k").features["k"].cat.categories.tolist() == ["a", "b"]


def test_the_fingerprint_is_of_what_is_used():
    first = pose(table(), target="y", ignore="junk")
    other = table().assign(junk="other")
    assert pose(other, target="y", ignore="junk").fingerprint == first.fingerprint
    assert pose(table()[table().columns[::-1]], target="y", ignore="junk").fingerprint == first.fingerprint
    shuffled = table().iloc[::-1]
    assert pose(shuffled, target="y", ignore="junk").fingerprint != first.fingerprint
    changed = table()
    changed.loc[4, "x"] = np.nextafter(changed.loc[4, "x"], 1)
    assert pose(changed, target="y", ignore="junk").fingerprint != first.fingerprint
    assert len(first.fingerprint) == 64


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"x": [1.0, 2.0]}, {"z": [1.0, 2.0]}),
        ({"x": [0.0, 1.0]}, {"x": pd.array([False, True], dtype="boolean")}),
        ({"x": [np.nan, 1.0]}, {"x": [0.0, 1.0]}),
        ({"x": pd.Categorical(["a", "b"])}, {"x": pd.Categorical(["a", "c"])}),
        ({"x": pd.Categorical(["ab", "c"])}, {"x": pd.Categorical(["a", "bc"])}),
    ],
)
def test_different_contents_have_different_fingerprints(one, two):
    assert fingerprint(pd.DataFrame(one)) != fingerprint(pd.DataFrame(two))


def test_zero_has_no_sign():
    assert fingerprint(pd.DataFrame({"x": [0.0, 1.0]})) == fingerprint(pd.DataFrame({"x": [-0.0, 1.0]}))


def test_warnings_of_the_breast_cancer_table_are_few():
    assert [note.code for note in pose("example:breast_cancer").notes] == ["task"]
