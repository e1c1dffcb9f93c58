import numpy as np
import pandas as pd

from thalweg.data.profile import profile_column


def test_numbers_have_a_range_and_no_levels():
    found = profile_column(pd.Series([1.0, 3.0, 3.0, np.nan], name="x"), "feature")
    assert (found.missing, found.distinct, found.minimum, found.mean, found.maximum) == (1, 2, 1.0, 7 / 3, 3.0)
    assert found.top == ()


def test_the_mean_of_a_centred_column_is_zero():
    values = np.array([0.1, 0.2, -0.3])
    assert values.mean() != 0
    assert profile_column(pd.Series(values, name="x"), "feature").mean == 0.0


def test_categories_have_their_most_frequent_levels():
    column = pd.Series([*"aaabbcdefg", None], name="k", dtype="category")
    found = profile_column(column, "feature")
    assert found.top[:2] == (("a", 3), ("b", 2))
    assert len(found.top) == 5
    assert (found.missing, found.distinct, found.mean) == (1, 7, None)


def test_truth_values_are_told_as_texts():
    assert profile_column(pd.Series([True, True, False], name="t", dtype="boolean"), "feature").top == (
        ("true", 2),
        ("false", 1),
    )


def test_what_is_ignored_is_counted_and_not_read():
    found = profile_column(pd.Series([1, "a", [2]], name="odd", dtype=object), "ignored")
    assert (found.kind, found.distinct) == ("unread", 3)


def test_a_column_without_values_has_no_range():
    found = profile_column(pd.Series([np.nan, np.nan], name="x"), "feature")
    assert (found.missing, found.distinct, found.minimum, found.top) == (2, 0, None, ())
