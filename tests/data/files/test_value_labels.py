import numpy as np
import pandas as pd
import pytest

from thalweg.data.files.value_labels import labelled, whole_numbers

CODES = pd.Series([2.0, 1.0, np.nan, 3.0], name="health")


def test_a_column_of_labelled_values_is_read_by_its_labels_in_the_order_of_their_codes():
    found, notes = labelled(CODES, {3.0: "good", 1.0: "poor", 2.0: "fair", 9.0: "refused"})
    assert found.cat.categories.tolist() == ["poor", "fair", "good", "refused"]
    assert found.astype(object).tolist()[:2] == ["fair", "poor"]
    assert found.isna().tolist() == [False, False, True, False]
    assert not notes


def test_equal_labels_are_told_apart_by_their_codes():
    found, _ = labelled(CODES, {1.0: "bad", 2.0: "bad", 3.0: "good"})
    assert found.dropna().tolist() == ["bad (2)", "bad (1)", "good"]


@pytest.mark.parametrize("names", [{}, {7.0: "never"}])
def test_values_without_labels_stay_values(names):
    found, notes = labelled(CODES.dropna(), names)
    assert found.tolist() == [2, 1, 3]
    assert not notes


@pytest.mark.parametrize(
    ("values", "dtype"), [([1.0, 2.0], "int64"), ([1.0, np.nan], "float64"), ([2.0**54, 1.0], "float64")]
)
def test_whole_numbers_that_lose_nothing_are_integers(values, dtype):
    assert whole_numbers(pd.Series(values)).dtype == dtype


def test_codes_may_be_texts():
    column = pd.Series(["m", "f", "x"], name="sex")
    assert labelled(column, {"m": "male", "f": "female", "x": "male"})[0].tolist() == [
        "male ('m')",
        "female",
        "male ('x')",
    ]
    assert "'f' is 'female' (1)" in labelled(column, {"f": "female"})[1][0].text
