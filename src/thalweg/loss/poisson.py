"""Poisson loss for counts, with a log link: ℓ = exp q − y q."""

from dataclasses import dataclass

import torch
from torch import Tensor

from thalweg.base.contracts import Planner
from thalweg.loss.absent import plan_blank


@dataclass(frozen=True, slots=True)
class Poisson:
    """Negative log-likelihood of counts y ≥ 0 at rate exp q, ℓ = (1/C) Σ_C exp q − y q.

    The constant log y! is left out, as in ``torch.nn.PoissonNLLLoss``. Gradient: ∂ℓ/∂q = (exp q − y) / C. The
    curvature exp q has no bound.

    Examples
    --------
    >>> Poisson().rows(torch.zeros(1, 1, 1), torch.ones(1, 1, 1)).item()
    1.0
    """

    def outputs(self, classes: int) -> int:
        """Return one log-rate per column of the outcome."""
        return classes

    def scale(self, outputs: int) -> float:
        """Return 1 / C."""
        return 1.0 / outputs

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w (exp q − y) [S C B]; the accumulator gains w (exp q − y q) / C."""
        total, rate = planner.accumulator(*q.shape), planner.buffer(*q.shape)
        plan_blank(planner, q)
        planner.op("r = exp q", torch.exp, q, out=rate, flops=4 * q.numel())
        planner.op("q = y q", q.mul_, y, flops=q.numel())
        planner.op("q = r − q", torch.sub, rate, q, out=q, flops=q.numel())
        if planner.weight is None:
            planner.op("ℓ += q", total.add_, q, flops=q.numel())
        else:
            planner.op("ℓ += w q", total.addcmul_, q, planner.weight, flops=2 * q.numel())
        planner.op("q = r − y", torch.sub, rate, y, out=q, flops=q.numel())
        if planner.weight is not None:
            planner.op("q = w q", q.mul_, planner.weight, flops=q.numel())
        planner.release(rate)
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return (1/C) Σ_C exp q − y q [S B]."""
        return (q.exp() - y * q).mean(1)

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum(2).mean(1)

    def prediction(self, q: Tensor) -> Tensor:
        """Return the rates exp q [S C B]."""
        return q.exp()

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - there is no bound
        """Return None: exp q is not bounded."""
        return None
