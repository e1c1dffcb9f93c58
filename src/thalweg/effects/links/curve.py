"""Curves a(u) through which a link sees its index u, and their slopes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError

if TYPE_CHECKING:  # whether a design can answer is asked without torch, which takes seconds to load
    from torch import Tensor

    from thalweg.base.contracts import Planner

NOTHING, SIZE, SIZE_AND_LEVEL = "nothing", "size", "size and level"


@dataclass(frozen=True, slots=True)
class Curve:
    """An increasing or decreasing function a(u) with its slope, for arrays and for tensors.

    Parameters
    ----------
    name
        What it is called; curves of equal name are equal.
    value, slope
        a(u) and a′(u), elementwise on numpy arrays.
    plan
        Appends operations to a program that write a(u) into the first tensor and a′(u) into the second; the third
        holds u.
    absorbs
        What changes of the outcome's units the curve takes up, the link keeping its form: ``nothing``, its ``size``
        (every positive factor), or ``size and level``, which only a(u) = u does.
    limits
        Infimum and supremum of a(u).
    log_odds
        Whether u is the log odds of a(u), so that the logistic loss fits it.

    Raises
    ------
    SettingError
        If the slope is not the derivative of the value.

    Examples
    --------
    >>> SIGMOID.value(np.array([0.0])), SIGMOID.slope(np.array([0.0]))
    (array([0.5]), array([0.25]))
    """

    name: str
    value: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    plan: "Callable[[Planner, Tensor, Tensor, Tensor], object]"
    absorbs: str = NOTHING
    limits: tuple[float, float] = (-np.inf, np.inf)
    log_odds: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Curve) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __post_init__(self) -> None:
        u, step = np.linspace(-2.0, 2.0, 41), 1e-6
        difference = (self.value(u + step) - self.value(u - step)) / (2.0 * step)
        wrong = np.abs(difference - self.slope(u)) > 1e-5 * (1.0 + np.abs(difference))
        if wrong.any():
            place = u[wrong.argmax()]
            raise SettingError(
                f"The slope of curve {self.name!r} at u = {place:.2g} is {self.slope(u)[wrong.argmax()]:.4g}, "
                f"differences of its value give {difference[wrong.argmax()]:.4g}.",
                "Give the derivative of the value.",
            )


def own_curve(name: str, value: Callable[[FloatArray], FloatArray], slope: Callable[[FloatArray], FloatArray]) -> Curve:
    """Return a curve from two functions on arrays; networks behind it learn by calls of torch, not natively.

    Parameters
    ----------
    name
        What to call it.
    value, slope
        a(u) and a′(u), elementwise.

    Examples
    --------
    >>> own_curve("arctan", np.arctan, lambda u: 1 / (1 + u * u)).name
    'arctan'
    """

    def plan(planner: "Planner", a: "Tensor", slope_out: "Tensor", u: "Tensor") -> None:
        import torch  # noqa: PLC0415 - whoever hands in tensors has loaded it

        def fill(out: "Tensor") -> None:
            numbers = u.double().numpy()
            out.copy_(torch.from_numpy(value(numbers)))
            slope_out.copy_(torch.from_numpy(slope(numbers)))

        planner.op(f"a, a′ = {name}(u), slope", fill, out=a, flops=2 * a.numel())

    return Curve(name, value, slope, plan)


def _plan_identity(planner: "Planner", a: "Tensor", slope: "Tensor", u: "Tensor") -> None:
    planner.op("a = u", a.copy_, u)
    planner.op("a′ = 1", slope.fill_, 1.0)


def _plan_sigmoid(planner: "Planner", a: "Tensor", slope: "Tensor", u: "Tensor") -> None:
    import torch  # noqa: PLC0415 - whoever hands in tensors has loaded it

    planner.op("a = σ(u)", torch.sigmoid, u, out=a, flops=4 * a.numel())
    planner.op("a′ = a²", torch.mul, a, a, out=slope, flops=a.numel())
    planner.op("a′ = a − a′", torch.sub, a, slope, out=slope, flops=a.numel())


def _plan_exponential(planner: "Planner", a: "Tensor", slope: "Tensor", u: "Tensor") -> None:
    import torch  # noqa: PLC0415 - whoever hands in tensors has loaded it

    planner.op("a = exp u", torch.exp, u, out=a, flops=4 * a.numel())
    planner.op("a′ = a", slope.copy_, a)


def _identity(u: FloatArray) -> FloatArray:
    return u + 0.0


def _sigmoid_slope(u: FloatArray) -> FloatArray:
    slope: FloatArray = expit(u) * expit(-u)
    return slope


IDENTITY = Curve("identity", _identity, np.ones_like, _plan_identity, SIZE_AND_LEVEL)
SIGMOID = Curve("sigmoid", expit, _sigmoid_slope, _plan_sigmoid, NOTHING, limits=(0.0, 1.0), log_odds=True)
EXPONENTIAL = Curve("exponential", np.exp, np.exp, _plan_exponential, SIZE, limits=(0.0, np.inf))

CURVES: Final = {curve.name: curve for curve in (IDENTITY, SIGMOID, EXPONENTIAL)}
