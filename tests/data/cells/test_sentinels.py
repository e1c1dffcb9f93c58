import numpy as np
import pandas as pd
import pytest

from thalweg.data.cells.sentinels import sentinel_note
from thalweg.data.files.files import run_query

AGES = [*range(18, 80), *range(20, 60)]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*AGES, 99, 99], "99 in 2 rows"),
        ([*AGES, 998, 999], "998 in 1 row and 999 in 1 row"),
        ([*AGES, 999], "999 in 1 row"),
        ([*AGES, -9, -9], "-9 in 2 rows"),
        ([1, 2, 3, 4, 5] * 10 + [8, 9, 9], "8 in 1 row and 9 in 2 rows"),
        ([0.5, 1.25, 3.75] * 10 + [9999.0] * 2, "9999 in 2 rows"),
    ],
)
def test_codes_outside_the_rest_are_pointed_at_with_a_query_that_works(values, codes):
    column = pd.Series(values, dtype=np.float64, name="age")
    note = sentinel_note(column)
    assert f"holds {codes}, outside" in note.text
    query = note.text.rpartition("query: ")[2].rstrip(".")
    assert run_query(query, pd.DataFrame({"age": column}))["age"].isna().sum() == codes.count("row") + codes.count("2 ")


@pytest.mark.parametrize(
    "values",
    [
        list(range(10)) * 5,
        list(range(101)),
        [*range(90), 99],
        [-9.0, -8.5, -3.0, 0.0, 2.0, 5.0, 9.0],
        np.random.default_rng(0).normal(size=500).tolist(),
        [9.0, 9.0, 99.0],
        [0.0, 1.0] * 20,
    ],
)
def test_ordinary_values_are_not(values):
    assert sentinel_note(pd.Series(values, dtype=np.float64, name="x")) is None


def test_minus_one_is_a_code_only_beyond_a_gap():
    note = sentinel_note(pd.Series([-1.0] * 4 + list(np.arange(20.0, 60.0)), name="age"))
    assert "holds -1 in 4 rows" in note.text
    assert sentinel_note(pd.Series([-1.0, 0.0, 1.0, 2.0, 3.0] * 9, name="score")) is None
    both = sentinel_note(pd.Series([-9.0, -9.0, -1.0, 0.0, 1.0, 2.0] * 9, name="score"))
    assert "holds -9 in 18 rows" in both.text


def test_nines_with_decimals_are_codes_too():
    incomes = pd.Series([*np.linspace(20, 200, 60), 9999.99, 9999.99], name="income")
    assert "holds 9999.99 in 2 rows" in sentinel_note(incomes).text
    assert sentinel_note(pd.Series([*np.linspace(20, 200, 60), 150.5, 150.5], name="income")) is None
