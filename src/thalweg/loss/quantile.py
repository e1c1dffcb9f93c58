"""Quantile loss: several quantiles of the outcome at once, if wanted with outputs that cannot cross."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from thalweg.base.checks import check_number
from thalweg.base.contracts import Planner
from thalweg.base.errors import SettingError


@dataclass(frozen=True, slots=True)
class Quantile:
    """Pinball loss ℓ = 1/(C L) Σ_C Σ_L (1[t ≥ y] − τ) (t − y) for quantiles t at the levels τ_1 < … < τ_L.

    Koenker & Bassett (1978), doi:10.2307/1913643. Outputs are ordered by outcome column, then by level. Without
    ``ordered`` the quantiles are the outputs, t = q, and :meth:`prediction` sorts them (Chernozhukov, Fernández-Val &
    Galichon 2010, doi:10.3982/ECTA7880). With ``ordered`` they cannot cross: t_1 = q_1,
    t_j = t_{j−1} + log(1 + exp q_j). The loss has a kink and no curvature.

    Parameters
    ----------
    levels
        τ in (0, 1), increasing.
    ordered
        Build the quantiles as cumulative sums of positive steps.

    Raises
    ------
    SettingError
        If the levels are not increasing numbers in (0, 1).

    Notes
    -----
    Gradient: g_j = ∂ℓ/∂t_j = (1[t_j ≥ y] − τ_j) / (C L); with ``ordered``, ∂ℓ/∂q_1 = Σ_k g_k and
    ∂ℓ/∂q_j = σ(q_j) Σ_{k≥j} g_k.

    Examples
    --------
    >>> Quantile((0.1, 0.5, 0.9)).outputs(1)
    3
    """

    levels: tuple[float, ...] = (0.5,)
    ordered: bool = False

    def __post_init__(self) -> None:
        for level in self.levels:
            check_number("quantile level", level, low=0.0, high=1.0, open_low=True, open_high=True)
        if not self.levels or list(self.levels) != sorted(set(self.levels)):
            raise SettingError(
                f"Quantile levels must be given once each, in increasing order, got {self.levels}.", "Sort them."
            )

    def outputs(self, classes: int) -> int:
        """Return one output per column of the outcome and level."""
        return classes * len(self.levels)

    def scale(self, outputs: int) -> float:
        """Return 1 / (C L)."""
        return 1.0 / outputs

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w ∂(C L ℓ)/∂q [S C·L B]; the accumulator gains w (1[t ≥ y] − τ) (t − y)."""
        total, rows = planner.accumulator(*q.shape), planner.buffer(*q.shape)
        size, t = q.numel(), self._by_level(q)
        slopes = self._climb(planner, q, rows) if self.ordered else None
        planner.op("q = t − y", t.sub_, y.unsqueeze(2), flops=size)
        planner.op("e = q", rows.copy_, q)
        planner.op("q = 1[q ≥ 0]", q.ge_, planner.constant(0.0), flops=size)
        planner.op("q = q − τ", t.sub_, self._levels(q), flops=size)
        if planner.weight is not None:
            planner.op("q = w q", q.mul_, planner.weight, flops=size)
        planner.op("ℓ += e q", total.addcmul_, rows, q, flops=2 * size)
        planner.release(rows)
        if slopes is not None:
            self._descend(planner, t, self._by_level(slopes))
            planner.release(slopes)
        return total

    def _climb(self, planner: Planner, q: Tensor, steps: Tensor) -> Tensor:
        """Plan t_j = t_{j−1} + log(1 + exp q_j) in place of q; return the buffer of σ(q)."""
        slopes, flops = planner.buffer(*q.shape), 4 * q.numel()
        planner.op("σ = σ(q)", torch.sigmoid, q, out=slopes, flops=flops)
        planner.op("s = log(1 + exp q)", torch.ops.aten.softplus.out, q, out=steps, flops=flops)
        t, s = self._by_level(q), self._by_level(steps)
        for j in range(1, len(self.levels)):
            below, here = t[:, :, j - 1], t[:, :, j]
            planner.op("t = t below + s", torch.add, below, s[:, :, j], out=here, flops=here.numel())
        return slopes

    def _descend(self, planner: Planner, g: Tensor, slope: Tensor) -> None:
        """Plan ∂q_j = σ(q_j) Σ_{k≥j} g_k in place of g [S C L B]."""
        for j in range(len(self.levels) - 1, 0, -1):
            part = g[:, :, j]
            planner.op("dt += dt above", g[:, :, j - 1].add_, part, flops=part.numel())
            planner.op("dq = σ dt", part.mul_, slope[:, :, j], flops=part.numel())

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return the loss of every row [S B]."""
        error = self._quantiles(q) - y.unsqueeze(2)
        return (((error >= 0).to(q.dtype) - self._levels(q)) * error).mean((1, 2))

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum(2).mean(1)

    def prediction(self, q: Tensor) -> Tensor:
        """Return the quantiles [S C·L B], increasing in the level."""
        quantiles = self._quantiles(q)
        return (quantiles if self.ordered else quantiles.sort(2).values).reshape(q.shape)

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - there is none
        """Return None: the loss has a kink."""
        return None

    def _by_level(self, q: Tensor) -> Tensor:
        """View outputs [S C·L B] as [S C L B]."""
        S, _, B = q.shape
        return q.view(S, -1, len(self.levels), B)

    def _levels(self, q: Tensor) -> Tensor:
        """Return the levels [L 1] beside the rows of the batch."""
        return torch.tensor(self.levels, dtype=q.dtype, device=q.device).unsqueeze(1)

    def _quantiles(self, q: Tensor) -> Tensor:
        """Return the quantiles t [S C L B]."""
        parts = q.reshape(q.shape[0], -1, len(self.levels), q.shape[2])
        if not self.ordered:
            return parts
        return torch.cat([parts[:, :, :1], functional.softplus(parts[:, :, 1:])], 2).cumsum(2)
