"""Rows of plain values, as JSON holds them, encoded without a data frame: for one row that is most of the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.encode import Encoder
from thalweg.data.reading.encodings import CategoryEncoding, NumericEncoding

_LARGEST: Final = 2.0**53  # beyond it whole numbers are names


@dataclass(frozen=True, slots=True, eq=False)
class RecordRows:
    """An encoder of numbers, truth values and categories, laid out for rows.

    Parameters
    ----------
    inputs
        How many columns a row has.
    width
        How many features [D].
    numbers
        Names of numeric and boolean columns, and the types their values may have.
    places
        Their features.
    limits
        ``fence`` below and above, what counts below and above, ``mean`` and ``factor``, a row each.
    categories
        Names of categories, and the feature of every level that training rows have.
    """

    inputs: int
    width: int
    numbers: Sequence[tuple[str, tuple[type, ...]]]
    places: IntArray
    limits: FloatArray
    categories: Sequence[tuple[str, Mapping[str, int]]]

    def encode(self, rows: Sequence[Mapping[str, Any]]) -> FloatArray | None:
        """Return what :func:`thalweg.data.new_rows.encode_new_rows` does [N D], bit for bit.

        None where that would have something to say: a column too many or too few, a missing value, a level no training
        row has, a text in place of a number.

        Examples
        --------
        >>> import pandas as pd
        >>> from thalweg.data.encode import fit_encoder
        >>> plain = record_rows(fit_encoder(pd.DataFrame({"x": [1.0, 3.0]}), np.array([0, 1])))
        >>> plain.encode([{"x": 5}]).tolist(), plain.encode([{"x": None}])
        ([[3.0]], None)
        """
        found = np.zeros((len(rows), self.width))
        values = np.empty((len(rows), len(self.numbers)))
        for n, row in enumerate(rows):
            if len(row) != self.inputs:
                return None
            for k, (name, types) in enumerate(self.numbers):
                value: Any = row.get(name)
                if type(value) not in types or not -_LARGEST <= value <= _LARGEST:
                    return None
                values[n, k] = value
            for name, slots in self.categories:
                level = row.get(name)
                place = slots.get(level) if type(level) is str else None
                if place is None:
                    return None
                found[n, place] = 1.0
        below, above, low, high, mean, factor = self.limits
        values = np.where(values < below, low, np.where(values > above, high, values))
        found[:, self.places] = (values - mean) * factor
        return found


def record_rows(encoder: Encoder) -> RecordRows | None:
    """Lay out an encoder for rows of plain values; None if it has a formula or dates.

    Examples
    --------
    >>> import pandas as pd
    >>> from thalweg.data.encode import fit_encoder
    >>> record_rows(fit_encoder(pd.DataFrame({"x": [1.0, 3.0]}), np.array([0, 1]))).width
    1
    """
    if encoder.formula is not None:
        return None
    numbers, places, limits, categories, start = [], [], [], [], 0
    for column in encoder.columns:
        if isinstance(column, NumericEncoding):
            numbers.append((column.name, (bool,) if column.kind == "boolean" else (int, float)))
            places.append(start)
            limits.append((*column.fence, column.low, column.high, column.mean, column.factor))
        elif isinstance(column, CategoryEncoding):
            slots = {level: start + n for n, level in enumerate(column.levels) if column.seen[n]}
            categories.append((column.name, slots))
        else:
            return None
        start += len(column.feature_names)
    table = np.array(limits, dtype=np.float64).reshape(-1, 6).T
    return RecordRows(
        len(encoder.columns), start, tuple(numbers), np.array(places, dtype=np.int64), table, tuple(categories)
    )
