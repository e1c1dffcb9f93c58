import ast
import functools
import json
import re
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import thalweg.data
from thalweg.data.dependence.clusters import cluster_notes
from thalweg.data.encode import fit_encoder
from thalweg.data.files.duck import connected
from thalweg.data.files.files import read_files
from thalweg.data.files.frames import labelled
from thalweg.data.files.location import Location
from thalweg.data.files.packages import _of_cells
from thalweg.data.files.r_tables import read_r
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
HUNDRED = [f"k{row % 101}" for row in range(N)]
ROWS = np.arange(N)
TWICE = {name: np.append(values, values[:3]) for name, values in PLAIN.items()}
WALK = np.cumsum(np.random.default_rng(0).normal(size=(N, 2)), axis=0)
DAYS = pd.date_range("2024-01-01", periods=N)
FEW = {"a": ROWS % 2 + 5, "b": ROWS % 3 + 4.5, "y": np.where(ROWS % 7 < 3, "up", "down")}
PEOPLE = RNG.normal(size=(50, 3))[ROWS % 50] + 0.01 * RNG.normal(size=(N, 3))
FILE = "k,x,v\n" + "".join(f"{'abc'[n % 3]},{n},{n * n}\n" for n in range(9))


def notes_of(table, **asked):
    return pose(table, target="y", **asked).notes


def weighted(table):
    return notes_of(table, weights="w")


def in_groups(table):
    return notes_of(table, groups="g")


def in_time(table):
    return notes_of(table, time="t")


def by_formula(table):
    return pose(table, formula="y ~ x").notes


def new_rows(table):
    """Notes on new rows for a model of a number and a level, both complete in training."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0], "k": pd.Categorical(["a", "b", "a"])})
    return encode_new_rows(fit_encoder(frame, np.arange(3)), table)[1]


def file(content, name="t.csv"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_files([str(path)]).notes


def json_file(value):
    return file(json.dumps(value), "t.json")


def parquet(column):
    with tempfile.TemporaryDirectory() as folder, connected() as connection:
        path = f"{folder}/t.parquet"
        connection.execute(f"copy (select 1 as x, 2 as {column}) to '{path}' (format parquet)")
        return read_files([path]).notes


def of_r(name):
    """Notes on a column of R whose class has a name, written by the reader's own tests."""
    rdata = pytest.importorskip("rdata")

    def parsed(_, *, constructor_dict, **__):
        if name not in constructor_dict:
            warnings.warn(f'Missing constructor for R class "{name}". The underlying R object is used', stacklevel=2)
        return pd.DataFrame({"x": [1.0, 2.0]})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdata, "read_rds", parsed)
        return read_r(rdata, Location(Path("t.rds")), Path("t.rds"))[1]


def sheet(lines):
    return _of_cells(Location(Path("t.xlsx")), lines)[1]


def with_label(values):
    return labelled(pd.Series(values, name="age"), {99.0: "refused"})[1]


def clustered(count, *, ones=0, coefficients=2):
    codes = np.arange(count * 5) % count
    return cluster_notes({"firm": codes}, pd.DataFrame({"treated": codes < ones}), coefficients)


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


MESSAGES = [  # code and words; how they are asked for; where they are true; where they are not
    ("task", "regression", notes_of, PLAIN, PLAIN | {"y": np.where(Y > 0, "a", "b")}),
    ("encoding", "one column of 0 and 1", notes_of, PLAIN | {"k": ["a", "b"] * (N // 2)}, PLAIN),
    ("missing", r"'x' \(3 of 200\)", notes_of, PLAIN | {"x": np.where(ROWS < 3, np.nan, X)}, PLAIN),
    ("missing_markers", r"'\?' in 'x' \(3\)", notes_of, PLAIN | {"x": ["?"] * 3 + [*map(str, X[3:])]}, PLAIN),
    (
        "missing_outcome",
        "lack of 'y': 3 rows",
        notes_of,
        PLAIN | {"y": np.where(ROWS < 3, np.nan, Y)},
        PLAIN | {"x": np.where(ROWS < 3, np.nan, X)},
    ),
    (
        "incomplete_rows",
        "the formula needs: 3 rows",
        by_formula,
        PLAIN | {"x": np.where(ROWS < 3, np.nan, X)},
        PLAIN | {"z": np.where(ROWS < 3, np.nan, X)},
    ),
    (
        "incomplete_rows",
        "hangs together: 3 rows",
        in_groups,
        PLAIN | {"g": [None] * 3 + ["a", "b", "c"] * 65 + ["a", "b"]},
        PLAIN | {"g": ["a", "b", "c", "d"] * 50, "x": np.where(ROWS < 3, np.nan, X)},
    ),
    ("weights", "", weighted, PLAIN | {"w": np.full(N, 9.0)}, PLAIN | {"w": np.ones(N)}),
    ("weightless", "0: 3 rows", weighted, PLAIN | {"w": np.where(ROWS < 3, 0.0, 1.0)}, PLAIN | {"w": np.ones(N)}),
    ("constant_column", "'u'", notes_of, PLAIN | {"u": ["kg"] * N}, PLAIN | {"u": ["kg", None] * (N // 2)}),
    ("empty_column", "'u'", notes_of, PLAIN | {"u": [None] * N}, PLAIN | {"u": ["kg", None] * (N // 2)}),
    (
        "id_like",
        "'u' has 200 different texts",
        notes_of,
        PLAIN | {"u": [f"n{n}" for n in ROWS]},
        PLAIN | {"u": HUNDRED},
    ),
    ("id_like", "a stored index", notes_of, PLAIN | {"Unnamed: 0": ROWS + 7}, PLAIN | {"Unnamed: 0": ROWS % 50}),
    ("id_like", "'u' numbers the rows", notes_of, PLAIN | {"u": ROWS}, PLAIN | {"u": ROWS * 2}),
    ("id_like", "'u' holds every whole", notes_of, PLAIN | {"u": ROWS * 7 % N}, PLAIN | {"u": ROWS * 10 % N}),
    (
        "many_levels",
        r"'k' has 101 levels: .* other 1 share '\(other\)' \(1 row of 200\)",
        notes_of,
        PLAIN | {"k": HUNDRED},
        PLAIN | {"k": ["k0" if k == "k100" else k for k in HUNDRED]},
    ),
    ("leakage", "'x' rises", notes_of, PLAIN | {"x": np.exp(Y)}, PLAIN | {"x": np.exp(Y) + 0.1 * X}),
    (
        "leakage",
        "function of 'x', 'z'",
        notes_of,
        PLAIN | {"y": PLAIN["x"] - 2 * PLAIN["z"]},
        PLAIN | {"y": PLAIN["x"] - 2 * PLAIN["z"] + 0.01 * Y},
    ),
    (
        "extreme_values",
        "1e[+]09 in row 4,",
        notes_of,
        PLAIN | {"x": np.where(ROWS == 3, 1e9, X)},
        PLAIN | {"x": np.where(ROWS == 3, 1e3, X)},
    ),
    (
        "imbalance",
        "90.0%",
        notes_of,
        PLAIN | {"y": np.where(ROWS < 20, "a", "b")},
        PLAIN | {"y": np.where(ROWS < 21, "a", "b")},
    ),
    (
        "rare_class",
        r"'a' \(9\)",
        notes_of,
        PLAIN | {"y": np.where(ROWS < 9, "a", "b")},
        PLAIN | {"y": np.where(ROWS < 10, "a", "b")},
    ),
    ("duplicated_rows", "3 of them in a value", notes_of, TWICE, TWICE | {"w": RNG.normal(size=N + 3)}),
    ("duplicated_rows", "it may be chance", notes_of, FEW, FEW | {"w": X}),
    (
        "duplicated_rows",
        "copies are in one group",
        in_groups,
        TWICE | {"g": np.append(ROWS % 20, ROWS[:3] % 20)},
        PLAIN | {"g": ROWS % 20},
    ),
    (
        "more_columns_than_rows",
        "21 columns",
        notes_of,
        {f"z{k}": RNG.normal(size=20) for k in range(21)} | {"y": Y[:20]},
        {f"z{k}": RNG.normal(size=20) for k in range(20)} | {"y": Y[:20]},
    ),
    ("unseen_levels", "'c'", new_rows, {"x": [1.0], "k": ["c"]}, {"x": [1.0], "k": ["b"]}),
    ("unseen_missing", "'x' is missing in 1 row", new_rows, {"x": [None], "k": ["a"]}, {"x": [1.0], "k": ["a"]}),
    ("extra_columns", "'z'", new_rows, {"x": [1.0], "k": ["a"], "z": [0.0]}, {"x": [1.0], "k": ["a"]}),
    (
        "repeated_units",
        "'firm' has 5 rows per value",
        notes_of,
        PLAIN | {"firm": ROWS // 5 + 3, "year": ROWS % 5},
        PLAIN | {"firm": RNG.integers(0, 40, N), "year": RNG.integers(0, 5, N)},
    ),
    (
        "near_copies",
        "neighbours that are much nearer",
        notes_of,
        dict(zip("abcy", [*PEOPLE.T, Y], strict=True)),
        dict(zip("abcy", [*RNG.normal(size=(3, N)), Y], strict=True)),
    ),
    ("order_in_time", "In order of 'd'", notes_of, {"d": DAYS, "x": X, "y": WALK[:, 0]}, {"d": DAYS, "x": X, "y": Y}),
    ("order_in_time", "As the table stands", notes_of, {"x": X, "y": WALK[:, 0]}, {"x": X, "y": Y}),
    (
        "wandering",
        "'y' and 'x' wander",
        in_time,
        {"t": ROWS, "x": WALK[:, 0], "y": WALK[:, 1]},
        {"t": ROWS, "x": X, "y": WALK[:, 1]},
    ),
    ("few_clusters", "are not to be relied on", lambda most: clustered(3, coefficients=most), 3, 2),
    ("few_clusters", "Only 19 clusters", clustered, 19, 20),
    ("few_clusters", r"'treated' \(9\)", lambda ones: clustered(40, ones=ones), 9, 10),
    ("formatted", "'%'", notes_of, PLAIN | {"p": [f"{n}%" for n in ROWS]}, PLAIN | {"p": ROWS}),
    (
        "formatted",
        "'p' holds durations",
        notes_of,
        PLAIN | {"p": pd.to_timedelta(ROWS * 7, "s")},
        PLAIN | {"p": ROWS * 7},
    ),
    (
        "formatted",
        "dates written as %Y%m%d",
        notes_of,
        PLAIN | {"d": DAYS.strftime("%Y%m%d").astype(int)},
        PLAIN | {"d": 20240131 + 97 * ROWS},
    ),
    (
        "formatted",
        "truth values written as true or 1",
        notes_of,
        PLAIN | {"k": ["true", "0", "false", "1"] * 50},
        PLAIN | {"k": ["true", "false"] * 100},
    ),
    ("identifier", "'007'", notes_of, PLAIN | {"k": ["007", "12"] * 100}, PLAIN | {"k": ["7", "12"] * 100}),
    (
        "sentinel",
        "holds 9 in 40 rows",
        notes_of,
        PLAIN | {"k": [1, 2, 3, 4, 9] * 40},
        PLAIN | {"k": [1, 2, 3, 4, 5] * 40},
    ),
    (
        "sentinel",
        "9999-12-31 in 3 rows",
        notes_of,
        PLAIN | {"d": np.where(ROWS < 3, np.datetime64("9999-12-31"), DAYS.to_numpy("datetime64[us]"))},
        PLAIN | {"d": DAYS + pd.Timedelta(days=2913600)},
    ),
    ("sentinel", r"99 is 'refused' \(1\)", with_label, [31.0, 99.0], [31.0, 98.0]),
    ("file", "Windows-1252", file, "k,x\ncafé,1\nthé,2\n".encode("cp1252"), "k,x\ncafé,1\nthé,2\n"),
    ("file", "an index that pandas stored", parquet, "__index_level_0__", "level_0"),
    ("file", "R class 'units'", of_r, "units", "Date"),
    ("file", "other keys", json_file, {"rows": [{"x": 1}, {"x": 2}], "made": "now"}, [{"x": 1}, {"x": 2}]),
    (
        "skipped_lines",
        r"2 lines above the header \(comments\) and 1 empty line",
        file,
        "# a\n# b\nx,y\n1,2\n\n3,4\n",
        "x,y\n1,2\n\n",
    ),
    ("skipped_lines", "1 line above", sheet, [["Sales", ""], ["x", "y"], [1, 2]], [["x", "y"], [1, 2]]),
    ("totals_row", "sums of 'x', 'v'", file, FILE + "Total,36,204\n", FILE + "a,36,205\n"),
    (
        "totals_row",
        "Rows 4, 8 of .* hold sums of 'x', 'v'",
        file,
        "k,x,v\na,1,2\na,2,3\na,3,5\nTotal a,6,10\nb,4,4\nb,5,1\nb,6,0\nTotal b,15,5\nc,1,1\n",
        "k,x,v\na,1,2\na,2,3\na,3,5\nTotal a,7,11\nb,4,4\nb,5,1\nb,6,0\nTotal b,16,6\nc,1,1\n",
    ),
    ("footer_row", "'made on Monday'", file, FILE + "made on Monday,,\n", FILE + "made on Monday,9,\n"),
    ("thousands", "1.234", file, "k;v\na;1.234\nb;2.345\nc;7.890\n", "k;v\na;1.234\nb;2.345\nc;7.89\n"),
    ("few_rows", "", lambda rows: scores_of(rows, 1.0), 99, 100),
    ("heavy_rows", "", lambda far: scores_of(N, far), np.where(ROWS < 2, 30.0, 0.5), np.full(N, 0.5)),
    ("exact_model", "", lambda error: scores_of(N, error), 1e-3, 0.1),
    ("separated_classes", "", lambda error: scores_of(N, error, "binary"), 1.0, 0.0),
]
ELSEWHERE = {"estimator", "time_limit", "streamed"}  # tests/estimators/keeping/test_tracking.py, tests/jobs
DATA = Path(thalweg.data.__file__).parent


def test_every_code_has_a_table_where_it_holds():
    assert {code for code, *_ in MESSAGES} | ELSEWHERE == CODES.keys()


def places_of_messages():
    """Return file and line of every note that the code of the room makes."""
    return {
        (str(path), call.lineno)
        for path in DATA.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Note"
    }


@functools.cache
def told(number):
    """Return the notes where a message is true, and the places in the code that made those with its words."""
    code, words, notes, true, _ = MESSAGES[number]
    made = []

    def recorded(note, code, text, columns=(), doubt=""):
        frame = sys._getframe(1)
        made.append((code, text, (frame.f_code.co_filename, frame.f_lineno)))
        first(note, code, text, columns, doubt)

    first = Note.__init__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Note, "__init__", recorded)
        found = [note for note in notes(true) if note.code == code and re.search(words, note.text)]
    return found, {place for held, text, place in made if held == code and re.search(words, text)}


@pytest.mark.parametrize("number", range(len(MESSAGES)), ids=[f"{code}:{words}" for code, words, *_ in MESSAGES])
def test_a_message_is_given_where_it_is_true_and_nowhere_else(number):
    code, words, notes, _, untrue = MESSAGES[number]
    assert told(number)[0]
    assert not [note.text for note in notes(untrue) if note.code == code and re.search(words, note.text)]


def test_every_message_of_the_room_is_tried():
    tried = set().union(*(told(number)[1] for number in range(len(MESSAGES))))
    assert len(places_of_messages()) > 40
    assert {f"{Path(path).name}:{line}" for path, line in places_of_messages() - tried} == set()


def test_a_linear_estimate_is_told_nothing_of_folds_and_encodings():
    table = {name: np.append(values, values[:3]) for name, values in PLAIN.items()}
    table["x"][5] = 1e9
    said = {note.code: note.text for note in pose(table, formula="y ~ x", encoded=False).notes}
    assert said["duplicated_rows"].startswith("3 of 203 rows repeat an earlier row in all columns; ")
    assert "left as it is" in said["extreme_values"]
    narrow = {"y": Y.round(), "x": X.round(), "z": PLAIN["z"]}  # equal in the columns used, not in all
    assert "duplicated_rows" not in {note.code for note in pose(narrow, formula="y ~ x", encoded=False).notes}
