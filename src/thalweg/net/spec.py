"""A network: layers in order, then the affine output."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.checks import check_choice, check_count
from thalweg.base.contracts import Backward, InputCheck, Layer, ParameterSpec, Planner, Signal
from thalweg.net.activation import Activation
from thalweg.net.batchnorm import BatchNorm
from thalweg.net.dense import Dense, Output
from thalweg.net.dropout import Dropout
from thalweg.net.init import FanIn, Initial, Zeros
from thalweg.net.layernorm import LayerNorm

NORMALISERS: Final[Mapping[str, Callable[[], Layer]]] = {"batch": BatchNorm, "layer": LayerNorm}


@dataclass(frozen=True, slots=True)
class Network:
    """Layers in order, followed by an affine output layer of the width the loss asks for.

    Two networks are equal if they can share one program: starts and dropout rates do not count.

    Parameters
    ----------
    layers
        The hidden layers; none makes a linear model.
    output_init, output_bias
        Start of the output layer.

    Examples
    --------
    >>> net = mlp((64, 64))
    >>> net.count(inputs=20, outputs=1)
    5569
    """

    layers: tuple[Layer, ...] = ()
    output_init: Initial = field(default=FanIn(), compare=False)
    output_bias: Initial = field(default=FanIn(), compare=False)

    def stages(self, outputs: int) -> tuple[Layer, ...]:
        """Return all layers, the output layer last."""
        return (*self.layers, Output(outputs, self.output_init, self.output_bias))

    def parameters(self, inputs: int, outputs: int) -> dict[str, ParameterSpec]:
        """Return the parameters by name, ``"0.weight"`` for the first layer's weights.

        The first layer sees the table's column of ones, so its bias is a row of its weights.
        """
        return dict(named_parameters(self.stages(outputs), inputs, has_ones=True))

    def settings(self, outputs: int) -> dict[str, float]:
        """Return what members may differ in, by name, such as ``"2.rate"``."""
        return dict(named_settings(self.stages(outputs)))

    def count(self, inputs: int, outputs: int) -> int:
        """Return the number of trained parameters."""
        specs = self.parameters(inputs, outputs).values()
        return sum(math.prod(spec.shape) for spec in specs if spec.trained)

    def widths(self, inputs: int) -> list[int]:
        """Return the widths that leave hidden layers with parameters."""
        found = []
        for index, layer in enumerate(self.layers):
            if layer.parameters(inputs, index == 0):
                found.append(layer.width(inputs))
            inputs = layer.width(inputs)
        return found

    @property
    def input_check(self) -> Callable[[NDArray[np.floating]], None] | None:
        """What raises if features [N D] are none that the first layer can take; None if it takes any."""
        return input_check(self.layers)

    def wire(self, planner: Planner, x: Signal, outputs: int) -> tuple[Signal, Backward]:
        """Plan the outputs q [S C B] for inputs x [S B D], and the way back."""
        return planner.sequence(self.stages(outputs), x)


def named_parameters(
    layers: Sequence[Layer], inputs: int, *, has_ones: bool = False, prefix: str = ""
) -> Iterator[tuple[str, ParameterSpec]]:
    """Yield (name, spec) for layers in order; the column of ones reaches only the first."""
    for index, layer in enumerate(layers):
        for name, spec in layer.parameters(inputs, has_ones and index == 0).items():
            yield f"{prefix}{index}.{name}", spec
        inputs = layer.width(inputs)


def named_settings(layers: Sequence[Layer], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield (name, value) of every setting of layers in order."""
    for index, layer in enumerate(layers):
        for name, value in layer.settings().items():
            yield f"{prefix}{index}.{name}", value


def input_check(layers: Sequence[Layer]) -> Callable[[NDArray[np.floating]], None] | None:
    """Return what the first of some layers checks features [N D] by; None if it takes any."""
    first = next(iter(layers), None)  # isinstance looks at the whole protocol, as long as a small network for one row
    found: Callable[[NDArray[np.floating]], None] | None = getattr(first, InputCheck.check.__name__, None)
    return found


def mlp(
    hidden: Sequence[int],
    activation: str = "relu",
    *,
    dropout: float | None = None,
    init: Initial | None = None,
    normalise: str | None = None,
) -> Network:
    """Return a multilayer perceptron: dense, normalisation if asked for, activation, dropout if asked for.

    Parameters
    ----------
    hidden
        Widths of the hidden layers; ``()`` gives a linear model.
    activation
        Name of the activation, see :class:`~thalweg.net.activation.Activation`.
    dropout
        Rate behind every hidden layer; None leaves the layers out.
    init
        Start of the hidden weights, biases then start at zero; None takes torch's default for both.
    normalise
        ``batch`` or ``layer`` between every dense layer and its activation; None for neither.

    Returns
    -------
    Network
        The spec; nothing is allocated.

    Raises
    ------
    SettingError
        If a width is not a positive whole number, or the activation, rate or normalisation makes no sense.

    Examples
    --------
    >>> len(mlp((32, 16), "tanh", dropout=0.1).layers)
    6
    """
    check_choice("normalise", normalise, [None, *NORMALISERS])
    layers: list[Layer] = []
    for width in hidden:
        units = check_count("hidden", width)
        layers.append(Dense(units) if init is None else Dense(units, init, Zeros()))
        if normalise is not None:
            layers.append(NORMALISERS[normalise]())
        layers.append(Activation(activation))
        if dropout is not None:
            layers.append(Dropout(dropout))
    return Network(tuple(layers))
