"""Kinds of columns: every column becomes a number, a yes or no, a category or a date, the same from any source.

Rules, in this order, for a column that holds text:

1. Spaces at the ends are cut; the texts in :data:`MISSING_MARKERS` are missing.
2. All values are true or false: boolean. All are numbers: numeric. All are ISO dates (2024-05-31): date.
3. More than 20 different numbers and at most one row in ten that is no number: an error that names the row.
4. Otherwise a category; its levels are the texts.

A category type declared by the source (pandas, polars, Arrow, Parquet) always stays a category.
"""

from collections import Counter
from typing import Final, Literal

import numpy as np
import pandas as pd

from thalweg.base.errors import DataError

Kind = Literal["numeric", "boolean", "categorical", "date"]

MISSING_MARKERS: Final = frozenset(
    {"", "NA", "N/A", "n/a", "na", "<NA>", "#N/A", "NaN", "nan", "NULL", "Null", "null", "?", "-", "."}
)
LARGEST_MAGNITUDE: Final = 1e150  # the square of anything larger is not a float64
MAX_LEVELS: Final = 100  # a category with more keeps its most frequent ones
_MOSTLY_NUMBERS: Final = 0.9
_CODED_CATEGORY: Final = 20
_ISO_DATE: Final = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_DECIMAL_COMMA: Final = r"[+-]?\d+,\d+"
_NUMBER_OBJECTS: Final = {"integer", "floating", "mixed-integer-float", "decimal"}
_DATE_OBJECTS: Final = {"date", "datetime", "datetime64"}


def kind_of(column: pd.Series) -> Kind:
    """Return the kind of a canonical column, which its dtype tells.

    Examples
    --------
    >>> kind_of(canonical_column(pd.Series(["true", "false", "NA"]))[0])
    'boolean'
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "categorical"
    if isinstance(column.dtype, pd.BooleanDtype):
        return "boolean"
    return "date" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "numeric"


def canonical_column(column: pd.Series) -> tuple[pd.Series, Counter[str]]:
    """Return a column in its canonical form, and the missing markers it held.

    Parameters
    ----------
    column
        A column as it was read; its name is used in messages.

    Returns
    -------
    tuple
        The column, as float64 (numeric), ``boolean``, ``category`` with sorted text levels, or datetime64; and how
        often each missing marker occurred.

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
        return _category(column.cat.codes.to_numpy(), [label(v) for v in dtype.categories], column), Counter()
    if pd.api.types.is_bool_dtype(dtype):
        return column.astype("boolean"), Counter()
    if pd.api.types.is_complex_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        raise _unusable(column, str(dtype))
    if pd.api.types.is_numeric_dtype(dtype):
        return _numeric(column), Counter()
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return _date(column), Counter()
    return _from_objects(column)


def column_of_kind(column: pd.Series, kind: Kind) -> pd.Series:
    """Return a column of new rows in the kind it had in training.

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
        empty: dict[Kind, str] = {"categorical": "category", "boolean": "boolean", "date": "datetime64[us]"}
        return values.astype(empty.get(kind, "float64"))
    if kind == "categorical":
        codes, uniques = pd.factorize(values)
        return _category(codes, [label(value) for value in uniques], column)
    if kind == "numeric" and found == "boolean":
        return values.astype("float64")
    if kind == "boolean" and found == "numeric" and values.dropna().isin([0.0, 1.0]).all():
        return values.astype("boolean")
    row, value = _first_misfit(values, kind)
    raise DataError(
        f"Column {column.name!r} was {kind} in training and is {found} here: row {row} holds {value!r}.",
        f"Give {kind} values in this column.",
    )


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


def sorted_levels(levels: set[str]) -> list[str]:
    """Return levels in their natural order: by value if all are numbers, by text otherwise."""
    try:
        return sorted(levels, key=lambda text: (float(text), text))
    except ValueError:
        return sorted(levels)


def row_number(column: pd.Series | pd.DataFrame, place: int) -> int:
    """Return the number of a row as people count: from 1, in the table as it was read, the header not counted."""
    return int(column.index[place]) + 1


def _numeric(column: pd.Series) -> pd.Series:
    values = pd.Series(
        column.to_numpy(dtype=np.float64, na_value=np.nan), index=column.index, name=column.name
    )
    too_large = np.flatnonzero(np.abs(values.to_numpy()) > LARGEST_MAGNITUDE)
    if too_large.size:
        value = values.iloc[too_large[0]]
        what = "is infinite" if np.isinf(value) else f"holds {value:g}, beyond ±{LARGEST_MAGNITUDE:g},"
        more = f" (and {too_large.size - 1} more rows)" if too_large.size > 1 else ""
        raise DataError(
            f"Column {column.name!r} {what} in row {row_number(column, too_large[0])}{more}.",
            "Mend the value, leave it empty if it is unknown, or leave the column out with ignore=[...].",
        )
    return values


def _date(column: pd.Series) -> pd.Series:
    zone = getattr(column.dt, "tz", None)
    naive = column.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else column
    return naive.astype("datetime64[us]")


def _category(codes: np.ndarray, levels: list[str], column: pd.Series) -> pd.Series:
    """Build a category with sorted levels; levels that are missing markers or never occur are no levels."""
    present = np.unique(codes[codes >= 0])
    kept = sorted_levels({levels[code] for code in present if levels[code] not in MISSING_MARKERS})
    position = {level: place for place, level in enumerate(kept)}
    lookup = np.array([*(position.get(level, -1) for level in levels), -1], dtype=np.int64)
    values = pd.Categorical.from_codes(lookup[codes], categories=pd.Index(kept, dtype=object))
    return pd.Series(values, index=column.index, name=column.name)


def _from_objects(column: pd.Series) -> tuple[pd.Series, Counter[str]]:
    held = pd.api.types.infer_dtype(column, skipna=True)
    if held == "boolean":
        return column.astype("boolean"), Counter()
    if held in _NUMBER_OBJECTS:
        return _numeric(pd.to_numeric(column)), Counter()
    if held in _DATE_OBJECTS:
        return _date(pd.to_datetime(column, utc=True)), Counter()
    if held in {"bytes", "complex", "timedelta", "time"}:
        raise _unusable(column, held)
    try:
        codes, values = pd.factorize(column)
    except TypeError:
        raise _unusable(column, "nested values") from None
    return _from_text(column, codes, [label(value).strip() for value in values])


def _from_text(column: pd.Series, codes: np.ndarray, texts: list[str]) -> tuple[pd.Series, Counter[str]]:
    """Decide the kind of a column given as codes into its distinct texts."""
    rows_of = np.bincount(codes[codes >= 0], minlength=len(texts))
    missing = np.array([text in MISSING_MARKERS for text in texts], dtype=bool)
    markers = Counter(
        {text: int(n) for text, n, gone in zip(texts, rows_of, missing, strict=True) if gone and text}
    )
    present = pd.Series([text for text, gone in zip(texts, missing, strict=True) if not gone], dtype="str")

    def spread(values: np.ndarray, absent: object) -> pd.Series:
        table = np.full(len(texts) + 1, absent, dtype=values.dtype)
        table[:-1][~missing] = values
        return pd.Series(table[codes], index=column.index, name=column.name)

    lower = present.str.lower()
    if present.size and lower.isin(["true", "false"]).all():
        return spread((lower == "true").to_numpy(dtype=np.float64), np.nan).astype("boolean"), markers
    numbers = pd.to_numeric(present, errors="coerce").to_numpy(dtype=np.float64)
    if not np.isnan(numbers).any():
        return _numeric(spread(numbers, np.nan)), markers
    if present.str.fullmatch(_ISO_DATE).all():
        return spread(_parsed_dates(column, codes, texts, present), np.datetime64("NaT")), markers
    _refuse_misread_numbers(column, codes, texts, rows_of, present, numbers)
    return _category(codes, texts, column), markers


def _parsed_dates(column: pd.Series, codes: np.ndarray, texts: list[str], present: pd.Series) -> np.ndarray:
    dates = pd.to_datetime(present, format="ISO8601", utc=True, errors="coerce")
    if dates.isna().any():
        text = present[dates.isna()].iloc[0]
        raise DataError(
            f"Column {column.name!r}, row {_row_of(column, codes, texts, text)}: {text!r} is no date of the calendar.",
            "Mend it, or leave it empty if it is unknown.",
        )
    days: np.ndarray = dates.dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    return days


def _refuse_misread_numbers(
    column: pd.Series,
    codes: np.ndarray,
    texts: list[str],
    rows_of: np.ndarray,
    present: pd.Series,
    numbers: np.ndarray,
) -> None:
    """Raise if a column of numbers would pass for a category because of a stray text or decimal commas."""
    if present.size > _CODED_CATEGORY and present.str.fullmatch(_DECIMAL_COMMA).all():
        raise DataError(
            f"Column {column.name!r} holds numbers written with a comma, such as {present.iloc[0]!r}.",
            f"Convert them: query=\"select * replace (replace({column.name!s}, ',', '.')::double as "
            f'{column.name!s}) from data".',
        )
    strays = present[np.isnan(numbers)]
    stray_rows = sum(int(rows_of[texts.index(text)]) for text in strays[:1000])
    present_rows = int(rows_of.sum()) - sum(
        int(n) for n, text in zip(rows_of, texts, strict=True) if text in MISSING_MARKERS
    )
    many_numbers = present.size - strays.size > _CODED_CATEGORY
    if many_numbers and strays.size <= 1000 and stray_rows <= (1 - _MOSTLY_NUMBERS) * present_rows:
        text = strays.iloc[0]
        more = f" ({stray_rows - 1} more such rows)" if stray_rows > 1 else ""
        raise DataError(
            f"Column {column.name!r} holds numbers, but row {_row_of(column, codes, texts, text)} holds {text!r}{more}.",
            "Mend it, leave it empty if it is unknown, or leave the column out with ignore=[...].",
        )


def _row_of(column: pd.Series, codes: np.ndarray, texts: list[str], text: str) -> int:
    return row_number(column, int(np.flatnonzero(codes == texts.index(text))[0]))


def _first_misfit(values: pd.Series, kind: Kind) -> tuple[int, object]:
    fits = (
        pd.to_numeric(values.astype(object), errors="coerce").notna() if kind == "numeric" else values.isna()
    )
    place = int(np.flatnonzero(~(fits | values.isna()))[0])
    return row_number(values, place), values.iloc[place]


def _unusable(column: pd.Series, what: str) -> DataError:
    return DataError(
        f"Column {column.name!r} holds {what}, which no network can read.",
        "Turn it into numbers, texts or dates, or leave it out with ignore=[...].",
    )
