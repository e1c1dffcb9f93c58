import re

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
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
    np.testing.assert_allclose(problem.weights, table()["w"] / table()["w"].mean())
    assert problem.weights_kind == "analytic"
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
    np.testing.assert_allclose(problem.weights, kept["w"] / kept["w"].mean())
    assert problem.features.index.tolist() == list(range(28))


def test_rows_of_weight_zero_are_left_out_and_frequencies_kept():
    frame = table().assign(w=np.arange(30) % 4)
    problem = pose(frame, target="y", weights="w", weights_kind="frequency", groups="firm", ignore="junk")
    np.testing.assert_array_equal(problem.weights, frame["w"][frame["w"] > 0])
    assert [note.text for note in problem.notes if note.code == "weightless"] == [
        "Left out for their weight of 0: 8 rows."
    ]


def test_what_weights_mean_is_said_of_weights_alone_and_frequencies_are_whole():
    with pytest.raises(SettingError, match="weights_kind is 'frequency', but there are no weights"):
        pose(table(), target="y", weights_kind="frequency")
    frame = table().assign(w=1.0)
    frame.loc[[0, 4], ["y", "w"]] = [[np.nan, 1.0], [0.0, 1.5]]
    with pytest.raises(DataError, match=r"got 1\.5 in row 5\."):
        pose(frame, target="y", weights="w", weights_kind="frequency", ignore="junk")


def test_a_sum_of_weights_far_from_n_is_told():
    frame = table().assign(w=4e5)
    for kind, told in ((None, True), ("probability", False)):
        problem = pose(frame, target="y", weights="w", weights_kind=kind, ignore="junk")
        assert any(note.code == "weights" for note in problem.notes) == told
        np.testing.assert_array_equal(problem.weights, 1.0)


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


@pytest.mark.parametrize("marker", ["-", "NA", "?"])
def test_a_marker_among_the_classes_is_a_question_with_queries_that_answer_it(marker):
    table = {"x": list(range(20)), "t": ["+", marker, "o", "+"] * 5}
    with pytest.raises(DataError, match=r"in (10|5) rows") as caught:
        pose(table, target="t")
    known, named = re.findall(r"select [^;]*?from data(?: where t <> '[^']*')?", str(caught.value))
    assert pose(table, target="t", query=known).classes == ("+", "o")
    assert pose(table, target="t", query=named).classes == ("+", f"{marker} class", "o")


def test_a_declared_category_keeps_its_classes():
    frame = pd.DataFrame({"x": range(20), "t": pd.Categorical(["+", "-"] * 10)})
    assert set(pose(frame, target="t").classes) == {"+", "-"}


def test_rows_read_and_how_texts_were_read_are_told():
    table = {"x": ["1,5", "2,25", None, "4"] * 5, "zip": ["007", "12", "3", "9"] * 5, "y": [1.5, 2.0, None, 3.0] * 5}
    problem = pose(table, target="y", task="regression")
    assert (problem.rows_read, len(problem)) == (20, 15)
    said = {note.code: note.text for note in problem.notes}
    assert "numbers written like 1.234,5" in said["formatted"]
    assert "'007'" in said["identifier"]
