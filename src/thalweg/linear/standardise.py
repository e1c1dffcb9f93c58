"""Columns of mean 0 and standard deviation 1, so that one penalty treats them alike."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.linear.moments import row_blocks


@dataclass(frozen=True, slots=True)
class Standard:
    """The scale of each column.

    Parameters
    ----------
    mean
        Weighted mean, shape [D].
    deviation
        Weighted standard deviation with divisor Σw, shape [D]; 1 for a constant column, whose standardised
        values are then 0, and its coefficient with them.
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


def standardise(X: FloatArray, weights: FloatArray | None) -> Standard:
    """Measure the columns.

    Parameters
    ----------
    X
        Design, shape [N D].
    weights
        Weights of the rows, shape [N], or None.

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
    return Standard(np.where(constant, X[0], mean), np.where(constant, 1.0, deviation))
