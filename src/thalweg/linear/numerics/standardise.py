"""Columns of mean 0 and standard deviation 1, so that one penalty treats them alike."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.linear.numerics.factor import factor_gram, factor_rows
from thalweg.linear.numerics.moments import moments, row_blocks
from thalweg.linear.rows import DesignRows


@dataclass(frozen=True, slots=True)
class Standard:
    """The scale of each column.

    Parameters
    ----------
    mean
        Weighted mean, shape [D].
    deviation
        Weighted standard deviation with divisor Σw, shape [D]; 1 for a constant column, whose standardised
        values are then 0, and its coefficient with them, and for columns that are centred alone.
    """

    mean: FloatArray
    deviation: FloatArray

    def apply(self, X: FloatArray) -> FloatArray:
        """Return the standardised columns, shape [N D]."""
        return (X - self.mean) / self.deviation

    def undo(self, coefficients: FloatArray, constants: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return coefficients [D M] and constants [M] in the units of the columns."""
        original = coefficients / self.deviation[:, None]
        return original, constants - self.mean @ original


def standardise(X: FloatArray, weights: FloatArray | None, *, scaled: bool = True) -> Standard:
    """Measure the columns.

    Parameters
    ----------
    X
        Design, shape [N D].
    weights
        Weights of the rows, shape [N], or None.
    scaled
        Whether to divide by the deviation; columns are centred alone otherwise.

    Examples
    --------
    >>> standardise(np.array([[1.0, 5.0], [3.0, 5.0]]), None).deviation
    array([1., 1.])
    """
    mean = np.average(X, axis=0, weights=weights)
    squares, total = np.zeros_like(mean), 0.0
    for block in row_blocks(*X.shape):
        w = np.ones(len(X[block])) if weights is None else weights[block]
        squares += w @ (X[block] - mean) ** 2
        total += float(w.sum())
    deviation = np.sqrt(squares / total)
    constant = deviation <= 1e-12 * np.abs(X).max(axis=0)
    unscaled = constant if scaled else np.ones_like(constant)
    return Standard(np.where(constant, X[0], mean), np.where(unscaled, 1.0, deviation))


@dataclass(frozen=True, slots=True)
class StandardDesign:
    """The kept columns, standardised, behind a column of ones.

    Parameters
    ----------
    A
        Shape [N 1+K].
    kept
        Positions of the K columns in the design.
    mean, deviation
        Of the kept columns, shape [K].
    condition
        Condition number of the centred, scaled columns.
    """

    A: FloatArray
    kept: IntArray
    mean: FloatArray
    deviation: FloatArray
    condition: float

    def standard(self, slopes: FloatArray, intercept: float) -> FloatArray:
        """Return the parameters of A with the same η as these of the design (dropped columns must have 0)."""
        kept = slopes[self.kept]
        return np.concatenate([[intercept + self.mean @ kept], kept * self.deviation])

    def transform(self) -> FloatArray:
        """Return T, shape [1+K 1+K], with original parameters = T standard ones."""
        T = np.diag(np.concatenate([[1.0], 1 / self.deviation]))
        T[0, 1:] = -self.mean / self.deviation
        return T


def standard_design(rows: DesignRows) -> StandardDesign:
    """Standardise the independent columns of the rows.

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> standard_design(check_rows([[1.0, 2.0], [3.0, 6.0], [5.0, 10.0]], [0, 1, 2])).kept
    array([0])
    """
    factor = factor_gram(rows, moments(rows), intercept=True) or factor_rows(rows, intercept=True)[0]
    deviation = factor.scale / np.sqrt(rows.total)
    Z = (rows.X[:, factor.kept] - factor.mean) / deviation
    A = np.column_stack([np.ones(len(Z)), Z])
    return StandardDesign(A, factor.kept, factor.mean, deviation, factor.condition)
