"""The rows a linear model is fitted to: checked once, float64 from here on."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, row, setting
from thalweg.base.weighing import common_weights, weights_kind_of

LARGEST: Final = 1e120
_ENCODE: Final = "Encode text and categories first."
_ROUNDING: Final = 1e-12  # relative, of a sum of weights

Clusters = Sequence[Hashable] | NDArray[np.generic]
"""One label per row, or several in columns."""


@dataclass(frozen=True, slots=True)
class DesignRows:
    """A design, its answers and the weight of each row.

    Parameters
    ----------
    X
        Design, shape [N D].
    y
        Answers, shape [N] or [N M] for M answers at once.
    weights
        Weight of each row, shape [N]: a row of weight 3 counts as three equal rows. None weighs every row 1.
    """

    X: FloatArray
    y: FloatArray
    weights: FloatArray | None

    @property
    def total(self) -> float:
        """Sum of the weights, the number of rows if there are none; rounding does not make a whole number broken."""
        if self.weights is None:
            return float(len(self.X))
        found = float(self.weights.sum())
        return float(round(found)) if abs(found - round(found)) <= _ROUNDING * found else found

    def weight_vector(self) -> FloatArray:
        """Return the weights, shape [N], ones if there are none."""
        return np.ones(len(self.X)) if self.weights is None else self.weights


def check_rows(X: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, cells: bool = True) -> DesignRows:
    """Return the rows as float64 if they can be fitted.

    Parameters
    ----------
    X
        Design, shape [N D].
    y
        Answers, shape [N] or [N M].
    weights
        Weights of the rows, shape [N], not negative.
    cells
        Whether to look at the design's cells, a pass over the data; without it the caller looks at sums of their
        squares and calls :func:`check_cells` if those are not finite.

    Raises
    ------
    DataError
        If a shape does not fit, a number is not finite, or no row has a positive weight.

    Examples
    --------
    >>> check_rows([[1, 2], [3, 4]], [0, 1]).X.shape
    (2, 2)
    """
    design = _design(X)
    if cells:
        check_cells(design, _names(X))
    answers = _numbers("answers", y)
    if answers.ndim not in {1, 2} or len(answers) != len(design):
        raise DataError(
            f"The answers must have shape [{len(design)}] or [{len(design)} M], got {list(answers.shape)}.",
            "Give one answer per row of the design.",
        )
    _check_finite("answers", answers.reshape(len(answers), -1))
    if weights is None:
        return DesignRows(design, answers, None)
    weighed = _numbers("weights", weights)
    if weighed.shape != (len(design),):
        raise DataError(
            f"The weights must have shape [{len(design)}], got {list(weighed.shape)}.",
            "Give one weight per row.",
        )
    _check_finite("weights", weighed[:, None])
    wrong = np.flatnonzero(weighed < 0)
    if len(wrong):
        raise DataError(
            f"Weights must not be negative, got {weighed[wrong[0]]:g} in row {row(wrong[0])}.", "Correct the weights."
        )
    if weighed.max() == 0:
        raise DataError("All weights are 0, and no row counts.", "Give some row a positive weight.")
    return DesignRows(design, answers, weighed)


def counting_rows(
    rows: DesignRows, kind: str, clusters: Clusters | None
) -> tuple[DesignRows, Clusters | None, IntArray]:
    """Return the rows that count, with weights that sum to the number of observations.

    A row of weight 0 is no row: it is in no cluster and takes no degree of freedom.

    Parameters
    ----------
    rows
        As checked.
    kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`.
    clusters
        One label per row, or None.

    Returns
    -------
    tuple
        The rows, their clusters, and their positions among all, shape [N].

    Raises
    ------
    DataError
        If there are not as many clusters as rows, or a frequency is no whole number.

    Examples
    --------
    >>> rows, clusters, kept = counting_rows(check_rows([[1], [2], [3]], [0, 1, 2], [2, 0, 6]), "analytic", list("aba"))
    >>> rows.weights.tolist(), clusters, kept.tolist()
    ([0.5, 1.5], ['a', 'a'], [0, 2])
    """
    if clusters is not None and len(clusters) != len(rows.X):
        raise DataError(
            f"Clusters for {len(rows.X):,} rows are needed, got {len(clusters):,}.",
            f"Give {setting('clusters')} one label per row.",
        )
    everything = np.arange(len(rows.X))
    if rows.weights is None:
        return rows, clusters, everything
    weights = common_weights(rows.weights, kind)
    kept = np.flatnonzero(weights > 0)
    if len(kept) == len(everything):
        return DesignRows(rows.X, rows.y, weights), clusters, everything
    labels = None if clusters is None else pick(clusters, kept)
    return DesignRows(rows.X[kept], rows.y[kept], weights[kept]), labels, kept


def weighed_rows(
    rows: DesignRows, kind: str | None, folds: int | ArrayLike | Sequence[tuple[IntArray, IntArray]] | None = None
) -> tuple[DesignRows, Any]:
    """Return the rows that count, weighed as their kind says, and folds of those rows.

    Parameters
    ----------
    rows
        As checked.
    kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    folds
        Their number, the fold of each row [N] or [R N], or pairs of rows learned from and rows held out.

    Raises
    ------
    DataError
        If a frequency is no whole number.

    Examples
    --------
    >>> rows, folds = weighed_rows(check_rows([[1], [2], [3]], [0, 1, 2], [2, 0, 6]), None, [0, 0, 1])
    >>> rows.weights.tolist(), folds.tolist()
    ([0.5, 1.5], [0, 1])
    """
    found, _, kept = counting_rows(rows, weights_kind_of(kind), None)
    if len(kept) == len(rows.X) or folds is None or isinstance(folds, (int, np.integer)):
        return found, folds
    if isinstance(folds, (list, tuple)) and folds and isinstance(folds[0], tuple):
        place = np.full(len(rows.X), -1)
        place[kept] = np.arange(len(kept))
        parts = [[place[np.asarray(part)] for part in pair] for pair in folds]
        return found, [tuple(part[part >= 0] for part in pair) for pair in parts]
    labels = np.asarray(folds)
    return found, labels[..., kept] if labels.shape[-1:] == (len(rows.X),) else labels


def pick(labels: Clusters, places: IntArray) -> Clusters:
    """Return the labels at some places.

    Examples
    --------
    >>> pick(["a", "b", "c"], np.array([0, 2]))
    ['a', 'c']
    """
    if hasattr(labels, "iloc"):
        return labels.iloc[places]  # type: ignore[no-any-return] # a series, or a frame of several sets
    if isinstance(labels, np.ndarray):
        return np.asarray(labels[places])
    return [labels[int(place)] for place in places]


def dense_codes(codes: IntArray) -> IntArray:
    """Return whole numbers as 0, 1, … in their order, shape [N], without sorting where they lie close together.

    Examples
    --------
    >>> dense_codes(np.array([7, 3, 7, 9]))
    array([1, 0, 1, 2])
    """
    low, high = int(codes.min()), int(codes.max())
    if high - low > 4 * len(codes) + 1_000:
        return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)
    present = np.zeros(high - low + 1, dtype=np.int64)
    present[codes - low] = 1
    return np.asarray((np.cumsum(present) - 1)[codes - low])


def check_design(X: ArrayLike, columns: int | None = None) -> FloatArray:
    """Return the design as float64, shape [N D].

    Raises
    ------
    DataError
        If it is not a table of finite numbers, or not as wide as the fitted one.

    Examples
    --------
    >>> check_design([[1, 2]], columns=2)
    array([[1., 2.]])
    """
    design = _design(X)
    if columns is not None and design.shape[1] != columns:
        raise DataError(
            f"The model was fitted with {columns} columns, got {design.shape[1]}.",
            "Give the columns of the fit, in their order.",
        )
    check_cells(design, _names(X))
    return design


def check_cells(design: FloatArray, names: Sequence[object] | None = None) -> None:
    """Refuse a design with a cell that is missing, infinite or too large to be squared.

    Parameters
    ----------
    design
        Shape [N D].
    names
        Of its columns; they are counted from 1 if None.

    Raises
    ------
    DataError
        Naming the first such cell.

    Examples
    --------
    >>> check_cells(np.array([[1.0, np.nan]]), ["age", "price"])
    Traceback (most recent call last):
    thalweg.base.errors.DataError: The design must be finite and below 1e+120, got nan in row 1, column 'price' ...
    """
    _check_finite("design", design, names)


def _design(X: ArrayLike) -> FloatArray:
    """Return a table of float64 with at least one cell, whatever its cells are."""
    design = _numbers("design", X)
    if design.ndim != 2 or len(design) == 0 or design.shape[1] == 0:
        raise DataError(
            f"The design must be a table of at least one row and one column, got shape {list(design.shape)}.",
            "Give one row per observation and one column per predictor.",
        )
    return design


def _names(X: ArrayLike) -> Sequence[object] | None:
    """Return the column names of a data frame."""
    names = getattr(X, "columns", None)
    return None if names is None else list(names)


def _numbers(what: str, values: ArrayLike) -> FloatArray:
    """Return values as float64; the first that is no number is named with its row."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        cells = np.asarray(values, dtype=object)
        for place, cell in np.ndenumerate(cells):
            if not _is_number(cell):
                at = f" in row {row(place[0])}{_in_column(place[1:], _names(values))}" if place else ""
                raise DataError(f"The {what} must be numbers, got {cell!r}{at}.", _ENCODE) from error
        raise DataError(f"The {what} must be numbers: {error}.", _ENCODE) from error


def _is_number(cell: object) -> bool:
    """Whether a cell becomes a float."""
    try:
        np.asarray(cell, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return True


def _in_column(place: tuple[int, ...], names: Sequence[object] | None) -> str:
    """Return the words that name a column, none if there is but one."""
    if not place:
        return ""
    return f", column {place[0] + 1}" if names is None else f", column {names[place[0]]!r}"


def _check_finite(what: str, table: FloatArray, names: Sequence[object] | None = None) -> None:
    """Name the first cell that is missing, infinite or too large to be squared."""
    if abs(table.sum()) < LARGEST:  # one fast pass; anything else is looked at cell by cell
        return
    bad = ~(np.abs(table) < LARGEST)
    if bad.any():
        first, column = map(int, np.argwhere(bad)[0])
        where = _in_column((column,) if what == "design" or table.shape[1] > 1 else (), names)
        raise DataError(
            f"The {what} must be finite and below {LARGEST:g}, got {table[first, column]:g} in row {row(first)}{where} "
            f"({bad.sum():,} such cells).",
            "Fill or drop missing values, or change the unit.",
        )
