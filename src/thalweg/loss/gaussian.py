"""Gaussian loss with a learned variance: every row gets its own mean and spread."""

from dataclasses import dataclass

import torch
from torch import Tensor

from thalweg.base.contracts import Planner
from thalweg.loss.absent import plan_blank


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Negative log-likelihood ℓ = (1/C) Σ_C (s + (y − m)² exp(−s)) / 2 with mean m and log variance s.

    Nix & Weigend (1994), doi:10.1109/ICNN.1994.374138. The first C outputs are the means, the last C the log
    variances; the constant log(2π)/2 is left out. Gradient, with v = exp s: ∂ℓ/∂m = (m − y) / (C v),
    ∂ℓ/∂s = (1 − (y − m)²/v) / (2C). The curvature has no bound.

    Examples
    --------
    >>> Gaussian().outputs(1)
    2
    """

    def outputs(self, classes: int) -> int:
        """Return a mean and a log variance per column of the outcome."""
        return 2 * classes

    def scale(self, outputs: int) -> float:
        """Return 1 / C."""
        return 2.0 / outputs

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w [(m − y) / v | (1 − (m − y)² / v) / 2] [S 2C B]; the accumulator gains w (s + (m − y)² / v)."""
        plan_blank(planner, q)
        m, s = _parts(q)
        (S, C, B), size = m.shape, m.numel()
        total, slope = planner.accumulator(S, C, B), planner.buffer(S, C, B)
        planner.op("r = −s", torch.neg, s, out=slope, flops=size)
        planner.op("r = exp r", slope.exp_, flops=4 * size)
        planner.op("m = m − y", m.sub_, y, flops=size)
        planner.op("r = m r", slope.mul_, m, flops=size)
        planner.op("m = m r", m.mul_, slope, flops=size)
        planner.op("s = s + m", s.add_, m, flops=size)
        if planner.weight is None:
            planner.op("ℓ += s", total.add_, s, flops=size)
        else:
            planner.op("ℓ += w s", total.addcmul_, s, planner.weight, flops=2 * size)
        half = planner.constant(0.5)
        planner.op("s = (1 − m) / 2", torch.sub, half, m, alpha=0.5, out=s, flops=2 * size)
        planner.op("m = r", m.copy_, slope)
        planner.release(slope)
        if planner.weight is not None:
            planner.op("q = w q", q.mul_, planner.weight, flops=q.numel())
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return (1/C) Σ_C (s + (y − m)² exp(−s)) / 2 [S B]."""
        m, s = _parts(q)
        return (s + (y - m).square() * torch.exp(-s)).mean(1) / 2.0

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum(2).mean(1) / 2.0

    def prediction(self, q: Tensor) -> Tensor:
        """Return the conditional means m [S C B]."""
        return _parts(q)[0]

    def deviation(self, q: Tensor) -> Tensor:
        """Return the conditional standard deviations exp(s/2) [S C B]."""
        return (_parts(q)[1] / 2.0).exp()

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - there is no bound
        """Return None: 1/v is not bounded."""
        return None


def _parts(q: Tensor) -> tuple[Tensor, Tensor]:
    """Return means and log variances, both [S C B]."""
    classes = q.shape[1] // 2
    return q[:, :classes], q[:, classes:]
