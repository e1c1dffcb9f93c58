"""Many shuffles at once on any device: the same permutations as :meth:`thalweg.base.seeds.Stream.permutation`.

Integer arithmetic is exact everywhere. Torch has no unsigned 64-bit arithmetic, so words are kept as signed ones whose
bits are those of the unsigned; a logical shift masks the sign that an arithmetic shift drags in, and flipping the top
bit turns unsigned order into signed order.
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from thalweg.base.seeds import GAMMA, MIX_1, MIX_2

_TOP: Final = -(1 << 63)


def _signed(word: int) -> int:
    return word - (1 << 64) if word >= 1 << 63 else word


def _shifted(z: Tensor, count: int) -> Tensor:
    """Shift right without the sign."""
    return (z >> count) & ((1 << (64 - count)) - 1)


def permutations(keys: Sequence[int], counts: Tensor, width: int) -> Tensor:
    """Permute 0 … n − 1 for many streams and lengths at once.

    Parameters
    ----------
    keys
        Key of every stream [S], from :func:`thalweg.base.seeds.stream`.
    counts
        Length n of every permutation [S], int64, at most ``width``; its device is where the work is done.
    width
        Columns of the result.

    Returns
    -------
    torch.Tensor
        int64 [S width]: row s holds the permutation of 0 … n_s − 1, then ``width`` in the remaining columns.

    Examples
    --------
    >>> from thalweg.base.seeds import stream
    >>> s = stream(3, "order", 0)
    >>> permutations([s.key], torch.tensor([5]), 6)[0].tolist() == [*s.permutation(5).tolist(), 6]
    True
    """
    device = counts.device
    line = torch.arange(width, dtype=torch.int64, device=device)
    z = (line + 1) * _signed(GAMMA) + torch.tensor([[_signed(key)] for key in keys], dtype=torch.int64, device=device)
    z = (z ^ _shifted(z, 30)) * _signed(MIX_1)
    z = (z ^ _shifted(z, 27)) * _signed(MIX_2)
    z = z ^ _shifted(z, 31)
    lengths = [max(1, (int(n) - 1).bit_length()) for n in counts.tolist()]
    low = torch.tensor([[(1 << bits) - 1] for bits in lengths], dtype=torch.int64, device=device)
    words = ((z & ~low) | line) ^ _TOP
    absent = line >= counts[:, None]
    words = torch.where(absent, torch.iinfo(torch.int64).max, words)
    found = words.sort(dim=1).values ^ _TOP
    return torch.where(absent, width, found & low)
