"""Any column from any source becomes one of four kinds: numeric, boolean, categorical or date.

A type that the source declares decides (pandas, polars, Arrow, Parquet; a category type always stays a category, with
its order if it declares one, and with all its levels; a duration is its seconds); texts are read by the rules of
:mod:`thalweg.data.cells.texts`. The same table therefore gives the same columns from a CSV file, from Parquet
and from memory.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import time
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.data.cells.compact_dates import compact_dates
from thalweg.data.cells.half_numbers import clock_error
from thalweg.data.cells.styles import LARGEST_WHOLE, TextStyle
from thalweg.data.cells.texts import Findings, read_texts, read_texts_as
from thalweg.data.kinds import Kind, as_category, as_date, as_numeric, kind_of, label, row_at

_NUMBER_OBJECTS: Final = {"integer", "floating", "mixed-integer-float", "decimal"}
_DATE_OBJECTS: Final = {"date", "datetime", "datetime64"}
_DURATION_OBJECTS: Final = {"timedelta", "timedelta64"}
_UNUSABLE_OBJECTS: Final = {"bytes", "complex", "period", "interval"}
_MAY_BE_TIMES: Final = {"time", "mixed"}
_EMPTY_DTYPES: Final[dict[Kind, str]] = {"categorical": "category", "boolean": "boolean", "date": "datetime64[us]"}


def canonical_column(column: pd.Series) -> tuple[pd.Series, Findings]:
    """Return a column in its canonical form, and what was decided about it.

    Parameters
    ----------
    column
        A column as it was read; its name and index are used in messages.

    Returns
    -------
    tuple
        The column in the form told in :mod:`thalweg.data.kinds`; and the missing markers it held, how its texts were
        read.

    Raises
    ------
    DataError
        If a numeric column holds a text or an infinity, a date does not exist, or the type cannot be used.

    Examples
    --------
    >>> values, found = canonical_column(pd.Series(["1.5", "NA", "3"], name="age"))
    >>> values.tolist(), dict(found.markers)
    ([1.5, nan, 3.0], {'NA': 1})
    """
    values, found = _canonical(column)
    if found.duration or kind_of(values) != "numeric":
        return values, found
    dates = None if found.style is not None else compact_dates(values)
    return (values, found) if dates is None else (dates[0], replace(found, style=dates[1]))


def _canonical(column: pd.Series) -> tuple[pd.Series, Findings]:
    dtype = column.dtype
    if dtype == np.float64:
        return as_numeric(column), Findings()
    if isinstance(dtype, pd.CategoricalDtype):
        levels = [label(level).strip() for level in dtype.categories]
        declared = bool(dtype.ordered)
        return as_category(column.cat.codes.to_numpy(), levels, column, markers=("",), declared=declared), Findings()
    if pd.api.types.is_bool_dtype(dtype):
        return column.astype("boolean"), Findings()
    if pd.api.types.is_complex_dtype(dtype):
        raise _unusable(column, f"values of type {dtype}")
    if pd.api.types.is_timedelta64_dtype(dtype):
        return as_numeric(_seconds(column)), Findings(duration=True)
    if pd.api.types.is_numeric_dtype(dtype):
        return _numbers(column)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return as_date(column), Findings()
    return _from_objects(column)


def column_of_kind(
    column: pd.Series, kind: Kind, style: TextStyle | None = None, levels: Collection[str] = ()
) -> pd.Series:
    """Return a column in the kind it had in training, each cell for itself.

    Parameters
    ----------
    column
        New rows of it.
    kind, style
        How the training rows were read.
    levels
        Of a category: its texts, so that a level such as ``NA`` or ``007`` is found again.

    Raises
    ------
    DataError
        If its values cannot be read that way; the message names the column, the row and the value.

    Examples
    --------
    >>> column_of_kind(pd.Series([1, 2], name="ward"), "categorical").tolist()
    ['1', '2']
    """
    if kind == "numeric" and column.dtype == np.float64:
        return as_numeric(column)
    known = frozenset(levels)
    if _holds_texts(column) or (kind == "date" and style is not None and pd.api.types.is_numeric_dtype(column.dtype)):
        codes, texts = _factorized(column)
        return read_texts_as(column, codes, texts, kind, style, known)
    values, _ = canonical_column(column)
    found = kind_of(values)
    if kind == "categorical":
        return _known_spelling(values if found == kind else labelled_column(column), known)
    if found == kind:
        return values
    if values.isna().all():
        return values.astype(_EMPTY_DTYPES.get(kind, "float64"))
    if kind == "numeric" and found == "boolean":
        return values.astype("float64")
    if kind == "boolean" and found == "numeric" and values.dropna().isin([0.0, 1.0]).all():
        return values.astype("boolean")
    if kind == "numeric" and found == "categorical" and pd.api.types.is_numeric_dtype(column.dtype):
        return as_numeric(column)  # whole numbers beyond 2⁵³
    raise _misfit(values, kind, found)


def _holds_texts(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return False
    if column.dtype == object:
        held = pd.api.types.infer_dtype(column, skipna=True)
        return held in {"string", "mixed", "mixed-integer"} and not bool(column.map(_is_nested).any())
    return bool(pd.api.types.is_string_dtype(column.dtype))


def _is_nested(value: object) -> bool:
    return isinstance(value, (list, tuple, dict, set, np.ndarray))


def _known_spelling(column: pd.Series, levels: frozenset[str]) -> pd.Series:
    """Call truth values as the levels spell them: a reader turns TRUE into a truth value, a category keeps the text."""
    spelt = {level.lower(): level for level in levels if level.lower() in {"true", "false"}}
    names = {str(found): spelt[found] for found in column.cat.categories if found not in levels and found in spelt}
    return column.cat.rename_categories(names) if names else column


def _numbers(column: pd.Series) -> tuple[pd.Series, Findings]:
    """Return numbers; whole ones that float64 would change become names, which it cannot merge."""
    if pd.api.types.is_integer_dtype(column.dtype):
        whole = column.dropna().to_numpy()
        if whole.size and max(int(whole.max()), -int(whole.min())) > LARGEST_WHOLE:
            changed = next((int(value) for value in whole if int(float(value)) != int(value)), None)
            if changed is not None:
                return labelled_column(column), Findings(identifier=str(changed))
    return as_numeric(column), Findings()


def _seconds(column: pd.Series) -> pd.Series:
    values = column.to_numpy(dtype="timedelta64[us]")
    seconds = np.where(np.isnat(values), np.nan, values.astype(np.int64) / 1e6)
    return pd.Series(seconds, index=column.index, name=column.name)


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


def _from_objects(column: pd.Series) -> tuple[pd.Series, Findings]:
    held = pd.api.types.infer_dtype(column, skipna=True)
    if held == "boolean":
        return column.astype("boolean"), Findings()
    if held == "integer" and column.notna().any():
        try:
            return _numbers(column.astype("Int64"))
        except (OverflowError, TypeError, ValueError):
            return labelled_column(column), Findings(identifier=str(column.dropna().iloc[0]))
    if held in _NUMBER_OBJECTS:
        return as_numeric(pd.to_numeric(column)), Findings()
    if held in _DURATION_OBJECTS:
        return as_numeric(_seconds(pd.to_timedelta(column))), Findings(duration=True)
    if held in _DATE_OBJECTS:
        return as_date(pd.to_datetime(column, utc=True)), Findings()
    clock = next((value for value in column if isinstance(value, time)), None) if held in _MAY_BE_TIMES else None
    if clock is not None:
        raise clock_error(str(clock), str(column.name))
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
