"""The convex costs of linear models, with the constants that theory speaks about."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.descent import rates
from thalweg.linear.families import BINOMIAL, GAUSSIAN, Family
from thalweg.linear.logistic_solver import check_binary
from thalweg.linear.newton import look_at, minimise, value_of
from thalweg.linear.rows import check_rows
from thalweg.linear.standardise import standardise


@dataclass(frozen=True, slots=True)
class Objective:
    """A smooth convex function and what is known of it.

    Parameters
    ----------
    value, gradient
        Functions of x, shape [K].
    convexity, smoothness
        m and M (often called L): every Hessian's eigenvalues lie between them.
    optimum
        The minimiser, shape [K].
    minimum
        The value there.
    hessian
        Constant Hessian [K K] of a quadratic; None otherwise.
    information
        Factor I for which ``√(2 I (f - f*))`` is the optimisation error in standard errors: rows over
        residual variance (least squares), rows (log-likelihood); None if f is no likelihood.
    """

    value: Callable[[FloatArray], float]
    gradient: Callable[[FloatArray], FloatArray]
    convexity: float
    smoothness: float
    optimum: FloatArray
    minimum: float
    hessian: FloatArray | None = None
    information: float | None = None


def least_squares_objective(X: ArrayLike, y: ArrayLike, *, ridge: float = 0.0) -> Objective:
    """Return the cost ``1/(2n) ||y - a - Zβ||² + ridge/2 ||β||²`` over (a, β), Z standardised.

    Parameters
    ----------
    X, y
        Design [N D], answers [N].
    ridge
        On the scale of the mean loss; λ of James et al. (2021), equation 6.5, stands beside the residual sum of squares
        and is n times it.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.
    SettingError
        If the ridge is negative.

    Examples
    --------
    >>> f = least_squares_objective([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.5])
    >>> f.smoothness, f.gradient(f.optimum).round(12) + 0
    (1.0, array([0., 0.]))
    """
    return _objective(GAUSSIAN, X, y, ridge)


def logistic_objective(X: ArrayLike, y: ArrayLike, *, ridge: float = 0.0) -> Objective:
    """Return the mean cross entropy plus ``ridge/2 ||β||²`` over (a, β), on standardised columns.

    M is Böhning's bound, a quarter of the largest eigenvalue of ``A'A/n``, plus the ridge; m is 0, as the
    curvature of the cross entropy vanishes far out (the constant is not penalised).

    Parameters
    ----------
    X, y
        Design [N D], answers 0 or 1 [N].
    ridge
        On the scale of the mean loss: n times it stands beside the log-likelihood.

    Returns
    -------
    Objective
        With its constants and its minimiser, found by Newton's method.

    Raises
    ------
    DataError
        If the answers are not 0 and 1, or the input is wrong.
    SettingError
        If the ridge is negative.

    Examples
    --------
    >>> f = logistic_objective([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
    >>> f.smoothness, f.convexity
    (0.25, 0.0)
    """
    return _objective(BINOMIAL, X, y, ridge)


def _objective(family: Family, X: ArrayLike, y: ArrayLike, ridge: float) -> Objective:
    """Mean loss of a likelihood on standardised columns."""
    check_number("ridge", ridge, low=0)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    if family is BINOMIAL:
        check_binary(rows.y, np.ones(len(rows.y)))
    n = len(rows.X)
    A = np.column_stack([np.ones(n), standardise(rows.X, None).apply(rows.X)])
    penalty = np.full(A.shape[1], n * float(ridge))
    penalty[0] = 0.0
    problem = (family, A, rows.y, np.ones(n), penalty)
    found = minimise(look_at(*problem), value_of(*problem), np.zeros(A.shape[1]))
    low, high = rates.extreme_eigenvalues(A.T @ A / n)
    quadratic = family is GAUSSIAN
    hessian = (A.T @ A + np.diag(penalty)) / n
    if quadratic:
        low, high = rates.extreme_eigenvalues(hessian)
    value = value_of(*problem)
    variance = 1.0
    if quadratic:
        variance = float(np.sum((rows.y - A @ found.theta) ** 2)) / max(1, n - A.shape[1])

    def gradient(x: FloatArray) -> FloatArray:
        return np.asarray((A.T @ (family.mean(A @ x) - rows.y) + penalty * x) / n)

    return Objective(
        value=lambda x: value(x) / n,
        gradient=gradient,
        convexity=low if quadratic else 0.0,
        smoothness=high if quadratic else high / 4 + ridge,
        optimum=found.theta,
        minimum=value(found.theta) / n,
        hessian=hessian if quadratic else None,
        information=n / variance if variance > 0 else None,
    )
