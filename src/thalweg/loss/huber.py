"""Huber loss: squared for small errors, absolute for large ones."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from thalweg.base.checks import check_number
from thalweg.base.contracts import Planner


@dataclass(frozen=True, slots=True)
class Huber:
    """Robust error ℓ = (1/C) Σ_C e²/2 where |e| ≤ δ, else δ (|e| − δ/2), with e = q − y; ``torch.nn.HuberLoss``.

    Huber (1964), doi:10.1214/aoms/1177703732. Gradient: ∂ℓ/∂q = clip(e, ±δ) / C. Curvature: at most 1/C.

    Parameters
    ----------
    delta
        δ > 0, in units of the outcome.

    Raises
    ------
    SettingError
        If δ is not positive.

    Examples
    --------
    >>> Huber(1.0).curvature(1)
    1.0
    """

    delta: float = 1.0

    def __post_init__(self) -> None:
        check_number("delta", self.delta, low=0.0, open_low=True)

    def outputs(self, classes: int) -> int:
        """Return one output per column of the outcome."""
        return classes

    def scale(self, outputs: int) -> float:
        """Return 1 / C."""
        return 1.0 / outputs

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w c [S C B] with c = clip(q − y, ±δ); the accumulator gains w c (q − y − c/2) / C."""
        total, rest = planner.accumulator(*q.shape), planner.buffer(*q.shape)
        planner.op("q = q − y", q.sub_, y, flops=q.numel())
        planner.op("e = q", rest.copy_, q)
        planner.op("q = clip(q, ±δ)", q.clamp_, -self.delta, self.delta, flops=2 * q.numel())
        planner.op("e = e − q / 2", rest.sub_, q, alpha=0.5, flops=2 * q.numel())
        if planner.weight is not None:
            planner.op("q = w q", q.mul_, planner.weight, flops=q.numel())
        planner.op("ℓ += e q", total.addcmul_, rest, q, flops=2 * q.numel())
        planner.release(rest)
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return the loss of every row [S B]."""
        return functional.huber_loss(q, y, reduction="none", delta=self.delta).mean(1)

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum(2).mean(1)

    def prediction(self, q: Tensor) -> Tensor:
        """Return q [S C B], a centre between conditional mean and median."""
        return q

    def curvature(self, outputs: int) -> float | None:
        """Return 1 / C."""
        return 1.0 / outputs
