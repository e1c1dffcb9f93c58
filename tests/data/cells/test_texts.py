import re

import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.cells.texts import read_texts
from thalweg.data.columns import canonical_column
from thalweg.data.kinds import kind_of
from thalweg.data.problem import pose


def read(*values, name="x"):
    texts = list(dict.fromkeys(values))
    codes = np.array([texts.index(value) for value in values])
    return read_texts(pd.Series([0] * len(values), name=name), codes, texts)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("TRUE", "false", "NA"), "boolean"),
        (("1", "2e3", "-.5", "?"), "numeric"),
        (("2024-05-31", "2024-06-01T10:00Z", ""), "date"),
        (("31.05.2024", "a"), "categorical"),
        (("1", "2", "a"), "categorical"),
        (("true", "1"), "boolean"),
        (("true", "1", "2"), "categorical"),
    ],
)
def test_the_rules_in_their_order(values, kind):
    assert kind_of(read(*values)[0]) == kind


def test_markers_are_counted_by_rows_and_empty_texts_are_not():
    column, found = read("NA", "1", "NA", "", "?")
    assert found.markers == {"NA": 2, "?": 1}
    assert column.isna().tolist() == [True, False, True, True, True]


def test_a_stray_text_among_many_numbers_is_named_with_its_row():
    numbers = [str(n) for n in range(30)]
    with pytest.raises(DataError, match=r"Column 'age' holds numbers, but 'abc' in row 4 \(1 more such rows\)"):
        read(*numbers[:3], "abc", *numbers[3:], "abc", name="age")


def test_a_few_numbers_with_texts_are_a_category():
    assert kind_of(read(*map(str, range(20)), "abc")[0]) == "categorical"


def test_dates_that_do_not_exist_are_named_with_their_row():
    with pytest.raises(DataError, match="'2024-02-30' in row 2, which is no date"):
        read("2024-02-29", "2024-02-30")


@pytest.mark.parametrize(
    ("texts", "numbers", "form"),
    [
        (["0,5", "12", "1.234,25"], [0.5, 12.0, 1234.25], "1.234,5"),
        (["$1,200.50", "($3)"], [1200.5, -3.0], "1,234.5"),
        (["61.3%", "5%"], [61.3, 5.0], "1,234.5"),
        (["1'200", "12.5"], [1200.0, 12.5], "1'234.5"),
        (["14\u00a0772", "800"], [14772.0, 800.0], "1 234.5"),
        (["151 cm", "9 cm"], [151.0, 9.0], "1,234.5"),
    ],
)
def test_formatted_numbers_are_read_if_all_agree_also_few_of_them(texts, numbers, form):
    column, found = read(*texts)
    assert column.tolist() == numbers
    assert found.style.form == form


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["14,772", "58,300"], r"no row says whether.*replace\(age, ',', ''\).*'14,772' is 14772.*'14,772' is 14.772"),
        (["5 kg", "300 g"], "more than one unit: '5 kg' and '300 g'"),
        (["0,5", "1.5"], "more than one way: '0,5' and '1.5'"),
        (
            ["03/12/2024", "01/02/2024"],
            r"no row says whether they are written as '%d/%m/%Y', '%m/%d/%Y'.*strptime\(age",
        ),
    ],
)
def test_what_nothing_decides_is_refused_with_the_query_that_does(texts, says):
    with pytest.raises(DataError, match=says):
        read(*texts, name="age")


@pytest.mark.parametrize(
    "texts", [["A12", "B7"], ["12A", "13A"], ["1.10.3", "2.0.1"], ["18-25", "26-40"], ["1st", "2nd"]]
)
def test_codes_are_no_formatted_numbers(texts):
    assert kind_of(read(*texts)[0]) == "categorical"


def test_digits_with_leading_zeros_are_names():
    column, found = read("007", "12", "7")
    assert set(column.cat.categories) == {"007", "12", "7"}
    assert found.identifier == "007"


@pytest.mark.parametrize("text", ["missing", "#DIV/0!"])
def test_one_text_among_many_numbers_is_no_category_however_often(text):
    cells = pd.Series([text if n % 5 == 0 else str(n) for n in range(60)], name="v")
    with pytest.raises(DataError, match=f"'{text}' in row"):
        canonical_column(cells)
    kept = pd.Series([f"{text}{n % 9}" if n % 5 == 0 else str(n) for n in range(60)], name="v")
    assert str(canonical_column(kept)[0].dtype) == "category"


def test_years_of_two_digits_are_refused_with_a_query_that_reads_them():
    table = {"d": ["31/12/68", "01/02/70"] * 5, "y": [float(n) for n in range(10)]}
    with pytest.raises(DataError, match="years have two digits") as caught:
        pose(table, target="y")
    query = re.search(r"query (select .* from data),", str(caught.value))[1]
    assert pose(table, target="y", query=query).features["d"].dt.year.tolist()[:2] == [2068, 1970]


@pytest.mark.parametrize("text", ["01/31/2024 03:30 PM", "Wed 31 Jan 2024 15:30", "Wed, 31 Jan 2024 15:30:00"])
def test_clocks_of_twelve_hours_and_days_of_the_week(text):
    assert canonical_column(pd.Series([text, text]))[0].iloc[0] == pd.Timestamp("2024-01-31T15:30")
