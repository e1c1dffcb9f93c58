"""The convex costs of linear models, with the constants that theory speaks about."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.descent import rates
from thalweg.linear.likelihoods.contract import Family, LikelihoodCost
from thalweg.linear.likelihoods.families import BINOMIAL, GAUSSIAN, MULTINOMIAL, POISSON
from thalweg.linear.numerics.newton import minimise
from thalweg.linear.numerics.standardise import standardise
from thalweg.linear.rows import check_rows


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


def softmax_objective(X: ArrayLike, codes: ArrayLike, *, ridge: float = 0.0) -> Objective:
    """Return the mean cross entropy plus ``ridge/2 Σ β²`` over (a, B), [1+D C] flattened, on standardised columns.

    M is Böhning's bound, half the largest eigenvalue of ``A'A/n``, plus the ridge (1992, Annals of the Institute of
    Statistical Mathematics 44, 197-200); m is 0. Every class has its own coefficients; descents from zero keep their
    sum at zero, where the optimum lies, too.

    Parameters
    ----------
    X, codes
        Design [N D], classes 0 … C - 1 [N].
    ridge
        On the scale of the mean loss.

    Returns
    -------
    Objective
        With its constants and its minimiser, found by Newton's method.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If the ridge is negative.

    Examples
    --------
    >>> f = softmax_objective([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
    >>> f.smoothness, f.convexity
    (0.5, 0.0)
    """
    return _objective(MULTINOMIAL, X, codes, ridge)


def poisson_objective(X: ArrayLike, y: ArrayLike, *, ridge: float = 0.0) -> Objective:
    """Return the mean of ``exp η - y η`` plus ``ridge/2 ‖β‖²``, η = log ȳ + a + z'β, over (a, β), z standardised.

    The second derivative exp η has no bound on all of the space. But gradient descent from zero with t ≤ 1/M never
    leaves the convex set of points that are no worse than zero and no farther from the optimum, if M bounds the Hessian
    there, and then its bounds hold. M is the largest eigenvalue of ``Σ exp(u_n) a_n a_n' / n`` plus the ridge, u_n the
    largest η_n in that set: at most ``η*_n + ‖a_n‖ ‖x*‖``, and at most the larger root of ``exp u - y u = D/2 + y - y
    log y``, D the deviance at zero, as all other rows lose at least nothing. Often M is far above the curvature that a
    descent meets. m is 0.

    Parameters
    ----------
    X, y
        Design [N D], counts [N].
    ridge
        On the scale of the mean loss.

    Returns
    -------
    Objective
        Bounds hold for plain gradient descent from zero.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If the ridge is negative.

    Examples
    --------
    >>> f = poisson_objective([[0.0], [1.0], [2.0], [3.0]], [1, 2, 2, 5])
    >>> bool(f.smoothness > 2.5), f.gradient(f.optimum).round(9) + 0
    (True, array([0., 0.]))
    """
    _, A, answers, cost = _posed(POISSON, X, y, ridge)
    n = len(A)
    middle = np.zeros(A.shape[1])
    middle[0] = POISSON.link(float(answers.mean()))
    found = minimise(cost, middle)
    optimum = found.theta - middle
    near = A @ found.theta + np.linalg.norm(A, axis=1) * np.linalg.norm(optimum)
    reach = np.exp(np.minimum(near, _no_worse(answers)))
    return Objective(
        value=lambda x: cost.value(x + middle) / n,
        gradient=lambda x: cost.gradient(x + middle) / n,
        convexity=0.0,
        smoothness=rates.extreme_eigenvalues((A * reach[:, None]).T @ A / n)[1] + ridge,
        optimum=optimum,
        minimum=cost.value(found.theta) / n,
        information=float(n),
    )


def _posed(
    family: Family, X: ArrayLike, y: ArrayLike, ridge: float
) -> tuple[Family, FloatArray, FloatArray, LikelihoodCost]:
    """Check the rows: the family for them, the standardised design behind a column of ones, the answers, the sum."""
    check_number("ridge", ridge, low=0)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    n = len(rows.X)
    told = family.checked(rows.y, np.ones(n))
    A = np.column_stack([np.ones(n), standardise(rows.X, None).apply(rows.X)])
    penalty = np.full(A.shape[1], n * float(ridge))
    penalty[0] = 0.0
    return told, A, rows.y, told.cost(A, rows.y, np.ones(n), penalty)


def _objective(family: Family, X: ArrayLike, y: ArrayLike, ridge: float) -> Objective:
    """Mean loss of a likelihood whose curvature is bounded everywhere."""
    told, A, answers, cost = _posed(family, X, y, ridge)
    n = len(A)
    found = minimise(cost, np.zeros(A.shape[1] * told.outputs))
    low, high = rates.extreme_eigenvalues(A.T @ A / n)
    flattest, steepest = told.bounds
    quadratic = flattest == steepest
    hessian = found.local.hessian / n
    if quadratic:
        low, high = rates.extreme_eigenvalues(hessian)
    variance = 1.0
    if quadratic:
        variance = float(np.sum((answers - A @ found.theta) ** 2)) / max(1, n - A.shape[1])
    return Objective(
        value=lambda x: cost.value(x) / n,
        gradient=lambda x: cost.gradient(x) / n,
        convexity=low if quadratic else 0.0,
        smoothness=high if quadratic else high * steepest + ridge,
        optimum=found.theta,
        minimum=cost.value(found.theta) / n,
        hessian=hessian if quadratic else None,
        information=n / variance if variance > 0 else None,
    )


def _no_worse(y: FloatArray) -> FloatArray:
    """Largest η of each row at points whose sum of losses is no more than that of the mean."""
    least = y - xlogy(y, y)
    bound = float(np.sum(y.mean() - y * np.log(y.mean()) - least)) + least
    eta = np.log(bound + 1 + y)
    for _ in range(100):  # contracts towards the root from either side
        eta = np.log(np.maximum(bound + y * eta, np.maximum(y, 1e-300)))
    return np.asarray(eta + 1e-9)
