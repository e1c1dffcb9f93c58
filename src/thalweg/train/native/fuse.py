"""Folding what follows a product into it: bias, rectifier and gate, while its sums are still in registers.

The same operations in the same order on the same numbers, so that no bit depends on what is folded.
"""

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from thalweg.base.contracts import Native, Op


def fused(forms: Sequence[Native]) -> list[Native]:
    """Return a list with fewer passes over memory."""
    found: list[Native] = []
    for form in forms:
        merged = _merged(found[-1], form) if found else None
        if merged is None:
            found.append(form)
        else:
            found[-1] = merged
    return found


def folded(ops: Sequence[Op]) -> list[Op]:
    """Return operations as they run: what is folded into a product stands on its line, prices added.

    Examples
    --------
    >>> import torch
    >>> x = torch.ones(1, 2, 2)
    >>> forms = (Native("product", x, (x, x, None, None), (0.0, 0.0)),), (Native("rectify", x, (x,)),)
    >>> z, a = (Op(t, print, (1, 2, 2), 8, 64, "b0", native=f) for t, f in zip(("z = x W", "a = max(z, 0)"), forms))
    >>> [(op.text, op.flops) for op in folded([z, a])]
    [('z = x W, a = max(z, 0)', 16)]
    """
    found: list[Op] = []
    for op in ops:
        pair = (found[-1].native, op.native) if found else (None, None)
        merged = _merged(pair[0][0], pair[1][0]) if pair[0] and pair[1] and len(pair[1]) == 1 else None
        if merged is None:
            found.append(op)
        else:
            before = found[-1]
            text, flops, moved = f"{before.text}, {op.text}", before.flops + op.flops, before.bytes + op.bytes
            found[-1] = replace(before, text=text, flops=flops, bytes=moved, native=(merged,))
    return found


def _merged(product: Native, next_one: Native) -> Native | None:
    """Return a product that does what stands behind it too; None where it cannot."""
    if product.loop != "product" or not _same(product.out, next_one.out) or not _same(product.out, next_one.reads[0]):
        return None
    a, b, start, fourth = product.reads
    rectified, gated = product.numbers
    if next_one.loop == "rectify" and not gated:
        return product._replace(numbers=(1.0, gated))
    if fourth is not None or rectified:
        return None
    if next_one.loop == "add" and next_one.numbers == (1.0,) and _is_row(next_one.reads[1]):
        return product._replace(reads=(a, b, start, next_one.reads[1]))
    if next_one.loop == "rectify_back":
        return product._replace(reads=(a, b, start, next_one.reads[1]), numbers=(rectified, 1.0))
    return None


def _is_row(x: Tensor | None) -> bool:
    """Whether every row of a matrix is the same [S M N]."""
    return x is not None and x.ndim == 3 and (x.stride(1) == 0 or x.shape[1] == 1) and 1 in (x.stride(2), x.shape[2])


def _same(x: Tensor, y: Tensor | None) -> bool:
    return y is not None and (_place(x), x.shape, x.stride()) == (_place(y), y.shape, y.stride())


def _place(x: Tensor) -> tuple[int, int]:
    """Return which memory a tensor is a view of, and from where; without memory it has no address."""
    return int(x.untyped_storage()._cdata), int(x.storage_offset())  # noqa: SLF001 - the only name torch has for it
