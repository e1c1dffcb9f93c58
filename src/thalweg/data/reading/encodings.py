"""How one column of a table becomes columns of a matrix: numbers, dates and categories.

============ ======================================= =============================== =============================
kind         columns                                 missing                         never seen in training
============ ======================================= =============================== =============================
numeric      (x − mean) / sd                         the training median, and a      clipped if extreme, see below
                                                     column ``x=(missing)`` if the
                                                     whole table misses some
boolean      0 or 1                                  the same                        –
date         ``.days`` since 1970-01-01, ``.year``,  the same                        as numeric
             ``.month`` 1–12, ``.weekday`` 1–7,
             each as numeric; time zones become UTC
categorical  one column of 0 and 1 per level         a level of its own if the       ``(other)`` if there is one,
                                                     whole table misses some, else   else all zeros
                                                     all zeros
============ ======================================= =============================== =============================

Mean and sd (divisor N) are those of the training rows, unweighted. Numbers that are 0 or 1 stay as they are, and values
that fewer than one row in twenty has are not blown up (:mod:`thalweg.data.reading.gentle_scale`). A column constant in
the training rows is 0.
Which levels there are is read off the whole table, so that every fold has the same columns; it uses no outcome. A
level that no training row has is all zeros. Of more than 100 levels the 100 most frequent of the whole table have a
column and the rest share ``(other)``.

A number farther than 10⁶ scales from the training median is extreme, the scale being the median of the training
rows' nonzero distances from it. Extreme values are left out of mean and sd, and count as the nearest training value
that is not extreme: one 1e30 in new rows spoils neither the other rows nor float32. (A table to learn from is refused
if a value is farther than 10¹² scales, see :mod:`thalweg.data.remarks.diagnose`.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.kinds import LARGEST_MAGNITUDE, MAX_LEVELS, Kind, kind_of
from thalweg.data.reading.gentle_scale import gentle_scale

EXTREME: Final = 1e6
DATE_PARTS: Final = ("days", "year", "month", "weekday")
_MICROSECONDS_PER_DAY: Final = 86_400_000_000


class ColumnEncoding(Protocol):
    """One column of the table, its kind, and the names of the columns it becomes."""

    @property
    def name(self) -> str: ...  # noqa: D102  # the class docstring says it
    @property
    def kind(self) -> Kind: ...  # noqa: D102  # the same
    @property
    def feature_names(self) -> tuple[str, ...]: ...  # noqa: D102  # the same

    def write(self, column: pd.Series, out: FloatArray) -> None:
        """Encode a canonical column of this kind into ``out`` [N k], which holds zeros."""


@dataclass(frozen=True, slots=True)
class NumericEncoding:
    """A number: (x − mean) · factor, with factor = 1 / sd, or 0 for a constant, or as for an indicator or rare values.

    Parameters
    ----------
    name, kind
        The column, numeric or boolean.
    mean, factor
        Location and scale; 0 and 1 for a boolean, and for numbers that are 0 or 1.
    median
        What a missing value counts as.
    fence
        Values outside are extreme.
    low, high
        What an extreme value counts as.
    indicator
        Whether a second column says where the value was missing.
    missing_seen
        Whether some training row missed it; the second column is 0 otherwise.
    """

    name: str
    kind: Kind
    mean: float
    factor: float
    median: float
    fence: tuple[float, float]
    low: float
    high: float
    indicator: bool
    missing_seen: bool

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the encoded columns."""
        return (self.name, f"{self.name}=(missing)") if self.indicator else (self.name,)

    def write(self, column: pd.Series, out: FloatArray) -> None:
        """Encode a canonical column into ``out`` [N 1] or [N 2]."""
        self.write_values(column.to_numpy(dtype=np.float64, na_value=np.nan), out)

    def write_values(self, values: FloatArray, out: FloatArray) -> None:
        """Encode float64 values, NaN where missing."""
        missing = np.isnan(values)
        z = np.where(missing, self.median, values)
        np.copyto(z, self.low, where=z < self.fence[0])
        np.copyto(z, self.high, where=z > self.fence[1])
        z -= self.mean
        np.multiply(z, self.factor, out=out[:, 0])
        if self.indicator:
            out[:, 1] = missing & self.missing_seen


@dataclass(frozen=True, slots=True)
class DateEncoding:
    """A date: its parts (:data:`DATE_PARTS`), each encoded as a number; the first says where it was missing."""

    name: str
    parts: tuple[NumericEncoding, ...]
    kind: Kind = "date"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the encoded columns."""
        return tuple(name for part in self.parts for name in part.feature_names)

    def write(self, column: pd.Series, out: FloatArray) -> None:
        """Encode a canonical column into ``out`` [N 4] or [N 5]."""
        start = 0
        for part, values in zip(self.parts, _date_parts(column), strict=True):
            end = start + len(part.feature_names)
            part.write_values(values, out[:, start:end])
            start = end


@dataclass(frozen=True, slots=True)
class CategoryEncoding:
    """A category: one column of 0 and 1 per level.

    Parameters
    ----------
    name
        The column.
    levels
        The levels with a column of their own.
    other, missing
        Whether rare levels, and missing values, have a column.
    seen
        Which of these columns some training row has; the others stay 0.
    """

    name: str
    levels: tuple[str, ...]
    other: bool
    missing: bool
    seen: tuple[bool, ...]
    kind: Kind = "categorical"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the encoded columns."""
        extra = ("(other)",) * self.other + ("(missing)",) * self.missing
        return tuple(f"{self.name}={level}" for level in (*self.levels, *extra))

    def slots(self, column: pd.Series) -> IntArray:
        """Return the place of each row's column, −1 where it has none."""
        nowhere = -1
        elsewhere = len(self.levels) if self.other else nowhere
        absent = len(self.levels) + self.other if self.missing else nowhere
        place = {level: slot for slot, level in enumerate(self.levels)}
        lookup = [*(place.get(level, elsewhere) for level in column.cat.categories), absent]
        chosen: IntArray = np.array(lookup, dtype=np.int64)[column.cat.codes.to_numpy()]
        return chosen

    def write(self, column: pd.Series, out: FloatArray) -> None:
        """Encode a canonical column into ``out`` [N k], which holds zeros."""
        slots = self.slots(column)
        rows = np.flatnonzero((slots >= 0) & np.array([*self.seen, False])[slots])
        out[rows, slots[rows]] = 1.0


def fit_column(column: pd.Series, rows: IntArray) -> ColumnEncoding:
    """Learn the encoding of a canonical column from training rows; the whole column decides which columns there are."""
    kind = kind_of(column)
    if kind == "categorical":
        return _fit_category(column, rows)
    values = None if kind == "date" else column.to_numpy(dtype=np.float64, na_value=np.nan)
    indicator = bool((column.isna() if values is None else np.isnan(values)).any())
    if values is None:
        parts = [
            _fit_numeric(f"{column.name}.{part}", values[rows], indicator=indicator and part == DATE_PARTS[0])
            for part, values in zip(DATE_PARTS, _date_parts(column), strict=True)
        ]
        return DateEncoding(str(column.name), tuple(parts))
    encoding = _fit_numeric(str(column.name), values[rows], indicator=indicator)
    if kind == "boolean":
        return replace(encoding, kind="boolean", mean=0.0, factor=1.0, fence=(0.0, 1.0), low=0.0, high=1.0)
    return encoding


def _fit_numeric(name: str, values: FloatArray, *, indicator: bool) -> NumericEncoding:
    missing = np.isnan(values)
    present = values[~missing]
    if present.size == 0:
        return NumericEncoding(name, "numeric", 0.0, 0.0, 0.0, (0.0, 0.0), 0.0, 0.0, indicator, missing_seen=True)
    median, reach = extreme_limits(present)
    ordinary = present[np.abs(present - median) <= reach]
    low, high = float(ordinary.min()), float(ordinary.max())
    centred = ordinary - median  # distances from a central value keep their digits, however large the values are
    mean = median + float(centred.mean())
    about, spread = np.array([mean]), np.array([float(centred.std())])
    mean, sd = (float(found[0]) for found in gentle_scale(ordinary[:, None], None, about, spread))
    factor = 1.0 / sd if sd * LARGEST_MAGNITUDE > 1 else 0.0
    fence = (median - reach, median + reach)
    return NumericEncoding(name, "numeric", mean, factor, median, fence, low, high, indicator, bool(missing.any()))


def extreme_limits(present: FloatArray) -> tuple[float, float]:
    """Return the median, and the distance from it beyond which a value is extreme.

    Examples
    --------
    >>> extreme_limits(np.array([1.0, 2.0, 3.0, 1e30]))
    (2.5, 1000000.0)
    """
    median = _median(present)
    distance = np.abs(present - median)
    nonzero = distance[distance > 0]
    return median, EXTREME * _median(nonzero) if nonzero.size else 0.0


def _median(values: FloatArray) -> float:
    """Return the median of finite numbers, of which numpy asks more often than it computes."""
    low, high = (len(values) - 1) // 2, len(values) // 2
    ordered = np.partition(values, (low, high))
    return float((ordered[low] + ordered[high]) / 2)


def _fit_category(column: pd.Series, rows: IntArray) -> CategoryEncoding:
    levels = [str(level) for level in column.cat.categories]
    codes = column.cat.codes.to_numpy()
    other = len(levels) > MAX_LEVELS
    if other:
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_LEVELS])
        levels = [levels[place] for place in kept]
    missing = bool((codes < 0).any())
    blank = CategoryEncoding(str(column.name), tuple(levels), other, missing, ())
    width = len(blank.feature_names)
    slots = blank.slots(column.iloc[rows])
    seen = np.bincount(slots[slots >= 0], minlength=width) > 0
    return replace(blank, seen=tuple(bool(flag) for flag in seen))


def _date_parts(column: pd.Series) -> tuple[FloatArray, ...]:
    moments = column.dt
    stamps = column.to_numpy(dtype="datetime64[us]")
    days = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / _MICROSECONDS_PER_DAY)
    others = (moments.year, moments.month, moments.day_of_week + 1)
    return days, *(part.to_numpy(dtype=np.float64, na_value=np.nan) for part in others)


def encoding_from_dict(values: Mapping[str, Any]) -> ColumnEncoding:
    """Rebuild an encoding from its fields, also after a trip through JSON."""
    if values["kind"] == "date":
        return DateEncoding(values["name"], tuple(_numeric_from_dict(part) for part in values["parts"]))
    if values["kind"] == "categorical":
        return CategoryEncoding(**{**values, "levels": tuple(values["levels"]), "seen": tuple(values["seen"])})
    return _numeric_from_dict(values)


def _numeric_from_dict(values: Mapping[str, Any]) -> NumericEncoding:
    return NumericEncoding(**{**values, "fence": tuple(values["fence"])})
