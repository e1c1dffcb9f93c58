"""Logistic loss (binary cross entropy): ℓ = log(1 + exp q) − y q."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from thalweg.base.contracts import Planner


@dataclass(frozen=True, slots=True)
class Logistic:
    """Binary cross entropy of the log-odds q, ℓ = (1/C) Σ_C log(1 + exp q) − y q, with y in [0, 1].

    With p = 1 / (1 + exp(−q)) this is −y log p − (1 − y) log(1 − p), the negative log-likelihood of logistic
    regression. Gradient: ∂ℓ/∂q = (p − y) / C. Curvature: p (1 − p) / C ≤ 1 / (4C).

    Examples
    --------
    >>> Logistic().rows(torch.zeros(1, 1, 1), torch.ones(1, 1, 1)).item()  # log 2
    0.69314...
    """

    def outputs(self, classes: int) -> int:
        """Return one log-odds per column of the outcome."""
        return classes

    def scale(self, outputs: int) -> float:
        """Return 1 / C."""
        return 1.0 / outputs

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w (σ(q) − y) [S C B]; the accumulator gains w (log(1 + exp q) − y q) / C."""
        total, rows = planner.accumulator(*q.shape), planner.buffer(*q.shape)
        softplus, flops = torch.ops.aten.softplus.out, 4 * q.numel()
        planner.op("e = log(1 + exp q)", softplus, q, out=rows, flops=flops)
        planner.op("e = e − y q", rows.addcmul_, q, y, value=-1, flops=2 * q.numel())
        if planner.weight is None:
            planner.op("ℓ += e", total.add_, rows, flops=q.numel())
        else:
            planner.op("ℓ += w e", total.addcmul_, rows, planner.weight, flops=2 * q.numel())
        planner.release(rows)
        planner.op("q = σ(q)", torch.sigmoid, q, out=q, flops=flops)
        planner.op("q = q − y", q.sub_, y, flops=q.numel())
        if planner.weight is not None:
            planner.op("q = w q", q.mul_, planner.weight, flops=q.numel())
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return (1/C) Σ_C log(1 + exp q) − y q [S B]."""
        return functional.binary_cross_entropy_with_logits(q, y.expand_as(q), reduction="none").mean(1)

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum(2).mean(1)

    def prediction(self, q: Tensor) -> Tensor:
        """Return the probabilities 1 / (1 + exp(−q)) [S C B]."""
        return torch.sigmoid(q)

    def curvature(self, outputs: int) -> float | None:
        """Return 1 / (4C)."""
        return 0.25 / outputs
