"""Batched matrix products, the bulk of every step: which library computes them, and in which pieces.

A member's numbers must not depend on how many slots train beside it. Batched products keep that promise as long as
every matrix takes the same road through the library; where torch's own has two, one of them is chosen here.
"""

from functools import partial

import torch
from torch import Tensor

from thalweg.base.axes import ALIGNMENT
from thalweg.base.contracts import Call
from thalweg.train.openblas import OpenBlas, openblas
from thalweg.train.precision import rounds_factors


def product_library() -> str:
    """Return the name of the library that multiplies matrices on this processor, for the record of a run.

    Examples
    --------
    >>> product_library() == "torch" or product_library().startswith("OpenBLAS")
    True
    """
    library = openblas()
    return "torch" if library is None else library.name


def members_side_by_side(device: torch.device) -> bool:
    """Whether all parameters of a slot lie together, since products take matrices at any distance from each other.

    An optimizer call then updates a slot as one stretch of memory. torch's library takes a slow road for outputs with
    gaps between them, so for it each parameter's matrices lie together instead.

    Examples
    --------
    >>> members_side_by_side(torch.device("meta")) == (openblas() is not None)
    True
    """
    return device.type != "cuda" and openblas() is not None


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
    library = openblas() if out.device.type == "cpu" else None
    if library is not None and not rounds_factors(out.dtype):
        return _by_openblas(library, a, b, out, start)
    if start is not None:
        return partial(torch.baddbmm, start, a, b, out=out)
    if out.device.type == "cpu" and (out[0].numel() % ALIGNMENT or library is not None):
        return _matrix_by_matrix(a, b, out)
    if out.shape[2] == 1:  # a single column is computed as a row, which rounds alike for one slot and for many
        a, b, out = _row(b), a.mT, _row(out)
    return partial(torch.bmm, a, b, out=out)


def _by_openblas(library: OpenBlas, a: Tensor, b: Tensor, out: Tensor, start: Tensor | None) -> Call:
    product = library.product(a, b, out, add=start is not None)
    if start is None:
        return product
    fill = partial(out.copy_, start)

    def run() -> None:
        fill()
        product()

    return run


def _matrix_by_matrix(a: Tensor, b: Tensor, out: Tensor) -> Call:
    """Return the call for matrices with gaps between them: torch would multiply a batch of those on a slow road."""
    matrices = list(zip(a, b, out, strict=True))

    def run() -> None:
        for left, right, target in matrices:
            torch.mm(left, right, out=target)

    return run


def _row(column: Tensor) -> Tensor:
    """Read columns [S D 1] as rows [S 1 D]; a plain transpose would leave strides that take another road."""
    return column.view(column.shape[0], 1, column.shape[1])
