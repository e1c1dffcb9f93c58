"""What infinitely wide layers do to signals: the theory that measured ones stand beside.

With weights of variance σ_w² / n and biases of variance σ_b² the second moment of pre-activations follows
q ← σ_w² E[φ(√q z)²] + σ_b², z ~ N(0, 1), and squared gradients shrink or grow on their way back by
χ = σ_w² E[φ'(√q z)²] a layer (Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2017, arXiv:1611.01232).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray

Function = Callable[[FloatArray], FloatArray]
NODES: Final = 200  # even: an odd number has a node at 0, the kink of the rectifier, and takes χ = 0.91 for 1


def _sigmoid(z: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-z)))


def _sigmoid_slope(z: FloatArray) -> FloatArray:
    return _sigmoid(z) * (1 - _sigmoid(z))


def _tanh_slope(z: FloatArray) -> FloatArray:
    return np.asarray(1 - np.tanh(z) ** 2)


def _step(z: FloatArray) -> FloatArray:
    return (z > 0).astype(np.float64)


def _rectified(z: FloatArray) -> FloatArray:
    return np.maximum(z, 0.0)


CURVES: Final[Mapping[str, tuple[Function, Function]]] = {
    "relu": (_rectified, _step),
    "tanh": (np.tanh, _tanh_slope),
    "sigmoid": (_sigmoid, _sigmoid_slope),
}
"""Activations with their derivatives, where the theory is told."""


@dataclass(frozen=True, slots=True)
class MeanField:
    """Second moments by layer in the limit of wide layers.

    Parameters
    ----------
    moments
        q of every layer [L].
    factor
        χ at the last layer: what is left of a squared gradient after one layer.
    """

    moments: FloatArray
    factor: float


def mean_field(activation: str, weight: float, bias: float, first: float, layers: int) -> MeanField | None:
    """Follow the second moment of pre-activations from layer to layer.

    Parameters
    ----------
    activation
        One of :data:`CURVES`; None is returned for any other.
    weight, bias
        σ_w², the variance of a weight times the width, and σ_b².
    first
        q of the first layer.
    layers
        L.

    Examples
    --------
    >>> [round(mean_field("relu", w, 0.0, 1.0, 30).factor, 6) for w in (2.0, 1.0, 1 / 3)]
    [1.0, 0.5, 0.166667]
    """
    if activation not in CURVES:
        return None
    curve, slope = CURVES[activation]
    nodes, shares = np.polynomial.hermite_e.hermegauss(NODES)
    shares = shares / shares.sum()
    moments = [first]
    for _ in range(layers - 1):
        moments.append(float(weight * (shares @ curve(np.sqrt(moments[-1]) * nodes) ** 2) + bias))
    factor = float(weight * (shares @ slope(np.sqrt(moments[-1]) * nodes) ** 2))
    return MeanField(np.array(moments), factor)
