"""The elastic net of many columns, dense or sparse, in the memory of the data: columns enter a working set as needed.

Only cross products of columns in the working set are made. A column enters when a strong rule expects it or when its
correlation with the residuals exceeds the penalty; the solution of the set is then that of all columns, as the duality
gap over all of them confirms.
"""

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.linear.paths.elastic_net import gap_between
from thalweg.linear.rows import LARGEST, check_design, check_rows, weighed_rows

_MANY: Final = 1_000  # columns whose cross products are never a burden
_SLACK: Final = 1e-9  # of the penalty: rounding of a correlation


@dataclass(frozen=True, slots=True, eq=False)
class ColumnProblem:
    """One set of rows, whose columns are centred and scaled without being copied.

    Parameters
    ----------
    X
        Design [N D], an array or a sparse matrix of compressed columns.
    y
        Answers less their mean, shape [N].
    weights
        Shape [N].
    mean, deviation
        Of the columns, shape [D].
    mean_y
        Mean of the answers.
    cross
        Products of scaled columns and answers, by n, shape [D].
    square
        Variance of the answers.
    """

    X: Any
    y: FloatArray
    weights: FloatArray
    mean: FloatArray
    deviation: FloatArray
    mean_y: float
    cross: FloatArray
    square: float

    @property
    def total(self) -> float:
        """Sum of the weights, n."""
        return float(self.weights.sum())

    @staticmethod
    def of(X: Any, y: FloatArray, weights: FloatArray, *, standardise: bool) -> "ColumnProblem":
        """Measure the columns."""
        total = float(weights.sum())
        mean = np.asarray(weights @ X).ravel() / total
        mean_y = float(weights @ y) / total
        centred = y - mean_y
        deviation = np.ones_like(mean)
        if standardise:
            squares = X.multiply(X) if hasattr(X, "multiply") else None
            raw = np.asarray(weights @ squares).ravel() if squares is not None else _squares(X, weights, mean)
            spread = np.sqrt(np.maximum(raw / total - (mean**2 if squares is not None else 0.0), 0.0))
            deviation = np.where(spread <= 1e-7 * np.abs(mean), np.inf, spread)
            deviation = np.where(deviation > 0, deviation, np.inf)  # a constant column correlates with nothing
        one = ColumnProblem(X, centred, weights, mean, deviation, mean_y, np.zeros_like(mean), 0.0)
        return ColumnProblem(
            X, centred, weights, mean, deviation, mean_y, one.correlated(centred), float(weights @ centred**2) / total
        )

    def correlated(self, residuals: FloatArray) -> FloatArray:
        """Return products of all scaled columns with residuals, by n, shape [D]."""
        weighed = self.weights * residuals
        return np.asarray((weighed @ self.X - self.mean * weighed.sum()) / self.deviation / self.total)

    def scaled(self, columns: NDArray[np.int64]) -> FloatArray:
        """Return some columns, centred and scaled, shape [N K]."""
        part = self.X[:, columns]
        part = part.toarray() if hasattr(part, "toarray") else part
        return np.asarray((part - self.mean[columns]) / self.deviation[columns])

    def path(self, alphas: FloatArray, ratio: float, *, tolerance: float) -> tuple[FloatArray, FloatArray]:
        """Return scaled coefficients [D L] and duality gaps [L] by the variance of the answers, largest α first."""
        solved, gaps = np.zeros((len(self.cross), len(alphas))), np.zeros(len(alphas))
        members = np.zeros(0, dtype=np.int64)
        Z, gram = np.zeros((len(self.y), 0)), np.zeros((0, 0))
        beta, correlation, last = np.zeros(0), self.cross, float(alphas[0])
        for k, alpha in enumerate(alphas):
            l1, l2 = float(alpha) * ratio, float(alpha) * (1 - ratio)
            wanted = np.abs(correlation) >= ratio * (2 * alpha - last)
            while True:
                entering = np.setdiff1d(np.flatnonzero(wanted), members)
                if len(entering):
                    fresh = self.scaled(entering)
                    beside = (Z * self.weights[:, None]).T @ fresh / self.total
                    own = (fresh * self.weights[:, None]).T @ fresh / self.total
                    gram = np.block([[gram, beside], [beside.T, own]])
                    members, Z = np.concatenate([members, entering]), np.hstack([Z, fresh])
                    beta = np.concatenate([beta, np.zeros(len(entering))])
                if len(members):
                    beta = _descended(gram, self.cross[members], self.square, alpha, ratio, beta, tolerance)
                residuals = self.y - Z @ beta
                correlation = self.correlated(residuals)
                inside = np.zeros(len(correlation), dtype=bool)
                inside[members] = True
                wanted = ~inside & (np.abs(correlation) > l1 * (1 + _SLACK))
                if not wanted.any():
                    break
            solved[members, k] = beta
            gaps[k] = self._gap(residuals, beta, members, correlation, l1, l2)
            last = float(alpha)
        return solved, gaps

    def held_out_errors(self, W: FloatArray, X: Any, y: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the mean squared error of scaled coefficients [D L] on other rows, shape [L]."""
        B = W / self.deviation[:, None]
        used = np.flatnonzero(B.any(axis=1))
        fitted = np.asarray(X[:, used] @ B[used]) - self.mean[used] @ B[used] + self.mean_y
        return np.asarray(weights @ (y[:, None] - fitted) ** 2 / weights.sum())

    def active_error(self, beta: FloatArray, l1: float, l2: float) -> float:
        """Return ``√(d'Gd)`` for the Newton step d to the minimum with the same signs."""
        active = np.flatnonzero(beta)
        if not len(active):
            return 0.0
        Z = self.scaled(active)
        block = (Z * self.weights[:, None]).T @ Z / self.total
        slope = self.cross[active] - block @ beta[active] - l2 * beta[active] - l1 * np.sign(beta[active])
        step = np.linalg.lstsq(block + l2 * np.eye(len(active)), slope, rcond=None)[0]
        return float(np.sqrt(max(0.0, float(step @ block @ step))))

    def _gap(
        self,
        residuals: FloatArray,
        beta: FloatArray,
        members: NDArray[np.int64],
        correlation: FloatArray,
        l1: float,
        l2: float,
    ) -> float:
        """Duality gap over all columns, by the variance of the answers."""
        pull = correlation.copy()
        pull[members] -= l2 * beta
        gap = gap_between(
            np.array([self.square]),
            np.array([self.cross[members] @ beta]),
            np.array([self.weights @ residuals**2 / self.total + l2 * (beta @ beta)]),
            absolute=np.array([np.abs(beta).sum()]),
            correlation=np.array([np.abs(pull).max()]),
            l1=np.array([l1]),
        )
        return float(gap[0]) / self.square if self.square > 0 else float(gap[0])


def outgrows_products(X: Any) -> bool:
    """Whether cross products of all columns would outgrow the data: it is sparse, or has far more columns than rows.

    Examples
    --------
    >>> outgrows_products(np.zeros((10, 20))), outgrows_products(np.zeros((10, 2_000)))
    (False, True)
    """
    shape = np.shape(X) if not hasattr(X, "shape") else X.shape
    return hasattr(X, "tocsc") or (len(shape) == 2 and shape[1] > max(_MANY, 2 * shape[0]))


def wide_rows(
    X: Any, y: ArrayLike, weights: ArrayLike | None, weights_kind: str | None, folds: Any
) -> tuple[Any, FloatArray, FloatArray, Any]:
    """Return design, answers, weights that sum to n, and folds of the rows that count.

    Parameters
    ----------
    X
        An array or a sparse matrix, [N D].
    y, weights, weights_kind, folds
        As for :func:`~thalweg.linear.paths.elastic_net_path.fit_elastic_net`.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.

    Examples
    --------
    >>> from scipy import sparse
    >>> design, y, w, _ = wide_rows(sparse.eye_array(3), [1, 2, 3], [1, 0, 1], None, None)
    >>> design.shape, y, w
    ((2, 3), array([1., 3.]), array([1., 1.]))
    """
    if hasattr(X, "tocsc"):
        design: Any = X.tocsc().astype(np.float64)
        if not (np.abs(design.data) < LARGEST).all():
            raise DataError(f"The design must be finite and below {LARGEST:g}.", "Fill or drop missing values.")
    else:
        design = check_design(X)
    answers = np.ravel(np.asarray(y, dtype=np.float64))
    rows = check_rows(np.arange(float(design.shape[0]))[:, None], answers, weights)
    rows, folds = weighed_rows(rows, weights_kind, folds)
    kept = rows.X[:, 0].astype(np.int64)
    return (design if len(kept) == design.shape[0] else design[kept]), rows.y, rows.weight_vector(), folds


def _squares(X: FloatArray, weights: FloatArray, mean: FloatArray) -> FloatArray:
    """Weighted squares about the mean, column block by column block."""
    step = max(1, (1 << 20) // len(X))
    blocks = [(X[:, j : j + step] - mean[j : j + step]) ** 2 for j in range(0, X.shape[1], step)]
    return np.concatenate([weights @ block for block in blocks])


def _descended(
    gram: FloatArray, cross: FloatArray, square: float, alpha: float, ratio: float, start: FloatArray, tolerance: float
) -> FloatArray:
    """Solve the working set by scikit-learn's coordinate descent."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (a second, for paths alone)
    from sklearn.linear_model import enet_path  # noqa: PLC0415 (the same)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the gap is told
        return np.asarray(
            enet_path(
                np.zeros((1, len(cross)), order="F"),  # one row of y's length stands for all rows
                np.array([np.sqrt(square)]),
                l1_ratio=ratio,
                alphas=np.array([alpha]),
                precompute=np.ascontiguousarray(gram),
                Xy=cross,
                coef_init=start,
                check_input=False,
                tol=tolerance,
                max_iter=10_000,
            )[1][:, 0]
        )
