"""Least squares that loses no coefficient: scaled columns, an explicit rank, and one exact correction.

Well-conditioned problems of many rows are solved from the centred and scaled cross products with one step of
refinement; all others from a QR factorisation, with residuals in about 32 digits
(:mod:`thalweg.linear.numerics.extended`).
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.factor import Factor, factor_gram, factor_rows, refine, refine_gram
from thalweg.linear.numerics.moments import moments
from thalweg.linear.rows import LARGEST, DesignRows, check_cells, check_design, check_rows

_FEW_CELLS: Final = 1 << 16  # below this a QR with 32-digit residuals costs milliseconds


@dataclass(frozen=True, slots=True)
class LeastSquaresFit:
    """Coefficients of least squares and how safely they are known.

    Parameters
    ----------
    coefficients
        Shape [D], or [D M] for M answers at once; 0 for a column in ``dropped``.
    intercept
        Number, or shape [M]; 0 if none was fitted.
    rank
        Independent columns, the intercept not counted.
    condition
        Condition number of the kept columns, centred (with an intercept) and scaled to length 1: the part of
        the condition that no choice of units can remove.
    dropped
        Columns that are linear combinations of the intercept and of columns before them.
    method
        ``"gram"`` (cross products, one refinement) or ``"qr"`` (QR, residuals in 32 digits).
    factor
        The triangular factor, for standard errors.
    """

    coefficients: FloatArray
    intercept: float | FloatArray
    rank: int
    condition: float
    dropped: tuple[int, ...]
    method: str
    factor: Factor = field(repr=False)

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return ``intercept + X β``, shape [N] or [N M].

        Raises
        ------
        DataError
            If the design has another width, or a value that is not finite.
        """
        return np.asarray(self.intercept + check_design(X, len(self.coefficients)) @ self.coefficients)


def fit_least_squares(
    X: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None, intercept: bool = True
) -> LeastSquaresFit:
    """Minimise ``Σ w (y - a - x'β)²``.

    Parameters
    ----------
    X
        Design, shape [N D], without a column of ones.
    y
        Answers, shape [N], or [N M] for M regressions on the same design.
    weights
        Weights of the rows, shape [N]; a row of weight 2 counts as two rows.
    intercept
        Whether to fit ``a``.

    Returns
    -------
    LeastSquaresFit
        With the rank, the condition number, and the columns left out because earlier ones already say the
        same.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.

    Examples
    --------
    >>> fit = fit_least_squares([[1e9], [2e9], [3e9]], [1.0, 2.0, 3.0])
    >>> fit.coefficients
    array([1.e-09])

    Notes
    -----
    Refinement of the augmented system ``[I A; A' 0][r; θ] = [y; 0]``: Björck (1967, BIT 7, 257-278).
    """
    rows = check_rows(X, y, weights, cells=False)
    solution, factor, method = solve(rows, intercept=intercept)
    coefficients, constants = solution[1:], solution[0]
    flat = rows.y.ndim == 1
    return LeastSquaresFit(
        coefficients=coefficients[:, 0] if flat else coefficients,
        intercept=float(constants[0]) if flat else constants,
        rank=len(factor.kept),
        condition=factor.condition,
        dropped=tuple(np.setdiff1d(np.arange(rows.X.shape[1]), factor.kept).tolist()),
        method=method,
        factor=factor,
    )


def solve(rows: DesignRows, *, intercept: bool) -> tuple[FloatArray, Factor, str]:
    """Return the solutions, shape [1 + D, M], constant first, with the factor and the name of the method.

    Raises
    ------
    DataError
        If a cell of the design is not finite.

    Examples
    --------
    >>> solve(check_rows([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]), intercept=True)[0].round(9)
    array([[1.],
           [2.]])
    """
    if rows.X.size > _FEW_CELLS and len(rows.X) > 2 * rows.X.shape[1]:
        with np.errstate(invalid="ignore", over="ignore"):
            total = moments(rows, centre=intercept)
        if not (np.diag(total.gram).max() < LARGEST**2 and np.abs(total.mean_x).max() < LARGEST):
            check_cells(rows.X)
        factor = factor_gram(rows, total, intercept=intercept)
        if factor is not None:
            return refine_gram(rows, total, factor), factor, "gram"
    check_cells(rows.X)
    factor, Q = factor_rows(rows, intercept=intercept)
    return refine(rows, factor, Q), factor, "qr"
