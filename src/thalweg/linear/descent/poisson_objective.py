"""The convex cost of Poisson regression, for descents: its curvature is bounded only where a descent can go."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.descent import rates
from thalweg.linear.descent.objectives import Objective
from thalweg.linear.families import POISSON
from thalweg.linear.likelihood_regression import check_counts
from thalweg.linear.newton import look_at, minimise, value_of
from thalweg.linear.rows import check_rows
from thalweg.linear.standardise import standardise


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
    check_number("ridge", ridge, low=0)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    check_counts(rows.y, np.ones(len(rows.y)))
    n = len(rows.X)
    A = np.column_stack([np.ones(n), standardise(rows.X, None).apply(rows.X)])
    penalty = np.full(A.shape[1], n * float(ridge))
    penalty[0] = 0.0
    problem = (POISSON, A, rows.y, np.ones(n), penalty)
    middle = np.zeros(A.shape[1])
    middle[0] = np.log(rows.y.mean())
    found = minimise(look_at(*problem), value_of(*problem), middle)
    optimum = found.theta - middle
    near = A @ found.theta + np.linalg.norm(A, axis=1) * np.linalg.norm(optimum)
    reach = np.exp(np.minimum(near, _no_worse(rows.y)))
    value = value_of(*problem)

    def gradient(x: FloatArray) -> FloatArray:
        return np.asarray((A.T @ (POISSON.mean(A @ (x + middle)) - rows.y) + penalty * x) / n)

    return Objective(
        value=lambda x: value(x + middle) / n,
        gradient=gradient,
        convexity=0.0,
        smoothness=rates.extreme_eigenvalues((A * reach[:, None]).T @ A / n)[1] + ridge,
        optimum=optimum,
        minimum=value(found.theta) / n,
        information=float(n),
    )


def _no_worse(y: FloatArray) -> FloatArray:
    """Largest η of each row at points whose sum of losses is no more than that of the mean."""
    least = y - xlogy(y, y)
    bound = float(np.sum(y.mean() - y * np.log(y.mean()) - least)) + least
    eta = np.log(bound + 1 + y)
    for _ in range(100):  # contracts towards the root from either side
        eta = np.log(np.maximum(bound + y * eta, np.maximum(y, 1e-300)))
    return np.asarray(eta + 1e-9)
