"""Dropout masks without drawing a random number in the step.

Masks of every rate are drawn once into a long pool; each (member, step, layer) reads a window of it that starts at
its own random place. One gather replaces the generation of one random number per activation, which would cost thirty
times as much (docs/lab-notes.md); keep frequencies and correlations between steps and units are those of independent
draws (tests/statistics/test_dropout_masks.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thalweg.base.seeds import stream

POOL = 1 << 21  # numbers per rate: 8 MB in float32
STRIDE = 16  # windows start at multiples of one vector register


@dataclass(frozen=True, slots=True, eq=False)
class MaskPool:
    """Pools of dropout masks, values 0 and 1 / (1 − rate).

    Parameters
    ----------
    values
        All pools, one after the other.
    starts
        Where the pool of each rate begins.

    Examples
    --------
    >>> pool = mask_pool([0.5], torch.float32)
    >>> pool.values.unique().tolist()
    [0.0, 2.0]
    """

    values: Tensor
    starts: dict[float, int]

    def windows(self, length: int) -> Tensor:
        """Return every window of a length as rows of one overlapping view [windows length]."""
        count = (self.values.numel() - length) // STRIDE + 1
        return self.values.as_strided((count, length), (STRIDE, 1))

    def offset(self, rate: float, length: int) -> tuple[int, int]:
        """Return the first window of a rate and how many lie fully inside its pool."""
        return self.starts[rate] // STRIDE, (POOL - length) // STRIDE

    def to(self, device: torch.device) -> "MaskPool":
        """Return the pools on a device."""
        return MaskPool(self.values.to(device), self.starts)


def mask_pool(rates: Sequence[float], dtype: torch.dtype) -> MaskPool:
    """Draw the pools of some rates from one fixed stream; a pool does not depend on which others are drawn.

    Parameters
    ----------
    rates
        Dropout rates in [0, 1).
    dtype
        Type of the activations.

    Returns
    -------
    MaskPool
        Pools of :data:`POOL` numbers each.

    Examples
    --------
    >>> mask_pool([0.25, 0.0], torch.float64).starts
    {0.0: 0, 0.25: 2097152}
    """
    distinct = sorted(set(rates))
    uniform = torch.from_numpy(stream(0, "dropout").uniform(POOL) if distinct else np.empty(0))
    values = torch.empty(POOL * len(distinct), dtype=dtype)
    for number, rate in enumerate(distinct):
        values[number * POOL : (number + 1) * POOL] = (uniform >= rate).to(dtype) / (1.0 - rate)
    return MaskPool(values, {rate: number * POOL for number, rate in enumerate(distinct)})
