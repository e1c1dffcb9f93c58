"""Newton's method for convex likelihoods, stopped by its own certificate, the Newton decrement."""

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray

TOLERANCE: Final = 1e-8
_STEPS: Final = 60
_HALVINGS: Final = 40
_ANSWERED: Final = 0.1  # of the gradient, scaled by the curvature; a sound factor leaves a ten-thousandth at most


@dataclass(frozen=True, slots=True)
class Local:
    """A convex function at a point: value, gradient [K] and Hessian [K K]."""

    value: float
    gradient: FloatArray
    hessian: FloatArray


class Cost(Protocol):
    """A convex function of a vector θ, shape [K]."""

    def value(self, theta: FloatArray) -> float:
        """Value alone."""

    def look(self, theta: FloatArray) -> Local:
        """Value, gradient and Hessian."""


@dataclass(frozen=True, slots=True)
class NewtonFit:
    """Where Newton's method stopped.

    Parameters
    ----------
    theta
        Parameters, shape [K].
    local
        The function there.
    step
        The Newton step that was *not* taken, shape [K]: to second order the distance to the minimiser.
    decrement
        ``√(g'H⁻¹g)`` there; infinite where the function is not finite, or its curvature too small to tell.
    iterations
        Steps taken.
    converged
        Whether the decrement fell below the tolerance, or below a hundred times it where rounding stopped the
        method.
    """

    theta: FloatArray
    local: Local
    step: FloatArray
    decrement: float
    iterations: int
    converged: bool


def minimise(cost: Cost, start: FloatArray, *, tolerance: float = TOLERANCE) -> NewtonFit:
    """Minimise a convex function by Newton steps, halved while they do not improve it.

    Parameters
    ----------
    cost
        The function.
    start
        Shape [K].
    tolerance
        Newton decrement at which to stop. For a negative log-likelihood it bounds the optimisation error of
        every contrast in units of that contrast's standard error.

    Examples
    --------
    >>> class Bowl:
    ...     def value(self, t): return float(t @ t)
    ...     def look(self, t): return Local(float(t @ t), 2 * t, 2 * np.eye(len(t)))
    >>> minimise(Bowl(), np.ones(2)).theta.round(9) + 0.0
    array([0., 0.])

    Notes
    -----
    Boyd & Vandenberghe (2004, Convex Optimization, algorithm 9.5).
    """
    theta, iteration, last = start, 0, math.inf
    while True:
        local = cost.look(theta)
        step = newton_step(local.hessian, local.gradient)
        decrement = newton_decrement(local, step)
        length = 0.0
        stalled = decrement <= 100 * tolerance and decrement > last / 2
        if decrement > tolerance and iteration < _STEPS and not stalled:
            length = _backtrack(cost, theta, step, local)
        if length == 0.0:  # there, out of steps, or rounding hides any further improvement
            return NewtonFit(theta, local, step, decrement, iteration, decrement <= 100 * tolerance)
        theta = theta + length * step
        iteration, last = iteration + 1, decrement


def newton_step(hessian: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return ``-H⁻¹ g``, columns scaled first; a numerically singular Hessian gets a least-norm step.

    Where a number is not finite there is no step, and NaN is returned.

    Examples
    --------
    >>> newton_step(2 * np.eye(1), np.array([4.0]))
    array([-2.])
    """
    if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
        return np.full_like(gradient, np.nan)
    scale: FloatArray = np.sqrt(np.maximum(np.diag(hessian), float(np.finfo(float).tiny)))
    scaled = hessian / np.outer(scale, scale)
    try:
        return -np.asarray(linalg.cho_solve(linalg.cho_factor(scaled), gradient / scale)) / scale
    except linalg.LinAlgError:
        return -np.asarray(linalg.lstsq(scaled, gradient / scale)[0]) / scale


def newton_decrement(local: Local, step: FloatArray) -> float:
    """Return ``√(g'H⁻¹g)`` for the Newton step, infinite if the step does not answer the gradient.

    A gradient outside the range of the Hessian, as where curvature underflows, says that the minimum is far away.

    Examples
    --------
    >>> curved, flat = (Local(0.0, np.array([4.0]), np.array([[h]])) for h in (2.0, 0.0))
    >>> round(newton_decrement(curved, np.array([-2.0])), 3), newton_decrement(flat, np.array([0.0]))
    (2.828, inf)
    """
    scale = np.sqrt(np.maximum(np.diag(local.hessian), float(np.finfo(float).tiny)))
    with np.errstate(invalid="ignore", over="ignore"):
        unanswered = (local.hessian @ step + local.gradient) / scale
        square = -float(local.gradient @ step)
        lost = bool(np.abs(unanswered).max() > _ANSWERED * np.abs(local.gradient / scale).max())  # squares overflow
    return math.inf if lost or not math.isfinite(square) else math.sqrt(max(0.0, square))


def _backtrack(cost: Cost, theta: FloatArray, step: FloatArray, local: Local) -> float:
    """Length of the step that improves the value enough, 0 if none does."""
    with np.errstate(invalid="ignore", over="ignore"):
        slope = float(local.gradient @ step)
    if not math.isfinite(slope) or not math.isfinite(local.value):
        return 0.0
    noise = 4 * np.finfo(float).eps * abs(local.value)
    length = 1.0
    for _ in range(_HALVINGS):
        if cost.value(theta + length * step) <= local.value + 1e-4 * length * min(slope, 0.0) + noise:
            return length
        length /= 2
    return 0.0
