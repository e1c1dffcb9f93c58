"""Feature map φ(x): powers and products of the inputs, so that a linear model can bend."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from thalweg.base.checks import check_count
from thalweg.base.contracts import Backward, ParameterSpec, Planner, Signal


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """Powers and pairwise products, φ(x) = (x₁, …, x_D, x₁², …, x_D², …, x₁x₂, x₁x₃, …, x_{D−1}x_D).

    Parameters
    ----------
    degree
        Highest power of a single input, at least 1.
    interactions
        Append the products of all pairs of inputs.

    Raises
    ------
    SettingError
        If the degree is not a positive whole number.

    Notes
    -----
    There is nothing to learn. Backward: ∂x_i = Σ_k k x_i^{k−1} ∂(x_i^k) + Σ_{j≠i} x_j ∂(x_i x_j).

    Examples
    --------
    >>> FeatureMap(degree=2).width(2)
    5
    """

    degree: int = 2
    interactions: bool = True

    def __post_init__(self) -> None:
        check_count("degree", self.degree)

    def width(self, inputs: int) -> int:
        """Return D · degree, plus D (D − 1) / 2 with interactions."""
        return inputs * self.degree + (inputs * (inputs - 1) // 2 if self.interactions else 0)

    def settings(self) -> Mapping[str, float]:
        """Return no settings."""
        return {}

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:  # noqa: ARG002 - has none
        """Return no parameters."""
        return {}

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan φ [S B H] and its way back."""
        z = x.features
        S, B, D = z.shape
        phi = planner.buffer(S, B, self.width(D))
        powers = torch.split(phi[:, :, : D * self.degree], D, dim=2)
        planner.op("φ = x", powers[0].copy_, z)
        for power in range(1, self.degree):
            planner.op(f"φ = x^{power + 1}", torch.mul, powers[power - 1], z, out=powers[power], flops=z.numel())
        for first, columns in self._pairs(D):
            pair = phi[:, :, columns]
            left, right = z[:, :, first : first + 1], z[:, :, first + 1 :]
            planner.op(f"φ = x{first + 1} xⱼ", torch.mul, left, right, out=pair, flops=pair.numel())

        def backward(d: Tensor, wanted: bool) -> Tensor | None:
            planner.release(phi)
            dx = self._slopes(planner, d, z) if wanted else None
            planner.release(d)
            return dx

        return Signal(phi, overwritable=True), backward

    def _slopes(self, planner: Planner, d: Tensor, z: Tensor) -> Tensor:
        """Plan ∂x: powers by Horner's rule from the highest down, then the pairs."""
        S, B, D = z.shape
        dx, work = planner.buffer(S, B, D), planner.buffer(S, B, D)
        parts = torch.split(d[:, :, : D * self.degree], D, dim=2)
        top = self.degree
        planner.op(f"dx = {top} dφ", torch.mul, parts[-1], planner.constant(float(top)), out=dx, flops=dx.numel())
        for power in range(top - 1, 0, -1):
            planner.op("dx = dx x", dx.mul_, z, flops=dx.numel())
            planner.op(f"dx += {power} dφ", dx.add_, parts[power - 1], alpha=power, flops=2 * dx.numel())
        for first, columns in self._pairs(D):
            pair, rest = d[:, :, columns], slice(first + 1, D)
            one = z[:, :, first : first + 1]
            planner.op(f"dx += x{first + 1} dφ", dx[:, :, rest].addcmul_, pair, one, flops=2 * pair.numel())
            part = work[:, :, rest]
            planner.op("u = xⱼ dφ", torch.mul, pair, z[:, :, rest], out=part, flops=pair.numel())
            mine, total = dx[:, :, first : first + 1], planner.buffer(S, B, 1)
            planner.op("t = Σⱼ u", torch.sum, part, 2, keepdim=True, out=total, flops=part.numel())
            planner.op(f"dx{first + 1} += t", mine.add_, total, flops=total.numel())
            planner.release(total)
        planner.release(work)
        return dx

    def _pairs(self, inputs: int) -> list[tuple[int, slice]]:
        """Return, for each input but the last, the columns of its products with the inputs behind it."""
        pairs, place = [], inputs * self.degree
        for first in range(inputs - 1 if self.interactions else 0):
            count = inputs - 1 - first
            pairs.append((first, slice(place, place + count)))
            place += count
        return pairs
