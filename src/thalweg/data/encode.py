"""The encoder of a table: one encoding per column, learned on training rows and kept with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError
from thalweg.data.cells.styles import TextStyle
from thalweg.data.columns import column_of_kind
from thalweg.data.design import Design
from thalweg.data.kinds import LARGEST_MAGNITUDE, Kind
from thalweg.data.problem import Problem
from thalweg.data.reading.encodings import (
    CategoryEncoding,
    ColumnEncoding,
    NumericEncoding,
    encoding_from_dict,
    fit_column,
)
from thalweg.data.reading.many_numbers import FEWEST, fit_many, write_many


@dataclass(frozen=True, slots=True)
class Encoder:
    """What turns a table into a matrix, learned on some of its rows.

    Parameters
    ----------
    columns
        One encoding per column of the table.
    formula
        The formula that makes these columns, or None.
    styles
        How formatted numbers and dates are written, by the table's column.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20.0, 40.0, 60.0], "ward": pd.Categorical(["a", "b", "a"])})
    >>> encoder = fit_encoder(frame, np.array([0, 1]))
    >>> encoder.feature_names
    ('age', 'ward=a', 'ward=b')
    >>> encoder.transform(frame)
    array([[-1.,  1.,  0.],
           [ 1.,  0.,  1.],
           [ 3.,  1.,  0.]])
    """

    columns: tuple[ColumnEncoding, ...]
    formula: Design | None = None
    styles: Mapping[str, TextStyle] = field(default_factory=dict)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the D encoded columns."""
        return tuple(name for column in self.columns for name in column.feature_names)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns of a table that are needed."""
        return tuple(column.name for column in self.columns) if self.formula is None else tuple(self.formula.kinds)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kind of every column in :attr:`inputs`."""
        return {c.name: c.kind for c in self.columns} if self.formula is None else dict(self.formula.kinds)

    def levels(self, name: str) -> tuple[str, ...]:
        """Return the levels of a column in :attr:`inputs` with columns of their own; none unless a category."""
        return self._levels().get(name, ())

    def _levels(self) -> Mapping[str, tuple[str, ...]]:
        if self.formula is not None:
            return self.formula.levels
        return {column.name: column.levels for column in self.columns if isinstance(column, CategoryEncoding)}

    def read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns :attr:`inputs` of new rows in the kinds and styles of training, each cell for itself.

        Raises
        ------
        DataError
            If a value cannot be read so; the message names column, row and value.
        """
        levels = self._levels()
        return pd.DataFrame(
            {
                name: column_of_kind(frame[name], kind, self.styles.get(name), levels.get(name, ()))
                for name, kind in self.kinds.items()
            }
        )

    def transform(self, frame: pd.DataFrame) -> FloatArray:
        """Encode rows.

        Parameters
        ----------
        frame
            The columns ``column.name``: the features of a problem, or new rows prepared by
            :func:`thalweg.data.new_rows.encode_new_rows`.

        Returns
        -------
        numpy.ndarray
            float64 [N D], finite.

        Raises
        ------
        DataError
            If a column is absent, or cannot be read in the kind it had in training.
        """
        absent = [column.name for column in self.columns if column.name not in frame]
        if absent:
            raise DataError(f"Column {absent[0]!r} is absent.", f"The encoder needs {', '.join(self.inputs)}.")
        out = np.zeros((len(frame), len(self.feature_names)))
        ends = np.cumsum([len(column.feature_names) for column in self.columns])
        together = _numbers_together(self.columns, frame)
        if together:
            values = frame[[column.name for column, _ in together]].to_numpy(dtype=np.float64)
            out[:, ends[[place for _, place in together]] - 1] = write_many([one for one, _ in together], values)
        done, levels = {place for _, place in together}, self._levels()
        for place, column in enumerate(self.columns):
            if place not in done:
                known, style = levels.get(column.name, ()), self.styles.get(column.name)
                canonical = column_of_kind(frame[column.name], column.kind, style, known)
                column.write(canonical, out[:, ends[place] - len(column.feature_names) : ends[place]])
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return the encoder as plain values that JSON can hold."""
        columns = [asdict(column) for column in self.columns]  # type: ignore[call-overload]  # all are dataclasses
        styles = {name: asdict(style) for name, style in self.styles.items()}
        return {"columns": columns, "formula": self.formula and self.formula.to_dict(), "styles": styles}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild an encoder from :meth:`to_dict`, also after a trip through JSON."""
        design = None if values["formula"] is None else Design.from_dict(values["formula"])
        styles = {name: TextStyle(**style) for name, style in values["styles"].items()}
        return cls(tuple(encoding_from_dict(column) for column in values["columns"]), design, styles)


def fit_encoder(table: Problem | pd.DataFrame, rows: IntArray) -> Encoder:
    """Learn an encoder from training rows.

    Parameters
    ----------
    table
        A problem, or features in canonical form. All its rows decide which columns there are.
    rows
        The training rows; they decide every number.

    Returns
    -------
    Encoder
        With the same D for all ``rows`` of one table. How each kind of column is encoded, also where it is missing
        or holds something new, is told in :mod:`thalweg.data.reading.encodings`.

    Raises
    ------
    DataError
        If there are no training rows.

    Examples
    --------
    >>> features = pd.DataFrame({"x": [1.0, np.nan, 3.0, 5.0]})
    >>> fit_encoder(features, np.array([0, 1, 2])).transform(features)
    array([[-1.,  0.],
           [ 0.,  1.],
           [ 1.,  0.],
           [ 3.,  0.]])
    """
    if len(rows) == 0:
        raise DataError("There are no training rows to learn an encoder from.", "Give at least one row.")
    if not isinstance(table, Problem):
        return Encoder(_fit_columns(table, rows))
    return Encoder(_fit_columns(table.features, rows), table.formula, table.styles)


def _fit_columns(frame: pd.DataFrame, rows: IntArray) -> tuple[ColumnEncoding, ...]:
    names = [name for name, dtype in frame.dtypes.items() if dtype == np.float64]
    found: dict[str, NumericEncoding] = {}
    if len(names) >= FEWEST:
        values = frame[names].to_numpy()
        complete = np.flatnonzero(~np.isnan(values).any(axis=0))
        found = fit_many([str(names[place]) for place in complete], values[:, complete], rows)
    return tuple(found.get(str(name)) or fit_column(frame[name], rows) for name in frame)


def _numbers_together(columns: Sequence[ColumnEncoding], frame: pd.DataFrame) -> list[tuple[NumericEncoding, int]]:
    """Return the numbers of a wide table that are written at once, with their places: finite, without indicators."""
    plain = {str(name) for name, dtype in frame.dtypes.items() if dtype == np.float64}
    found = [
        (column, place)
        for place, column in enumerate(columns)
        if isinstance(column, NumericEncoding)
        and column.kind == "numeric"
        and not column.indicator
        and column.name in plain
    ]
    if len(found) < FEWEST:
        return []
    values = frame[[column.name for column, _ in found]].to_numpy()
    usable = ~(np.abs(values) > LARGEST_MAGNITUDE).any(axis=0)  # others are refused one by one, with their rows
    return [one for one, fits in zip(found, usable, strict=True) if fits]
