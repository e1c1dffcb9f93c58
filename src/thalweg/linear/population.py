"""Many weighted versions of one regression at once: bootstrap replicates, folds, segments.

Least squares: all members' cross products in one matrix product (weights times products of columns), then
batched Cholesky. Likelihoods: "chord" Newton, every member stepping with the curvature of the fit to all
rows, so that an iteration is two matrix products for all members; a member that does not halve its decrement
gets a Newton of its own.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from thalweg.base.errors import DataError, SettingError
from thalweg.linear.families import BINOMIAL, GAUSSIAN, Family
from thalweg.linear.least_squares import solve
from thalweg.linear.likelihood import StandardProblem, check_counts, standard_problem
from thalweg.linear.logistic import check_binary
from thalweg.linear.moments import row_blocks
from thalweg.linear.newton import look_at, minimise, value_of
from thalweg.linear.rows import Array, Rows, check_rows

_CHUNK: Final = 256
_CHORD_STEPS: Final = 40
_MEMORY: Final = 5
_FAR_ETA: Final = 30.0
_ARRIVED: Final = 1e-6  # standard errors; the step in hand is still taken and leaves about a tenth of it
_KHATRI_RAO_WIDTH: Final = 40  # columns up to which exact cross products beat chord steps
_SAFE_PIVOT: Final = 1e-6  # smallest squared pivot of scaled cross products that float64 solves well


@dataclass(frozen=True, slots=True)
class Population:
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

    intercepts: Array
    coefficients: Array
    status: tuple[str, ...]

    @property
    def table(self) -> Array:
        """Intercept and coefficients, shape [P 1+D]."""
        return np.column_stack([self.intercepts, self.coefficients])


def least_squares_population(X: ArrayLike, y: ArrayLike, weights: ArrayLike) -> Population:
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
    rows, W = _checked(X, y, weights)
    if rows.X.shape[1] > _KHATRI_RAO_WIDTH and len(rows.X) > 40 * rows.X.shape[1]:
        solution, _, _ = solve(rows, intercept=True)
        noise = float(np.std(rows.y - solution[0, 0] - rows.X @ solution[1:, 0]))
        if noise > 1e-8 * float(rows.y.std()):
            members = _chords(GAUSSIAN, replace(rows, y=rows.y / noise), W, np.zeros(len(W)))
            return Population(noise * members.intercepts, noise * members.coefficients, members.status)
    mean, spread = rows.X.mean(axis=0), rows.X.std(axis=0)
    spread[spread <= 1e-12 * np.abs(mean)] = 1.0
    middle = rows.y.mean()
    Z = np.column_stack([np.ones(len(rows.X)), (rows.X - mean) / spread, rows.y - middle])
    thetas, safe = zip(*(_chunk(Z, W[i : i + _CHUNK]) for i in range(0, len(W), _CHUNK)), strict=True)
    theta, solved = np.concatenate(thetas), np.concatenate(safe)
    slopes = theta[:, 1:] / spread
    table = np.column_stack([theta[:, 0] + middle - slopes @ mean, slopes])
    status = ["solved"] * len(W)
    for p in np.flatnonzero(~solved):
        solution, factor, _ = solve(Rows(rows.X, rows.y, W[p]), intercept=True)
        table[p] = solution[:, 0]
        if len(factor.kept) < rows.X.shape[1]:
            status[p] = f"{rows.X.shape[1] - len(factor.kept)} collinear columns set to 0"
    return Population(table[:, 0], table[:, 1:], tuple(status))


def likelihood_population(
    family: Family, X: ArrayLike, y: ArrayLike, weights: ArrayLike, *, ridge: float | ArrayLike = 0.0
) -> Population:
    """Maximise a likelihood for every weighting of the rows.

    Parameters
    ----------
    family
        :data:`~thalweg.linear.families.BINOMIAL` or :data:`~thalweg.linear.families.POISSON`.
    X
        Design, shape [N D].
    y
        Answers, shape [N].
    weights
        Shape [P N]: how often each member sees each row.
    ridge
        Penalty ``½ ridge Σ β²`` on columns standardised over all rows, one number or shape [P].

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If a ridge is negative.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    >>> pair = likelihood_population(BINOMIAL, x, y, [[1, 1, 1, 1], [2, 2, 2, 2]])
    >>> pair.coefficients.round(3).ravel(), pair.status
    (array([0.908, 0.908]), ('solved', 'solved'))
    """
    rows, W = _checked(X, y, weights)
    (check_binary if family is BINOMIAL else check_counts)(rows.y, np.ones(len(rows.y)))
    ridges = np.broadcast_to(np.asarray(ridge, dtype=np.float64), len(W))
    if ridges.min() < 0 or not np.all(np.isfinite(ridges)):
        raise SettingError(f"ridge must be at least 0, got {ridges.min()}.", "Give 0 or a positive number.")
    return _chords(family, rows, W, ridges)


def _chords(family: Family, rows: Rows, W: Array, ridges: Array) -> Population:
    """Chord steps for all members, Newton for those they fail."""
    problem = standard_problem(rows)
    chord = _Chord(family, problem, rows.y, W, ridges)
    theta, solved = chord.descend()
    status = ["solved"] * len(W)
    for p in np.flatnonzero(~solved):
        theta[p], status[p] = chord.alone(int(p))
    original = theta @ problem.transform().T
    coefficients = np.zeros((len(W), rows.X.shape[1]))
    coefficients[:, problem.kept] = original[:, 1:]
    return Population(original[:, 0], coefficients, tuple(status))


def _checked(X: ArrayLike, y: ArrayLike, weights: ArrayLike) -> tuple[Rows, Array]:
    """Rows and the weights of every member, [P N]."""
    rows = check_rows(X, y)
    W = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if W.shape[1] != len(rows.X) or rows.y.ndim != 1:
        raise DataError(
            f"Weights must have shape [P {len(rows.X)}] and answers [{len(rows.X)}], got {list(W.shape)} and "
            f"{list(rows.y.shape)}.",
            "Give one row of weights per member.",
        )
    if not np.isfinite(W).all() or W.min() < 0 or W.max(axis=1).min() == 0:
        raise DataError("Weights must be finite, not negative, and not all 0 for a member.", "Correct them.")
    return rows, W


def _chunk(Z: Array, W: Array) -> tuple[Array, NDArray[np.bool_]]:
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


def _cholesky(gram: Array) -> Array:
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
class _Chord:
    """Members of one likelihood: standard design A [N K], answers [N], weights [P N], ridges [P]."""

    family: Family
    problem: StandardProblem
    y: Array
    W: Array
    ridges: Array

    def penalty(self, ridge: float) -> Array:
        """Ridge on every parameter but the constant, shape [K]."""
        penalty = np.full(self.problem.A.shape[1], ridge)
        penalty[0] = 0.0
        return penalty

    def descend(self) -> tuple[Array, NDArray[np.bool_]]:
        """Parameters [P K] after chord steps, and which members arrived."""
        A = self.problem.A
        theta = np.zeros((len(self.W), A.shape[1]))
        gradient = np.empty_like(theta)
        inverse = np.empty((len(self.W), A.shape[1], A.shape[1]))
        share = self.W.sum(axis=1) / len(A)
        start = np.zeros(A.shape[1])
        finite = np.ones(len(self.W), dtype=bool)
        everyone = np.ones(len(A))
        for ridge in np.unique(self.ridges)[::-1]:
            members = np.flatnonzero(self.ridges == ridge)
            penalty = self.penalty(float(ridge))
            settings = (self.family, A, self.y, everyone, penalty)
            whole = minimise(look_at(*settings), value_of(*settings), start)
            start = whole.theta
            theta[members] = start
            finite[members] = not self.runs_away(A @ start, float(ridge))
            surprise = self.family.mean(A @ start) - self.y
            gradient[members] = self.W[members] @ (surprise[:, None] * A) + penalty * start
            curvature = whole.local.hessian - np.diag(penalty)
            for value in np.unique(share[members]):
                same = members[share[members] == value]
                inverse[same] = linalg.pinvh(value * curvature + np.diag(penalty))
        return self._iterate(theta, gradient, inverse, np.flatnonzero(finite))

    def runs_away(self, eta: Array, ridge: float) -> bool:
        """Whether fitted values have gone where only a likelihood without maximum goes."""
        return self.family is not GAUSSIAN and ridge == 0 and float(np.abs(eta).max()) > _FAR_ETA

    def _iterate(
        self, theta: Array, gradient: Array, inverse: Array, active: NDArray[np.int64]
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Chord steps of all members that still shrink their decrement, mixed with earlier steps."""
        gradient = gradient[active]
        solved = np.zeros(len(theta), dtype=bool)
        last = np.full(len(theta), np.inf)
        history = _History()
        for _ in range(_CHORD_STEPS):
            step = -np.einsum("pkl,pl->pk", inverse[active], gradient)
            decrement = np.sqrt(np.maximum(0.0, -np.einsum("pk,pk->p", gradient, step)))
            arrived = decrement <= _ARRIVED
            theta[active[arrived]] += step[arrived]
            solved[active[arrived]] = True
            moving = ~arrived & (decrement < last[active] / 2)
            last[active] = decrement
            active = active[moving]
            if not len(active):
                break
            history.keep(moving)
            theta[active] += history.mix(step[moving], gradient[moving])
            gradient = self._gradients(theta[active], active)
        return theta, solved

    def _gradients(self, theta: Array, members: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Array:
        """Gradients of the penalised negative log-likelihoods, shape [P K]."""
        A = self.problem.A
        gradients = theta * self.ridges[members, None]
        gradients[:, 0] = 0.0
        everyone = len(members) == len(self.W)
        for block in row_blocks(len(A), 4 * len(members)):
            W = self.W[:, block] if everyone else self.W[members, block]
            surprise = self.family.mean(theta @ A[block].T) - self.y[block]
            surprise *= W
            gradients += surprise @ A[block]
        return gradients

    def alone(self, member: int) -> tuple[Array, str]:
        """Newton for one member, and what to say of it."""
        seen = self.W[member] > 0
        weight = self.W[member][seen]
        settings = (
            self.family,
            self.problem.A[seen],
            self.y[seen],
            weight,
            self.penalty(self.ridges[member]),
        )
        found = minimise(look_at(*settings), value_of(*settings), np.zeros(self.problem.A.shape[1]))
        if self.runs_away(self.problem.A[seen] @ found.theta, float(self.ridges[member])):
            return found.theta, "no finite maximum: the answers are separated"
        return found.theta, "solved" if found.converged else "not converged"


class _History:
    """Anderson mixing (1965, J. ACM 12, 547-560) in the metric of the shared curvature, member by member."""

    def __init__(self) -> None:
        self.moves: list[Array] = []  # changes of the parameters
        self.steps: list[Array] = []  # changes of the steps -H^-1 g
        self.bends: list[Array] = []  # changes of the gradients
        self.before: tuple[Array, Array, Array] | None = None

    def keep(self, moving: NDArray[np.bool_]) -> None:
        """Forget the members that do not move any more."""
        for table in (self.moves, self.steps, self.bends):
            table[:] = [rows[moving] for rows in table]
        if self.before is not None:
            move, step, gradient = self.before
            self.before = move[moving], step[moving], gradient[moving]

    def mix(self, step: Array, gradient: Array) -> Array:
        """Return the move that the steps so far recommend, shape [P K]."""
        if self.before is not None:
            move, old_step, old_gradient = self.before
            for table, new in zip(
                (self.moves, self.steps, self.bends),
                (move, step - old_step, gradient - old_gradient),
                strict=True,
            ):
                table.append(new)
                del table[:-_MEMORY]
        move = step
        if self.steps:
            S, G = np.stack(self.steps, axis=1), np.stack(self.bends, axis=1)
            M = -S @ G.transpose(0, 2, 1)
            M += 1e-14 * np.trace(M, axis1=1, axis2=2)[:, None, None] * np.eye(len(self.steps))
            weights = np.linalg.solve(M, -(S @ gradient[:, :, None]))
            earlier = S + np.stack(self.moves, axis=1)
            move = step - (earlier.transpose(0, 2, 1) @ weights)[:, :, 0]
        self.before = move, step, gradient
        return move
