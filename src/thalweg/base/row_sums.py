"""Sums over the rows of a batch: of a long one in parts, which round better than one sum."""

import torch
from torch import Tensor

from thalweg.base.contracts import Planner

LONG = 1 << 15
"""Rows up to which one sum is taken."""
PARTS = 32


def plan_row_sum(planner: Planner, text: str, x: Tensor, axis: int, out: Tensor) -> None:
    """Plan out = sum of x over the rows of the batch, axis 1 or 2 of x, kept as an axis of length 1.

    Batches of more than :data:`LONG` rows are folded to :data:`PARTS` sums first, and one of what is left over.
    """
    count = x.shape[axis]
    if count <= LONG:
        planner.op(text, torch.sum, x, axis, keepdim=True, out=out, flops=x.numel())
        return
    rest = count % PARTS
    whole = x.narrow(axis, 0, count - rest)
    parts = planner.buffer(*x.shape[:axis], PARTS + (rest > 0), *x.shape[axis + 1 :])
    folded = whole.unflatten(axis, (-1, PARTS))  # type: ignore[no-untyped-call]  # torch leaves it untyped
    planner.op(
        f"{text}, in {PARTS} parts", torch.sum, folded, axis, out=parts.narrow(axis, 0, PARTS), flops=whole.numel()
    )
    if rest:
        left, last = x.narrow(axis, count - rest, rest), parts.narrow(axis, PARTS, 1)
        planner.op(f"{text}, what is left", torch.sum, left, axis, keepdim=True, out=last, flops=left.numel())
    planner.op(text, torch.sum, parts, axis, keepdim=True, out=out, flops=parts.numel())
    planner.release(parts)
