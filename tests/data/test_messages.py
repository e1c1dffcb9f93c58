"""Every error about a table is raised where its words are true, and not for a table like it where they are not."""

import re
import sys

import numpy as np
import pandas as pd
import pytest

from messages import answered, places_of_errors, places_with, shown
from thalweg.data import design
from thalweg.data.dependence.time_folds import latest_rows, time_folds
from thalweg.data.design import Design, design_of_levels
from thalweg.data.encode import fit_encoder
from thalweg.data.expression import read_expression
from thalweg.data.formula import formula_variables, without_effects
from thalweg.data.new_rows import encode_new_rows
from thalweg.data.problem import pose
from thalweg.data.reading.examples import load_example
from thalweg.data.reading.fingerprint import check_fingerprint
from thalweg.data.reading.table import read_table
from thalweg.data.split import _check_folds, fold_numbers, folds_in_time, validation_rows

N = 40
ROWS = np.arange(N)
X, Y, Z = np.random.default_rng(3).normal(size=(3, N)).round(3)
PLAIN = {"x": X, "z": Z, "y": Y}
AB = np.array(["a", "b"])[ROWS % 2]
KNOWN = {"x": [1.0, 2.0, 4.0], "k": ["a", "b", "a"], "b": [True, False, True], "y": [1.5, 2.5, 0.5]}
DAYS = pd.date_range("2024-01-01", periods=N)


def posed(**asked):
    return lambda table: pose(table, target="y", **asked)


def column(cells):
    """A table whose column ``v`` is written so."""
    return PLAIN | {"v": cells}


def texts(write):
    return column([write(row) for row in range(N)])


def by(formula):
    """Pose a table by a formula."""
    return pose(PLAIN | {"k": AB, "day": DAYS, "two words": X, "abs(x)": Z}, formula=formula)


def estimated(formula):
    return pose(PLAIN | {"k": AB}, formula=formula, encoded=False)


def batched(formula):
    """Write the columns of a formula for rows that come in batches."""
    variables = formula_variables(formula, ["x", "y"], estimating=True)
    return design_of_levels(variables, {}, pd.DataFrame({"x": X, "y": Y}))


def by_levels(levels):
    return pose({"k": [f"k{row % levels}" for row in range(3 * levels)], "y": range(3 * levels)}, formula="y ~ k")


def dummies(levels):
    """Pose a linear model of so many levels, of which it writes three at most here: two thousand take their time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(design, "_MOST_DUMMIES", 3)
        return pose(PLAIN | {"k": ROWS % levels}, formula="y ~ C(k)", encoded=False)


def new_rows(table):
    """Encode new rows for a model of a number, a level and a truth value."""
    problem = pose(KNOWN, target="y", task="regression")
    return encode_new_rows(fit_encoder(problem, np.arange(3)), table)


def for_formula(table):
    problem = pose(PLAIN, formula="y ~ x")
    return encode_new_rows(fit_encoder(problem, ROWS), table)


def design_with(text):
    found = pose(PLAIN, formula="y ~ x").formula
    return Design.from_dict(found.to_dict() | {"text": text})


def roles(asked):
    return pose(PLAIN | {"k": AB, "t": ROWS, "w": ROWS + 1.0}, **{"target": "y"} | asked)


def again(asked):
    return pose(pose(PLAIN, target="y"), **asked)


def cut(count):
    return lambda table: fold_numbers(pose(table, target="y", groups="g" if "g" in table else None), count, 0)


def in_time(table):
    return folds_in_time(pose(table, target="y", time="t"), 3)


def watched(table):
    problem = pose(table, target="y", groups="g" if "g" in table else None)
    return validation_rows(problem, np.arange(10), 0.3, 0)


def example_without(module):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module, None)
        return load_example("fair")


def read(given):
    return read_table(*given)


LONG = " + ".join(["x"] * 700)
TARGETS = [
    ("'y' is a date", posed(), PLAIN | {"y": DAYS}, PLAIN | {"x": DAYS}),
    ("'y' has the same value in all rows: 3", posed(), PLAIN | {"y": [3] * N}, PLAIN | {"y": [3] * (N - 1) + [4]}),
    ("needs 2 classes, but target 'y' has 3", posed(task="binary"), PLAIN | {"y": ROWS % 3}, PLAIN | {"y": ROWS % 2}),
    (
        "40 classes in 40 rows",
        posed(),
        PLAIN | {"y": [f"n{n}" for n in ROWS]},
        PLAIN | {"y": [f"n{n % 20}" for n in ROWS]},
    ),
    ("needs numbers, but target 'y' holds 'a' in row 1", posed(task="regression"), PLAIN | {"y": AB}, PLAIN),
    ("holds 'NA' in 1 row: it may mean", posed(), PLAIN | {"y": ["NA", *AB[1:]]}, PLAIN | {"y": ["", *AB[1:]]}),
    ("'y' is missing in all rows", posed(), PLAIN | {"y": [None] * N}, PLAIN | {"y": [None] * (N - 2) + [1.5, 2.0]}),
    ("1 row can be used", posed(), PLAIN | {"y": [None] * (N - 1) + [1.5]}, PLAIN | {"y": [None] * (N - 2) + [1, 2.5]}),
    ("has a single row", posed(), {"x": [1.0], "y": [2.0]}, {"x": [1.0, 3.0], "y": [2.0, 4.0]}),
    ("No feature is left", posed(), {"x": [1] * N, "y": Y}, {"x": [1] * (N - 1) + [2], "y": Y}),
]
COLUMNS = [
    ("'v' holds times or durations", posed(), texts(lambda n: f"{n % 24:02}:30"), texts(lambda n: f"{n % 24:02}.30")),
    (
        "limits of numbers such as '<0.5'",
        posed(),
        texts(lambda n: "<0.5" if n % 5 == 0 else f"{n / 4}"),
        texts(lambda n: "0.5" if n % 5 == 0 else f"{n / 4}"),
    ),
    (
        "shortens numbers by more than one letter",
        posed(),
        texts(lambda n: f"{n}.5{'kM'[n % 2]}"),
        texts(lambda n: f"{n}.5 {'m'}"),
    ),
    (
        "'2024-02-30' in row 3, which",
        posed(),
        column([*["2024-02-28"] * 2, *["2024-02-30"] * 38]),
        column(DAYS.astype(str)),
    ),
    (
        "more than one unit: '1 kg' and '2 g'",
        posed(),
        texts(lambda n: f"{n + 1} {('kg', 'g')[n % 2]}"),
        texts(lambda n: f"{n + 1} kg"),
    ),
    (
        "numbers in more than one way",
        posed(),
        texts(lambda n: f"{n}{',.'[n % 2]}5"),
        texts(lambda n: f"{n},5"),
    ),
    (
        "no row says whether the comma or point",
        posed(),
        texts(lambda n: f"{n + 1},{100 + n}"),
        texts(lambda n: f"{n + 1},{100 + n}.5"),
    ),
    (
        "whose years have two digits",
        posed(),
        texts(lambda n: f"{n % 28 + 1}-Jan-24"),
        texts(lambda n: f"{n % 28 + 1}-Jan-2024"),
    ),
    (
        "no row says whether they are written as",
        posed(),
        texts(lambda n: f"{n % 12 + 1:02}/{n % 11 + 1:02}/2024"),
        texts(lambda n: f"{n % 12 + 1:02}/{n % 28 + 1:02}/2024"),
    ),
    (
        "holds numbers, but 'sick' in row 8",
        posed(),
        texts(lambda n: "sick" if n == 7 else n),
        texts(lambda n: "" if n == 7 else n),
    ),
    (
        "dates such as 20240101, but 20240230 in row 3",
        posed(),
        column(np.where(ROWS == 2, 20240230, DAYS.strftime("%Y%m%d").astype(int))),
        column(DAYS.strftime("%Y%m%d").astype(int)),
    ),
    ("'v' holds values of type complex128", posed(), column(X + 1j), column(X + 1)),
    (
        "'v' is infinite in row 4",
        posed(),
        column(np.where(ROWS == 3, np.inf, X)),
        column(np.where(ROWS == 3, np.nan, X)),
    ),
    (
        "'v' has 1,001 levels",
        posed(),
        {"v": [f"k{n % 1001}" for n in range(3003)], "y": np.arange(3003) % 17},
        {"v": [f"k{n % 1000}" for n in range(3000)], "y": np.arange(3000) % 17},
    ),
    (
        "'v' holds running text",
        posed(),
        {"v": [f"we came back for the {n % 1001}th time" for n in range(3003)], "y": np.arange(3003) % 17},
        {"v": [f"we came back for the {n % 1000}th time" for n in range(3000)], "y": np.arange(3000) % 17},
    ),
    (
        "'v' holds running text",
        posed(),
        {"v": [f"we came back for the {n % 1001}th time" for n in range(3003)], "y": np.arange(3003) % 17},
        {"v": [f"we came back for the {n % 1000}th time" for n in range(3000)], "y": np.arange(3000) % 17},
    ),
    (
        "holds 1e[+]14 in row 4, far",
        posed(),
        column(np.where(ROWS == 3, 1e14, X)),
        column(np.where(ROWS == 3, 1e11, X)),
    ),
]
NEW_ROWS = [
    (
        "'x' must be numeric, but row 2 holds 'two'",
        new_rows,
        KNOWN | {"x": ["1", "two", "3"]},
        KNOWN | {"x": ["1", "2", "3"]},
    ),
    ("'b' must be boolean and is numeric here: row 1", new_rows, KNOWN | {"b": [7, 1, 0]}, KNOWN | {"b": [0, 1, 0]}),
    (
        "lack 1 column the model was trained on: 'x'",
        new_rows,
        {"k": ["a"], "b": [True]},
        {"x": [1], "k": ["a"], "b": [True]},
    ),
    ("'x' is missing in row 2, and the formula", for_formula, {"x": [1.0, None]}, {"x": [1.0, 2.0], "z": [1.0, None]}),
    ("There are no training rows", lambda rows: fit_encoder(pd.DataFrame(PLAIN), rows), [], [0, 1]),
    (
        "'z' is absent",
        fit_encoder(pd.DataFrame({"x": X, "z": Z}), ROWS).transform,
        pd.DataFrame({"x": X}),
        pd.DataFrame(PLAIN),
    ),
    (
        "fingerprint is aaaaaaaaaaaa…, the run's",
        lambda pair: check_fingerprint(*pair),
        ("a" * 64, "b" * 64),
        ("a" * 64,) * 2,
    ),
]
TIMES = [
    ("holds neither numbers nor dates", posed(time="t"), PLAIN | {"t": AB}, PLAIN | {"t": DAYS}),
    ("'t' is missing in row 40", posed(time="t"), PLAIN | {"t": [*DAYS[1:], None]}, PLAIN | {"t": DAYS}),
    ("at least 4 different times, the table has 3", lambda time: time_folds(time, 3), ROWS % 3, ROWS % 4),
    ("single times hold too many", lambda time: time_folds(np.sort(time), 3), np.minimum(ROWS, 4), ROWS),
    ("gap of 20 times leaves fold 1", lambda gap: time_folds(ROWS, 3, gap), 20, 5),
    ("leave no earlier ones", lambda time: latest_rows(time, ROWS, 0.3), np.zeros(N, int), np.minimum(ROWS, 1)),
    (
        "'late' has no row before fold 1 of 3",
        in_time,
        {"t": ROWS, "x": X, "y": np.where(ROWS < 30, AB, "late")},
        {"t": ROWS, "x": X, "y": np.where(ROWS % 3, AB, "late")},
    ),
]
FOLDS = [
    ("at least 2 training rows", lambda rows: validation_rows(pose(PLAIN, target="y"), rows, 0.3, 0), [3], [3, 4]),
    (
        "5 training rows of 5 classes",
        lambda rows: validation_rows(pose(PLAIN | {"y": [f"k{n % 20}" for n in ROWS]}, target="y"), rows, 0.3, 0),
        range(5),
        range(40),
    ),
    ("belong to one group", watched, PLAIN | {"g": ROWS // 10}, PLAIN | {"g": ROWS // 5}),
    ("41 folds need at least 41 rows", lambda count: cut(count)(PLAIN), 41, 40),
    ("5 folds need at least 5 groups, the table has 4", cut(5), PLAIN | {"g": ROWS % 4}, PLAIN | {"g": ROWS % 5}),
    (
        "Class 'a' of 'y' has 3 rows, fewer",
        cut(4),
        {"x": X, "y": np.where(ROWS < 3, "a", "b")},
        {"x": X, "y": np.where(ROWS < 4, "a", "b")},
    ),
    ("Fold 3 of 4 has no rows", lambda numbers: _check_folds(pose(PLAIN, target="y"), numbers, 4), ROWS % 2, ROWS % 4),
    (
        "class 'rare' lie in groups of one fold",
        cut(4),
        {"x": X, "g": ROWS // 5, "y": np.where(ROWS < 5, "rare", "b")},
        {"x": X, "g": ROWS // 5, "y": np.where(ROWS % 5, "b", "rare")},
    ),
]
FORMULAS = [
    ("'k' has 101 levels; a formula takes at most 100", by_levels, 101, 100),
    ("'k' has 4 levels; dummies are written for at most 3", dummies, 4, 3),
    ("uses the date 'day'", by, "y ~ day", "y ~ x"),
    ("'x' both as a number and as a category", by, "y ~ x + C(x)", "y ~ x + C(k)"),
    ("uses other columns than the design", design_with, "y ~ z", "y ~ x"),
    (r"Term 'log\(x\)' .* nan in row", by, "y ~ log(x)", "y ~ log(x**2 + 1)"),
    (r"letters; a factor has at most", read_expression, LONG, "x + x"),
    ("uses x, which is no contrast", by, "y ~ C(k, x)", "y ~ C(k, Sum)"),
    (r"uses Python that is not allowed: x\[0\]", by, "y ~ I(x[0])", "y ~ I(x)"),
    ("cannot be read: invalid", read_expression, "x ! z", "x * z"),
    (r"gives 2 values to log\(\), which takes 1", by, "y ~ log(z, x)", "y ~ abs(z)"),
    (r"uses poly\(\), which learns from all rows", by, "y ~ poly(x, 2)", "y ~ x + I(x**2)"),
    (r"C\(\) inside of something else", by, "y ~ log(C(k))", "y ~ C(k)"),
    (r"uses mystery\(\), which is not", by, "y ~ mystery(x)", "y ~ sqrt(abs(x))"),
    ("uses np.load, which is not", by, "y ~ np.load(x)", "y ~ np.exp(x)"),
    ("opens a backquote and does not close it", read_expression, "log(`two words)", "log(`two words`)"),
    ("cannot be used: .*misplaced", by, "y ~ x +", "y ~ x"),
    ("needs one column on its left", by, "y + z ~ x", "y ~ x"),
    ("has no features on its right", by, "y ~ 1", "y ~ 1 + x"),
    ("has 'y' on both sides", by, "y ~ y + x", "y ~ z + x"),
    ("formula must be a text, got 3", by, 3, "y ~ x"),
    ("one outcome and one list of terms", by, "y ~ x | z", "y ~ x + z"),
    ("removes the intercept", by, "y ~ 0 + x", "y ~ x"),
    (r"computes 'abs\(x\)', and a column has that name", by, "y ~ abs(x)", "y ~ `abs(x)`"),
    ("which uses no column", by, "y ~ x + exp(1)", "y ~ x + exp(z)"),
    ("cannot be used: .*which is no contrast", by, "y ~ C(k, Sun)", "y ~ C(k, Sum)"),
    ("learns from all rows at once, which are read in batches", batched, "y ~ bs(x, df=4)", "y ~ I(x**2)"),
    ("Behind the bar", without_effects, "y ~ x | log(z)", "y ~ x | z"),
]
ROLES = [
    ("Which column is the outcome", roles, {"target": None}, {}),
    ("'w' is -1 in row 1; weights", posed(weights="w"), PLAIN | {"w": ROWS - 1.0}, PLAIN | {"w": ROWS + 0.0}),
    ("weights in column 'w' are zero", posed(weights="w"), PLAIN | {"w": ROWS * 0}, PLAIN | {"w": (ROWS > 3) + 0.0}),
    ("'g' is missing in row 1", posed(groups="g"), PLAIN | {"g": [None] * N}, PLAIN | {"g": [None, *AB[1:]]}),
    ("groups and time both say how folds are cut", roles, {"groups": "k", "time": "t"}, {"clusters": "k", "time": "t"}),
    ("'w' is given more than one part", roles, {"weights": "w", "ignore": ["w"]}, {"weights": "w", "ignore": ["k"]}),
    ("No column is left to predict 'y' from", roles, {"ignore": list("xzktw")}, {"ignore": list("xzkt")}),
    ("formula and features both say", roles, {"formula": "y ~ x", "features": ["x"]}, {"formula": "y ~ x"}),
    ("target is 'y', but formula 'z ~ x' predicts", roles, {"formula": "z ~ x"}, {"formula": "y ~ x"}),
    ("no column 'u', named by groups", roles, {"groups": "u"}, {"groups": "k"}),
    ("posed already, so groups is settled", again, {"groups": "x"}, {}),
]
TABLES = [
    ("no example 'wines'. Did you mean 'wine'", load_example, "wines", "wine"),
    ("comes with statsmodels", example_without, "statsmodels.datasets.fair", "statsmodels.datasets.nothing"),
    (
        "half of one, which no file can hold",
        posed(),
        PLAIN | {"k": ["a", "\ud800"] * 20},
        PLAIN | {"k": ["a", "é"] * 20},
    ),
    ("There is no table to read", read, (), (PLAIN,)),
    ("'table' has no rows", read, (pd.DataFrame({"x": []}),), (pd.DataFrame({"x": [1]}),)),
    ("two axes .*got shape", read, (np.ones(3),), (np.ones((3, 1)),)),
    (
        "more than one column named 'x'",
        read,
        (pd.DataFrame([[1, 2]], columns=["x", "x"]),),
        (pd.DataFrame([[1, 2]], columns=["x", "X"]),),
    ),
    (r"'x' has shape \(1, 2\)", read, ({"x": [[1, 2]]},), ({"x": [1, 2]},)),
    ("'z' has 3 values and 'x' has 2", read, ({"x": [1, 2], "z": [1, 2, 3]},), ({"x": [1, 2], "z": [1, 2]},)),
]
MESSAGES = [*TARGETS, *COLUMNS, *NEW_ROWS, *TIMES, *FOLDS, *FORMULAS, *ROLES, *TABLES]
ROOMS = ("", "cells", "dependence", "reading", "remarks")  # files has its own


@pytest.mark.parametrize(("words", "door", "true", "untrue"), MESSAGES, ids=[words for words, *_ in MESSAGES])
def test_an_error_is_raised_where_it_is_true_and_nowhere_else(words, door, true, untrue):
    error, _ = answered(door, true)
    assert error is not None
    assert re.search(words, str(error))
    assert answered(door, untrue)[0] is None


def test_every_error_of_the_room_is_tried():
    tried = set().union(*(places_with(words, answered(door, true)[1]) for words, door, true, _ in MESSAGES))
    assert len(places_of_errors(*ROOMS)) > 80
    assert shown(places_of_errors(*ROOMS) - tried) == set()
