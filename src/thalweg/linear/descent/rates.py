"""What theory promises gradient methods: bounds on f(x_k) - f*, with the constants that are provable.

Lecture notes often print the bound as ``||x0 - x*||² / (2k)``; the step t is missing from its denominator. On f =
L/2 x² with a small step the printed bound is violated, the corrected one never.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import linalg as sparse

from thalweg.base.arrays import FloatArray

_DENSE = 2000


def printed_bound(distance: float, steps: NDArray[np.int64]) -> FloatArray:
    """Return the bound as often printed, ``||x0 - x*||² / (2k)``: right only for t = 1; infinite at k = 0.

    Examples
    --------
    >>> printed_bound(2.0, np.array([0, 1, 2]))
    array([inf,  2.,  1.])
    """
    return _over(distance**2, 2.0 * steps)


def sublinear_bound(distance: float, step: float, steps: NDArray[np.int64]) -> FloatArray:
    """Return ``||x0 - x*||² / (2 t k)``, valid for convex f with L-Lipschitz gradient and t ≤ 1/L.

    Parameters
    ----------
    distance
        ``||x0 - x*||``.
    step
        t.
    steps
        k, shape [T].

    Examples
    --------
    >>> sublinear_bound(2.0, 0.5, np.array([1, 2]))
    array([4., 2.])
    """
    return _over(distance**2, 2.0 * step * steps)


def tight_sublinear_bound(distance: float, smoothness: float, steps: NDArray[np.int64]) -> FloatArray:
    """Return ``L ||x0 - x*||² / (4k + 2)``, the best possible for t = 1/L; some function attains it.

    Examples
    --------
    >>> tight_sublinear_bound(1.0, 1.0, np.array([1, 5, 10])).round(7)
    array([0.1666667, 0.0454545, 0.0238095])

    Notes
    -----
    Drori & Teboulle (2014, Mathematical Programming 145, 451-482, theorem 3.1).
    """
    return _over(smoothness * distance**2, 4.0 * steps + 2.0)


def accelerated_bound(distance: float, step: float, steps: NDArray[np.int64]) -> FloatArray:
    """Return ``2 ||x0 - x*||² / (t (k + 1)²)`` for Nesterov's method on convex f, t ≤ 1/L.

    Examples
    --------
    >>> accelerated_bound(1.0, 1.0, np.array([1, 3]))
    array([0.5  , 0.125])
    """
    return _over(2 * distance**2 / step, (steps + 1.0) ** 2)


def deck_rate(convexity: float, smoothness: float) -> float:
    """Return ``1 - m/M`` of the usual theorem for strongly convex costs: valid for t = 1/M, and loose.

    Examples
    --------
    >>> deck_rate(1.0, 100.0)
    0.99
    """
    return 1 - convexity / smoothness


def gradient_rate(convexity: float, smoothness: float, step: float) -> float:
    """Return the tight factor by which a step t shrinks f - f*: ``max((1 - tm)², (1 - tM)²)``.

    Examples
    --------
    >>> round(gradient_rate(1.0, 100.0, 2 / 101) ** 0.5, 6)
    0.980198

    Notes
    -----
    Taylor, Hendrickx & Glineur (2018, J. Optim. Theory Appl. 178, 455-476).
    """
    return max((1 - step * convexity) ** 2, (1 - step * smoothness) ** 2)


def line_search_rate(convexity: float, smoothness: float) -> float:
    """Return ``((M - m)/(M + m))²`` for exact line search; some quadratic attains it at every step.

    Examples
    --------
    >>> round(line_search_rate(1.0, 100.0), 10)
    0.960788158

    Notes
    -----
    De Klerk, Glineur & Taylor (2017, Optimization Letters 11, 1185-1199).
    """
    return ((smoothness - convexity) / (smoothness + convexity)) ** 2


def nesterov_rate(convexity: float, smoothness: float) -> float:
    """Return ``1 - √(m/M)`` for Nesterov's method with t = 1/M and momentum (√κ - 1)/(√κ + 1).

    Examples
    --------
    >>> nesterov_rate(1.0, 100.0)
    0.9
    """
    return 1 - math.sqrt(convexity / smoothness)


def heavy_ball_settings(convexity: float, smoothness: float) -> tuple[float, float]:
    """Return step and momentum that are best for quadratics: ``(2/(√m + √M))²`` and ``((√κ - 1)/(√κ + 1))²``.

    Nothing is promised for other functions: with these very settings heavy ball can cycle for ever.

    Examples
    --------
    >>> tuple(round(v, 10) for v in heavy_ball_settings(1.0, 100.0))
    (0.0330578512, 0.6694214876)

    Notes
    -----
    Polyak (1964, USSR Comput. Math. 4, 1-17); the cycle: Lessard, Recht & Packard (2016, SIAM J. Optim. 26,
    57-95).
    """
    low, high = math.sqrt(convexity), math.sqrt(smoothness)
    return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2


def deck_iterations(gap: float, accuracy: float, convexity: float, smoothness: float) -> float:
    """Return the usual count of steps, ``log((f0 - f*)/ε) / log(1 / (1 - m/M))``.

    Examples
    --------
    >>> round(deck_iterations(50.5, 1e-8, 1.0, 100.0), 2)
    2223.08
    """
    if convexity <= 0:
        return math.inf
    return max(0.0, math.log(gap / accuracy) / -math.log1p(-convexity / smoothness))


def quadratic_curve(values: FloatArray, along: FloatArray, step: float, steps: NDArray[np.int64]) -> FloatArray:
    """Return the exact f(x_k) - f* of gradient descent on a quadratic, ``½ Σ λ (1 - tλ)^(2k) z²``.

    Parameters
    ----------
    values
        Eigenvalues λ of the Hessian, shape [K].
    along
        x0 - x* in the eigenvectors' coordinates z, shape [K].
    step, steps
        t, and k of shape [T].

    Examples
    --------
    >>> quadratic_curve(np.array([2.0]), np.array([1.0]), 0.25, np.array([0, 1]))
    array([1.  , 0.25])
    """
    factors = np.power((1 - step * values) ** 2, steps[:, None])
    gaps: FloatArray = 0.5 * factors @ (values * along**2)
    return gaps


def extreme_eigenvalues(hessian: FloatArray) -> tuple[float, float]:
    """Return the smallest and largest eigenvalue, m and M: all of them up to 2000 columns, Lanczos beyond.

    Examples
    --------
    >>> extreme_eigenvalues(np.diag([1.0, 3.0, 2.0]))
    (1.0, 3.0)
    """
    if len(hessian) <= _DENSE:
        values = np.linalg.eigvalsh(hessian)
        return max(0.0, float(values[0])), float(values[-1])
    start = np.ones(len(hessian))
    largest = float(sparse.eigsh(hessian, k=1, which="LA", v0=start, return_eigenvectors=False)[0])
    smallest = float(sparse.eigsh(hessian, k=1, which="SA", v0=start, return_eigenvectors=False, tol=1e-6)[0])
    return max(0.0, smallest), largest


def _over(numerator: float, denominators: ArrayLike) -> FloatArray:
    """Quotients, infinite where the denominator is 0."""
    below = np.asarray(denominators, dtype=np.float64)
    return np.asarray(np.divide(numerator, below, out=np.full(below.shape, np.inf), where=below > 0))
