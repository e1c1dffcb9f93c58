"""Squared error: ℓ = mean over outputs of (q − y)²."""

from dataclasses import dataclass

from torch import Tensor

from thalweg.base.contracts import Planner


@dataclass(frozen=True, slots=True)
class Squared:
    """Squared error ℓ = (1/C) Σ_C (q − y)², the mean of which ``torch.nn.MSELoss`` computes.

    Gradient: ∂ℓ/∂q = (2/C) (q − y). Curvature: ∂²ℓ/∂q² = 2/C.

    Examples
    --------
    >>> Squared().scale(1)
    2.0
    """

    def outputs(self, classes: int) -> int:
        """Return one output per column of the outcome."""
        return classes

    def scale(self, outputs: int) -> float:
        """Return 2 / C."""
        return 2.0 / outputs

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w (q − y) [S C B]; the accumulator gains w (q − y)² / C."""
        total = planner.accumulator(*q.shape)
        planner.op("q = q − y", q.sub_, y, flops=q.numel())
        if planner.weight is None:
            planner.op("ℓ += q²", total.addcmul_, q, q, flops=2 * q.numel())
        else:
            rows = planner.buffer(*q.shape)
            planner.op("e = q", rows.copy_, q)
            planner.op("q = w q", q.mul_, planner.weight, flops=q.numel())
            planner.op("ℓ += e q", total.addcmul_, rows, q, flops=2 * q.numel())
            planner.release(rows)
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return (1/C) Σ_C (q − y)² [S B]."""
        return (q - y).square().mean(1)

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum(2).mean(1)

    def prediction(self, q: Tensor) -> Tensor:
        """Return q, the conditional mean [S C B]."""
        return q

    def curvature(self, outputs: int) -> float | None:
        """Return 2 / C."""
        return 2.0 / outputs
