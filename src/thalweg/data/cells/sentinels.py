"""Codes that stand for a missing value, such as −9, 99 or 999: pointed at where they lie outside all other values."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.naming import sql_name
from thalweg.data.notes import Note, counted

_CODES: Final = frozenset(
    float(sign * int(digit * length)) - sign * below
    for sign in (1, -1)
    for digit in "89"
    for length in range(1, 7)
    for below in ((0, 1, 2) if digit == "9" else (0,))
)
_FEWEST: Final = 3
_SHARE_OF_RANGE: Final = 0.2


def sentinel_note(column: pd.Series) -> Note | None:
    """Point at codes at an end of a numeric column: nines and eights beyond a gap, or below zero where all else is not.

    Parameters
    ----------
    column
        In canonical form.

    Examples
    --------
    >>> ages = pd.Series([18.0, 21, 25, 29, 33, 38, 44, 47, 52, 60, 66, 71, 80, 99, 99], name="age")
    >>> sentinel_note(ages).text[:68]
    "Column 'age' holds 99 in 2 rows, outside all other values (18 to 80)"
    """
    held = column.to_numpy(dtype=np.float64)
    held = held[~np.isnan(held)]
    if not held.size or _CODES.isdisjoint((float(held.min()), float(held.max()))):
        return None
    values, rows = np.unique(held, return_counts=True)
    for end in (values[::-1], values):
        found = _at_end(end, rows if end is values else rows[::-1])
        if found.size:
            return _told(str(column.name), np.sort(found), values, rows)
    return None


def _at_end(values: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the codes with which values, from one end, begin; none if they do not stand apart."""
    length = next((place for place, value in enumerate(values) if value not in _CODES), len(values))
    codes, rest = values[:length], values[length:]
    if not length or len(rest) < _FEWEST:
        return codes[:0]
    reach = float(np.ptp(rest))
    gap = abs(float(codes[-1] - rest[0]))
    spacing = reach / (len(rest) - 1)
    negative = bool(codes.max() < 0 <= rest.min())
    often = int(rows[:length].sum()) > 1
    apart = negative or (gap > 2 * spacing and gap > _SHARE_OF_RANGE * reach)
    return codes if (apart and often) or (gap > reach and gap > 2 * spacing) else codes[:0]


def _told(name: str, codes: NDArray[np.float64], values: NDArray[np.float64], rows: NDArray[np.int64]) -> Note:
    told = [f"{code:g} in {counted(int(rows[np.searchsorted(values, code)]), 'row')}" for code in codes]
    rest = values[~np.isin(values, codes)]
    column = sql_name(name)
    read = column
    for code in codes:
        read = f"nullif({read}, {code:g})"
    query = f"select * replace ({read} as {column}) from data"  # noqa: S608 - words for the reader
    text = f"Column {name!r} holds {' and '.join(told)}, outside all other values ({rest[0]:g} to {rest[-1]:g})"
    return Note("sentinel", f"{text}. If that is a code for missing, read it so by a query: {query}.", (name,))
