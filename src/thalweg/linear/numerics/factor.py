"""The triangular factor of a centred and scaled design, and refinement of what is solved with it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.extended import Pair, add_pairs, cross_pair, residual_pair, round_pair, two_sum
from thalweg.linear.numerics.moments import Moments, row_blocks
from thalweg.linear.rows import DesignRows

_SAFE_CONDITION: Final = 1e4  # cross products square it; one refinement then still reaches float64
_REFINEMENTS: Final = 8
ROUNDINGS: Final = 2.0  # a stored digit is half a unit off at most; computing one column from another rounds again

Columns = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Factor:
    """``R`` with ``R'R = S^-1 (X - mean)' W (X - mean) S^-1`` for the kept columns.

    Parameters
    ----------
    R
        Upper triangular, shape [K K].
    kept
        Positions of the K independent columns among the D of the design.
    scale
        Length ``S`` of each centred kept column, shape [K].
    mean
        Mean of each kept column, shape [K]; zeros without an intercept.
    total
        Sum of the row weights.
    width
        D, the columns of the design.
    intercept
        Whether a constant belongs to the model.
    condition
        2-norm condition number of ``R``.
    """

    R: FloatArray
    kept: Columns
    scale: FloatArray
    mean: FloatArray
    total: float
    width: int
    intercept: bool
    condition: float

    def whiten(self, gradient: FloatArray) -> FloatArray:
        """Return ``F^-T g`` for ``F'F = A'WA``, A = [1, kept columns], shape [1+K]; [K] without an intercept.

        Its length is the Newton decrement of ``½ ||y - A θ||²`` at a point with gradient g.
        """
        if not self.intercept:
            return _triangular(self.R, gradient / self.scale, transposed=True)
        slopes = _triangular(self.R, (gradient[1:] - self.mean * gradient[0]) / self.scale, transposed=True)
        return np.concatenate([[gradient[0] / np.sqrt(self.total)], slopes])

    def unwhiten(self, coordinates: FloatArray) -> FloatArray:
        """Return ``F^-1 h``, shape as :meth:`whiten`."""
        if not self.intercept:
            return _triangular(self.R, coordinates) / self.scale
        slopes = _triangular(self.R, coordinates[1:]) / self.scale
        return np.concatenate([[coordinates[0] / np.sqrt(self.total) - self.mean @ slopes], slopes])

    def solve_normal(self, gradient: FloatArray) -> FloatArray:
        """Return ``((X-mean)'W(X-mean))^-1 g`` for the kept columns, shape of ``g`` [K M]."""
        half = _triangular(self.R, gradient / self.scale[:, None], transposed=True)
        return _triangular(self.R, half) / self.scale[:, None]

    def centred_inverse(self) -> FloatArray:
        """Return the inverse for A = [1, kept columns less their mean], shape [1+K 1+K]; [K K] without an intercept."""
        root = _triangular(self.R, np.eye(len(self.R))) / self.scale[:, None]
        return linalg.block_diag(1.0 / self.total, root @ root.T) if self.intercept else root @ root.T

    def inverse(self) -> FloatArray:
        """Return ``(A'WA)^-1`` for A = [1, kept columns], shape [1+K 1+K]; [K K] without an intercept."""
        root = _triangular(self.R, np.eye(len(self.R))) / self.scale[:, None]
        inverse: FloatArray = root @ root.T
        if not self.intercept:
            return inverse
        side = -inverse @ self.mean
        corner = 1.0 / self.total - self.mean @ side
        return np.block([[np.array([[corner]]), side[None, :]], [side[:, None], inverse]])

    def expand(self, constants: FloatArray, coefficients: FloatArray) -> FloatArray:
        """Put constants [M] and kept coefficients [K M] into one table [1 + D, M], zeros where dropped."""
        full = np.zeros((1 + self.width, coefficients.shape[1]))
        full[0] = constants
        full[1 + self.kept] = coefficients
        return full


def factor_gram(rows: DesignRows, total: Moments, *, intercept: bool) -> Factor | None:
    """Factor cross products, or return None if their condition calls for more care.

    Constant columns are left out, and those that earlier columns explain up to rounding, which the rows must
    confirm.
    """
    scale = np.sqrt(np.diag(total.gram))
    still = scale <= 1e-8 * np.sqrt(total.total) * np.abs(total.mean_x)
    if np.ptp(rows.X[:, still], axis=0).any():  # varies a little: not for cross products to judge
        return None
    kept = np.flatnonzero(~still)
    factor = factor_of(total, kept, scale, intercept=intercept)
    if factor is not None or not len(kept):
        return factor
    values, vectors = np.linalg.eigh(total.gram[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept]))
    root = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
    chosen = independent_columns(root, 1 / _SAFE_CONDITION)
    factor = factor_of(total, kept[chosen], scale, intercept=intercept)
    doubtful = np.setdiff1d(kept, kept[chosen])
    if factor is None or not _explained(rows, total, factor, doubtful):
        return None
    return factor


def factor_of(total: Moments, kept: Columns, scale: FloatArray, *, intercept: bool) -> Factor | None:
    """Factor the cross products of some columns; None if they are not well conditioned.

    Examples
    --------
    >>> from thalweg.linear.numerics.moments import moments
    >>> from thalweg.linear.rows import check_rows
    >>> total = moments(check_rows([[0.0], [2.0]], [0, 1]))
    >>> factor_of(total, np.array([0]), np.sqrt(np.diag(total.gram)), intercept=True).condition
    1.0
    """
    if not len(kept):
        return None
    scaled = total.gram[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept])
    values = np.linalg.eigvalsh(scaled)
    if values[0] <= values[-1] / _SAFE_CONDITION**2:
        return None
    return Factor(
        R=np.asarray(np.linalg.cholesky(scaled).T),
        kept=kept,
        scale=scale[kept],
        mean=total.mean_x[kept],
        total=total.total,
        width=len(scale),
        intercept=intercept,
        condition=float(np.sqrt(values[-1] / values[0])),
    )


def _explained(rows: DesignRows, total: Moments, factor: Factor, doubtful: Columns) -> bool:
    """Whether the kept columns leave nothing of the doubtful ones, up to rounding of the rows."""
    targets = replace(
        total,
        mean_y=total.mean_x[doubtful],
        cross=total.gram[:, doubtful],
        square=np.diag(total.gram)[doubtful],
    )
    solved = refine_gram(DesignRows(rows.X, rows.X[:, doubtful], rows.weights), targets, factor)
    left = np.zeros(len(doubtful))
    for block in row_blocks(*rows.X.shape):
        rest = rows.X[block][:, doubtful] - solved[0] - rows.X[block] @ solved[1:]
        left += rows.weight_vector()[block] @ rest**2
    noise = stored_rounding(rows)
    said = noise[doubtful] + np.abs(solved[1:]).T @ noise
    computed = arithmetic_rounding(*rows.X.shape) * np.sqrt(targets.square)
    return bool((np.sqrt(left) <= ROUNDINGS * said + computed).all())


def stored_rounding(rows: DesignRows) -> FloatArray:
    """Return how long the rounding of each column's stored digits can be: ``ε max|x| √Σw``, shape [D].

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> stored_rounding(check_rows([[1.0, 1e9], [0.0, 0.0]], [0, 1])) / np.finfo(float).eps
    array([1.41421356e+00, 1.41421356e+09])
    """
    X = rows.X if rows.weights is None else rows.X[rows.weights > 0]
    largest = np.maximum(X.max(axis=0), -X.min(axis=0))
    return np.asarray(np.finfo(float).eps * largest * np.sqrt(rows.total))


def arithmetic_rounding(count: int, width: int) -> float:
    """Return the rounding of a factorisation, as a share of a column's length.

    Examples
    --------
    >>> float(arithmetic_rounding(100, 5) / np.finfo(float).eps)
    40.0
    """
    return 4 * float(np.sqrt(max(count, width)) * np.finfo(float).eps)


def factor_rows(rows: DesignRows, *, intercept: bool) -> tuple[Factor, FloatArray]:
    """Factor the design itself; return the factor and the orthogonal columns Q, shape [N K].

    Of a column that earlier ones explain up to the rounding of the stored digits nothing is known, and rows that
    are repeated tell no more than once: there are at most as many columns as distinct rows, one less with a constant.
    """
    count, width = rows.X.shape
    weights = rows.weight_vector()
    mean = np.average(rows.X, axis=0, weights=weights) if intercept else np.zeros(width)
    root = np.sqrt(weights)
    centred = rows.X - mean
    if intercept:
        centred -= np.average(centred, axis=0, weights=weights)  # what rounding left of the mean
    centred *= root[:, None]
    lengths = np.linalg.norm(centred, axis=0)
    noise = stored_rounding(rows)
    varied = lengths > ROUNDINGS * noise
    scaled = centred / np.where(varied, lengths, 1.0)
    kept = np.flatnonzero(varied)
    Q, R = np.linalg.qr(scaled[:, kept])
    rounding = noise[kept] / lengths[kept]
    most = distinct_rows(rows.X[weights > 0], len(kept) + intercept) - intercept
    independent = informative_columns(R, rounding, arithmetic_rounding(count, width), most)
    if len(independent) < len(kept):
        kept = kept[independent]
        Q, R = np.linalg.qr(scaled[:, kept])
    values = np.linalg.svd(R, compute_uv=False) if len(kept) else np.ones(1)
    factor = Factor(
        R=R,
        kept=kept,
        scale=lengths[kept],
        mean=mean[kept],
        total=rows.total,
        width=width,
        intercept=intercept,
        condition=float(values[0] / values[-1]),
    )
    return factor, Q


def distinct_rows(X: FloatArray, most: int) -> int:
    """Return how many different rows there are, or ``most`` if there are more.

    Examples
    --------
    >>> distinct_rows(np.array([[1.0, 2.0], [1.0, 2.0], [3.0, 2.0]]), 9)
    2
    """
    few = 4 * (most + 1)
    for rows in (X[:few], X[few:]) if len(X) <= 2 * few else (X[:: len(X) // few], X):
        found = len(np.unique(rows, axis=0)) if len(rows) else 0
        if found >= most:
            return most
    return len(np.unique(X, axis=0))


def independent_columns(R: FloatArray, tolerance: float) -> Columns:
    """Return the columns that are no combination of earlier ones, up to ``tolerance`` times their own length.

    Gram-Schmidt, each column orthogonalised twice (Parlett 1980, "twice is enough").
    """
    return informative_columns(R, np.zeros(R.shape[1]), tolerance, R.shape[1])


def informative_columns(R: FloatArray, rounding: FloatArray, tolerance: float, most: int) -> Columns:
    """Return at most so many columns of R that earlier ones do not explain.

    A column is explained if what is left of it is shorter than ``tolerance`` times its own length, or than the
    rounding of its stored digits and of those that explain it, each a share of its own column's length [K].

    Examples
    --------
    >>> informative_columns(np.array([[1.0, 2.0], [0.0, 0.0]]), np.zeros(2), 1e-9, 2)
    array([0])
    """
    basis = np.zeros((len(R), min(R.shape)))
    triangle = np.zeros((min(R.shape),) * 2)
    kept: list[int] = []
    for j in range(R.shape[1]):
        size = len(kept)
        if size >= min(most, basis.shape[1]):
            break
        rest, along = R[:, j].copy(), np.zeros(size)
        length = float(np.linalg.norm(rest))
        found = basis[:, :size]
        for _ in range(2):
            part = found.T @ rest
            rest -= found @ part
            along += part
        left = float(np.linalg.norm(rest))
        threshold = tolerance * length
        if size and rounding.any():
            shares = np.abs(linalg.solve_triangular(triangle[:size, :size], along))
            threshold += ROUNDINGS * float(length * rounding[j] + shares @ rounding[kept])
        if left > threshold:
            basis[:, size] = rest / left
            triangle[:size, size], triangle[size, size] = along, left
            kept.append(j)
    return np.array(kept, dtype=np.int64)


def refine_gram(rows: DesignRows, total: Moments, factor: Factor) -> FloatArray:
    """Solve from the cross products and correct once with residuals of the rows; shape [1 + D, M]."""
    Y = rows.y.reshape(len(rows.y), -1)
    everything = len(factor.kept) == factor.width
    coefficients = factor.solve_normal(total.cross[factor.kept])
    far = np.any(np.abs(factor.mean) * np.sqrt(factor.total) > 4 * factor.scale)
    shift = factor.mean if far else np.zeros_like(factor.mean)  # near zero there is nothing to cancel
    constants = total.mean_y - (factor.mean - shift) @ coefficients
    gradient = np.zeros_like(coefficients)
    residual_sum = np.zeros(Y.shape[1])
    for block in row_blocks(*rows.X.shape):
        X = rows.X[block] if everything else rows.X[block][:, factor.kept]
        X = X - shift if far else X
        residuals = Y[block] - constants - X @ coefficients
        if rows.weights is not None:
            residuals *= rows.weights[block][:, None]
        gradient += X.T @ residuals
        residual_sum += residuals.sum(axis=0)
    gradient -= np.outer(factor.mean - shift, residual_sum)
    coefficients = coefficients + factor.solve_normal(gradient)
    if factor.intercept:
        constants = total.mean_y + residual_sum / total.total - factor.mean @ coefficients
    return factor.expand(constants, coefficients)


def refine(rows: DesignRows, factor: Factor, Q: FloatArray) -> FloatArray:
    """Solve by QR and refine with 32-digit residuals until nothing moves; shape [1 + D, M]."""
    root = np.sqrt(rows.weight_vector())
    Y = (rows.y.reshape(len(rows.y), -1)) * root[:, None]
    A = rows.X[:, factor.kept] * root[:, None]
    if factor.intercept:
        A = np.column_stack([root, A])
        Q = np.column_stack([root / np.sqrt(factor.total), Q])
    if not A.shape[1]:
        return factor.expand(np.zeros(Y.shape[1]), np.zeros((0, Y.shape[1])))
    thetas = np.column_stack([_refine_one(A, y, factor, Q)[0] for y in Y.T])
    if not factor.intercept:
        return factor.expand(np.zeros(Y.shape[1]), thetas)
    return factor.expand(thetas[0], thetas[1:])


def _refine_one(A: FloatArray, y: FloatArray, factor: Factor, Q: FloatArray) -> tuple[FloatArray, Pair]:
    """Solution and residual of one answer: Björck's augmented refinement, both unknowns kept as pairs."""
    width = A.shape[1]
    theta: Pair = (np.zeros(width), np.zeros(width))
    r: Pair = (np.zeros_like(y), np.zeros_like(y))
    last = np.inf
    for _ in range(_REFINEMENTS):
        high, low = residual_pair(A, theta, y)
        s = round_pair(add_pairs((high, low), (-r[0], -r[1])))
        t = -cross_pair(A, r)
        h = factor.whiten(t)
        d = Q.T @ s
        step = factor.unwhiten(d - h)
        r = add_pairs(r, two_sum(s - Q @ d, Q @ h))
        theta = add_pairs(theta, (step, np.zeros(width)))
        size = float(np.max(np.abs(step) / np.maximum(np.abs(theta[0]), np.finfo(float).tiny)))
        if size < 1e-17 or size > last / 2:
            break
        last = size
    return round_pair(theta), r


def _triangular(R: FloatArray, right: FloatArray, *, transposed: bool = False) -> FloatArray:
    """Solve with R or R'; a model without columns has nothing to solve."""
    return np.asarray(linalg.solve_triangular(R, right, trans=int(transposed))) if len(R) else right
