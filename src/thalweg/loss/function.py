"""A loss that is a plain function of torch, its gradient by autograd."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thalweg.base.contracts import Planner
from thalweg.base.errors import SettingError


@dataclass(frozen=True, slots=True)
class FunctionLoss:
    """A function f(q, y) of outputs and outcomes [B C] that returns the loss of every row [B], or of its parts [B C].

    Row losses are the means over the parts. Every step of every network calls autograd, which costs several times a
    planned loss; it allocates, too.

    Parameters
    ----------
    function
        Of two tensors; a module of :mod:`torch.nn` such as ``nn.L1Loss()`` is taken with ``reduction="none"``. What it
        makes of a row may depend on that row alone. A function of a module, not a lambda, if a fit is to be pickled or
        trained by several processes.

    Raises
    ------
    SettingError
        If it returns one number for all rows.

    Examples
    --------
    >>> def absolute(q, y):
    ...     return (q - y).abs()
    >>> FunctionLoss(absolute).rows(torch.tensor([[[1.0, 5.0]]]), torch.tensor([[[0.0, 7.0]]])).tolist()
    [[1.0, 2.0]]
    """

    function: Callable[[Tensor, Tensor], Tensor]

    def __post_init__(self) -> None:
        if isinstance(self.function, nn.Module) and getattr(self.function, "reduction", "none") != "none":
            by_row = copy.copy(self.function)
            by_row.reduction = "none"  # type: ignore[assignment] # torch types it by its value
            object.__setattr__(self, "function", by_row)  # the class is frozen

    def outputs(self, classes: int) -> int:
        """Return one output per column of the outcome."""
        return classes

    def scale(self, outputs: int) -> float:  # noqa: ARG002 - autograd knows all factors
        """Return 1."""
        return 1.0

    def wire(self, planner: Planner, q: Tensor, y: Tensor) -> Tensor:
        """Plan q ← w ∂ℓ/∂q [S C B] by autograd, slot by slot; the accumulator gains w ℓ."""
        total, weight = planner.accumulator(q.shape[0], 1, q.shape[2]), planner.weight

        def step(out: Tensor) -> None:
            for slot in range(len(out)):
                with torch.inference_mode(mode=False), torch.enable_grad():
                    leaf = out[slot].clone().requires_grad_()
                    losses = self._by_row(leaf.mT, y[slot].clone().mT)
                    [gradient] = torch.autograd.grad(losses.sum(), leaf)
                if weight is not None:
                    present = weight[slot] > 0
                    gradient = torch.where(present, gradient * weight[slot], 0.0)
                    losses = torch.where(present[0], losses * weight[slot, 0], 0.0)
                out[slot].copy_(gradient)
                total[slot, 0].add_(losses.detach())

        planner.op("q = w ∂ℓ/∂q, ℓ += w ℓ, by autograd", step, out=q)
        return total

    def rows(self, q: Tensor, y: Tensor) -> Tensor:
        """Return the loss of every row [S B]."""
        return torch.stack([self._by_row(a.mT, b.mT) for a, b in zip(q, y, strict=True)])

    def accumulated(self, total: Tensor) -> Tensor:
        """Return the sum of weighted row losses [S] held by the accumulator."""
        return total.sum((1, 2))

    def prediction(self, q: Tensor) -> Tensor:
        """Return q [S C B]."""
        return q

    def curvature(self, outputs: int) -> float | None:  # noqa: ARG002 - nobody knows
        """Return None: there may be no bound."""
        return None

    def _by_row(self, q: Tensor, y: Tensor) -> Tensor:
        losses = self.function(q, y)
        if not isinstance(losses, Tensor) or losses.shape[:1] != q.shape[:1] or losses.ndim > 2:
            got = tuple(losses.shape) if isinstance(losses, Tensor) else type(losses).__name__
            raise SettingError(
                f"A loss of your own must return one number per row, [B] or [B C] for {len(q)} rows, got {got}.",
                'Take no mean over rows; losses of torch do so with reduction="none".',
            )
        return losses if losses.ndim == 1 else losses.mean(1)
