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
        ``√(g'H⁻¹g)`` there.
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
        decrement = math.sqrt(max(0.0, -float(local.gradient @ step)))
        length = 0.0
        stalled = decrement <= 100 * tolerance and decrement > last / 2
        if decrement > tolerance and iteration < _STEPS and not stalled:
            length = _backtrack(cost, theta, step, local.value, decrement)
        if length == 0.0:  # there, out of steps, or rounding hides any further improvement
            return NewtonFit(theta, local, step, decrement, iteration, decrement <= 100 * tolerance)
        theta = theta + length * step
        iteration, last = iteration + 1, decrement


def newton_step(hessian: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return ``-H⁻¹ g``, columns scaled first; a numerically singular Hessian gets a least-norm step.

    Examples
    --------
    >>> newton_step(2 * np.eye(1), np.array([4.0]))
    array([-2.])
    """
    scale: FloatArray = np.sqrt(np.maximum(np.diag(hessian), float(np.finfo(float).tiny)))
    scaled = hessian / np.outer(scale, scale)
    try:
        return -np.asarray(linalg.cho_solve(linalg.cho_factor(scaled), gradient / scale)) / scale
    except linalg.LinAlgError:
        return -np.asarray(linalg.lstsq(scaled, gradient / scale)[0]) / scale


def _backtrack(cost: Cost, theta: FloatArray, step: FloatArray, now: float, decrement: float) -> float:
    """Length of the step that improves the value enough, 0 if none does."""
    noise = 4 * np.finfo(float).eps * abs(now)
    length = 1.0
    for _ in range(_HALVINGS):
        if cost.value(theta + length * step) <= now - 1e-4 * length * decrement**2 + noise:
            return length
        length /= 2
    return 0.0
