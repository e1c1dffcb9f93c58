"""Affine layers: z = x W + b, one weight matrix for each member."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from torch import Tensor

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Backward, ParameterSpec, Planner, Signal
from thalweg.base.row_sums import plan_row_sum
from thalweg.base.seeds import Stream
from thalweg.net.init import FanIn, Initial

WEIGHTS, WEIGHTS_BEFORE_BIAS_ROW = (slice(None), slice(None)), (slice(None, -1), slice(None))

WEIGHTS_BEFORE_BIAS_COLUMN = (slice(None), slice(None, -1))


Draw = Callable[[Stream], FloatArray]  # an alias once: spelt in a nested signature it would be built at every call

BIAS_STREAM: Final = 0x5BD1E995
"""Turns the key of the weights' stream into that of the bias. Any pattern of bits would do (this one is the multiplier
of MurmurHash2); it may never change, since starts would."""


def _start(init: Initial, bias: Initial, fan_in: int, fan_out: int) -> tuple[Draw, Draw]:
    """Return the draws of W [fan_in fan_out] and b [1 fan_out]; both rules see the layer's own fan-in."""

    def draw_weights(stream: Stream) -> FloatArray:
        return init.draw(stream, fan_in, fan_out)

    def draw_bias(stream: Stream) -> FloatArray:
        """Draw the bias as one more row of the same rule: FanIn's bound depends on fan_in, Zeros' on nothing."""
        return bias.draw(Stream(stream.key ^ BIAS_STREAM), fan_in, fan_out)[:1]

    return draw_weights, draw_bias


@dataclass(frozen=True, slots=True)
class Dense:
    """Affine layer z = x W + b of a given width.

    Parameters
    ----------
    units
        Width H that leaves.
    init
        Start of the weights W [D H]; a setting, members may differ.
    bias
        Start of the bias b [1 H]; a setting.

    Notes
    -----
    Behind the table's column of ones the bias is the last row of W, so that one product does both.
    Backward: ∂W = xᵀ ∂z, ∂b = Σ_B ∂z, ∂x = ∂z Wᵀ.

    Examples
    --------
    >>> Dense(64).width(20)
    64
    """

    units: int
    init: Initial = field(default=FanIn(), compare=False)
    bias: Initial = field(default=FanIn(), compare=False)

    def width(self, inputs: int) -> int:  # noqa: ARG002 - the same for any input
        """Return H."""
        return self.units

    def settings(self) -> Mapping[str, float]:
        """Return nothing: starts are no settings of the step."""
        return {}

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:
        """Return W [D H] and b [1 H], or the two stacked [D+1 H]."""
        weights, bias = _start(self.init, self.bias, inputs, self.units)
        if has_ones:

            def draw(stream: Stream) -> FloatArray:
                return np.concatenate([weights(stream), bias(stream)])

            return {"weight": ParameterSpec((inputs + 1, self.units), draw, WEIGHTS_BEFORE_BIAS_ROW)}
        return {
            "weight": ParameterSpec((inputs, self.units), weights, WEIGHTS),
            "bias": ParameterSpec((1, self.units), bias),
        }

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan z = x W + b [S B H] and its way back."""
        S, B, D = x.value.shape
        weight = planner.parameter("weight")  # [S D H]
        bias = None if x.has_ones else planner.parameter("bias")  # [S 1 H]
        z = planner.buffer(S, B, self.units)
        planner.product("z = x W", x.value, weight.value, z)
        if bias is not None:
            planner.op("z += b", z.add_, bias.value, flops=z.numel())

        def backward(dz: Tensor, wanted: bool) -> Tensor | None:
            planner.release(z)
            planner.product("dW = xᵀ dz", x.value.mT, dz, weight.gradient)
            if bias is not None:
                plan_row_sum(planner, "db = Σ_B dz", dz, 1, bias.gradient)
            dx = None
            if wanted:
                dx = planner.buffer(S, B, D)
                planner.product("dx = dz Wᵀ", dz, weight.value.mT, dx)
            planner.release(dz)
            return dx

        return Signal(z, overwritable=True), backward


@dataclass(frozen=True, slots=True)
class Output:
    """The last affine layer, q = W xᵀ + b, laid out with rows of the batch last [S C B].

    Few outputs and many rows make thin products; this layout runs them three to six times faster than x W, and the
    softmax works along a strided axis with rows side by side, five to seventeen times faster (docs/lab-notes.md).

    Parameters
    ----------
    units
        Number of outputs C.
    init
        Start of the weights; a setting.
    bias
        Start of the bias; a setting.

    Examples
    --------
    >>> Output(3).parameters(8, has_ones=False)["weight"].shape
    (3, 8)
    """

    units: int
    init: Initial = field(default=FanIn(), compare=False)
    bias: Initial = field(default=FanIn(), compare=False)

    def width(self, inputs: int) -> int:  # noqa: ARG002 - the same for any input
        """Return C."""
        return self.units

    def settings(self) -> Mapping[str, float]:
        """Return nothing: starts are no settings of the step."""
        return {}

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:
        """Return W [C D] and b [C 1], or the two side by side [C D+1]."""
        weights, bias = _start(self.init, self.bias, inputs, self.units)
        if has_ones:

            def draw(stream: Stream) -> FloatArray:
                return np.concatenate([weights(stream), bias(stream)]).T

            return {"weight": ParameterSpec((self.units, inputs + 1), draw, WEIGHTS_BEFORE_BIAS_COLUMN)}
        return {
            "weight": ParameterSpec((self.units, inputs), lambda stream: weights(stream).T, WEIGHTS),
            "bias": ParameterSpec((self.units, 1), lambda stream: bias(stream).T),
        }

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan q = W xᵀ + b [S C B] and its way back, ∂W = ∂q x, ∂b = Σ_B ∂q, ∂x = ∂qᵀ W."""
        S, B, D = x.value.shape
        weight = planner.parameter("weight")  # [S C D]
        bias = None if x.has_ones else planner.parameter("bias")  # [S C 1]
        q = planner.buffer(S, self.units, B)
        text = "q = W xᵀ" if bias is None else "q = W xᵀ + b"
        planner.product(text, weight.value, x.value.mT, q, None if bias is None else bias.value)

        def backward(dq: Tensor, wanted: bool) -> Tensor | None:
            planner.product("dW = dq x", dq, x.value, weight.gradient)
            if bias is not None:
                plan_row_sum(planner, "db = Σ_B dq", dq, 2, bias.gradient)
            dx = None
            if wanted:
                dx = planner.buffer(S, B, D)
                planner.product("dx = dqᵀ W", dq.mT, weight.value, dx)
            planner.release(q)
            return dx

        return Signal(q, overwritable=True), backward
