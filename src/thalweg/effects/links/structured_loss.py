"""Losses of structured networks: the outputs are the parameters of a link, the row's treatments are its argument.

The outcome columns of the training table hold [y | 1 | φ(t)]: the outcome, a mark that tells rows from padding, and
the link's features of the treatments. The network delivers one output per index parameter; a scale that differs
between units is one more output, a common one is none: it is profiled out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional

from thalweg.base.contracts import Planner
from thalweg.effects.links.curve import Curve
from thalweg.effects.links.link import COMMON, KNOWN, OWN

MEMORY = 0.9
"""Share of the past that the sums of a common scale keep from one step to the next within an epoch."""


@dataclass(frozen=True, slots=True)
class StructuredSquared:
    """Squared error ℓ = (y − c a(u))² with u = φ(t)ᵀ θ and the network's outputs θ.

    Gradient: ∂ℓ/∂θ = −2 (y − G) c a′(u) φ. With a scale of every unit's own, c = start + q for one more output q, and
    ∂ℓ/∂q = −2 (y − G) a(u). A common scale is profiled: c = Σ w a y / Σ w a² is the least-squares scale given θ, so
    by the envelope theorem the gradient in θ needs no derivative of c (variable projection; Golub & Pereyra 1973,
    SIAM J. Numer. Anal. 10, doi:10.1137/0710036). The sums run over the batch and, with weights 0.9, 0.81, …, over
    earlier batches of the epoch, so that a small batch of a noisy outcome does not throw c about.

    Parameters
    ----------
    curve
        a(u) and its slope.
    scale_kind
        ``known`` (c = 1), ``common`` (profiled) or ``own`` (an output).
    start
        Where a scale of its own starts.

    Examples
    --------
    >>> from thalweg.effects.links.curve import SIGMOID
    >>> StructuredSquared(SIGMOID, "own").outputs(classes=7)
    6
    """

    curve: Curve
    scale_kind: str = KNOWN
    start: float = 2.0

    def outputs(self, classes: int) -> int:
        """Return K, or K + 1 with a scale of its own, for K + 2 outcome columns."""
        return classes - 2 + int(self.scale_kind == OWN)

    def scale(self, outputs: int) -> float:  # noqa: ARG002 - one residual per row however many parameters
        """Return 2."""
        return 2.0

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w (G − y) ∂G/∂q [S C B]; the accumulator [S 1 B] gains w (y − G)²."""
        S, _, B = q.shape
        index, features = q[:, : y.shape[1] - 2], y[:, 2:]
        outcome, total = y[:, :1], planner.accumulator(S, 1, B)
        a, slope, residual, weighted = (planner.buffer(S, 1, B) for _ in range(4))
        _plan_curve(planner, self.curve, index, features, a, slope)
        c = self._plan_scale(planner, q, outcome, y[:, 1:2], a)
        if c is None:
            planner.op("r = a", residual.copy_, a)
        else:
            planner.op("r = c a", torch.mul, a, c, out=residual, flops=B * S)
        planner.op("r = r − y", residual.sub_, outcome, flops=B * S)
        weight = y[:, 1:2] if planner.weight is None else planner.weight
        planner.op("e = w r", torch.mul, residual, weight, out=weighted, flops=B * S)
        planner.op("ℓ += e r", total.addcmul_, residual, weighted, flops=2 * B * S)
        planner.op("a′ = a′ e", slope.mul_, weighted, flops=B * S)
        if c is not None:
            planner.op("a′ = c a′", slope.mul_, c, flops=B * S)
        if self.scale_kind == OWN:
            planner.op("q_c = a e", torch.mul, a, weighted, out=q[:, -1:], flops=B * S)
        planner.op("q = φ a′", torch.mul, features, slope, out=index, flops=index.numel())
        for buffer in (a, slope, residual, weighted):
            planner.release(buffer)
        return total

    def _plan_scale(self, planner: Planner, q: Tensor, outcome: Tensor, mark: Tensor, a: Tensor) -> Tensor | None:
        """Plan the scale: nothing, the output [S 1 B], or the profiled one [S 1 1]."""
        if self.scale_kind == KNOWN:
            return None
        if self.scale_kind == OWN:
            planner.op("q_c = q_c + start", q[:, -1:].add_, planner.constant(self.start), flops=q[:, -1:].numel())
            return q[:, -1:]
        S, _, B = a.shape
        products = planner.buffer(S, 1, B)
        sums = [planner.accumulator(S, 1, 1) for _ in range(2)]
        part, c = planner.buffer(S, 1, 1), planner.buffer(S, 1, 1)
        rows = mark if planner.weight is None else planner.weight
        for other, name, kept in ((outcome, "y", sums[0]), (a, "a", sums[1])):
            planner.op(f"e = a {name}", torch.mul, a, other, out=products, flops=B * S)
            planner.product(f"Σ = Σ_B w a {name}", products, rows.mT, part)
            planner.op("kept = 0.9 kept", kept.mul_, planner.constant(MEMORY), flops=S)
            planner.op("kept += Σ", kept.add_, part, flops=S)
        planner.op("c = Σ w a y / Σ w a²", torch.div, sums[0], sums[1], out=c, flops=S)
        planner.release(products)
        planner.release(part)
        return c

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return (y − G)² [S B]; a common scale is the least-squares one of these rows."""
        size = y.shape[1] - 2
        u = (q[:, :size] * y[:, 2:]).sum(1)
        a, slope = torch.empty_like(u), torch.empty_like(u)
        self.curve.plan(cast("Planner", _AtOnce()), a, slope, u)
        a = a * y[:, 1]
        if self.scale_kind == OWN:
            a = a * (q[:, -1] + self.start)
        if self.scale_kind == COMMON:
            a = a * ((a * y[:, 0]).sum(1, keepdim=True) / a.square().sum(1, keepdim=True))
        return (y[:, 0] - a).square()

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum((1, 2))

    def prediction(self, q: Tensor) -> Tensor:
        """Return the parameters θ themselves [S C B]: an outcome needs a combination too."""
        return q

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - none whatever their number
        """Return None: the curvature grows with the treatments and has no bound of its own."""
        return None


@dataclass(frozen=True, slots=True)
class StructuredLogistic:
    """Binary cross entropy ℓ = log(1 + exp u) − y u with u = φ(t)ᵀ θ and the network's outputs θ.

    Gradient: ∂ℓ/∂θ = (σ(u) − y) φ. This is the structured logit of Farrell, Liang & Misra (2025),
    arXiv:2010.14694, section 2, with one slope per treatment.

    Examples
    --------
    >>> StructuredLogistic().outputs(classes=7)
    5
    """

    def outputs(self, classes: int) -> int:
        """Return K for K + 2 outcome columns."""
        return classes - 2

    def scale(self, outputs: int) -> float:  # noqa: ARG002 - one log-odds per row however many parameters
        """Return 1."""
        return 1.0

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w (σ(u) − y) φ [S C B]; the accumulator [S 1 B] gains w (log(1 + exp u) − y u)."""
        S, _, B = q.shape
        outcome, mark, features = y[:, :1], y[:, 1:2], y[:, 2:]
        total, u, rows = planner.accumulator(S, 1, B), planner.buffer(S, 1, B), planner.buffer(S, 1, B)
        planner.op("q = φ q", q.mul_, features, flops=q.numel())
        planner.op("u = Σ_K q", torch.sum, q, 1, keepdim=True, out=u, flops=q.numel())
        planner.op("e = log(1 + exp u)", torch.ops.aten.softplus.out, u, out=rows, flops=4 * B * S)
        planner.op("e = e − y u", rows.addcmul_, u, outcome, value=-1, flops=2 * B * S)
        weight = mark if planner.weight is None else planner.weight
        planner.op("ℓ += w e", total.addcmul_, rows, weight, flops=2 * B * S)
        planner.op("u = σ(u)", u.sigmoid_, flops=4 * B * S)
        planner.op("u = u − y", u.sub_, outcome, flops=B * S)
        planner.op("u = w u", u.mul_, weight, flops=B * S)
        planner.op("q = φ u", torch.mul, features, u, out=q, flops=q.numel())
        planner.release(u)
        planner.release(rows)
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return log(1 + exp u) − y u [S B]."""
        u = (q * y[:, 2:]).sum(1)
        return y[:, 1] * functional.binary_cross_entropy_with_logits(u, y[:, 0], reduction="none")

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum((1, 2))

    def prediction(self, q: Tensor) -> Tensor:
        """Return the parameters θ themselves [S C B]: an outcome needs a combination too."""
        return q

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - none whatever their number
        """Return None: the curvature grows with the treatments and has no bound of its own."""
        return None


Structured = StructuredSquared | StructuredLogistic


class _AtOnce:
    """Does operations instead of writing them down."""

    @staticmethod
    def op(text: str, function: Callable[..., object], *arguments: Any, flops: int = 0, **keywords: Any) -> None:  # noqa: ARG004 - as of a planner
        function(*arguments, **keywords)


def _plan_curve(planner: Planner, curve: Curve, index: Tensor, features: Tensor, a: Tensor, slope: Tensor) -> None:
    """Plan u = Σ φ θ, a(u) and a′(u); the index buffer is used up."""
    u = planner.buffer(*a.shape)
    planner.op("q = φ q", index.mul_, features, flops=index.numel())
    planner.op("u = Σ_K q", torch.sum, index, 1, keepdim=True, out=u, flops=index.numel())
    curve.plan(planner, a, slope, u)
    planner.release(u)
