import numpy as np
import pytest

from thalweg.base.checks import check_choice, check_count, check_flag, check_number, plain_value
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


def test_numpys_numbers_come_back_as_pythons():
    assert type(check_count("folds", np.int64(5), low=2)) is int
    assert type(check_number("share", np.float32(0.5), low=0, high=1)) is float
    assert plain_value({"a": (np.int64(1), [np.str_("b")])}) == {"a": (1, ["b"])}


@pytest.mark.parametrize("value", [np.True_, np.array(2.5), np.array([2])])
def test_what_is_no_count_in_numpy_is_none_either(value):
    with pytest.raises(SettingError, match="folds must be a whole number"):
        check_count("folds", value)


@pytest.mark.parametrize("value", ["no", 1, None])
def test_flags_are_true_or_false(value):
    with pytest.raises(SettingError, match="shuffle must be True or False"):
        check_flag("shuffle", value)


def test_choices_that_cannot_be_hashed_are_refused_like_others():
    with pytest.raises(SettingError, match="task must be one of"):
        check_choice("task", np.array(["binary"]), ["binary"])


@pytest.mark.parametrize(
    ("check", "digits"),
    [(check_number, 400), (check_number, 5000), (check_count, 5000)],
)
def test_numbers_of_any_length_are_refused_in_words(check, digits):
    with pytest.raises(SettingError, match=r"got (-1000|a number of thousands of digits)"):
        check("x", -(10**digits))
