"""Ridge regression with the penalty of least leave-one-out error; one factorisation serves a whole grid."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError, setting
from thalweg.base.weighing import FREQUENCY, weights_kind_of
from thalweg.linear.numerics.moments import Moments, deviations, moments, row_blocks
from thalweg.linear.numerics.standardise import standardise
from thalweg.linear.rows import DesignRows, check_design, check_rows

_SQUARABLE: Final = 1e-9  # λ/n beside which rounding of squared singular values (about 10⁻¹⁴ D) is nothing


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Eigenvalues and eigenvectors of scaled cross products, largest first, and the answers along them.

    Parameters
    ----------
    values
        Shape [K], K at most D.
    vectors
        Shape [D K].
    along
        ``V'c``, shape [K M].
    deviation
        What the columns were divided by, shape [D].
    """

    values: FloatArray
    vectors: FloatArray
    along: FloatArray
    deviation: FloatArray

    @staticmethod
    def of(total: Moments, *, standardise: bool) -> "Spectrum":
        """Decompose the moments of one set of rows."""
        deviation = deviations(total, standardise=standardise)
        values, vectors = np.linalg.eigh(total.gram / np.outer(deviation, deviation))
        vectors = vectors[:, ::-1]
        along = vectors.T @ (total.cross / deviation[:, None])
        values = np.where(values > values[-1] * len(values) * np.finfo(float).eps, values, 0.0)[::-1]
        return Spectrum(values, vectors, along, deviation)

    @staticmethod
    def of_rows(rows: DesignRows, total: Moments, deviation: FloatArray) -> "Spectrum":
        """Decompose the rows themselves, divided by the deviation: small eigenvalues keep their digits."""
        Z = (rows.X - total.mean_x) / deviation * np.sqrt(rows.weight_vector())[:, None]
        _, s, Vt = linalg.svd(Z, full_matrices=False)
        values = np.where(s > s[0] * max(Z.shape) * np.finfo(float).eps, s**2, 0.0)
        return Spectrum(values, Vt.T, Vt @ (total.cross / deviation[:, None]), deviation)

    def gains(self, penalties: FloatArray) -> FloatArray:
        """Return ``1 / (value + λ)``, 0 where both are 0, shape [K L]."""
        room = self.values[:, None] + penalties
        return np.asarray(np.divide(1.0, room, out=np.zeros_like(room), where=room > 0))

    def back(self, inverse: FloatArray, m: int = 0) -> FloatArray:
        """Return coefficients in the columns' units for weights on the components, shape [D L]."""
        return np.asarray((self.vectors @ (inverse * self.along[:, m, None])) / self.deviation[:, None])


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

    coefficients: FloatArray
    intercept: float | FloatArray
    penalty: float | FloatArray
    penalties: FloatArray
    leave_one_out: FloatArray

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return ``intercept + X β``, shape [N] or [N M].

        Raises
        ------
        DataError
            If the design has another width, or a value that is not finite.
        """
        return np.asarray(self.intercept + check_design(X, len(self.coefficients)) @ self.coefficients)


def default_penalties(total: float) -> FloatArray:
    """Return 61 penalties from 10⁻⁶ to 10³ times the number of rows, shape [L].

    On standardised columns λ/n is what is added to each column's variance of 1.

    Examples
    --------
    >>> default_penalties(100.0)[[0, -1]]
    array([1.e-04, 1.e+05])
    """
    return np.asarray(total * np.logspace(-6, 3, 61))


def check_penalties(penalties: ArrayLike) -> FloatArray:
    """Return the penalties as float64, shape [L].

    Raises
    ------
    SettingError
        If there is none, or one is negative or not finite.

    Examples
    --------
    >>> check_penalties(3)
    array([3.])
    """
    grid = np.atleast_1d(np.asarray(penalties, dtype=np.float64))
    if grid.ndim != 1 or not len(grid) or not np.all(np.isfinite(grid)) or grid.min() < 0:
        raise SettingError(
            f"{setting('penalties')} must be finite numbers of at least 0, got {penalties!r}.",
            "Give one or more such numbers.",
        )
    return grid


def fit_ridge(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    penalties: ArrayLike | None = None,
    weights_kind: str | None = None,
    scaled: bool = True,
) -> RidgeFit:
    """Minimise ``Σ w (y - a - z'β)² + λ Σ β²`` over standardised columns z, at the best λ of a grid.

    The penalty is on the scale of the residual sum of squares (James et al. 2021, An Introduction to
    Statistical Learning, equation 6.5): λ is scikit-learn's ``Ridge(alpha=λ)`` after ``StandardScaler``. The
    columns are standardised with divisor Σw; coefficients are returned in the columns' own units.

    Parameters
    ----------
    X
        Design, shape [N D]. More columns than rows cost what as many columns as rows do.
    y
        Answers, shape [N] or [N M]; each of M answers gets its own λ.
    weights
        Weights of the rows, shape [N]; their sum stands for n.
    penalties
        Grid of λ, shape [L]; :func:`default_penalties` if None. One value fixes λ.
    weights_kind
        "frequency": a row of weight 2 is two rows, each left out on its own. "analytic", which None is, and
        "probability": it is one observation, left out as a whole.
    scaled
        Whether columns are divided by their standard deviation before they are penalised. Without it λ is
        scikit-learn's ``Ridge(alpha=λ)`` on the columns as they are.

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
    tall = len(rows.X) > 2 * rows.X.shape[1] and grid.min() > _SQUARABLE * rows.total
    total = moments(rows, products=tall)
    spectrum = Spectrum.of(total, standardise=scaled) if tall else _of_rows(rows, total, scaled=scaled)
    together = weights_kind_of(weights_kind) != FREQUENCY
    errors = _leave_one_out(rows, total, spectrum, grid, together=together)
    best = errors.argmin(axis=0)
    gains = spectrum.gains(grid[best])
    coefficients = np.column_stack([spectrum.back(gains[:, [m]], m) for m in range(len(best))])
    constants = total.mean_y - total.mean_x @ coefficients
    flat = rows.y.ndim == 1
    return RidgeFit(
        coefficients=coefficients[:, 0] if flat else coefficients,
        intercept=float(constants[0]) if flat else constants,
        penalty=float(grid[best[0]]) if flat else grid[best],
        penalties=grid,
        leave_one_out=errors[:, 0] if flat else errors,
    )


def _of_rows(rows: DesignRows, total: Moments, *, scaled: bool) -> Spectrum:
    return Spectrum.of_rows(rows, total, standardise(rows.X, rows.weights, scaled=scaled).deviation)


def _leave_one_out(
    rows: DesignRows, total: Moments, spectrum: Spectrum, grid: FloatArray, *, together: bool
) -> FloatArray:
    """Mean squared leave-one-out errors, shape [L M]; rows are left out whole, or one unit of weight of each."""
    Y = rows.y.reshape(len(rows.y), -1)
    gains = spectrum.gains(grid)
    errors = np.zeros((len(grid), Y.shape[1]))
    for block in row_blocks(len(rows.X), rows.X.shape[1] + len(grid)):
        along = ((rows.X[block] - total.mean_x) / spectrum.deviation) @ spectrum.vectors
        w = np.ones(len(along)) if rows.weights is None else rows.weights[block]
        leverage = 1 / total.total + along**2 @ gains
        room = 1 - (leverage * w[:, None] if together else leverage)
        room[room < 1e-10] = 0.0  # a row that alone decides its fitted value has no leave-one-out prediction
        for m in range(Y.shape[1]):
            residual = (Y[block, m] - total.mean_y[m])[:, None] - along @ (gains * spectrum.along[:, [m]])
            left_out = np.divide(residual, room, out=np.full_like(residual, np.inf), where=room > 0)
            errors[:, m] += w[w > 0] @ left_out[w > 0] ** 2
    return errors / total.total
