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
    fill
        Writes a(u) into the first tensor and a′(u) into the second; the third holds u, and no memory is kept.
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
    fill: "Callable[[Tensor, Tensor, Tensor], object]"
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
    """Return a curve from two functions on arrays.

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

    def fill(a: "Tensor", slope_out: "Tensor", u: "Tensor") -> None:
        import torch  # noqa: PLC0415 - whoever hands in tensors has loaded it

        numbers = u.double().numpy()
        a.copy_(torch.from_numpy(value(numbers)))
        slope_out.copy_(torch.from_numpy(slope(numbers)))

    return Curve(name, value, slope, fill)


def _fill_identity(a: "Tensor", slope: "Tensor", u: "Tensor") -> None:
    a.copy_(u)
    slope.fill_(1.0)


def _fill_sigmoid(a: "Tensor", slope: "Tensor", u: "Tensor") -> None:
    import torch  # noqa: PLC0415 - whoever hands in tensors has loaded it

    torch.sigmoid(u, out=a)
    torch.mul(a, a, out=slope)
    torch.sub(a, slope, out=slope)


def _fill_exponential(a: "Tensor", slope: "Tensor", u: "Tensor") -> None:
    import torch  # noqa: PLC0415 - whoever hands in tensors has loaded it

    torch.exp(u, out=a)
    slope.copy_(a)


def _identity(u: FloatArray) -> FloatArray:
    return u + 0.0


def _sigmoid_slope(u: FloatArray) -> FloatArray:
    slope: FloatArray = expit(u) * expit(-u)
    return slope


IDENTITY = Curve("identity", _identity, np.ones_like, _fill_identity, SIZE_AND_LEVEL)
SIGMOID = Curve("sigmoid", expit, _sigmoid_slope, _fill_sigmoid, NOTHING, limits=(0.0, 1.0), log_odds=True)
EXPONENTIAL = Curve("exponential", np.exp, np.exp, _fill_exponential, SIZE, limits=(0.0, np.inf))

CURVES: Final = {curve.name: curve for curve in (IDENTITY, SIGMOID, EXPONENTIAL)}
