"""The methods :func:`thalweg.linear.descent.descend.descend` can run, each a function from an iterate to the next."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import SettingError, setting
from thalweg.linear.descent import rates
from thalweg.linear.descent.objectives import Objective

if TYPE_CHECKING:
    from thalweg.base.contracts import Optimizer

METHODS: Final = ("gradient", "line-search", "heavy-ball", "nesterov")
Advance = Callable[[FloatArray, FloatArray], FloatArray]
"""From an iterate and the gradient there to the next iterate."""


def prepare(
    objective: Objective, method: "str | Optimizer", step: float | None, momentum: float | None, start: FloatArray
) -> tuple[str, float | None, float | None, Advance]:
    """Return a method's name, step and momentum, and how it advances.

    Parameters
    ----------
    objective, method, step, momentum
        As for :func:`thalweg.linear.descent.descend.descend`.
    start
        x0, shape [K].

    Raises
    ------
    SettingError
        If the method is unknown or a setting is outside its range.
    """
    if not isinstance(method, str):
        return _engine(method, step, momentum, start)
    check_choice("method", method, METHODS)
    size, mu = _settings(objective, method, step, momentum)
    if method == "line-search":
        return method, None, mu, lambda x, g: x - _best_step(objective, g) * g
    return method, size, mu, (_nesterov(objective, size, mu) if method == "nesterov" else _heavy_ball(size, mu or 0.0))


def _engine(
    optimizer: "Optimizer", step: float | None, momentum: float | None, start: FloatArray
) -> tuple[str, float | None, float | None, Advance]:
    """Prepare an optimizer of the engine; plain gradient descent is held to its bounds."""
    if step is not None or momentum is not None:
        raise SettingError(
            f"{setting('step')} and {setting('momentum')} belong to a method by name.", "Set them in the optimizer."
        )
    advance = optimizer_steps(optimizer, start)
    name = type(optimizer).__name__
    plain = name == "GradientDescent"
    return "gradient" if plain else name, optimizer.rate(1.0) if plain else None, None, lambda _, g: advance(g)


def _heavy_ball(size: float, mu: float) -> Advance:
    """Gradient descent with momentum, also with none."""
    velocity: FloatArray | float = 0.0

    def advance(x: FloatArray, gradient: FloatArray) -> FloatArray:
        nonlocal velocity
        velocity = gradient + mu * velocity
        return np.asarray(x - size * velocity)

    return advance


def _nesterov(objective: Objective, size: float, mu: float | None) -> Advance:
    """Nesterov's method; without μ the weight of the last difference grows as k / (k + 3)."""
    k, before = 0, None

    def advance(x: FloatArray, _: FloatArray) -> FloatArray:
        nonlocal k, before
        weight = mu if mu is not None else k / (k + 3)
        ahead = x if before is None else x + weight * (x - before)
        k, before = k + 1, x
        return np.asarray(ahead - size * objective.gradient(ahead))

    return advance


def _best_step(objective: Objective, gradient: FloatArray) -> float:
    """Exact line search on a quadratic."""
    if objective.hessian is None:
        raise SettingError(
            "Exact line search is for quadratics, and this is none.", f"Use {setting('method')} 'gradient'."
        )
    return float((gradient @ gradient) / (gradient @ objective.hessian @ gradient))


def _settings(
    objective: Objective, method: str, step: float | None, momentum: float | None
) -> tuple[float, float | None]:
    """Step and momentum; None leaves Nesterov's momentum to grow with k."""
    m, M = objective.convexity, objective.smoothness
    size, mu = 1 / M, None
    if method == "heavy-ball" and m == 0 and (step is None or momentum is None):
        raise SettingError(
            "Heavy ball has no best settings where m is 0, as here.",
            f"Add a ridge, or give {setting('step')} and {setting('momentum')}.",
        )
    if method == "heavy-ball" and m > 0:
        size, mu = rates.heavy_ball_settings(m, M)
    elif method == "nesterov" and m > 0:
        mu = (np.sqrt(M) - np.sqrt(m)) / (np.sqrt(M) + np.sqrt(m))
    if step is not None:
        size = check_number("step", step, low=0, open_low=True)
    if momentum is not None:
        mu = check_number("momentum", momentum, low=0, high=1, open_high=True)
    return float(size), None if mu is None else float(mu)


def optimizer_steps(optimizer: "Optimizer", start: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return the function from a gradient at the current iterate to the next iterate.

    Parameters
    ----------
    optimizer
        Any of :mod:`thalweg.optim`; its constants and states in float64.
    start
        x0, shape [K].

    Examples
    --------
    >>> from thalweg.optim.momentum import Momentum
    >>> step = optimizer_steps(Momentum(0.5, momentum=0.5), np.array([1.0]))
    >>> step(np.array([1.0])), step(np.array([1.0]))
    (array([0.5]), array([-0.25]))
    """
    import torch  # noqa: PLC0415 - linear models do without

    from thalweg.base.contracts import Piece  # noqa: PLC0415 - loads torch

    value, gradient = torch.tensor(start, dtype=torch.float64), torch.zeros(len(start), dtype=torch.float64)
    states = tuple(torch.zeros_like(value) for _ in range(optimizer.states))
    count = torch.zeros(())
    calls = optimizer.wire(
        [Piece(value, gradient, states, count)], torch.tensor(optimizer.rate(1.0), dtype=torch.float64), 1.0
    )

    def step(slope: FloatArray) -> FloatArray:
        gradient.copy_(torch.from_numpy(slope))
        count.add_(1)
        for _, call in calls:
            call()
        return np.array(value.numpy(), dtype=np.float64)

    return step
