"""Checks with one wording: expected, got, remedy."""

import math
from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

import numpy as np

from thalweg.base.errors import SettingError, setting

Value = TypeVar("Value")
LONGEST = 80  # letters of a value in a message


def plain_value(value: Any) -> Any:
    """Return a setting without NumPy in it: its scalars as Python's, its arrays as lists; anything else as it is.

    Settings come from ``np.arange``, searches and frames; what is checked, hashed and written to JSON is plain.

    Parameters
    ----------
    value
        Any setting; lists, tuples and mappings are looked into.

    Examples
    --------
    >>> plain_value({"hidden": np.array([8, 4]), "ridge": np.float64(0.5), "link": "full"})
    {'hidden': [8, 4], 'ridge': 0.5, 'link': 'full'}
    """
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if type(value) in {list, tuple}:
        return type(value)(map(plain_value, value))
    if type(value) is dict:
        return {key: plain_value(item) for key, item in value.items()}
    return value


def shown(value: object) -> str:
    """Return a value as a message writes it, on one line and not too long.

    Examples
    --------
    >>> shown(np.float64(1.0)), len(shown("x" * 1000))
    ('1.0', 80)
    """
    try:
        text = " ".join(repr(plain_value(value)).split())
    except ValueError:  # whole numbers of thousands of digits are not written
        text = "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def check_number(
    name: str,
    value: float,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return ``value`` if it is a finite number in the stated range.

    Parameters
    ----------
    name
        The setting's name, as the user wrote it.
    value
        The number to check.
    low, high
        Bounds of the range.
    open_low, open_high
        Whether the bound itself is outside the range.

    Raises
    ------
    SettingError
        If the value is not a number, not finite, or outside the range.

    Examples
    --------
    >>> check_number("learning_rate", 0.1, low=0, open_low=True)
    0.1
    """
    value = plain_value(value)
    wanted = f"{'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        raise SettingError(
            f"{setting(name)} must be a finite number in {wanted}, got {shown(value)}.", "Give a number."
        )
    outside = value < low or value > high or (open_low and value == low) or (open_high and value == high)
    if outside:
        raise SettingError(f"{setting(name)} must lie in {wanted}, got {value!r}.", "Choose a value in that range.")
    return value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can be
        return False


def check_count(name: str, value: int, *, low: int = 1) -> int:
    """Return ``value`` if it is a whole number of at least ``low``.

    Raises
    ------
    SettingError
        If it is not whole, or too small.

    Examples
    --------
    >>> check_count("folds", 5, low=2)
    5
    """
    value = plain_value(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise SettingError(
            f"{setting(name)} must be a whole number of at least {low}, got {shown(value)}.",
            f"Give {low} or more.",
        )
    return value


def check_flag(name: str, value: bool) -> bool:
    """Return ``value`` if it is True or False.

    Raises
    ------
    SettingError
        If it is something else: text such as ``"no"`` would count as true.

    Examples
    --------
    >>> check_flag("standardise", np.True_)
    True
    """
    value = plain_value(value)
    if not isinstance(value, bool):
        raise SettingError(f"{setting(name)} must be True or False, got {shown(value)}.", "Give one of the two.")
    return value


def check_function(name: str, value: Any, takes: str) -> None:
    """Raise if ``value`` is neither None nor something to call.

    Parameters
    ----------
    name, value
        The setting.
    takes
        What it is called with, for the message.

    Raises
    ------
    SettingError
        If it cannot be called.

    Examples
    --------
    >>> check_function("watch", print, "stage and progress")
    """
    if value is not None and not callable(value):
        raise SettingError(
            f"{setting(name)} must be a function of {takes}, or None, got {shown(value)}.",
            "Give a function, or leave it out.",
        )


def check_choice(name: str, value: Value, choices: Sequence[Value]) -> Value:
    """Return ``value`` if it is one of ``choices``.

    Raises
    ------
    SettingError
        If it is none of them; the message lists them.

    Examples
    --------
    >>> check_choice("task", "binary", ["regression", "binary"])
    'binary'
    """
    if not isinstance(value, Hashable) or value not in choices:
        listed = ", ".join(map(repr, choices))
        raise SettingError(f"{setting(name)} must be one of {listed}, got {shown(value)}.", "Choose one of these.")
    return value
