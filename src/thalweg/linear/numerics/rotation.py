"""More columns than rows: the few directions in which rows differ, and the way back to the columns.

With one penalty for all columns the objective of a linear model does not change when the columns are rotated, and its
minimum has no part outside the span of the rows: a fit of D columns to N < D rows costs what N columns cost.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Rotation:
    """Centred columns ``Z = scores directions'``.

    Parameters
    ----------
    scores
        Rows along the directions, shape [N K], K at most N.
    directions
        Orthonormal, shape [D K].
    sizes
        Singular values of Z, largest first, shape [K]; none is 0.
    """

    scores: FloatArray
    directions: FloatArray
    sizes: FloatArray


def is_wide(Z: FloatArray) -> bool:
    """Whether there are more columns than rows.

    Examples
    --------
    >>> is_wide(np.zeros((2, 3)))
    True
    """
    return bool(Z.shape[1] > Z.shape[0])


def rotate(Z: FloatArray) -> Rotation:
    """Find the directions in which rows differ.

    Parameters
    ----------
    Z
        Centred columns, shape [N D].

    Examples
    --------
    >>> rotate(np.array([[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])).sizes.round(9)
    array([1.41421356])
    """
    U, sizes, Vt = linalg.svd(Z, full_matrices=False)
    kept = sizes > sizes[0] * max(Z.shape) * np.finfo(float).eps
    return Rotation(U[:, kept] * sizes[kept], Vt[kept].T, sizes[kept])
