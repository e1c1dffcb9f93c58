"""Many weighted versions of one regression at once: bootstrap replicates, folds, segments.

Narrow least squares: all members' cross products in one matrix product (weights times products of columns),
then batched Cholesky. All else: chord steps (:mod:`thalweg.linear.crowds.chord`). Members agree with fits alone to a
millionth of a standard error.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.linear.crowds.chord import SOLVED, Places, fit_crowd
from thalweg.linear.least_squares import solve
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.likelihoods.families import GAUSSIAN, mean_family
from thalweg.linear.numerics.moments import row_blocks
from thalweg.linear.numerics.newton import NewtonFit, minimise
from thalweg.linear.numerics.standardise import standard_design
from thalweg.linear.rows import DesignRows, check_rows

FAR_ETA: Final = 30.0  # odds of 10¹³: no table tells more
_CHUNK: Final = 256
_KHATRI_RAO_WIDTH: Final = 40  # columns up to which exact cross products beat chord steps
_SAFE_PIVOT: Final = 1e-6  # smallest squared pivot of scaled cross products that float64 solves well


@dataclass(frozen=True, slots=True)
class RegressionPopulation:
    """One regression fitted to P weightings of the same rows.

    Parameters
    ----------
    intercepts
        Shape [P].
    coefficients
        In the units of the columns, shape [P D].
    status
        One word or sentence per member: "solved", or what went wrong.
    """

    intercepts: FloatArray
    coefficients: FloatArray
    status: tuple[str, ...]

    @property
    def table(self) -> FloatArray:
        """Intercept and coefficients, shape [P 1+D]."""
        return np.column_stack([self.intercepts, self.coefficients])

    def predictors(self, X: FloatArray, members: slice) -> FloatArray:
        """Return η of rows [N D] under some members, shape [P N]."""
        return np.asarray(self.intercepts[members, None] + self.coefficients[members] @ X.T)


def least_squares_population(X: ArrayLike, y: ArrayLike, weights: ArrayLike) -> RegressionPopulation:
    """Fit least squares to every weighting of the rows.

    Parameters
    ----------
    X
        Design, shape [N D].
    y
        Answers, shape [N].
    weights
        Shape [P N]: how often each member sees each row.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.

    Examples
    --------
    >>> pair = least_squares_population([[0.0], [1.0], [2.0]], [0, 1, 4], [[1, 1, 0], [0, 1, 1]])
    >>> pair.coefficients.round(9)
    array([[1.],
           [3.]])
    """
    rows, W = check_members(X, y, weights)
    if rows.X.shape[1] > _KHATRI_RAO_WIDTH and len(rows.X) > 40 * rows.X.shape[1]:
        solution, _, _ = solve(rows, intercept=True)
        noise = float(np.std(rows.y - solution[0, 0] - rows.X @ solution[1:, 0]))
        if noise > 1e-8 * float(rows.y.std()):
            members = _chords(GAUSSIAN, replace(rows, y=rows.y / noise), W, np.zeros(len(W)))
            return RegressionPopulation(noise * members.intercepts, noise * members.coefficients, members.status)
    mean, spread = rows.X.mean(axis=0), rows.X.std(axis=0)
    spread[spread <= 1e-12 * np.abs(mean)] = 1.0
    middle = rows.y.mean()
    Z = np.column_stack([np.ones(len(rows.X)), (rows.X - mean) / spread, rows.y - middle])
    thetas, safe = zip(*(_chunk(Z, W[i : i + _CHUNK]) for i in range(0, len(W), _CHUNK)), strict=True)
    theta, solved = np.concatenate(thetas), np.concatenate(safe)
    slopes = theta[:, 1:] / spread
    table = np.column_stack([theta[:, 0] + middle - slopes @ mean, slopes])
    status = [SOLVED] * len(W)
    for p in np.flatnonzero(~solved):
        solution, factor, _ = solve(DesignRows(rows.X, rows.y, W[p]), intercept=True)
        table[p] = solution[:, 0]
        if len(factor.kept) < rows.X.shape[1]:
            status[p] = f"{rows.X.shape[1] - len(factor.kept)} collinear columns set to 0"
    return RegressionPopulation(table[:, 0], table[:, 1:], tuple(status))


def likelihood_population(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike,
    *,
    ridge: float | ArrayLike = 0.0,
    base: ArrayLike | None = None,
) -> RegressionPopulation:
    """Maximise a likelihood for every weighting of the rows.

    Parameters
    ----------
    model
        "logistic" or "poisson".
    X
        Design, shape [N D].
    y
        Answers, shape [N].
    weights
        Shape [P N]: how often each member sees each row.
    ridge
        Penalty ``½ ridge Σ β²`` on columns standardised over all rows, one number or shape [P].
    base
        How often each row counts when columns are standardised and curvature is shared, shape [N]; once if None.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If a ridge is negative, or the model another.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    >>> pair = likelihood_population("logistic", x, y, [[1, 1, 1, 1], [2, 2, 2, 2]])
    >>> pair.coefficients.round(3).ravel(), pair.status
    (array([0.908, 0.908]), ('solved', 'solved'))
    """
    rows, W = check_members(X, y, weights, base)
    family = mean_family(model).checked(rows.y, rows.weight_vector())
    return _chords(family, rows, W, check_ridges(ridge, len(W)))


def _chords(family: MeanFamily, rows: DesignRows, W: FloatArray, ridges: FloatArray) -> RegressionPopulation:
    """All members on the standardised design, back in the units of the columns."""
    problem = standard_design(rows)
    theta, status = fit_crowd(_FamilyCrowd(family, problem.A, rows.y, rows.weight_vector()), W, ridges)
    original = theta @ problem.transform().T
    coefficients = np.zeros((len(W), rows.X.shape[1]))
    coefficients[:, problem.kept] = original[:, 1:]
    return RegressionPopulation(original[:, 0], coefficients, tuple(status))


def check_ridges(ridge: float | ArrayLike, members: int) -> FloatArray:
    """Return one ridge per member, shape [P].

    Raises
    ------
    SettingError
        If one is negative or not finite.

    Examples
    --------
    >>> check_ridges(0.5, 3)
    array([0.5, 0.5, 0.5])
    """
    ridges = np.broadcast_to(np.asarray(ridge, dtype=np.float64), members)
    if ridges.min() < 0 or not np.all(np.isfinite(ridges)):
        raise SettingError(
            f"{setting('ridge')} must be at least 0, got {ridges.min()}.", "Give 0 or a positive number."
        )
    return ridges


def check_members(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike, base: ArrayLike | None = None
) -> tuple[DesignRows, FloatArray]:
    """Return the rows and the weights of every member, shape [P N].

    Raises
    ------
    DataError
        If a shape does not fit, a number is not finite, or a member has no row.

    Examples
    --------
    >>> check_members([[0.0], [1.0]], [0, 1], [[1, 1], [2, 0]])[1].shape
    (2, 2)
    """
    rows = check_rows(X, y, base)
    W = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if W.shape[1] != len(rows.X) or rows.y.ndim != 1:
        raise DataError(
            f"Weights must have shape [P {len(rows.X)}] and answers [{len(rows.X)}], got {list(W.shape)} and "
            f"{list(rows.y.shape)}.",
            "Give one row of weights per member.",
        )
    wrong = np.argwhere(~(np.isfinite(W) & (W >= 0)))
    if len(wrong):
        p, n = map(int, wrong[0])
        raise DataError(
            f"Weights must be finite and not negative, got {W[p, n]:g} in row {row(n)} of member {p}.", "Correct them."
        )
    if W.max(axis=1).min() == 0:
        empty = int(np.flatnonzero(W.max(axis=1) == 0)[0])
        raise DataError(f"All weights of member {empty} are 0, and no row counts.", "Leave the member out.")
    return rows, W


def _chunk(Z: FloatArray, W: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Solutions [P 1+D] for Z = [1, X, y], and which of them are safe."""
    width = Z.shape[1]
    left, right = np.triu_indices(width)
    sums = np.zeros((len(W), len(left)))
    for block in row_blocks(len(Z), len(left)):
        sums += W[:, block] @ (Z[block][:, left] * Z[block][:, right])
    products = np.empty((len(W), width, width))
    products[:, left, right] = products[:, right, left] = sums
    scale = np.sqrt(np.einsum("pkk->pk", products)[:, :-1])
    usable: NDArray[np.bool_] = scale.min(axis=1) > 0
    scale[~usable] = 1.0
    gram = products[:, :-1, :-1] / (scale[:, :, None] * scale[:, None, :])
    gram[~usable] = np.eye(width - 1)
    pivots = np.einsum("pkk->pk", _cholesky(gram))
    usable &= pivots.min(axis=1) ** 2 > _SAFE_PIVOT
    gram[~usable] = np.eye(width - 1)
    theta = np.linalg.solve(gram, (products[:, :-1, -1] / scale)[:, :, None])[:, :, 0] / scale
    return theta, usable


def _cholesky(gram: FloatArray) -> FloatArray:
    """Factors, zeros for a member that has none."""
    try:
        return np.asarray(np.linalg.cholesky(gram))
    except np.linalg.LinAlgError:
        factors = np.zeros_like(gram)
        for p, one in enumerate(gram):
            try:
                factors[p] = np.linalg.cholesky(one)
            except np.linalg.LinAlgError:
                continue
        return factors


@dataclass(frozen=True, slots=True)
class _FamilyCrowd:
    """A likelihood with one η per row: standard design A [N K], answers [N], base weights [N]."""

    family: MeanFamily
    A: FloatArray
    y: FloatArray
    base: FloatArray

    def penalty(self, ridge: float) -> FloatArray:
        """Ridge on every parameter but the constant, shape [K]."""
        penalty = np.full(self.A.shape[1], ridge)
        penalty[0] = 0.0
        return penalty

    def fit(self, ridge: float, start: FloatArray | None = None, weights: FloatArray | None = None) -> NewtonFit:
        """Newton's method on the rows of positive weight."""
        w = self.base if weights is None else weights
        seen = w > 0
        cost = self.family.cost(self.A[seen], self.y[seen], w[seen], self.penalty(ridge))
        return minimise(cost, self._start(w) if start is None else start)

    def _start(self, weights: FloatArray) -> FloatArray:
        """No effects, the constant at the mean."""
        theta = np.zeros(self.A.shape[1])
        with np.errstate(divide="ignore"):  # a member with one class, or zeros alone
            theta[0] = self.family.link(float(np.average(self.y, weights=weights)))
        return theta if np.isfinite(theta[0]) else np.zeros_like(theta)

    def scores(self, theta: FloatArray) -> FloatArray:
        """Surprise times row, shape [N K]."""
        return (self.family.mean(self.A @ theta) - self.y)[:, None] * self.A

    def gradients(self, theta: FloatArray, weights: FloatArray, members: Places) -> FloatArray:
        """Two matrix products for all members, shape [P K]."""
        gradients = np.zeros_like(theta)
        everyone = len(members) == len(weights)
        for block in row_blocks(len(self.A), 4 * len(members)):
            surprise = self.family.mean(theta @ self.A[block].T) - self.y[block]
            surprise *= weights[:, block] if everyone else weights[members, block]
            gradients += surprise @ self.A[block]
        return gradients

    def far(self, theta: FloatArray) -> bool:
        """Whether some |η| is beyond what answers of 0 and 1, or counts, can tell apart."""
        return self.family.separable and float(np.abs(self.A @ theta).max()) > FAR_ETA

    def separated(self, weights: FloatArray) -> bool:
        """Ask the linear program."""
        seen = weights > 0
        return self.family.separation(self.A[seen], self.y[seen]) is not None
