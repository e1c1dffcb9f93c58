"""Ridge regression with the penalty of least leave-one-out error; one factorisation serves a whole grid."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from thalweg.base.errors import SettingError
from thalweg.linear.rows import Array, check_design, check_rows
from thalweg.linear.standardise import standardise

_SQUARABLE: Final = 1e-9  # λ/n beside which rounding of squared singular values (about 10⁻¹⁴ D) is nothing


@dataclass(frozen=True, slots=True)
class RidgeFit:
    """Ridge coefficients at the penalty with the smallest leave-one-out error.

    Parameters
    ----------
    coefficients
        In the units of the columns, shape [D] or [D M].
    intercept
        Number, or shape [M]; never penalised.
    penalty
        The chosen λ, number or shape [M].
    penalties
        The grid, shape [L].
    leave_one_out
        Mean squared leave-one-out error at each penalty, shape [L] or [L M].
    """

    coefficients: Array
    intercept: float | Array
    penalty: float | Array
    penalties: Array
    leave_one_out: Array

    def predict(self, X: ArrayLike) -> Array:
        """Return ``intercept + X β``, shape [N] or [N M].

        Raises
        ------
        DataError
            If the design has another width, or a value that is not finite.
        """
        return np.asarray(self.intercept + check_design(X, len(self.coefficients)) @ self.coefficients)


def default_penalties(total: float) -> Array:
    """Return 61 penalties from 10⁻⁶ to 10³ times the number of rows, shape [L].

    On standardised columns λ/n is what is added to each column's variance of 1.
    """
    return np.asarray(total * np.logspace(-6, 3, 61))


def check_penalties(penalties: ArrayLike) -> Array:
    """Return the penalties as float64, shape [L].

    Raises
    ------
    SettingError
        If there is none, or one is negative or not finite.
    """
    grid = np.atleast_1d(np.asarray(penalties, dtype=np.float64))
    if grid.ndim != 1 or not len(grid) or not np.all(np.isfinite(grid)) or grid.min() < 0:
        raise SettingError(
            f"penalties must be finite numbers of at least 0, got {penalties!r}.",
            "Give one or more such numbers.",
        )
    return grid


def fit_ridge(
    X: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None, penalties: ArrayLike | None = None
) -> RidgeFit:
    """Minimise ``Σ w (y - a - z'β)² + λ Σ β²`` over standardised columns z, at the best λ of a grid.

    The penalty is on the scale of the residual sum of squares (James et al. 2021, An Introduction to
    Statistical Learning, equation 6.5): λ is scikit-learn's ``Ridge(alpha=λ)`` after ``StandardScaler``. The
    columns are standardised with divisor Σw; coefficients are returned in the columns' own units.

    Parameters
    ----------
    X
        Design, shape [N D].
    y
        Answers, shape [N] or [N M]; each of M answers gets its own λ.
    weights
        Weights of the rows, shape [N]; a row of weight 2 counts as two rows, each left out on its own.
    penalties
        Grid of λ, shape [L]; :func:`default_penalties` if None. One value fixes λ.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.
    SettingError
        If a penalty is negative or not finite.

    Examples
    --------
    >>> fit = fit_ridge([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.1, 1.9, 3.0], penalties=[0.0, 1e6])
    >>> fit.penalty, fit.coefficients.round(2)
    (0.0, array([0.98]))

    Notes
    -----
    Leave-one-out error ``r / (1 - h)`` with h the diagonal of the smoother: Allen (1974, Technometrics 16,
    125-127).
    """
    rows = check_rows(X, y, weights)
    grid = default_penalties(rows.total) if penalties is None else check_penalties(penalties)
    Y = rows.y.reshape(len(rows.y), -1)
    scale = standardise(rows.X, rows.weights)
    w = rows.weight_vector()
    mean_y = np.average(Y, axis=0, weights=w)
    centred = Y - mean_y
    Z = scale.apply(rows.X) * np.sqrt(w)[:, None]
    U, s, Vt = _spectrum(Z, squared=float(grid.min()) > _SQUARABLE * rows.total)
    projected = U.T @ (centred * np.sqrt(w)[:, None])
    seen = s > s[0] * max(rows.X.shape) * np.finfo(float).eps
    shrink = np.where(seen[:, None], np.square(s)[:, None], 0.0)
    shrink = np.divide(shrink, shrink + grid, out=np.zeros((len(s), len(grid))), where=shrink > 0)
    present = w > 0
    base = U[present] / np.sqrt(w[present])[:, None]
    leverage = 1 / rows.total + np.square(base) @ shrink
    room = 1 - leverage
    room[room < 1e-10] = 0.0  # a row that alone decides its fitted value has no leave-one-out prediction
    errors = np.empty((len(grid), Y.shape[1]))
    for m in range(Y.shape[1]):
        residual = centred[present, m, None] - base @ (shrink * projected[:, m, None])
        left_out = np.divide(residual, room, out=np.full_like(residual, np.inf), where=room > 0)
        errors[:, m] = w[present] @ np.square(left_out) / rows.total
    best = errors.argmin(axis=0)
    gain = np.divide(shrink[:, best], s[:, None], out=np.zeros((len(s), len(best))), where=seen[:, None])
    coefficients, constants = scale.undo(Vt.T @ (gain * projected), mean_y)
    flat = rows.y.ndim == 1
    return RidgeFit(
        coefficients=coefficients[:, 0] if flat else coefficients,
        intercept=float(constants[0]) if flat else constants,
        penalty=float(grid[best[0]]) if flat else grid[best],
        penalties=grid,
        leave_one_out=errors[:, 0] if flat else errors,
    )


def _spectrum(Z: Array, *, squared: bool) -> tuple[Array, Array, Array]:
    """Singular value decomposition; of tall tables by way of Z'Z where the penalty hides what that loses."""
    if not squared or len(Z) <= 2 * Z.shape[1]:
        U, s, Vt = linalg.svd(Z, full_matrices=False)
        return U, s, Vt
    values, vectors = np.linalg.eigh(Z.T @ Z)
    s = np.sqrt(np.maximum(values[::-1], 0.0))
    V = vectors[:, ::-1]
    return np.divide(Z @ V, s, out=np.zeros_like(Z), where=s > 0), s, V.T
