"""Whole numbers that are dates without separators: 20240531 and 202405."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError, setting
from thalweg.base.naming import sql_name
from thalweg.data.cells.styles import TextStyle
from thalweg.data.kinds import row_at

# Of whole numbers between 18000101 and 21991231 one in 27 is a date, of those between 180001 and 219912 one in 8 a
# month. So many different ones are no accident; numbers that count up pass the last day, or month, before.
_FORMS: Final = (("%Y%m%d", 18000101, 21991231, 5), ("%Y%m", 180001, 219912, 13))
_NEVER: Final = 99991231.0  # a code of many registers
_STRAY_SHARE: Final = 0.1
_LOOK: Final = 100


def compact_dates(numbers: pd.Series) -> tuple[pd.Series, TextStyle] | None:
    """Return numbers as dates, and how they are written; None if they are no dates.

    Parameters
    ----------
    numbers
        Float64, NaN where missing.

    Raises
    ------
    DataError
        If nearly all are dates, and some are none; the message names the row.

    Examples
    --------
    >>> days = pd.Series([20240131.0, 20240228, 20240331, 20240430, 20240531], name="day")
    >>> dates, style = compact_dates(days)
    >>> dates.iloc[0].day, style.form
    (31, '%Y%m%d')
    >>> compact_dates(days + 31) is None
    True
    """
    values = numbers.to_numpy()
    present = values[~np.isnan(values)]
    if not present.size:
        return None
    middle = float(np.median(present[:: max(1, len(present) // _LOOK)]))
    form = next((found for found in _FORMS if found[1] <= middle <= found[2]), None)
    if form is None:
        return None
    written, low, high, fewest = form
    distinct = np.unique(present)
    valid = _valid(distinct, written, low, high)
    if valid.sum() < fewest or (~valid).sum() > _STRAY_SHARE * len(distinct):
        return None
    if not valid.all():
        wrong = distinct[~valid]
        place = int(np.argmax(np.isin(values, wrong)))
        example = int(distinct[valid][0])
        column, code = sql_name(str(numbers.name)), f"{values[place]:.15g}"
        query = f"select * replace (nullif({column}, {code}) as {column}) from data"  # noqa: S608 - words for the reader
        raise DataError(
            f"Column {numbers.name!r} holds dates such as {example}, but {code} in row {row_at(numbers, place)}, which "
            "is no date of the calendar.",
            f"Mend it; if it stands for a missing date, read it so by the {setting('query')} {query}; or leave the "
            "column out (ignore).",
        )
    return _as_dates(numbers, written), TextStyle("date", written)


def _valid(distinct: NDArray[np.float64], written: str, low: int, high: int) -> NDArray[np.bool_]:
    near = (distinct >= low) & (distinct <= high) & (distinct % 1 == 0)
    valid = np.zeros(len(distinct), dtype=bool)
    valid[near] = pd.to_datetime(_texts(distinct[near]), format=written, errors="coerce").notna()
    if written == "%Y%m%d":
        valid[distinct == _NEVER] = True
    return valid


def _texts(values: NDArray[Any]) -> pd.Index:
    return pd.Index(values.astype(np.int64).astype(str))


def _as_dates(numbers: pd.Series, written: str) -> pd.Series:
    codes, distinct = pd.factorize(numbers.to_numpy())
    # Beyond the reach of nanoseconds pandas reads dates in seconds, as "9999-12-31" must be.
    stamps = [np.datetime64(_iso(int(value), written), "us") for value in distinct]
    table = np.array([*stamps, np.datetime64("NaT", "us")], dtype="datetime64[us]")
    return pd.Series(table[codes], index=numbers.index, name=numbers.name)


def _iso(number: int, written: str) -> str:
    text = str(number)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if written == "%Y%m%d" else f"{text[:4]}-{text[4:]}"
