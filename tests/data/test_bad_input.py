"""Every bad table a user may bring: one message of ours, naming the place and the remedy."""

import re

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError, ThalwegError
from thalweg.data.problem import pose
from thalweg.data.split import fold_numbers

ROWS = 60
RNG = np.random.default_rng(0)


def good() -> dict[str, list]:
    return {
        "age": [20.0 + row % 41 for row in range(ROWS)],
        "income": (1000 * np.exp(RNG.normal(size=ROWS))).round(2).tolist(),
        "ward": ["north", "south", "east"] * (ROWS // 3),
        "paid": ["yes", "no"] * (ROWS // 2),
    }


def changed(column: str, row: int, value: object) -> dict[str, list]:
    table = good()
    table[column] = [value if place == row else old for place, old in enumerate(table[column])]
    return table


def rejects(match: str, source: object, kind: type[ThalwegError] = DataError, **asked: object) -> None:
    asked.setdefault("target", "paid")
    with pytest.raises(kind, match=match) as caught:
        pose(source, **asked)
    assert caught.value.remedy
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None


def written(tmp_path, text: str | bytes, name: str = "t.csv") -> str:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_missing_file():
    rejects(r"'nowhere.csv' does not exist", "nowhere.csv")
    rejects(r"'nowhere\*.csv' does not exist", "nowhere*.csv")


def test_folder_and_unknown_types(tmp_path):
    (tmp_path / "x.csv").mkdir()
    rejects("is a folder", str(tmp_path / "x.csv"))
    rejects(r"type that cannot be read \(\.doc\).*with pandas", written(tmp_path, "x", "survey.doc"))
    rejects("is a folder", str(tmp_path))


def test_empty_file_and_no_rows(tmp_path):
    rejects("is empty", written(tmp_path, ""))
    rejects("has no rows", written(tmp_path, "x,paid\n"))
    rejects("has no rows", good(), query="select * from data where age > 1000")
    rejects("has no rows", pd.DataFrame({"x": [], "paid": []}))


def test_one_row(tmp_path):
    rejects("single row", written(tmp_path, "x,paid\n1,yes\n"))
    rejects("1 row can be used", {"x": [1, 2], "paid": ["yes", None]})


def test_absent_target_suggests_close_names():
    rejects(r"no column 'payed', named by target.*Did you mean 'paid'", good(), SettingError, target="payed")
    rejects(r"columns are 'age', 'income', 'ward', 'paid'", good(), SettingError, target="zzz")
    rejects(r"Which column is the outcome.*'age', 'income'", good(), SettingError, target=None)


def test_useless_targets():
    rejects("'paid' has the same value in all rows: yes", {**good(), "paid": ["yes"] * ROWS})
    rejects("'paid' is missing in all rows", {**good(), "paid": [None] * ROWS})
    rejects("'paid' is a date", {**good(), "paid": pd.date_range("2024-01-01", periods=ROWS)})
    rejects("60 classes in 60 rows", {**good(), "paid": [f"p{row}" for row in range(ROWS)]})


def test_rare_class_and_too_many_folds():
    table = {**good(), "paid": ["yes"] * 3 + ["no"] * (ROWS - 3)}
    with pytest.raises(DataError, match="Class 'yes' of 'paid' has 3 rows, fewer than 5 folds"):
        fold_numbers(pose(table, target="paid"), 5, seed=0)
    with pytest.raises(DataError, match="61 folds need at least 61 rows, the table has 60"):
        fold_numbers(pose(good(), target="income"), 61, seed=0)


def test_groups_too_few_or_hiding_a_class():
    table = {**good(), "firm": ["a", "b", "c", "d"] * (ROWS // 4)}
    with pytest.raises(DataError, match="5 folds need at least 5 groups, the table has 4"):
        fold_numbers(pose(table, target="income", groups="firm"), 5, seed=0)
    hidden = {
        "x": list(range(40)),
        "firm": [row // 5 for row in range(40)],
        "y": ["rare" if row < 5 else "common" for row in range(40)],
    }
    with pytest.raises(DataError, match="class 'rare' lie in groups of one fold"):
        fold_numbers(pose(hidden, target="y", groups="firm"), 4, seed=0)


def test_duplicated_names(tmp_path):
    rejects("more than one column named 'x'", written(tmp_path, "x,x,paid\n1,2,yes\n3,4,no\n"))
    frame = pd.DataFrame([[1, 2, "yes"], [3, 4, "no"]], columns=["x", "x", "paid"])
    rejects("more than one column named 'x'", frame)
    rejects("more than one column named 'x'", frame, query="select * from data")


@pytest.mark.parametrize("rows", [60, 30_000])
def test_text_among_numbers_names_column_row_and_text(tmp_path, rows):
    values = [f"{row / 7:.4f}" for row in range(rows)]
    values[rows - 9] = "n/a?"
    lines = "\n".join(f"{value},{'yes' if row % 2 else 'no'}" for row, value in enumerate(values))
    path = written(tmp_path, f"dose,paid\n{lines}\n")
    rejects(rf"'dose' holds numbers, but 'n/a\?' in row {rows - 8:,}\.", path)
    rejects(
        rf"'dose' holds numbers, but 'n/a\?' in row {rows - 8:,}\.", {"dose": values, "paid": ["a", "b"] * (rows // 2)}
    )


def test_decimal_commas_and_impossible_dates():
    rejects("more than one way: '0,5' and '1.5'", {**good(), "age": [f"{row}{',.'[row % 2]}5" for row in range(ROWS)]})
    dates = ["2024-02-28"] * (ROWS - 1) + ["2024-02-30"]
    rejects("'2024-02-30' in row 60, which is no date", {**good(), "age": dates})


def test_infinities_and_absurd_numbers():
    rejects("'income' is infinite in row 8", changed("income", 7, np.inf))
    rejects("'income' is infinite in row 8", changed("income", 7, -np.inf))
    rejects("'income' is infinite in row 3", changed("income", 2, np.inf), target="income")
    rejects(r"'income' holds 1e\+200, beyond", changed("income", 7, 1e200))


def test_types_no_network_can_read():
    rejects("'age' holds nested or binary values", pd.DataFrame({**good(), "age": [[1, 2]] * ROWS}))
    rejects("'age' holds values of type complex128", {**good(), "age": np.ones(ROWS) * 1j})
    rejects("'age' holds values of type bytes", {**good(), "age": [b"x"] * ROWS})


def test_encoding(tmp_path):
    body = "city,paid\n" + "Bern,yes\nZürich,no\n" * 30
    french = body.replace("Zürich", "Genève")
    rejects(r"not UTF-8 \(line 3, byte 4\).*'è'.*'č'.*#encoding=cp1252", written(tmp_path, french.encode("cp1252")))
    late = "city,paid\n" + "Bern,yes\nBasel,no\n" * 30_000 + "Genève,no\n"
    rejects(r"not UTF-8 \(line 60002, byte 4\)", written(tmp_path, late.encode("cp1252")))
    for encoding in ("cp1252", "utf-16", "utf-8-sig"):
        found = pose(written(tmp_path, body.encode(encoding)), target="paid").features["city"]
        assert found.cat.categories.tolist() == ["Bern", "Zürich"]


def test_files_that_are_no_tables(tmp_path):
    ragged = "a,b,paid\n" + "1,2,yes\n" * 30 + "1,2\n" + "1,2,no\n" * 30
    rejects(r"has 2 values in line 32 where its header has 3: '1,2'", written(tmp_path, ragged))
    rejects("Line 1 of .* holds values", written(tmp_path, "1,2\n3,4\n5,6\n"))
    rejects("cannot be read", written(tmp_path, "nonsense", "t.parquet"))
    rejects("cannot be read", written(tmp_path, "{nonsense", "t.json"))


def test_sources_of_other_types():
    rejects("got list", [1, 2], SettingError)
    rejects(r"shape \(3,\)", np.ones(3), SettingError)
    rejects("There is no table", None, SettingError)
    rejects("'b' has 3 values and 'a' has 2", {"a": [1, 2], "b": [1, 2, 3]})
    rejects(r"'a' has shape \(2, 2\)", {"a": [[1, 2], [3, 4]], "b": [1, 2]})


def test_weights():
    rejects("no column 'w', named by weights", good(), SettingError, weights="w")
    for value, says in [(-1.0, "is -1 in row 5"), (None, "is missing in row 5"), (np.inf, "is infinite in row 5")]:
        rejects(says, {**good(), "w": [value if row == 4 else 1.0 for row in range(ROWS)]}, weights="w")
    rejects("All weights in column 'w' are zero", {**good(), "w": [0] * ROWS}, weights="w")
    rejects("'ward' must be numeric", good(), weights="ward")


def test_groups():
    rejects("no column 'firm', named by groups", good(), SettingError, groups="firm")
    few = {**good(), "firm": ["a", *[None] * (ROWS - 1)]}
    rejects(f"1 row can be used. Left out for lack of 'firm'.*: {ROWS - 1} rows", few, groups="firm")
    rejects("'firm' is missing in row 1", {**good(), "firm": [None] * ROWS}, groups="firm")


def test_roles():
    rejects("no column 'agee', named by ignore.*'age'", good(), SettingError, ignore=["agee"])
    rejects("no column 'agee', named by features.*'age'", good(), SettingError, features=["agee"])
    rejects("'age' is given more than one part", good(), SettingError, ignore=["age"], weights="age")
    rejects("'paid' is given more than one part", good(), SettingError, ignore="paid")
    rejects("No column is left", good(), SettingError, ignore=["age", "income", "ward"])
    rejects("No feature is left", good() | {"age": [1] * ROWS}, ignore=["income", "ward"])


def test_tasks():
    rejects("task must be one of", good(), SettingError, task="ranking")
    rejects(
        "task='regression' needs numbers, but target 'paid' holds 'yes' in row 1",
        good(),
        SettingError,
        task="regression",
    )
    rejects(
        "task='binary' needs 2 classes, but target 'ward' has 3", good(), SettingError, target="ward", task="binary"
    )


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("income ~ age +", "misplaced"),
        ("income ~ log(age", "quote context"),
        ("income ~ agee", "no column 'agee'.*Did you mean 'age'"),
        ("~ age", "one outcome"),
        ("income ~ 1", "no features"),
        ("income + paid ~ age", "one column on its left"),
        ("income ~ income + age", "both sides"),
        ("income ~ 0 + age", "removes the intercept"),
        ("income ~ age | ward", "one list of terms"),
        ("income ~ bs(age, df=4)", "learns from all rows"),
        ("income ~ mystery(age)", r"mystery\(\), which is not available"),
        ("income ~ np.load(age)", "np.load, which is not available"),
        ("income ~ {__import__('os').getcwd()}", "not available"),
        ("income ~ age[0]", "not allowed"),
        ("income ~ log(ward)", r"cannot be used: log\(ward\) cannot be computed"),
        ("income ~ age + C(age)", "both as a number and as a category"),
        ("income ~ C(two words)", "cannot be used"),
    ],
)
def test_formulas(formula, says):
    rejects(says, good(), SettingError, target=None, formula=formula)


def test_formula_terms_that_are_undefined():
    rejects(r"Term 'log\(age\)' .* is -inf in row 4", changed("age", 3, 0.0), target=None, formula="income ~ log(age)")
    rejects(
        r"Term 'log\(income\)' .* is nan in row 4", changed("income", 3, -1.0), target=None, formula="log(income) ~ age"
    )


def test_formula_and_other_choices():
    rejects("both say what to predict", good(), SettingError, target=None, formula="income ~ age", features=["age"])
    rejects("target is 'paid', but formula .* predicts 'income'", good(), SettingError, formula="income ~ age")
    dates = {**good(), "day": pd.date_range("2024-01-01", periods=ROWS)}
    rejects("uses the date 'day'", dates, target=None, formula="income ~ day")
    many = {name: values * 10 for name, values in good().items()}
    many["street"] = [f"s{row % 200}" for row in range(10 * ROWS)]
    rejects("'street' has 200 levels; a formula takes at most 100", many, target=None, formula="income ~ street")


@pytest.mark.parametrize(
    "query",
    [
        "selec * from data",
        "select nope from data",
        "select * from 'nowhere.parquet'",
        "select * from 'https://example.org/t.parquet'",
        "copy data to 'stolen.csv'",
        "select 1; select 2",
        "select * from good",
    ],
)
def test_queries(query):
    rejects("[Qq]uery", good(), SettingError, query=query)


def test_no_message_shows_raw_terminal_codes():
    with pytest.raises(SettingError) as caught:
        pose(good(), formula="income ~ age +")
    assert not re.search("\x1b|⧛", str(caught.value))
