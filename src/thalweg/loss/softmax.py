"""Softmax loss (cross entropy over classes): ℓ = log Σ_C exp q − Σ_C y q."""

from dataclasses import dataclass

import torch
from torch import Tensor

from thalweg.base.contracts import Planner


@dataclass(frozen=True, slots=True)
class Softmax:
    """Cross entropy of the scores q, ℓ = −Σ_C y log p with p = exp q / Σ exp q; y one-hot or class shares.

    Gradient: ∂ℓ/∂q = p − y. Curvature: at most 1/2 (Böhning 1992, doi:10.1007/BF00048682).

    Examples
    --------
    >>> Softmax().rows(torch.zeros(1, 4, 1), torch.eye(4)[:1].mT[None]).item()  # log 4
    1.38629...
    """

    def outputs(self, classes: int) -> int:
        """Return one score per class."""
        return classes

    def scale(self, outputs: int) -> float:  # noqa: ARG002 - the same for any number of classes
        """Return 1."""
        return 1.0

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w (softmax(q) − y) [S C B]; the accumulator loses w y log p."""
        total, rows = planner.accumulator(*q.shape), planner.buffer(*q.shape)
        planner.op("e = log softmax(q)", torch.log_softmax, q, 1, out=rows, flops=5 * q.numel())
        planner.op("q = exp e", torch.exp, rows, out=q, flops=4 * q.numel())
        planner.op("q = q − y", q.sub_, y, flops=q.numel())
        if planner.weight is not None:
            planner.op("q = w q", q.mul_, planner.weight, flops=q.numel())
            planner.op("e = w e", rows.mul_, planner.weight, flops=q.numel())
        planner.op("ℓ −= y e", total.addcmul_, rows, y, value=-1, flops=2 * q.numel())
        planner.release(rows)
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return −Σ_C y log p [S B]."""
        return -(torch.log_softmax(q, 1) * y).sum(1)

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum((1, 2))

    def prediction(self, q: Tensor) -> Tensor:
        """Return the probabilities of the classes [S C B]."""
        return torch.softmax(q, 1)

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - the same for any number of classes
        """Return 1/2."""
        return 0.5
