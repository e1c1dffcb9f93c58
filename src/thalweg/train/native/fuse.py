"""Folding what follows a product into it: bias, rectifier and gate, while its sums are still in registers.

The same operations in the same order on the same numbers, so that no bit depends on what is folded.
"""

from collections.abc import Sequence

from torch import Tensor

from thalweg.base.contracts import Native


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
    return y is not None and (x.data_ptr(), x.shape, x.stride()) == (y.data_ptr(), y.shape, y.stride())
