import numpy as np
import pandas as pd
import pytest

from thalweg.data.remarks.row_numbers import FEWEST, is_stored_index, numbering_note

RNG = np.random.default_rng(0)


def column(values, name="t"):
    return pd.Series(np.asarray(values, dtype=np.float64), name=name)


def test_numbers_in_the_order_of_rows_are_told_and_doubted():
    note = numbering_note(column(np.arange(FEWEST)))
    assert "numbers the rows" in note.text
    assert note.doubt
    shuffled = numbering_note(column(1 + RNG.permutation(FEWEST)))
    assert "every whole number from 1 to 20 once" in shuffled.text
    assert not shuffled.doubt


@pytest.mark.parametrize(
    "values",
    [
        np.arange(FEWEST - 1),  # too few to tell
        np.arange(1801, 1801 + FEWEST),  # years
        np.arange(FEWEST) / 2,
        [*range(FEWEST - 1), FEWEST - 2],  # a repeat
        [*range(FEWEST), np.nan],
    ],
)
def test_other_numbers_are_none(values):
    assert numbering_note(column(values)) is None


def test_only_the_names_of_indices_are_left_out():
    assert is_stored_index(column(RNG.permutation(1000)[:30], "Unnamed: 0"))
    assert not is_stored_index(column(RNG.permutation(1000)[:30], "year"))
    assert not is_stored_index(column([*range(29), 3], "index"))
    assert not is_stored_index(column(RNG.normal(size=30), "index"))


def test_numbers_that_count_up_from_any_number_are_told_but_years_are_not():
    assert "numbers the rows" in numbering_note(column(range(7000, 7030), "id")).text
    assert numbering_note(column(range(201, 231), "day")) is None
    assert "every whole number from 7000 to 7029" in numbering_note(column([*range(7001, 7030), 7000], "id")).text
    assert numbering_note(column([*range(7001, 7030), 7001], "id")) is None
