import pickle

import pytest

from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.linear.likelihoods.separation import SeparatedError


def test_marks_read_as_numbers_from_one_and_names():
    error = DataError(f"Row {row(0)} of {{x}} lacks {setting('weights')}.", f"See row {row(1233)}.")
    assert str(error) == "Row 1 of {x} lacks weights. See row 1,234."


def test_rows_are_moved_twice_on_their_way_up():
    error = DataError(f"Rows {row(0)} and {row(2)}.", "Mend them.").at_rows([1, 3, 4]).at_rows([0, 5, 6, 7, 9])
    assert str(error) == "Rows 6 and 10. Mend them."


def test_names_of_another_door():
    error = SettingError(f"{setting('search')} needs {setting('folds')}.", f"Give {setting('folds')}.")
    assert str(error.with_names({"folds": "--folds"})) == "search needs --folds. Give --folds."


def test_an_error_travels_between_processes_with_its_marks():
    error = pickle.loads(pickle.dumps(DataError(f"Row {row(4)}.", "Mend it.")))  # noqa: S301 - our own bytes
    assert str(error.at_rows([0, 1, 2, 3, 9])) == "Row 10. Mend it."


@pytest.mark.parametrize("kind", [DataError, SettingError])
def test_the_kind_stays(kind):
    assert type(kind("a.", "b.").with_names({})) is kind


def test_an_error_that_knows_more_keeps_it():
    error = SeparatedError("x separates", "Drop it.")
    assert error.at_rows([]).__dict__ == {**error.__dict__, "problem": error.problem, "remedy": error.remedy}
