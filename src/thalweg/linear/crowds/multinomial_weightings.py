"""Many weighted versions of one multinomial regression at once, by chord steps (:mod:`thalweg.linear.crowds.chord`)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from thalweg.base.arrays import FloatArray
from thalweg.linear.crowds.chord import SOLVED, Places, fit_crowd
from thalweg.linear.crowds.weightings import FAR_ETA, check_members, check_ridges
from thalweg.linear.likelihoods.costs import SoftmaxCost
from thalweg.linear.likelihoods.families import MULTINOMIAL
from thalweg.linear.likelihoods.separation import find_separation, multinomial_rows
from thalweg.linear.numerics.moments import row_blocks
from thalweg.linear.numerics.newton import NewtonFit, minimise
from thalweg.linear.numerics.standardise import standard_design


@dataclass(frozen=True, slots=True)
class MultinomialPopulation:
    """One multinomial regression fitted to P weightings of the same rows.

    Parameters
    ----------
    intercepts
        Shape [P C], classes sum to zero.
    coefficients
        In the units of the columns, shape [P D C], classes sum to zero.
    status
        One word or sentence per member: "solved", or what went wrong.
    """

    intercepts: FloatArray
    coefficients: FloatArray
    status: tuple[str, ...]

    @property
    def table(self) -> FloatArray:
        """Each class against class 0, intercept first, in the order of the estimates: shape [P (C-1)(1+D)].

        As ``multinomial_regression(...).estimate``; meant for fits without a ridge.
        """
        both = np.concatenate([self.intercepts[:, None], self.coefficients], axis=1)
        against = (both - both[:, :, :1])[:, :, 1:]
        return np.asarray(np.swapaxes(against, 1, 2).reshape(len(both), -1))

    def predictors(self, X: FloatArray, members: slice) -> FloatArray:
        """Return η of rows [N D] under some members, shape [P N C]."""
        return np.asarray(self.intercepts[members, None] + X @ self.coefficients[members])


def multinomial_population(
    X: ArrayLike,
    codes: ArrayLike,
    weights: ArrayLike,
    *,
    ridge: float | ArrayLike = 0.0,
    base: ArrayLike | None = None,
    classes: int | None = None,
) -> MultinomialPopulation:
    """Maximise ``Σ w (η_y - log Σ_c exp η_c) - ½ ridge Σ β²`` for every weighting of the rows.

    Parameters
    ----------
    X
        Design, shape [N D].
    codes
        Classes 0 … C - 1, shape [N].
    weights
        Shape [P N]: how often each member sees each row.
    ridge
        Penalty on columns standardised over all rows, one number or shape [P].
    base
        How often each row counts when columns are standardised and curvature is shared, shape [N]; once if None.
    classes
        C; the largest code plus 1 if None.

    Returns
    -------
    MultinomialPopulation
        Members agree with fits alone to a millionth of a standard error.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If a ridge is negative.

    Examples
    --------
    >>> x = [[0.0], [1.0], [2.0], [0.5], [1.5], [2.5], [1.0], [2.0], [3.0]]
    >>> pair = multinomial_population(x, [0, 0, 0, 1, 1, 1, 2, 2, 2], [[1] * 9, [2] * 9])
    >>> pair.table.round(2)
    array([[-0.89,  0.71, -2.14,  1.43],
           [-0.89,  0.71, -2.14,  1.43]])
    """
    rows, W = check_members(X, codes, weights, base)
    ridges = check_ridges(ridge, len(W))
    family = MULTINOMIAL.checked(rows.y, rows.weight_vector(), classes)
    count, Y = family.outputs, family.indicators(rows.y)
    problem = standard_design(rows)
    theta, status = fit_crowd(_SoftmaxCrowd(problem.A, Y, rows.weight_vector()), W, ridges)
    for p, c in zip(*np.nonzero(W @ Y == 0), strict=True):
        status[p] = f"class {c} has no rows" if status[p] == SOLVED else status[p]
    table = problem.transform() @ theta.reshape(len(W), -1, count)
    table -= table.mean(axis=2, keepdims=True)
    coefficients = np.zeros((len(W), rows.X.shape[1], count))
    coefficients[:, problem.kept] = table[:, 1:]
    return MultinomialPopulation(table[:, 0], coefficients, tuple(status))


@dataclass(frozen=True, slots=True)
class _SoftmaxCrowd:
    """Multinomial likelihood over θ, [K C] flattened: standard design A [N K], indicators Y [N C], base weights [N]."""

    A: FloatArray
    Y: FloatArray
    base: FloatArray

    def penalty(self, ridge: float) -> FloatArray:
        """Ridge on every parameter but the constants, shape [KC]."""
        penalty = np.full((self.A.shape[1], self.Y.shape[1]), ridge)
        penalty[0] = 0.0
        return penalty.ravel()

    def fit(self, ridge: float, start: FloatArray | None = None, weights: FloatArray | None = None) -> NewtonFit:
        """Newton's method on the rows of positive weight."""
        w = self.base if weights is None else weights
        seen, classes = w > 0, self.Y.shape[1]
        cost = SoftmaxCost(self.A[seen], self.Y[seen], w[seen], self.penalty(ridge)[::classes])
        return minimise(cost, np.zeros(self.A.shape[1] * classes) if start is None else start)

    def scores(self, theta: FloatArray) -> FloatArray:
        """Surprises times row, shape [N KC]."""
        surprise = softmax(self._eta(theta), axis=1) - self.Y
        return np.asarray((self.A[:, :, None] * surprise[:, None, :]).reshape(len(self.A), -1))

    def gradients(self, theta: FloatArray, weights: FloatArray, members: Places) -> FloatArray:
        """Two matrix products for all members, shape [P KC]."""
        count, (width, classes) = len(members), (self.A.shape[1], self.Y.shape[1])
        side = np.ascontiguousarray(theta.reshape(count, width, classes).transpose(1, 2, 0)).reshape(width, -1)
        total = np.zeros_like(side)
        everyone = count == len(weights)
        for block in row_blocks(len(self.A), 3 * classes * count):
            A = self.A[block]
            P = (A @ side).reshape(len(A), classes, count)  # members last, so that classes are summed by whole vectors
            P -= P.max(axis=1, keepdims=True)
            np.exp(P, out=P)
            P /= P.sum(axis=1, keepdims=True)
            P -= self.Y[block, :, None]
            P *= (weights[:, block] if everyone else weights[members, block]).T[:, None, :]
            total += A.T @ P.reshape(len(A), -1)
        return total.reshape(width, classes, count).transpose(2, 0, 1).reshape(count, -1)

    def far(self, theta: FloatArray) -> bool:
        """Whether the odds of some pair of classes are beyond what answers can tell."""
        return bool(np.ptp(self._eta(theta), axis=1).max() > FAR_ETA)

    def separated(self, weights: FloatArray) -> bool:
        """Ask the linear program."""
        seen = weights > 0
        codes = self.Y[seen].argmax(axis=1)
        return find_separation(multinomial_rows(self.A[seen], codes, self.Y.shape[1])) is not None

    def _eta(self, theta: FloatArray) -> FloatArray:
        """Linear predictors, shape [N C]."""
        return np.asarray(self.A @ theta.reshape(self.A.shape[1], -1))
