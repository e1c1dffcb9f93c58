import re

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.cells.compact_dates import compact_dates
from thalweg.data.columns import canonical_column, column_of_kind
from thalweg.data.encode import fit_encoder
from thalweg.data.kinds import kind_of
from thalweg.data.problem import pose

DAYS = pd.date_range("2023-12-20", periods=40)
MONTHS = pd.date_range("2019-01-01", periods=40, freq="MS")


def whole(dates, form):
    return dates.strftime(form).astype(np.int64)


@pytest.mark.parametrize(("dates", "form"), [(DAYS, "%Y%m%d"), (MONTHS, "%Y%m")])
@pytest.mark.parametrize("kind", ["int64", "float64", "Int64", "str", "object"])
def test_whole_numbers_that_are_dates_are_dates_whatever_holds_them(dates, form, kind):
    column = pd.Series(whole(dates, form)).astype(kind).rename("at")
    read, found = canonical_column(column)
    assert read.tolist() == dates.tolist()
    assert found.style.form == form


@pytest.mark.parametrize("given", [[20240131], [20240131.0], ["20240131"], [pd.Timestamp("2024-01-31")]])
def test_new_rows_are_read_as_the_training_rows_were(given):
    _, found = canonical_column(pd.Series(whole(DAYS, "%Y%m%d"), name="at"))
    read = column_of_kind(pd.Series(given, name="at"), "date", found.style)
    assert read.tolist() == [pd.Timestamp("2024-01-31")]


def test_new_rows_that_are_no_dates_are_named():
    _, found = canonical_column(pd.Series(whole(DAYS, "%Y%m%d"), name="at"))
    with pytest.raises(DataError, match=r"'at' must be date .* row 2 holds '20240230'"):
        column_of_kind(pd.Series([20240131, 20240230], name="at"), "date", found.style)


@pytest.mark.parametrize(
    "numbers",
    [
        20240101 + np.arange(60),  # count past the last day of a month
        202401 + np.arange(13),
        whole(DAYS, "%Y%m%d")[:4],  # few of them may be chance
        np.random.default_rng(0).integers(18000101, 21991231, 200),
        whole(DAYS, "%Y%m%d") + 0.5,
        np.arange(40.0),
    ],
)
def test_other_numbers_stay_numbers(numbers):
    assert compact_dates(pd.Series(np.asarray(numbers, dtype=float))) is None


def test_gaps_and_the_code_for_never_are_kept():
    column = pd.Series([*whole(DAYS, "%Y%m%d"), 99991231, np.nan], name="until")
    read, _ = canonical_column(column)
    assert read.iloc[-2].year == 9999
    assert read.isna().sum() == 1
    told = {note.code: note.text for note in pose({"until": column, "y": np.arange(42.0)}, target="y").notes}
    assert "9999-12-31 in 1 row" in told["sentinel"]


def test_a_date_of_digits_becomes_year_month_and_weekday():
    problem = pose({"at": whole(DAYS, "%Y%m%d"), "y": np.sin(np.arange(40.0))}, target="y")
    assert kind_of(problem.features["at"]) == "date"
    assert fit_encoder(problem, np.arange(40)).feature_names == ("at.days", "at.year", "at.month", "at.weekday")


def test_a_code_among_dates_is_refused_with_the_query_that_reads_it():
    table = {"end": np.where(np.arange(40) % 20 == 7, 0, whole(DAYS, "%Y%m%d")), "y": np.sin(np.arange(40.0))}
    with pytest.raises(DataError, match="but 0 in row 8, which is no date") as caught:
        pose(table, target="y")
    [query] = re.findall("select .*? from data", str(caught.value))
    assert pose(table, target="y", query=query).features["end"].isna().sum() == 2
