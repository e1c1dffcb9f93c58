"""Gradient descent as an object of study: its curve, its bounds, and its error in standard errors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.linear.certificate import verdict_of
from thalweg.linear.descent import rates
from thalweg.linear.descent.methods import prepare
from thalweg.linear.descent.objectives import Objective

if TYPE_CHECKING:
    from thalweg.base.contracts import Optimizer


@dataclass(frozen=True, slots=True)
class Descent:
    """The path of one method on one objective.

    Parameters
    ----------
    method
        One of :data:`thalweg.linear.descent.methods.METHODS`, or the name of the engine's optimizer.
    step
        t; None for exact line search and for optimizers whose step is not a multiple of the gradient.
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
    iterates
        x_k, shape [T+1 K].
    converged
        Whether ``||∇f|| < ε`` was reached.
    words
        What happened.
    """

    method: str
    step: float | None
    momentum: float
    margin: float | None
    values: FloatArray
    gaps: FloatArray
    gradients: FloatArray
    bounds: dict[str, FloatArray]
    predicted: FloatArray | None
    errors: FloatArray | None
    iterates: FloatArray
    converged: bool
    words: str

    @property
    def final(self) -> FloatArray:
        """Last iterate, shape [K]."""
        return np.asarray(self.iterates[-1])

    @property
    def verdict(self) -> str | None:
        """The certificate's word for the last iterate: "exact" … "not converged"; None if f is no likelihood."""
        return None if self.errors is None else verdict_of(float(self.errors[-1]))

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
    method: "str | Optimizer" = "gradient",
    step: float | None = None,
    momentum: float | None = None,
    tolerance: float = 1e-6,
    steps: int = 10_000,
) -> Descent:
    """Run ``while ||∇f(x)|| ≥ ε`` (Algorithm 1 of textbooks) and keep everything theory speaks about.

    Parameters
    ----------
    objective
        From :mod:`thalweg.linear.descent.objectives`, or your own.
    start
        x0, shape [K]; zeros if None.
    method
        "gradient": ``x - t ∇f(x)``, t = 1/M. "line-search": the best t at every step, for quadratics.
        "heavy-ball": the usual ``g = ∇f(x) + μ g``, ``x - t g``, with the settings best for quadratics.
        "nesterov": the gradient at ``x + μ (x - x_before)``, t = 1/M. Or an optimizer of :mod:`thalweg.optim`, such
        as ``Adam(0.1)``, run by the engine's own calls in float64.
    step, momentum
        t and μ in place of those; an optimizer brings its own.
    tolerance
        ε.
    steps
        Most steps.

    Returns
    -------
    Descent
        Values, gaps, bounds and errors along the path.

    Raises
    ------
    SettingError
        If a setting is outside its range, or exact line search meets a function that is no quadratic.

    Examples
    --------
    >>> from thalweg.linear.descent.objectives import least_squares_objective
    >>> f = least_squares_objective([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.1, 1.9, 3.2])
    >>> run = descend(f, step=0.5)
    >>> run.converged, run.violation("1/(2tk)")
    (True, None)
    """
    check_number("tolerance", tolerance, low=0, open_low=True)
    check_count("steps", steps)
    x = np.zeros_like(objective.optimum) if start is None else np.array(start, dtype=np.float64)
    name, size, mu, advance = prepare(objective, method, step, momentum, x)
    iterates, values, gradients = [x], [objective.value(x)], [objective.gradient(x)]
    while np.linalg.norm(gradients[-1]) >= tolerance and len(values) <= steps:
        x = advance(x, gradients[-1])
        iterates.append(x)
        values.append(objective.value(x))
        gradients.append(objective.gradient(x))
        if not np.isfinite(values[-1]) or values[-1] > 1e100:
            break
    return _record(
        objective,
        name,
        np.array(iterates),
        np.array(values),
        gradients=np.array(gradients),
        tolerance=tolerance,
        size=size,
        mu=mu,
    )


def _record(
    objective: Objective,
    method: str,
    iterates: FloatArray,
    values: FloatArray,
    *,
    gradients: FloatArray,
    tolerance: float,
    size: float | None,
    mu: float | None,
) -> Descent:
    """Everything theory says about the path."""
    norms, first = np.linalg.norm(gradients, axis=1), iterates[0]
    gaps = np.maximum(values - objective.minimum, 0.0)
    converged = bool(norms[-1] < tolerance)
    predicted = None
    if method == "gradient" and size is not None and objective.hessian is not None and not mu:
        eigenvalues, vectors = np.linalg.eigh(objective.hessian)
        along = vectors.T @ (first - objective.optimum)
        predicted = rates.quadratic_curve(eigenvalues, along, size, np.arange(len(values)))
    errors = None if objective.information is None else np.sqrt(2 * objective.information * gaps)
    return Descent(
        method=method,
        step=size,
        momentum=mu or 0.0,
        margin=None if size is None else size * objective.smoothness,
        values=values,
        gaps=gaps,
        gradients=norms,
        bounds=_bounds(objective, method, size, mu, gap=float(gaps[0]), first=first, count=len(values)),
        predicted=predicted,
        errors=errors,
        iterates=iterates,
        converged=converged,
        words=_words(values, norms, converged=converged, tolerance=tolerance),
    )


def _bounds(
    objective: Objective,
    method: str,
    size: float | None,
    mu: float | None,
    *,
    gap: float,
    first: FloatArray,
    count: int,
) -> dict[str, FloatArray]:
    """Bounds that hold for the method and its settings, and the printed one for comparison."""
    m, M = objective.convexity, objective.smoothness
    distance = float(np.linalg.norm(first - objective.optimum))
    if method == "line-search":
        return {"tight linear": _geometric(gap, rates.line_search_rate(m, M), count)}
    if size is None:
        return {}
    exact, k = abs(size * M - 1) < 1e-9, np.arange(count)
    if method == "gradient" and not mu:
        return _gradient_bounds(objective, size, gap=gap, distance=distance, count=count)
    if method != "nesterov" or not exact:
        return {}
    if mu is None:
        return {"accelerated 1/k²": rates.accelerated_bound(distance, size, k)}
    if m > 0 and abs(mu - (np.sqrt(M) - np.sqrt(m)) / (np.sqrt(M) + np.sqrt(m))) < 1e-9:
        return {"accelerated linear": _geometric(gap + m / 2 * distance**2, rates.nesterov_rate(m, M), count)}
    return {}


def _gradient_bounds(
    objective: Objective, size: float, *, gap: float, distance: float, count: int
) -> dict[str, FloatArray]:
    """Bounds of plain gradient descent."""
    m, M, k = objective.convexity, objective.smoothness, np.arange(count)
    exact = abs(size * M - 1) < 1e-9
    bounds = {}
    if size <= (1 + 1e-12) / M:
        bounds["printed (6.1)"] = rates.printed_bound(distance, k)
        bounds["1/(2tk)"] = rates.sublinear_bound(distance, size, k)
    if exact:
        bounds["tight 1/k"] = rates.tight_sublinear_bound(distance, M, k)
    if exact and m > 0:
        bounds["Theorem 3"] = _geometric(gap, rates.deck_rate(m, M), count)
    if m > 0:
        bounds["tight linear"] = _geometric(gap, rates.gradient_rate(m, M, size), count)
    return bounds


def _geometric(first: float, rate: float, count: int) -> FloatArray:
    """Return ``first · rate^k`` for k = 0, …, count - 1."""
    return np.asarray(first * np.power(rate, np.arange(count)), dtype=np.float64)


def _words(values: FloatArray, norms: FloatArray, *, converged: bool, tolerance: float) -> str:
    """Say what happened."""
    k = len(values) - 1
    if converged:
        return f"converged: the gradient fell below {tolerance:g} after {k} steps"
    if not np.isfinite(values[-1]) or values[-1] > max(1e3, 1e3 * abs(values[0])):
        return f"diverged: the value is {values[-1]:.3g} after {k} steps"
    late = norms[-max(2, len(norms) // 3) :]
    stuck = len(late) < len(norms) and late.min() > 0.5 * norms[: len(norms) - len(late)].min()
    if stuck and np.any(np.diff(late) > 0):  # a gradient that shrinks slowly but steadily only needs more steps
        return f"not converged: the gradient has stopped shrinking at {late.min():.3g}, the path cycles"
    return f"not converged: the gradient is {norms[-1]:.3g} after {k} steps"
