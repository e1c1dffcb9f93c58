import numpy as np
import pandas as pd
import pytest

from thalweg.data.encode import fit_encoder
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.notes import CODES, Note, counted
from thalweg.data.problem import pose
from thalweg.select.certificate_records import LinearCertificate
from thalweg.select.comparison_answer import About, build_answer
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions


def test_remarks_about_rules_are_no_warnings():
    quiet = {code for code in CODES if not Note(code, "").is_warning}
    assert {"task", "encoding", "missing", "missing_markers", "extra_columns"} <= quiet
    assert quiet.isdisjoint({"leakage", "extreme_values", "rare_class", "duplicated_rows"})


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1000, "1,000 rows")])
def test_counts(count, text):
    assert counted(count, "row") == text


N = 200
RNG = np.random.default_rng(2)
X, Y = RNG.normal(size=(2, N))
PLAIN = {"x": X, "z": RNG.normal(size=N), "y": Y}
CLASSES = PLAIN | {"y": np.where(Y + RNG.normal(size=N) > 0, "up", "down")}
HUNDRED = [f"k{row % 101}" for row in range(N)]
ROWS = np.arange(N)


def notes_of(table, **asked):
    return pose(table, target="y", **asked).notes


def weighted(table):
    return notes_of(table, weights="w")


def new_rows(table):
    """Notes on new rows for a model of a number and a level, both complete in training."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0], "k": pd.Categorical(["a", "b", "a"])})
    return encode_new_rows(fit_encoder(frame, np.arange(3)), table)[1]


def scores_of(rows, error, task="regression"):
    y = Y[:rows] if task == "regression" else (ROWS[:rows] % 2)
    values = (y + error * X[:rows])[None, :, None] if task == "regression" else np.full((1, rows, 2), 0.5)
    held_out = HeldOutRows(task, y, ROWS[:rows] % 5, "m", () if task == "regression" else ("a", "b"))
    separation = "x separates the answers completely" if np.any(error) else "none"
    certificates = [LinearCertificate("m", "", "exact", 6, 0, 0, "", 3, 3, 1, separation, 1)]
    told = certificates if task == "binary" else []
    return build_answer(
        held_out, [ModelPredictions("m", "linear", values)], About("t", "y"), certificates=told
    ).about.notes


CASES = {  # for each code: how it is asked for, where it holds, where it does not
    "task": (notes_of, PLAIN, None),
    "encoding": (notes_of, PLAIN | {"k": ["a", "b"] * (N // 2)}, PLAIN),
    "missing": (notes_of, PLAIN | {"x": np.where(ROWS < 3, np.nan, X)}, PLAIN),
    "missing_markers": (notes_of, PLAIN | {"x": ["?" if row < 3 else str(row**2) for row in ROWS]}, PLAIN),
    "missing_outcome": (
        notes_of,
        PLAIN | {"y": np.where(ROWS < 3, np.nan, Y)},
        PLAIN | {"x": np.where(ROWS < 3, np.nan, X)},
    ),
    "incomplete_rows": (
        lambda table: pose(table, formula="y ~ x").notes,
        PLAIN | {"x": np.where(ROWS < 3, np.nan, X)},
        PLAIN | {"z": np.where(ROWS < 3, np.nan, X)},
    ),
    "weights": (weighted, PLAIN | {"w": np.full(N, 9.0)}, PLAIN | {"w": np.ones(N)}),
    "weightless": (weighted, PLAIN | {"w": np.where(ROWS < 3, 0.0, 1.0)}, PLAIN | {"w": np.ones(N)}),
    "constant_column": (notes_of, PLAIN | {"u": ["kg"] * N}, PLAIN | {"u": ["kg", None] * (N // 2)}),
    "empty_column": (notes_of, PLAIN | {"u": [None] * N}, PLAIN | {"u": ["kg", None] * (N // 2)}),
    "id_like": (notes_of, PLAIN | {"u": [f"n{row}" for row in ROWS]}, PLAIN | {"u": [f"n{row % 9}" for row in ROWS]}),
    "many_levels": (notes_of, PLAIN | {"k": HUNDRED}, PLAIN | {"k": ["k0" if k == "k100" else k for k in HUNDRED]}),
    "leakage": (notes_of, PLAIN | {"x": np.exp(Y)}, PLAIN | {"x": np.exp(Y) + 0.1 * X}),
    "extreme_values": (
        notes_of,
        PLAIN | {"x": np.where(ROWS == 3, 1e9, X)},
        PLAIN | {"x": np.where(ROWS == 3, 1e3, X)},
    ),
    "imbalance": (notes_of, PLAIN | {"y": np.where(ROWS < 20, "a", "b")}, PLAIN | {"y": np.where(ROWS < 21, "a", "b")}),
    "rare_class": (notes_of, PLAIN | {"y": np.where(ROWS < 9, "a", "b")}, PLAIN | {"y": np.where(ROWS < 10, "a", "b")}),
    "duplicated_rows": (
        notes_of,
        {name: np.append(values, values[:3]) for name, values in PLAIN.items()},
        {name: np.append(values, values[:3]) for name, values in PLAIN.items()} | {"w": RNG.normal(size=N + 3)},
    ),
    "few_rows": (lambda rows: scores_of(rows, 1.0), 99, 100),
    "heavy_rows": (lambda far: scores_of(N, far), np.where(ROWS < 2, 30.0, 0.5), np.full(N, 0.5)),
    "exact_model": (lambda error: scores_of(N, error), 1e-3, 0.1),
    "separated_classes": (lambda error: scores_of(N, error, "binary"), 1.0, 0.0),
    "more_columns_than_rows": (
        notes_of,
        {f"z{k}": RNG.normal(size=20) for k in range(21)} | {"y": Y[:20]},
        {f"z{k}": RNG.normal(size=20) for k in range(20)} | {"y": Y[:20]},
    ),
    "unseen_levels": (new_rows, {"x": [1.0], "k": ["c"]}, {"x": [1.0], "k": ["b"]}),
    "unseen_missing": (new_rows, {"x": [None], "k": ["a"]}, {"x": [1.0], "k": ["a"]}),
    "extra_columns": (new_rows, {"x": [1.0], "k": ["a"], "z": [0.0]}, {"x": [1.0], "k": ["a"]}),
    "repeated_units": None,  # both kinds of tables for these: tests/data/dependence/test_look.py
    "near_copies": None,
    "order_in_time": None,
    "few_clusters": None,  # tests/data/dependence/test_clusters.py
    "formatted": (notes_of, PLAIN | {"p": [f"{n}%" for n in range(200)]}, PLAIN | {"p": list(range(200))}),
    "identifier": (notes_of, PLAIN | {"k": ["007", "12"] * 100}, PLAIN | {"k": ["7", "12"] * 100}),
    "sentinel": (notes_of, PLAIN | {"k": [1, 2, 3, 4, 9] * 40}, PLAIN | {"k": [1, 2, 3, 4, 5] * 40}),
    "file": None,  # both kinds of files for these: tests/data/files/test_opening.py, test_files.py
    "skipped_lines": None,  # tests/data/files/test_delimited.py
    "totals_row": None,  # tests/data/files/test_doubtful.py
    "footer_row": None,
    "thousands": None,
    "estimator": None,  # tests/estimators/keeping/test_tracking.py
}


def test_every_code_has_a_table_where_it_holds():
    assert CASES.keys() == CODES.keys()


@pytest.mark.parametrize("code", [code for code, case in CASES.items() if case])
def test_a_note_is_given_where_it_is_true_and_nowhere_else(code):
    notes, true, untrue = CASES[code]
    assert code in {note.code for note in notes(true)}
    if untrue is not None:
        assert code not in {note.code for note in notes(untrue)}


def test_a_linear_estimate_is_told_nothing_of_folds_and_encodings():
    table = {name: np.append(values, values[:3]) for name, values in PLAIN.items()}
    table["x"][5] = 1e9
    said = {note.code: note.text for note in pose(table, formula="y ~ x", encoded=False).notes}
    assert said["duplicated_rows"].startswith("3 of 203 rows repeat an earlier row in all columns; ")
    assert "left as it is" in said["extreme_values"]
    narrow = {"y": Y.round(), "x": X.round(), "z": PLAIN["z"]}  # equal in the columns used, not in all
    assert "duplicated_rows" not in {note.code for note in pose(narrow, formula="y ~ x", encoded=False).notes}
