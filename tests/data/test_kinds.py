import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.kinds import as_category, as_date, as_numeric, kind_of, label


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pd.Series([1.0, np.nan]), "numeric"),
        (pd.Series([True, None], dtype="boolean"), "boolean"),
        (pd.Series(["a", "b"], dtype="category"), "categorical"),
        (pd.Series(pd.to_datetime(["2024-05-31"])), "date"),
    ],
)
def test_a_dtype_tells_the_kind(column, kind):
    assert kind_of(column) == kind


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (3.5, "3.5"), (np.float64(-0.0), "0"), (np.True_, "true"), (7, "7"), ("3.0", "3.0")]
)
def test_labels(value, text):
    assert label(value) == text


def test_the_largest_number_is_taken_and_one_beyond_is_refused_with_its_row():
    assert as_numeric(pd.Series([1e150, -1e150, np.nan])).tolist()[:2] == [1e150, -1e150]
    column = pd.Series([0.0, 2e150, np.inf], index=[4, 7, 9], name="x")
    with pytest.raises(DataError, match=r"Column 'x' holds 2e\+150, beyond ±1e\+150, in row 8 \(and in 1 more\)"):
        as_numeric(column)
    with pytest.raises(DataError, match="Column 'x' is infinite in row 10"):
        as_numeric(column.iloc[[0, 2]])


def test_dates_lose_their_zone_but_not_their_moment():
    moment = pd.Series(pd.to_datetime(["2024-01-01T00:30+02:00"]))
    assert as_date(moment).tolist() == [pd.Timestamp("2023-12-31 22:30")]


def test_levels_are_in_the_order_of_numbers_only_if_all_are_numbers():
    column = pd.Series([0, 0, 0])
    codes = np.array([0, 1, 2])
    assert as_category(codes, ["10", "9", "1e1"], column).cat.categories.tolist() == ["9", "10", "1e1"]
    assert as_category(codes, ["10", "9", "x"], column).cat.categories.tolist() == ["10", "9", "x"]


def test_equal_levels_become_one():
    assert as_category(np.array([0, 1, -1]), ["a", "a"], pd.Series([0, 0, 0])).cat.codes.tolist() == [0, 0, -1]
