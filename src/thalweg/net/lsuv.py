"""Layer-sequential unit variance: a start measured on the data instead of assumed from theory."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Layer
from thalweg.base.errors import SettingError
from thalweg.base.seeds import stream
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense
from thalweg.net.init import Given, Orthogonal, Zeros
from thalweg.net.residual import Residual
from thalweg.net.spec import Network
from thalweg.net.twin import layer_twin

BITS: Final = 20
"""Significant bits of a deviation. Products, sums and activations differ in the last of 53 between processors; so few
are the same on all of them, unless a deviation lies as close to the middle between two: once in about 10⁹ layers."""


def lsuv(network: Network, x: NDArray[np.floating], outputs: int, seed: int = 0) -> Network:
    """Return the network with orthogonal starts, each scaled so that the layer's outputs have variance 1 on ``x``.

    Mishkin & Matas (2015), arXiv:1511.06422, Algorithm 1. Biases start at zero, so outputs are proportional to the
    weights and one division by their standard deviation is exact where the paper iterates. Layers are measured in
    order, each behind those already scaled; dropout is off and batch normalisation uses the sample's moments.

    Parameters
    ----------
    network
        The spec; widths stay, starts of dense layers and of the output layer are replaced.
    x
        A sample of features [N D], a few hundred rows.
    outputs
        Outputs of the network, ``loss.outputs(classes)``.
    seed
        Names the random stream of the orthogonal matrices: give each member its own.

    Returns
    -------
    Network
        Equal to the one given, so that members with different starts share one program.

    Raises
    ------
    SettingError
        If a layer's outputs do not vary over the sample.

    Examples
    --------
    >>> from thalweg.net.spec import mlp
    >>> x = np.random.default_rng(0).normal(size=(200, 3))
    >>> started = lsuv(mlp((16,)), x, outputs=1)
    >>> weights = started.parameters(3, 1)["0.weight"].draw(stream(0, "init"))
    >>> round(float((x @ weights[:-1]).std()), 5)
    1.0
    """
    places = count()
    layers, signal = _scale(network.layers, np.asarray(x, dtype=np.float64), seed, places)
    start, _ = _unit_variance(signal, outputs, seed, next(places))
    return replace(network, layers=tuple(layers), output_init=start, output_bias=Zeros())


def _scale(layers: Sequence[Layer], x: FloatArray, seed: int, places: Iterator[int]) -> tuple[list[Layer], FloatArray]:
    """Return the layers with their starts, and what they make of x."""
    scaled: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Dense):
            start, x = _unit_variance(x, layer.units, seed, next(places))
            scaled.append(replace(layer, init=start, bias=Zeros()))
        elif isinstance(layer, Residual):
            body, change = _scale(layer.body, x, seed, places)
            scaled.append(replace(layer, body=tuple(body)))
            x = x + change
        else:
            scaled.append(layer)
            x = _through(layer, x, seed, next(places))
    return scaled, x


def _unit_variance(x: FloatArray, units: int, seed: int, place: int) -> tuple[Given, FloatArray]:
    weights = Orthogonal().draw(stream(seed, "init", place), x.shape[1], units)
    z = x @ weights
    sd = _rounded(float(z.std()))
    if not sd > 0:
        raise SettingError(
            f"The outputs of dense layer {place} do not vary over the sample.", "Give more rows, or another start."
        )
    return Given(weights / sd), z / sd


def _rounded(x: float) -> float:
    """Return a number to :data:`BITS` significant bits."""
    mantissa, exponent = math.frexp(x)
    return math.ldexp(round(math.ldexp(mantissa, BITS)), exponent - BITS)


def _through(layer: Layer, x: FloatArray, seed: int, place: int) -> FloatArray:
    """Return what a layer without dense weights makes of x at its start."""
    specs = layer.parameters(x.shape[1], has_ones=True)
    draws = {name: spec.draw(stream(seed, "init", place, i)) for i, (name, spec) in enumerate(specs.items())}
    module = layer_twin(layer, draws).train(isinstance(layer, BatchNorm))
    with torch.no_grad():
        y: FloatArray = module(torch.from_numpy(x)).numpy()
    return y
