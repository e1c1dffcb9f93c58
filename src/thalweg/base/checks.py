"""Checks with one wording: expected, got, remedy."""

import math
from collections.abc import Sequence
from typing import TypeVar

from thalweg.base.errors import SettingError, setting

Value = TypeVar("Value")


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
    wanted = f"{'(' if open_low else '['}{low:g}, {high:g}{')' if open_high else ']'}"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise SettingError(f"{setting(name)} must be a finite number in {wanted}, got {value!r}.", "Give a number.")
    outside = value < low or value > high or (open_low and value == low) or (open_high and value == high)
    if outside:
        raise SettingError(f"{setting(name)} must lie in {wanted}, got {value!r}.", "Choose a value in that range.")
    return value


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
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise SettingError(
            f"{setting(name)} must be a whole number of at least {low}, got {value!r}.",
            f"Give {low} or more.",
        )
    return value


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
    if value not in choices:
        listed = ", ".join(map(repr, choices))
        raise SettingError(f"{setting(name)} must be one of {listed}, got {value!r}.", "Choose one of these.")
    return value
