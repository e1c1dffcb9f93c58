"""Any column from any source becomes one of four kinds: numeric, boolean, categorical or date.

A type that the source declares decides (pandas, polars, Arrow, Parquet; a category type always stays a category);
texts are read by the rules of :mod:`thalweg.data.texts`. The same table therefore gives the same columns from a CSV
file, from Parquet and from memory.
"""

from collections import Counter
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.data.kinds import Kind, as_category, as_date, as_numeric, kind_of, label, row_at
from thalweg.data.texts import read_texts

_NUMBER_OBJECTS: Final = {"integer", "floating", "mixed-integer-float", "decimal"}
_DATE_OBJECTS: Final = {"date", "datetime", "datetime64"}
_UNUSABLE_OBJECTS: Final = {"bytes", "complex", "timedelta", "time", "period", "interval"}
_EMPTY_DTYPES: Final[dict[Kind, str]] = {"categorical": "category", "boolean": "boolean", "date": "datetime64[us]"}


def canonical_column(column: pd.Series) -> tuple[pd.Series, Counter[str]]:
    """Return a column in its canonical form, and the missing markers it held.

    Parameters
    ----------
    column
        A column as it was read; its name and index are used in messages.

    Returns
    -------
    tuple
        The column in the form told in :mod:`thalweg.data.kinds`, and how often each missing marker occurred.

    Raises
    ------
    DataError
        If a numeric column holds a text or an infinity, a date does not exist, or the type cannot be used.

    Examples
    --------
    >>> values, markers = canonical_column(pd.Series(["1.5", "NA", "3"], name="age"))
    >>> values.tolist(), dict(markers)
    ([1.5, nan, 3.0], {'NA': 1})
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        levels = [label(level) for level in dtype.categories]
        return as_category(column.cat.codes.to_numpy(), levels, column), Counter()
    if pd.api.types.is_bool_dtype(dtype):
        return column.astype("boolean"), Counter()
    if pd.api.types.is_complex_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        raise _unusable(column, f"values of type {dtype}")
    if pd.api.types.is_numeric_dtype(dtype):
        return as_numeric(column), Counter()
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return as_date(column), Counter()
    return _from_objects(column)


def column_of_kind(column: pd.Series, kind: Kind) -> pd.Series:
    """Return a column in the kind it had in training.

    Raises
    ------
    DataError
        If its values cannot be read that way; the message names the column, the row and the value.

    Examples
    --------
    >>> column_of_kind(pd.Series([1, 2], name="ward"), "categorical").tolist()
    ['1', '2']
    """
    values, _ = canonical_column(column)
    found = kind_of(values)
    if found == kind:
        return values
    if values.isna().all():
        return values.astype(_EMPTY_DTYPES.get(kind, "float64"))
    if kind == "categorical":
        return labelled_column(values)
    if kind == "numeric" and found == "boolean":
        return values.astype("float64")
    if kind == "boolean" and found == "numeric" and values.dropna().isin([0.0, 1.0]).all():
        return values.astype("boolean")
    raise _misfit(values, kind, found)


def labelled_column(column: pd.Series) -> pd.Series:
    """Return a column as a category whatever it holds; whole numbers keep all their digits.

    Examples
    --------
    >>> labelled_column(pd.Series([2**60 + 1, 2**60])).tolist()
    ['1152921504606846977', '1152921504606846976']
    """
    codes, values = _factorized(column)
    return as_category(codes, values, column)


def _factorized(column: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    try:
        codes, values = pd.factorize(column)
    except TypeError:
        raise _unusable(column, "nested or binary values") from None
    return codes, [label(value).strip() for value in values]


def _from_objects(column: pd.Series) -> tuple[pd.Series, Counter[str]]:
    held = pd.api.types.infer_dtype(column, skipna=True)
    if held == "boolean":
        return column.astype("boolean"), Counter()
    if held in _NUMBER_OBJECTS:
        return as_numeric(pd.to_numeric(column)), Counter()
    if held in _DATE_OBJECTS:
        return as_date(pd.to_datetime(column, utc=True)), Counter()
    if held in _UNUSABLE_OBJECTS:
        raise _unusable(column, f"values of type {held}")
    codes, texts = _factorized(column)
    return read_texts(column, codes, texts)


def _misfit(values: pd.Series, kind: Kind, found: Kind) -> DataError:
    wrong = values.notna()
    if kind == "numeric" and found == "categorical":
        wrong &= pd.to_numeric(values.astype(object), errors="coerce").isna()
    place = int(np.argmax(wrong))
    return DataError(
        f"Column {values.name!r} must be {kind} and is {found} here: row {row_at(values, place)} holds "
        f"{label(values.iloc[place])!r}.",
        f"Give {kind} values in this column.",
    )


def _unusable(column: pd.Series, what: str) -> DataError:
    return DataError(
        f"Column {column.name!r} holds {what}, which no model can read.",
        "Turn it into numbers, texts or dates, or leave it out (ignore).",
    )
