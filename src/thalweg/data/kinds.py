"""The four kinds of columns and their canonical form.

=========== ============================================================
numeric     float64, NaN where missing, finite
boolean     pandas ``boolean``
categorical pandas ``category`` with texts as levels, in natural order, or in
            the order the source declares (the dtype is ordered then)
date        datetime64 in microseconds, in UTC if a time zone was given
=========== ============================================================
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError, row

Kind = Literal["numeric", "boolean", "categorical", "date"]

MISSING_MARKERS: Final = frozenset(
    {"", "NA", "N/A", "n/a", "na", "N.A.", "n.a.", "<NA>", "#N/A", "#NA", "NaN", "nan", "-NaN", "-nan", "NaT", "NULL"}
    | {"Null", "null", "None", "?", "-", "--", "—", ".", "1.#IND", "-1.#IND"}
)
LARGEST_MAGNITUDE: Final = 1e150  # the square of anything larger is not a float64
MAX_LEVELS: Final = 100  # a category with more keeps its most frequent ones


def kind_of(column: pd.Series) -> Kind:
    """Return the kind of a canonical column, which its dtype tells.

    Examples
    --------
    >>> kind_of(pd.Series([1.5, 2.0]))
    'numeric'
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "categorical"
    if isinstance(column.dtype, pd.BooleanDtype):
        return "boolean"
    return "date" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "numeric"


def row_at(rows: pd.Series | pd.DataFrame, place: int) -> str:
    """Return the mark of a row for an error's text (:func:`thalweg.base.errors.row`): its place in the table as read.

    Examples
    --------
    >>> print(DataError(f"Row {row_at(pd.Series([0.5, 2.0], index=[3, 6]), 1)} is wrong.", "Mend it."))
    Row 7 is wrong. Mend it.
    """
    return row(int(rows.index[place]))


def label(value: object) -> str:
    """Return the text of a level; whole numbers lose their decimal point, truth values are lower case.

    Examples
    --------
    >>> label(3.0), label(True), label("north")
    ('3', 'true', 'north')
    """
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def as_numeric(column: pd.Series) -> pd.Series:
    """Return a column of numbers in canonical form.

    Raises
    ------
    DataError
        If a value is infinite or beyond ±1e150; the message names the row.

    Examples
    --------
    >>> as_numeric(pd.Series([1, 2])).tolist()
    [1.0, 2.0]
    """
    whole = column.dtype == np.float64
    numbers = column.to_numpy() if whole else column.to_numpy(dtype=np.float64, na_value=np.nan)
    beyond = np.abs(numbers) > LARGEST_MAGNITUDE
    if beyond.any():
        too_large = np.flatnonzero(beyond)
        value = numbers[too_large[0]]
        what = "is infinite" if np.isinf(value) else f"holds {value:g}, beyond ±{LARGEST_MAGNITUDE:g},"
        more = f" (and in {too_large.size - 1} more)" if too_large.size > 1 else ""
        raise DataError(
            f"Column {column.name!r} {what} in row {row_at(column, too_large[0])}{more}.",
            "Mend the value, leave it empty if it is unknown, or leave the column out (ignore).",
        )
    return column if whole else pd.Series(numbers, index=column.index, name=column.name)


def as_date(column: pd.Series) -> pd.Series:
    """Return a column of dates in canonical form.

    Examples
    --------
    >>> as_date(pd.to_datetime(pd.Series(["2024-05-31T01:00+02:00"]))).dt.day.tolist()
    [30]
    """
    zone = getattr(column.dt, "tz", None)
    naive = column if zone is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
    return naive.astype("datetime64[us]")


def as_category(
    codes: NDArray[Any],
    levels: Sequence[str],
    column: pd.Series,
    *,
    markers: Collection[str] = MISSING_MARKERS,
    declared: bool = False,
) -> pd.Series:
    """Return a category in canonical form; missing markers, and levels that no row has, are no levels.

    Parameters
    ----------
    codes
        The level of each row [N] as its place in ``levels``, negative where missing.
    levels
        Texts, which may repeat.
    column
        Gives name and index.
    markers
        The texts that count as missing.
    declared
        Whether the order of ``levels`` is the source's own and is kept; the dtype is ordered then.

    Examples
    --------
    >>> as_category(np.array([0, 1, 2, -1]), ["10", "9", "NA"], pd.Series([0, 0, 0, 0])).cat.categories.tolist()
    ['9', '10']
    """
    present = {levels[code] for code in np.unique(codes[codes >= 0])} - set(markers)
    kept = [level for level in dict.fromkeys(levels) if level in present] if declared else _in_natural_order(present)
    place = {level: slot for slot, level in enumerate(kept)}
    lookup = np.array([*(place.get(level, -1) for level in levels), -1], dtype=np.int64)
    values = pd.Categorical.from_codes(lookup[codes], categories=pd.Index(kept, dtype=object), ordered=declared)
    return pd.Series(values, index=column.index, name=column.name)


def _in_natural_order(levels: set[str]) -> list[str]:
    """Sort by value if all levels are numbers, by text otherwise."""
    try:
        return sorted(levels, key=lambda text: (float(text), text))
    except ValueError:
        return sorted(levels)
