"""Gradient descent as an object of study: its curve, its bounds, and its error in standard errors."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import SettingError
from thalweg.linear import rates
from thalweg.linear.objectives import Objective
from thalweg.linear.rows import Array

METHODS: Final = ("gradient", "exact line search", "heavy ball", "nesterov")


@dataclass(frozen=True, slots=True)
class Descent:
    """The path of one method on one objective.

    Parameters
    ----------
    method
        One of :data:`METHODS`.
    step
        t; None for exact line search.
    momentum
        μ; 0 without.
    margin
        t by 1/M: bounds hold up to 1, plain descent diverges from 2.
    values
        f(x_k), shape [T+1].
    gaps
        f(x_k) - f*, shape [T+1].
    gradients
        ``||∇f(x_k)||``, shape [T+1].
    bounds
        Upper bounds on the gaps by name, shape [T+1] each. "printed (6.1)" is shown for comparison: it lacks
        t.
    predicted
        Exact gaps from the eigenvalues, for plain descent on a quadratic, shape [T+1]; else None.
    errors
        Optimisation error in standard errors at each k, shape [T+1]; None if f is no likelihood.
    final
        Last iterate, shape [K].
    converged
        Whether ``||∇f|| < ε`` was reached.
    words
        What happened.
    """

    method: str
    step: float | None
    momentum: float
    margin: float | None
    values: Array
    gaps: Array
    gradients: Array
    bounds: dict[str, Array]
    predicted: Array | None
    errors: Array | None
    final: Array
    converged: bool
    words: str

    def violation(self, bound: str) -> int | None:
        """Return the first k at which the measured gap exceeds a bound by more than rounding, or None.

        Raises
        ------
        SettingError
            If there is no bound of that name.
        """
        check_choice("bound", bound, tuple(self.bounds))
        rounding = 1e-12 * (1 + np.abs(self.values[0]))
        above = np.flatnonzero(self.gaps > self.bounds[bound] * (1 + 1e-9) + rounding)
        return int(above[0]) if len(above) else None

    def enough(self, standard_errors: float = 0.01) -> int | None:
        """Return the first k from which optimisation error stays below so many standard errors, or None.

        Later steps change the answer by less than chance does: optimization convergence past this point buys
        no statistics convergence.
        """
        if self.errors is None:
            return None
        above = np.flatnonzero(self.errors >= standard_errors)
        first = int(above[-1]) + 1 if len(above) else 0
        return first if first < len(self.errors) else None


def descend(
    objective: Objective,
    *,
    start: ArrayLike | None = None,
    method: str = "gradient",
    step: float | None = None,
    momentum: float | None = None,
    tolerance: float = 1e-6,
    steps: int = 10_000,
) -> Descent:
    """Run ``while ||∇f(x)|| ≥ ε`` (the deck's Algorithm 1) and keep everything theory speaks about.

    Parameters
    ----------
    objective
        From :mod:`thalweg.linear.objectives`, or your own.
    start
        x0, shape [K]; zeros if None.
    method
        "gradient": ``x - t ∇f(x)``, t = 1/M. "exact line search": the best t at every step, for quadratics.
        "heavy ball": the deck's ``g = ∇f(x) + μ g``, ``x - t g``, with the settings best for quadratics.
        "nesterov": the gradient at ``x + μ (x - x_before)``, t = 1/M.
    step, momentum
        t and μ in place of those.
    tolerance
        ε.
    steps
        Most steps.

    Raises
    ------
    SettingError
        If a setting is outside its range, or exact line search meets a function that is no quadratic.

    Examples
    --------
    >>> from thalweg.linear.objectives import least_squares_objective
    >>> f = least_squares_objective([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.1, 1.9, 3.2])
    >>> run = descend(f, step=0.5)
    >>> run.converged, run.violation("1/(2tk)")
    (True, None)
    """
    check_choice("method", method, METHODS)
    check_number("tolerance", tolerance, low=0, open_low=True)
    check_count("steps", steps)
    size, mu = _settings(objective, method, step, momentum)
    x = np.zeros_like(objective.optimum) if start is None else np.array(start, dtype=np.float64)
    first, before, velocity = x.copy(), x.copy(), np.zeros_like(x)
    values, gradients = [objective.value(x)], [objective.gradient(x)]
    while np.linalg.norm(gradients[-1]) >= tolerance and len(values) <= steps:
        if method == "nesterov":
            weight = mu if mu is not None else (len(values) - 1) / (len(values) + 2)
            ahead = x + weight * (x - before)
            before, x = x, ahead - size * objective.gradient(ahead)
        elif method == "exact line search":
            x = x - _best_step(objective, gradients[-1]) * gradients[-1]
        else:
            velocity = gradients[-1] + (mu or 0.0) * velocity
            x = x - size * velocity
        values.append(objective.value(x))
        gradients.append(objective.gradient(x))
        if not np.isfinite(values[-1]) or values[-1] > 1e100:
            break
    return _record(
        objective,
        method,
        first,
        x,
        np.array(values),
        gradients=np.array(gradients),
        tolerance=tolerance,
        size=size,
        mu=mu,
    )


def _best_step(objective: Objective, gradient: Array) -> float:
    """Exact line search on a quadratic."""
    if objective.hessian is None:
        raise SettingError("Exact line search is for quadratics, and this is none.", 'Use method="gradient".')
    return float((gradient @ gradient) / (gradient @ objective.hessian @ gradient))


def _settings(
    objective: Objective, method: str, step: float | None, momentum: float | None
) -> tuple[float, float | None]:
    """Step and momentum; None leaves Nesterov's momentum to grow with k."""
    m, M = objective.convexity, objective.smoothness
    size, mu = 1 / M, None
    if method == "heavy ball" and m == 0 and (step is None or momentum is None):
        raise SettingError(
            "Heavy ball has no best settings where m is 0, as here.",
            "Add a ridge, or give step and momentum.",
        )
    if method == "heavy ball" and m > 0:
        size, mu = rates.heavy_ball_settings(m, M)
    elif method == "nesterov" and m > 0:
        mu = (np.sqrt(M) - np.sqrt(m)) / (np.sqrt(M) + np.sqrt(m))
    if step is not None:
        size = check_number("step", step, low=0, open_low=True)
    if momentum is not None:
        mu = check_number("momentum", momentum, low=0, high=1, open_high=True)
    return float(size), None if mu is None else float(mu)


def _record(
    objective: Objective,
    method: str,
    first: Array,
    last: Array,
    values: Array,
    *,
    gradients: Array,
    tolerance: float,
    size: float,
    mu: float | None,
) -> Descent:
    """Everything theory says about the path."""
    norms = np.linalg.norm(gradients, axis=1)
    gaps = np.maximum(values - objective.minimum, 0.0)
    converged = bool(norms[-1] < tolerance)
    searched = method == "exact line search"
    predicted = None
    if method == "gradient" and objective.hessian is not None and not mu:
        eigenvalues, vectors = np.linalg.eigh(objective.hessian)
        along = vectors.T @ (first - objective.optimum)
        predicted = rates.quadratic_curve(eigenvalues, along, size, np.arange(len(values)))
    errors = None if objective.information is None else np.sqrt(2 * objective.information * gaps)
    return Descent(
        method=method,
        step=None if searched else size,
        momentum=mu or 0.0,
        margin=None if searched else size * objective.smoothness,
        values=values,
        gaps=gaps,
        gradients=norms,
        bounds=_bounds(objective, method, size, mu, gap=float(gaps[0]), first=first, count=len(values)),
        predicted=predicted,
        errors=errors,
        final=last,
        converged=converged,
        words=_words(values, norms, converged=converged, tolerance=tolerance),
    )


def _bounds(
    objective: Objective, method: str, size: float, mu: float | None, *, gap: float, first: Array, count: int
) -> dict[str, Array]:
    """Bounds that hold for the method and its settings, and the printed one for comparison."""
    k = np.arange(count)
    m, M = objective.convexity, objective.smoothness
    distance = float(np.linalg.norm(first - objective.optimum))
    bounds: dict[str, Array] = {}
    safe = size <= (1 + 1e-12) / M
    if method == "gradient" and not mu:
        if safe:
            bounds["printed (6.1)"] = rates.printed_bound(distance, k)
            bounds["1/(2tk)"] = rates.sublinear_bound(distance, size, k)
        if abs(size * M - 1) < 1e-9:
            bounds["tight 1/k"] = rates.tight_sublinear_bound(distance, M, k)
        if abs(size * M - 1) < 1e-9 and m > 0:
            bounds["Theorem 3"] = _geometric(gap, rates.deck_rate(m, M), count)
        if m > 0:
            bounds["tight linear"] = _geometric(gap, rates.gradient_rate(m, M, size), count)
    elif method == "exact line search":
        bounds["tight linear"] = _geometric(gap, rates.line_search_rate(m, M), count)
    elif method == "nesterov" and abs(size * M - 1) < 1e-9:
        if mu is None:
            bounds["accelerated 1/k²"] = rates.accelerated_bound(distance, size, k)
        elif m > 0 and abs(mu - (np.sqrt(M) - np.sqrt(m)) / (np.sqrt(M) + np.sqrt(m))) < 1e-9:
            bounds["accelerated linear"] = _geometric(gap + m / 2 * distance**2, rates.nesterov_rate(m, M), count)
    return bounds


def _geometric(first: float, rate: float, count: int) -> Array:
    """Return ``first · rate^k`` for k = 0, …, count - 1."""
    return np.asarray(first * np.power(rate, np.arange(count)), dtype=np.float64)


def _words(values: Array, norms: Array, *, converged: bool, tolerance: float) -> str:
    """Say what happened."""
    k = len(values) - 1
    if converged:
        return f"converged: the gradient fell below {tolerance:g} after {k} steps"
    if not np.isfinite(values[-1]) or values[-1] > max(1e3, 1e3 * abs(values[0])):
        return f"diverged: the value is {values[-1]:.3g} after {k} steps"
    late = norms[-max(2, len(norms) // 3) :]
    if len(late) < len(norms) and late.min() > 0.5 * norms[: len(norms) - len(late)].min():
        return f"not converged: the gradient has stopped shrinking at {late.min():.3g}, the path cycles"
    return f"not converged: the gradient is {norms[-1]:.3g} after {k} steps"
