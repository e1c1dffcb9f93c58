import numpy as np
import pytest

from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import SettingError


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, 1])
def test_numbers_inside_come_back(value):
    assert check_number("share", value, low=0, high=1) is value


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), "half", None, True, [0.5]])
def test_numbers_outside_and_what_is_no_number_are_refused_by_name_and_range(value):
    with pytest.raises(SettingError, match=r"share must .*\[0, 1\], got"):
        check_number("share", value, low=0, high=1)


def test_an_open_bound_is_outside():
    for value in (0.0, 1.0):
        with pytest.raises(SettingError, match=r"\(0, 1\)"):
            check_number("share", value, low=0, high=1, open_low=True, open_high=True)


@pytest.mark.parametrize("value", [1, 2.0, True, "2", None])
def test_counts_are_whole_and_large_enough(value):
    with pytest.raises(SettingError, match=r"folds must be a whole number of at least 2.*Give 2 or more"):
        check_count("folds", value, low=2)


def test_choices_are_listed():
    assert check_choice("task", "binary", ["regression", "binary"]) == "binary"
    with pytest.raises(SettingError, match="task must be one of 'regression', 'binary', got 'ranking'"):
        check_choice("task", "ranking", ["regression", "binary"])


def test_numpys_floats_are_numbers():
    assert check_number("share", np.float64(0.5), low=0, high=1) == 0.5
