"""Kernels that give the same numbers on any number of threads.

torch shares operations on more than :data:`GRAIN` numbers between threads. It cuts elementwise ones at places that are
no multiple of a vector register, where kernels of the sigmoid family fall into scalar code that rounds differently,
and it adds up one partial sum per thread where a single number is wanted. Both are avoided by giving it pieces that are
too small to share.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from thalweg.base.axes import ALIGNMENT
from thalweg.base.contracts import Call, Planner

GRAIN = 1 << 15
"""Numbers one thread works on alone (at::internal::GRAIN_SIZE)."""


def stretches(*tensors: Tensor) -> list[tuple[Tensor, ...]]:
    """Cut contiguous tensors of one size into stretches that are never shared between threads.

    Examples
    --------
    >>> [left.numel() for left, right in stretches(torch.zeros(2, 20000), torch.zeros(40000))]
    [32768, 7232]
    """
    return list(zip(*(torch.split(tensor.view(-1), GRAIN) for tensor in tensors), strict=True))


def in_turn(calls: Sequence[Call]) -> Callable[..., None]:
    """Return one function that makes several calls; it takes ``out=`` for the books only."""

    def run(**written: Tensor) -> None:  # noqa: ARG001 - bound in the calls
        for call in calls:
            call()

    return run


def plan_elementwise(
    planner: Planner, text: str, kernel: Callable[..., object], x: Tensor, out: Tensor, *, flops: int
) -> None:
    """Plan out = kernel(x) for a kernel whose scalar code rounds differently; both contiguous.

    Parameters
    ----------
    planner
        Where to append.
    text
        The formula.
    kernel
        Takes x and ``out=``.
    x, out
        May be the same.
    flops
        Floating-point operations.
    """
    if x.numel() <= GRAIN:
        planner.op(text, kernel, x, out=out, flops=flops)
        return
    calls = [_bind(kernel, part, target) for part, target in stretches(x, out)]
    planner.op(text, in_turn(calls), out=out, flops=flops)


def plan_row_sum(planner: Planner, text: str, x: Tensor, axis: int, out: Tensor) -> None:
    """Plan out = sum of x over the rows of the batch, axis 1 or 2 of x, kept as an axis of length 1.

    Long batches are folded to :data:`ALIGNMENT` partial sums first, so that no sum of a single number is shared.
    """
    if x.shape[axis] <= GRAIN:
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


def _bind(kernel: Callable[..., object], x: Tensor, out: Tensor) -> Call:
    return lambda: kernel(x, out=out)
