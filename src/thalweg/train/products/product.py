"""Batched matrix products, the bulk of every step: which library computes them.

A member's numbers must not depend on how many slots train beside it, so on a CPU every matrix is multiplied by itself.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from thalweg.base.contracts import Call
from thalweg.train.products.openblas import openblas
from thalweg.train.products.precision import rounds_factors


def product_library() -> str:
    """Return the name of the library that multiplies matrices on this processor, for the record of a run.

    Examples
    --------
    >>> product_library() == "torch" or product_library().startswith("OpenBLAS")
    True
    """
    library = openblas()
    return "torch" if library is None else library.name


def product_call(a: Tensor, b: Tensor, out: Tensor, start: Tensor | None = None) -> Call:
    """Return the call that computes out = a b, or out = start + a b.

    Parameters
    ----------
    a, b, out
        Tensors [S M K], [S K N], [S M N].
    start
        What is added, such as a bias [S M 1].

    Returns
    -------
    Callable
        It allocates nothing.

    Examples
    --------
    >>> out = torch.zeros(1, 1, 1)
    >>> product_call(torch.full((1, 1, 2), 3.0), torch.ones(1, 2, 1), out)() and None
    >>> out.item()
    6.0
    """
    if a.shape[2] == 1 and start is None:
        return partial(torch.mul, a, b, out=out)
    if out.device.type != "cpu":
        return partial(torch.bmm, a, b, out=out) if start is None else partial(torch.baddbmm, start, a, b, out=out)
    library = openblas()
    if library is None or rounds_factors(out.dtype):
        return _matrix_by_matrix(a, b, out, start)
    calls = library.product(a, b, out, add=start is not None)
    return _in_turn(calls if start is None else [partial(out.copy_, start), *calls])


def _matrix_by_matrix(a: Tensor, b: Tensor, out: Tensor, start: Tensor | None) -> Call:
    """Return the call for torch's library, which would multiply a batch by other kernels than a single matrix."""
    matrices = zip(a, b, out, strict=True)
    if start is None:
        return _in_turn([partial(torch.mm, left, right, out=target) for left, right, target in matrices])
    starts = start.expand_as(out)
    pairs = zip(starts, matrices, strict=True)
    return _in_turn([partial(torch.addmm, first, left, right, out=target) for first, (left, right, target) in pairs])


def _in_turn(calls: Sequence[Call]) -> Call:
    if len(calls) == 1:
        return calls[0]

    def run() -> None:
        for call in calls:
            call()

    return run
