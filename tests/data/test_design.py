import json

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError, SettingError
from thalweg.data.design import Design, design_columns, design_of, evaluate_outcome
from thalweg.data.formula import formula_variables


def frame(**columns):
    kinds = {"k": "category"}
    return pd.DataFrame({name: pd.Series(v, dtype=kinds.get(name, "float64")) for name, v in columns.items()})


def made(text, table):
    return design_of(formula_variables(text, list(table.columns)), table)


def test_the_first_level_is_the_reference_and_there_is_no_intercept():
    table = frame(y=[1.0, 2.0, 3.0], x=[1.0, 2.0, 4.0], k=["b", "a", "c"])
    design, _ = made("y ~ log(x) + k", table)
    assert design.levels == {"k": ("a", "b", "c")}
    assert design.columns == ("log(x)", "k[T.b]", "k[T.c]")


def test_it_survives_json_and_gives_the_same_columns():
    table = frame(y=[1.0, 2.0, 3.0], x=[1.0, 2.0, 4.0], k=["b", "a", "c"])
    design, matrix = made("y ~ x + I(x**2) + k", table)
    again = Design.from_dict(json.loads(json.dumps(design.to_dict())))
    assert again == design
    pd.testing.assert_frame_equal(design_columns(again, table), matrix)


def test_a_new_level_counts_as_the_reference():
    design, _ = made("y ~ k", frame(y=[1.0, 2.0], k=["a", "b"]))
    assert design_columns(design, frame(k=["zzz", "b"])).to_numpy().tolist() == [[0.0], [1.0]]


def test_rows_are_named_as_they_were_read():
    design, _ = made("y ~ log(x)", frame(y=[1.0, 2.0], x=[1.0, 2.0]))
    new = frame(x=[1.0, 0.0]).set_axis([4, 6])
    with pytest.raises(DataError, match=r"is -inf in row 7"):
        design_columns(design, new)
    new.loc[6, "x"] = np.nan
    with pytest.raises(DataError, match="Column 'x' is missing in row 7"):
        design_columns(design, new)


def test_a_number_cannot_be_a_category_as_well():
    with pytest.raises(SettingError, match="both as a number and as a category"):
        made("y ~ x + C(x)", frame(y=[1.0, 2.0], x=[1.0, 2.0]))


def test_the_left_side_is_evaluated():
    table = frame(y=[1.0, np.e], x=[0.0, 1.0])
    found = evaluate_outcome(formula_variables("log(y) ~ x", ["y", "x"]), table)
    assert found.tolist() == pytest.approx([0.0, 1.0])
    assert found.name == "log(y)"
