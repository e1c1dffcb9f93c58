import numpy as np
import pandas as pd
import pytest

from thalweg.base.errors import DataError
from thalweg.data.kinds import kind_of
from thalweg.data.texts import read_texts


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
        (("true", "1"), "categorical"),
    ],
)
def test_the_rules_in_their_order(values, kind):
    assert kind_of(read(*values)[0]) == kind


def test_markers_are_counted_by_rows_and_empty_texts_are_not():
    column, markers = read("NA", "1", "NA", "", "?")
    assert markers == {"NA": 2, "?": 1}
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


def test_many_decimal_commas_are_an_error_with_the_query_that_mends_them():
    with pytest.raises(DataError, match=r"written with a comma, such as '0,5'.*replace"):
        read(*(f"{n},5" for n in range(21)))
