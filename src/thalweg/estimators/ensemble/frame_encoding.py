"""How columns of a frame become columns of a matrix in the estimators: what there is to see, before any scale.

The encoding holds which columns and levels there are, and no outcome. Numbers stay as they are, missing ones NaN: what
they count as, and the scale, is learned on the rows of each view by
:func:`~thalweg.select.learning.lessons.learn_scaling`, so that a fold never sees the rows it holds out.

============ ==================================================== ==================================================
kind         columns                                              never seen in training
============ ==================================================== ==================================================
numeric      the number                                           –
boolean      0 or 1                                               –
date         ``.days`` since 1970-01-01, ``.year``, ``.month``    –
             1-12, ``.weekday`` 1-7
categorical  one column of 0 and 1 per level, of more than 100    ``(other)`` if there is one, else all zeros
             the most frequent ones and ``(other)``
============ ==================================================== ==================================================

Each has a further column, ``x=(missing)``, if the rows learned from miss some.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy.sparse import issparse

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.data.columns import canonical_column, column_of_kind
from thalweg.data.kinds import MAX_LEVELS, Kind, kind_of
from thalweg.data.reading.table import read_table
from thalweg.select.learning.observations import InputError

DATE_PARTS = ("days", "year", "month", "weekday")
_MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class EncodedColumn:
    """One column of a frame.

    Parameters
    ----------
    name, kind
        The column.
    levels
        Of a category: those with a column of their own.
    other, missing
        Whether rare levels, and missing values, have a column.
    """

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    other: bool = False
    missing: bool = False

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        names: tuple[str, ...] = (self.name,)
        if self.kind == "date":
            names = tuple(f"{self.name}.{part}" for part in DATE_PARTS)
        if self.kind == "categorical":
            names = tuple(f"{self.name}={level}" for level in (*self.levels, *("(other)",) * self.other))
        return (*names, *(f"{self.name}=(missing)",) * self.missing)

    def codes(self, column: pd.Series) -> FloatArray:
        """Return the column as one number per row [N]: days, places of levels, numbers; NaN where missing."""
        values = column_of_kind(column, self.kind)
        if self.kind == "date":
            stamps = values.to_numpy(dtype="datetime64[us]")
            days: FloatArray = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / _MICROSECONDS_PER_DAY)
            return days
        if self.kind == "categorical":
            place = {level: float(slot) for slot, level in enumerate(self.levels)}
            found = [*(place.get(level, float(len(self.levels))) for level in values.cat.categories), np.nan]
            places: FloatArray = np.array(found)[values.cat.codes.to_numpy()]
            return places
        numbers: FloatArray = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers

    def columns(self, codes: FloatArray) -> list[FloatArray]:
        """Return the encoded columns [N] of codes [N]."""
        gone = np.isnan(codes)
        found = [codes]
        if self.kind == "date":
            whole = np.floor(np.where(gone, 0.0, codes)).astype(np.int64)
            found = [codes, *(np.where(gone, np.nan, part.astype(np.float64)) for part in calendar(whole))]
        if self.kind == "categorical":
            found = [(codes == slot).astype(np.float64) for slot in range(len(self.levels) + self.other)]
        return [*found, *[gone.astype(np.float64)] * self.missing]


@dataclass(frozen=True, slots=True)
class FrameEncoder:
    """What turns a frame into a matrix.

    Parameters
    ----------
    columns
        In the order of the frame.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20.0, None], "ward": ["a", "b"]})
    >>> encoder = learn_encoder(frame)
    >>> encoder.feature_names
    ('age', 'age=(missing)', 'ward=a', 'ward=b')
    >>> encoder.transform(frame).tolist()
    [[20.0, 0.0, 1.0, 0.0], [nan, 1.0, 0.0, 1.0]]
    """

    columns: tuple[EncodedColumn, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the D encoded columns."""
        return tuple(name for column in self.columns for name in column.feature_names)

    def codes(self, frame: pd.DataFrame) -> FloatArray:
        """Return one number per row and column [N K].

        Raises
        ------
        InputError
            If a value cannot be read in its column's kind.
        """
        return np.column_stack([_told(column.codes, part) for column, part in self._pairs(frame)])

    def transform(self, frame: pd.DataFrame) -> FloatArray:
        """Return the matrix [N D]; NaN where a number is missing.

        Raises
        ------
        InputError
            If a value cannot be read in its column's kind.
        """
        pairs = zip(self.columns, self.codes(frame).T, strict=True)
        return np.column_stack([part for column, codes in pairs for part in column.columns(codes)])

    def _pairs(self, frame: pd.DataFrame) -> list[tuple[EncodedColumn, pd.Series]]:
        return [(column, frame.iloc[:, place]) for place, column in enumerate(self.columns)]

    def to_dict(self) -> dict[str, Any]:
        """Return the encoder as plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild an encoder from :meth:`to_dict`, also after a trip through JSON."""
        return cls(tuple(EncodedColumn(**{**c, "levels": tuple(c["levels"])}) for c in values["columns"]))


def learn_encoder(frame: pd.DataFrame) -> FrameEncoder:
    """Learn kinds, levels and gaps from the rows to learn from.

    Raises
    ------
    InputError
        If a column cannot be read.
    """
    found = []
    for place in range(frame.shape[1]):
        column, _ = _told(canonical_column, frame.iloc[:, place])
        kind, missing = kind_of(column), bool(column.isna().any())
        levels = [str(level) for level in column.cat.categories] if kind == "categorical" else []
        other = len(levels) > MAX_LEVELS
        if other:
            counts = np.bincount(column.cat.codes[column.cat.codes >= 0], minlength=len(levels))
            levels = [levels[slot] for slot in np.sort(np.argsort(-counts, kind="stable")[:MAX_LEVELS])]
        found.append(EncodedColumn(str(column.name), kind, tuple(levels), other, missing))
    return FrameEncoder(tuple(found))


def frame_of(X: Any, *, always: bool = False) -> pd.DataFrame | None:
    """Return features as a frame if they are more than a complete matrix of numbers.

    Parameters
    ----------
    X
        A frame of pandas, polars, Arrow or any other that narwhals knows, or something like an array.
    always
        Return a frame of complete numbers too.

    Returns
    -------
    pandas.DataFrame or None
        Rows numbered from 0, columns named by texts; None for what scikit-learn reads.

    Raises
    ------
    InputError
        If two columns have the same name.

    Examples
    --------
    >>> frame_of([[1.0, 2.0]]) is None, frame_of([["a", 2.0]]).columns.tolist()
    (True, ['x1', 'x2'])
    """
    if X is None or issparse(X) or isinstance(X, (str, bytes)):
        return None
    if isinstance(X, pd.DataFrame) or nw.dependencies.is_into_dataframe(X):
        if isinstance(X, pd.DataFrame) and X.empty:
            return None
        try:
            frame = read_table(X).frame
        except DataError as error:
            raise InputError(error.problem, error.remedy) from error
        numbers = all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes)
        return None if numbers and not always and not frame.isna().to_numpy().any() else frame
    array = np.asarray(X)
    if array.ndim != 2 or not array.size:
        return None
    texts = array.dtype.kind in "OUS"
    gaps = array.dtype.kind == "f" and bool(np.isnan(array).any())
    if not (texts or gaps or (always and array.dtype.kind in "fiub")):
        return None
    frame = pd.DataFrame(array, columns=[f"x{place}" for place in range(1, array.shape[1] + 1)])
    return frame.map(_readable) if array.dtype == object else frame


def calendar(days: Any) -> tuple[Any, Any, Any]:
    """Return year, month 1-12 and weekday 1-7 (Monday first) of whole days since 1970-01-01.

    Only sums, products and whole divisions, so that NumPy and torch compute it alike; days from the year 0 on.

    References
    ----------
    Fliegel & Van Flandern (1968), doi:10.1145/364096.364097, with years that begin in March.

    Examples
    --------
    >>> [part.item() for part in calendar(np.array([19_782]))]  # 2024-02-29
    [2024, 2, 4]
    """
    since = days + 719_468  # of 0000-03-01
    era = since // 146_097
    day = since - era * 146_097
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    left = day - (365 * year + year // 4 - year // 100)
    shifted = (5 * left + 2) // 153
    month = shifted + 3 - 12 * (shifted >= 10)
    return year + era * 400 + 1 * (month <= 2), month, (days + 3) % 7 + 1


def _told(read: Any, column: pd.Series) -> Any:
    """Read a column; what cannot be read is an error in the input, as scikit-learn's contract names it."""
    try:
        return read(column)
    except InputError:
        raise
    except DataError as error:
        raise InputError(error.problem, error.remedy) from error


def _readable(value: Any) -> Any:
    """Return a cell of an array of objects as a number, a text or a date; anything else by its text."""
    plain: Sequence[type] = (str, bool, int, float, np.generic, pd.Timestamp, type(None), type(pd.NA))
    if isinstance(value, tuple(plain)) or hasattr(value, "isoformat"):
        return value
    return str(value)
