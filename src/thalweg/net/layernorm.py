"""Layer normalisation: every row is centred and scaled by its own units."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Backward, ParameterSpec, Planner, Signal
from thalweg.base.row_sums import plan_row_sum
from thalweg.net.batchnorm import affine_parameters


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Layer normalisation, y = γ x̂ + β with x̂ = (x − m) / √(v + ε), m and v over the units of a row [S B H].

    Ba, Kiros & Hinton (2016), arXiv:1607.06450, section 3, in the form of ``torch.nn.LayerNorm``: v divides by H.

    Parameters
    ----------
    epsilon
        ε > 0.

    Raises
    ------
    SettingError
        If ε is not positive.

    Notes
    -----
    Backward, with g = γ ∂y: ∂β = Σ_B ∂y, ∂γ = Σ_B ∂y x̂, ∂x = (g − mean_H g − x̂ mean_H(g x̂)) / √(v + ε).

    Examples
    --------
    >>> LayerNorm().width(8)
    8
    """

    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        check_number("epsilon", self.epsilon, low=0.0, open_low=True)

    def width(self, inputs: int) -> int:
        """Return the width that entered."""
        return inputs

    def settings(self) -> Mapping[str, float]:
        """Return no settings."""
        return {}

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:  # noqa: ARG002 - sees features only
        """Return γ and β [1 H]."""
        return affine_parameters(inputs)

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan y [S B H] and its way back."""
        z, size = x.features, x.features.numel()
        S, B, H = z.shape
        weight, bias = planner.parameter("weight"), planner.parameter("bias")
        scaled = z if x.overwritable else planner.buffer(*z.shape)
        total, inverse, y = planner.buffer(S, B, 1), planner.buffer(S, B, 1), planner.buffer(*z.shape)
        epsilon = planner.constant(self.epsilon)
        planner.op("t = Σ_H x", torch.sum, z, 2, keepdim=True, out=total, flops=size)
        planner.op("x = x − t / H", torch.sub, z, total, alpha=1.0 / H, out=scaled, flops=2 * size)
        planner.op("u = x²", torch.mul, scaled, scaled, out=y, flops=size)
        planner.op("t = Σ_H u", torch.sum, y, 2, keepdim=True, out=total, flops=size)
        planner.op("i = ε + t / H", torch.add, epsilon, total, alpha=1.0 / H, out=inverse, flops=2 * S * B)
        planner.op("i = 1 / √i", inverse.rsqrt_, flops=2 * S * B)
        planner.op("x̂ = x i", scaled.mul_, inverse, flops=size)
        planner.op("y = β + γ x̂", torch.addcmul, bias.value, scaled, weight.value, out=y, flops=2 * size)
        planner.release(total)

        def backward(dy: Tensor, wanted: bool) -> Tensor | None:
            planner.release(y)
            work = planner.buffer(*dy.shape)
            plan_row_sum(planner, "dβ = Σ_B dy", dy, 1, bias.gradient)
            planner.op("u = dy x̂", torch.mul, dy, scaled, out=work, flops=size)
            plan_row_sum(planner, "dγ = Σ_B u", work, 1, weight.gradient)
            if wanted:
                total = planner.buffer(S, B, 1)
                planner.op("g = γ dy", dy.mul_, weight.value, flops=size)
                planner.op("u = γ u", work.mul_, weight.value, flops=size)
                planner.op("t = Σ_H g", torch.sum, dy, 2, keepdim=True, out=total, flops=size)
                planner.op("dx = g − t / H", dy.sub_, total, alpha=1.0 / H, flops=2 * size)
                planner.op("t = Σ_H u", torch.sum, work, 2, keepdim=True, out=total, flops=size)
                planner.op("dx −= x̂ t / H", dy.addcmul_, scaled, total, value=-1.0 / H, flops=3 * size)
                planner.op("dx = dx i", dy.mul_, inverse, flops=size)
                planner.release(total)
            else:
                planner.release(dy)
            for buffer in (work, inverse, scaled):
                planner.release(buffer)
            return dy if wanted else None

        return Signal(y, overwritable=True), backward
