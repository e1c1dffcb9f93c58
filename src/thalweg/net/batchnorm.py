"""Batch normalisation: every unit is centred and scaled by the rows of its member's batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Backward, Parameter, ParameterSpec, Planner, Signal
from thalweg.base.row_sums import plan_row_sum


class _Statistics(NamedTuple):
    """What the way back needs: centred x [S B H], 1/√(v + ε) and γ/√(v + ε) [S 1 H], shares of the rows [S B 1]."""

    centred: Tensor
    inverse: Tensor
    slope: Tensor
    shares: Tensor | None


def affine_parameters(width: int) -> dict[str, ParameterSpec]:
    """Return γ = 1 and β = 0 [1 H], which no penalty touches."""
    return {
        "weight": ParameterSpec((1, width), lambda stream: np.ones((1, width))),  # noqa: ARG005 - nothing random
        "bias": ParameterSpec((1, width), lambda stream: np.zeros((1, width))),  # noqa: ARG005 - nothing random
    }


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """Batch normalisation, y = γ (x − m) / √(v + ε) + β, with mean m and variance v of the batch [S B H].

    Ioffe & Szegedy (2015), arXiv:1502.03167, Algorithm 1, in the form of ``torch.nn.BatchNorm1d``: v divides by the
    number of rows, and predictions use running statistics, ρ ← (1 − μ) ρ + μ m, the variance with Bessel's factor.

    Parameters
    ----------
    momentum
        μ in (0, 1], weight of the newest batch.
    epsilon
        ε > 0.

    Raises
    ------
    SettingError
        If a number is outside its range.

    Notes
    -----
    Row weights act as shares p = w / Σ w: m = Σ p x, v = Σ p (x − m)², and Bessel's factor is 1 / (1 − Σ p²), which
    is n / (n − 1) for n equal weights. Rows of weight zero do not enter. A batch of one row moves no running
    statistics. With s = γ / √(v + ε) and x̂ = (y − β) / γ the way back is ∂β = Σ ∂y, ∂γ = Σ ∂y x̂ and
    ∂x = s (∂y − p ∂β − p x̂ ∂γ).

    Examples
    --------
    >>> sorted(BatchNorm().parameters(4, has_ones=False))
    ['bias', 'running_mean', 'running_var', 'weight']
    """

    momentum: float = 0.1
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        check_number("momentum", self.momentum, low=0.0, high=1.0, open_low=True)
        check_number("epsilon", self.epsilon, low=0.0, open_low=True)

    def width(self, inputs: int) -> int:
        """Return the width that entered."""
        return inputs

    def settings(self) -> Mapping[str, float]:
        """Return no settings."""
        return {}

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:  # noqa: ARG002 - sees features only
        """Return γ and β, and the running mean and variance, all [1 H]."""
        mean, variance = affine_parameters(inputs).values()
        return {
            **affine_parameters(inputs),
            "running_mean": ParameterSpec((1, inputs), variance.draw, trained=False),
            "running_var": ParameterSpec((1, inputs), mean.draw, trained=False),
        }

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan y [S B H] and its way back; by running statistics when predicting."""
        weight, bias = planner.parameter("weight"), planner.parameter("bias")
        mean, variance = planner.parameter("running_mean").value, planner.parameter("running_var").value
        if not planner.training:
            return self._predict(planner, x, weight.value, bias.value, mean, variance)
        z = x.features
        centred = z if x.overwritable else planner.buffer(*z.shape)
        y = planner.buffer(*z.shape)
        kept = self._normalise(planner, z, centred, y, weight.value, (mean, variance))
        planner.op("y = β + (x − m) s", torch.addcmul, bias.value, centred, kept.slope, out=y, flops=2 * y.numel())

        def backward(dy: Tensor, wanted: bool) -> Tensor | None:
            planner.release(y)
            dx = _backward(planner, dy, kept, weight, bias, wanted=wanted)
            planner.release(centred)
            return dx

        return Signal(y, overwritable=True), backward

    def _normalise(
        self, planner: Planner, z: Tensor, centred: Tensor, work: Tensor, gamma: Tensor, running: tuple[Tensor, Tensor]
    ) -> _Statistics:
        """Plan the moments of the batch and move the running statistics."""
        (S, B, H), size = z.shape, z.numel()
        mean, variance, inverse, slope = (planner.buffer(planner.slots, 1, H) for _ in range(4))
        shares: Tensor | None = None
        pace: Tensor | float = self.momentum if B > 1 else 0.0
        bessel = planner.constant(B / max(1, B - 1))
        if planner.weight is None:
            plan_row_sum(planner, "m = Σ_B x", z, 1, mean)
            planner.op("m = m / B", mean.mul_, planner.constant(1.0 / B), flops=S * H)
        else:
            shares, pace, bessel = self._shares(planner, planner.weight)
            planner.op("u = p x", torch.mul, z, shares, out=work, flops=size)
            plan_row_sum(planner, "m = Σ_B u", work, 1, mean)
        planner.op("x = x − m", torch.sub, z, mean, out=centred, flops=size)
        if planner.weight is not None:
            self._blank(planner, planner.weight, centred)
        planner.op("u = x²", torch.square, centred, out=work, flops=size)
        if shares is None:
            plan_row_sum(planner, "v = Σ_B u", work, 1, variance)
            planner.op("v = v / B", variance.mul_, planner.constant(1.0 / B), flops=S * H)
        else:
            planner.op("u = p u", work.mul_, shares, flops=size)
            plan_row_sum(planner, "v = Σ_B u", work, 1, variance)
        planner.op("i = v + ε", torch.add, variance, planner.constant(self.epsilon), out=inverse, flops=S * H)
        planner.op("i = 1 / √i", inverse.rsqrt_, flops=2 * S * H)
        planner.op("s = γ i", torch.mul, inverse, gamma, out=slope, flops=S * H)
        planner.op("v = v n / (n − 1)", variance.mul_, bessel, flops=S * H)
        planner.op("running mean += μ (m − running mean)", running[0].lerp_, mean, pace, flops=3 * S * H)
        planner.op("running var += μ (v − running var)", running[1].lerp_, variance, pace, flops=3 * S * H)
        return _Statistics(centred, inverse, slope, shares)

    def _blank(self, planner: Planner, weight: Tensor, centred: Tensor) -> None:
        """Plan x = 0 for rows of weight zero: behind a batch of one row 1/√ε would blow them up beyond all numbers."""
        present = planner.buffer(planner.slots, 1, planner.batch)
        planner.op("e = 1[w > 0]", torch.sign, weight, out=present)
        planner.op("x = x e", centred.mul_, present.mT, flops=centred.numel())
        planner.release(present)

    def _shares(self, planner: Planner, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Plan the shares of the rows [S B 1], the pace of the running statistics and Bessel's factor [S 1 1]."""
        S, B = planner.slots, planner.batch
        shares, product = planner.buffer(S, 1, B), planner.buffer(S, 1, B)
        total, pace, bessel = (planner.buffer(planner.slots, 1, 1) for _ in range(3))
        least = torch.finfo(weight.dtype).tiny
        plan_row_sum(planner, "t = Σ_B w", weight, 2, total)
        planner.op("t = max(t, tiny)", total.clamp_min_, least)
        planner.op("p = w / t", torch.div, weight, total, out=shares, flops=S * B)
        planner.op("u = p − p²", torch.addcmul, shares, shares, shares, value=-1, out=product, flops=2 * S * B)
        plan_row_sum(planner, "b = Σ_B u", product, 2, bessel)
        planner.op("μ = 1 if b > 0 else 0", torch.sign, bessel, out=pace)
        planner.op("μ = μ momentum", pace.mul_, planner.constant(self.momentum))
        planner.op("b = max(b, tiny)", bessel.clamp_min_, least)
        planner.op("b = 1 / b", bessel.reciprocal_)
        planner.release(product)
        return shares.mT, pace, bessel

    def _predict(
        self, planner: Planner, x: Signal, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor
    ) -> tuple[Signal, Backward]:
        """Plan y = β + (x − running mean) γ / √(running var + ε) in one pass."""
        z = x.features
        y = z if x.overwritable else planner.buffer(*z.shape)
        slope, offset = (planner.buffer(planner.slots, 1, z.shape[2]) for _ in range(2))
        planner.op("s = v + ε", torch.add, variance, planner.constant(self.epsilon), out=slope)
        planner.op("s = 1 / √s", slope.rsqrt_)
        planner.op("s = γ s", slope.mul_, gamma)
        planner.op("o = β − m s", torch.addcmul, beta, mean, slope, value=-1, out=offset)
        planner.op("y = o + x s", torch.addcmul, offset, z, slope, out=y, flops=2 * y.numel())
        return Signal(y, overwritable=True), lambda dy, wanted: dy  # noqa: ARG005 - there is no way back


def _backward(
    planner: Planner, dy: Tensor, kept: _Statistics, weight: Parameter, bias: Parameter, *, wanted: bool
) -> Tensor | None:
    """Plan ∂β, ∂γ and, in place of ∂y, ∂x = s (∂y − p ∂β − p x̂ ∂γ)."""
    (S, B, H), size = dy.shape, dy.numel()
    work, level, tilt = (planner.buffer(*shape) for shape in (dy.shape, (S, 1, H), (S, 1, H)))
    plan_row_sum(planner, "dβ = Σ_B dy", dy, 1, bias.gradient)
    planner.op("u = dy (x − m)", torch.mul, dy, kept.centred, out=work, flops=size)
    plan_row_sum(planner, "dγ = Σ_B u", work, 1, weight.gradient)
    planner.op("dγ = dγ i", weight.gradient.mul_, kept.inverse, flops=S * H)
    if not wanted:
        planner.release(work)
        planner.release(dy)
        return None
    planner.op("k = dβ s", torch.mul, bias.gradient, kept.slope, out=level, flops=S * H)
    planner.op("l = dγ i", torch.mul, weight.gradient, kept.inverse, out=tilt, flops=S * H)
    planner.op("l = l s", tilt.mul_, kept.slope, flops=S * H)
    planner.op("u = k + (x − m) l", torch.addcmul, level, kept.centred, tilt, out=work, flops=2 * size)
    planner.op("dx = dy s", dy.mul_, kept.slope, flops=size)
    shares = planner.constant(1.0 / B) if kept.shares is None else kept.shares
    planner.op("dx −= p u", dy.addcmul_, work, shares, value=-1, flops=2 * size)
    planner.release(work)
    return dy
