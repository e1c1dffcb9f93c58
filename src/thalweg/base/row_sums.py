"""Sums over the rows of a long batch, in a fixed order: 32 partial sums, which round better than one."""

import torch
from torch import Tensor

from thalweg.base.axes import ALIGNMENT
from thalweg.base.contracts import Planner

LONG = 1 << 15
"""Rows up to which one sum is taken."""


def plan_row_sum(planner: Planner, text: str, x: Tensor, axis: int, out: Tensor) -> None:
    """Plan out = sum of x over the rows of the batch, axis 1 or 2 of x, kept as an axis of length 1.

    Batches of more than :data:`LONG` rows are folded to :data:`ALIGNMENT` partial sums first.
    """
    if x.shape[axis] <= LONG:
        planner.op(text, torch.sum, x, axis, keepdim=True, out=out, flops=x.numel())
        return
    parts = planner.buffer(*x.shape[:axis], ALIGNMENT, *x.shape[axis + 1 :])
    folded = x.unflatten(axis, (-1, ALIGNMENT))  # type: ignore[no-untyped-call]  # torch leaves it untyped
    planner.op(text + ", in 32 parts", torch.sum, folded, axis, out=parts, flops=x.numel())
    planner.op(text, torch.sum, parts, axis, keepdim=True, out=out, flops=parts.numel())
    planner.release(parts)


def row_sum(total: Tensor) -> Tensor:
    """Return the sum over the rows of a padded batch, [S C B] to [S C].

    Examples
    --------
    >>> row_sum(torch.ones(1, 2, 64)).tolist()
    [[64.0, 64.0]]
    """
    S, C, _ = total.shape
    return total.view(S, C, -1, ALIGNMENT).sum(2).sum(2)
