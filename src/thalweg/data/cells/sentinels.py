"""Codes that stand for a missing value, such as −9, 999 or 9999-12-31, that lie outside all other values."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.naming import sql_name
from thalweg.data.notes import Note, counted

_NINES_WITH_DECIMALS: Final = frozenset(
    sign * float(f"{'9' * before}.{'9' * behind}") for sign in (1, -1) for before in range(1, 7) for behind in (1, 2)
)
_LEAST_CODE: Final = -1.0  # also a value like others: only a gap makes it a code
_CODES: Final = (
    frozenset(
        float(sign * int(digit * length)) - sign * below
        for sign in (1, -1)
        for digit in "89"
        for length in range(1, 7)
        for below in ((0, 1, 2) if digit == "9" else (0,))
    )
    | {_LEAST_CODE}
    | _NINES_WITH_DECIMALS
)
_FEWEST: Final = 3
_NO_DATES: Final = tuple(map(pd.Timestamp, ("0001-01-01", "1899-12-30", "1900-01-01", "9999-12-31")))
_FAR: Final = pd.Timedelta(days=20 * 365)
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


def date_sentinel_note(column: pd.Series) -> Note | None:
    """Point at dates that stand for no date, twenty years or more from all others.

    Parameters
    ----------
    column
        Dates in canonical form.

    Examples
    --------
    >>> dates = pd.Series(["2024-05-31", "2024-06-01", "9999-12-31"], name="until").astype("datetime64[us]")
    >>> date_sentinel_note(dates).text[:61]
    "Column 'until' holds 9999-12-31 in 1 row, far from all others"
    """
    is_code = column.isin(_NO_DATES)
    rest = column[~is_code].dropna()
    if rest.empty or not is_code.any():
        return None
    counts = column[is_code].value_counts().sort_index()
    if any(rest.min() - _FAR < code < rest.max() + _FAR for code in counts.index):
        return None
    name, read = str(column.name), sql_name(str(column.name))
    told = [f"{code:%Y-%m-%d} in {counted(int(count), 'row')}" for code, count in counts.items()]
    for code in counts.index:
        read = f"nullif({read}, '{code:%Y-%m-%d}')"
    query = f"select * replace ({read} as {sql_name(name)}) from data"  # noqa: S608 - words for the reader
    others = f"{rest.min():%Y-%m-%d} to {rest.max():%Y-%m-%d}"
    text = f"Column {name!r} holds {' and '.join(told)}, far from all others ({others})"
    return Note("sentinel", f"{text}. If that is a code for missing, read it so by a query: {query}.", (name,))


def _at_end(values: NDArray[np.float64], rows: NDArray[np.int64], length: int | None = None) -> NDArray[np.float64]:
    """Return the codes with which values, from one end, begin; none if they do not stand apart."""
    if length is None:
        length = next((place for place, value in enumerate(values) if value not in _CODES), len(values))
    codes, rest = values[:length], values[length:]
    if not length or len(rest) < _FEWEST:
        return codes[:0]
    reach = float(np.ptp(rest))
    gap = abs(float(codes[-1] - rest[0]))
    spacing = reach / (len(rest) - 1)
    negative = bool(codes.max() < _LEAST_CODE and rest.min() >= 0)
    often = int(rows[:length].sum()) > 1
    apart = negative or (gap > 2 * spacing and gap > _SHARE_OF_RANGE * reach)
    if (apart and often) or (gap > reach and gap > 2 * spacing):
        return codes
    return _at_end(values, rows, length - 1) if codes[-1] == _LEAST_CODE else codes[:0]


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
