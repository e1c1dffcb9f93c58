"""How wide figures are on paper, and how large their letters: by the names of those who print them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import SettingError, setting
from thalweg.report.drawing.svg import LETTERS, MILLIMETRES, WIDTH

_POINTS_A_MILLIMETRE: Final = 72 / 25.4
_LEAST_UNITS: Final = 320  # below it no room is left for the plot beside its labels


@dataclass(frozen=True, slots=True)
class Size:
    """Width in millimetres and height of letters in points.

    Examples
    --------
    >>> Size(89.0, 7.0).units
    469
    """

    width: float = MILLIMETRES
    letters: float = MILLIMETRES * _POINTS_A_MILLIMETRE / WIDTH * LETTERS

    @property
    def point(self) -> float:
        """Points of a unit of the drawing."""
        return self.letters / LETTERS

    @property
    def units(self) -> int:
        """Width of the drawing in its own units, of which a letter is 13 high."""
        return round(self.width * _POINTS_A_MILLIMETRE / self.point)


JOURNALS: Final[Mapping[str, Size]] = {
    "nature": Size(89, 7),
    "nature-double": Size(183, 7),
    "pnas": Size(87, 7),
    "pnas-double": Size(178, 7),
    "elsevier": Size(90, 7),
    "elsevier-double": Size(190, 7),
    "ieee": Size(88.9, 8),
    "ieee-double": Size(181.9, 8),
    "plos": Size(132, 8),
}
"""Widths of columns and letters that fit the author guides of journals; guides change, so compare with yours."""


def size_of(width: float | str | None, letters: float | None = None) -> Size:
    """Return the size that is asked for.

    Parameters
    ----------
    width
        Millimetres, or one of :data:`JOURNALS`; None for 142 millimetres.
    letters
        Points; None for what the journal asks, or in proportion to the width, between 6 and 10.

    Raises
    ------
    SettingError
        If the name is unknown, or letters are too large for the width.

    Examples
    --------
    >>> size_of("nature").letters, size_of(100, 8).width
    (7, 100)
    """
    if isinstance(width, str):
        check_choice("width", width, tuple(JOURNALS))
        size = JOURNALS[width]
    else:
        wide = MILLIMETRES if width is None else width
        check_number("width", wide, low=0.0, open_low=True)
        size = Size(wide, min(max(Size().letters * wide / MILLIMETRES, 6.0), 10.0))
    if letters is not None:
        check_number("letters", letters, low=0.0, open_low=True)
        size = Size(size.width, letters)
    if size.units < _LEAST_UNITS:
        most = size.width * _POINTS_A_MILLIMETRE * LETTERS / _LEAST_UNITS
        raise SettingError(
            f"{setting('letters')} of {size.letters:g} points leave no room for a plot of {size.width:g} millimetres.",
            f"Give at most {math.floor(10 * most) / 10:g} points, or a larger {setting('width')}.",
        )
    return size
