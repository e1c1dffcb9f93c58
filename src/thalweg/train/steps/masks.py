"""Dropout masks without drawing a random number in the step.

Random numbers are drawn once into a long pool; each (member, step, layer) reads a window of it that starts at its own
random place. One gather replaces the generation of one random number per activation, which would cost thirty times as
much (docs/lab-notes.md); keep frequencies and correlations between steps and units are those of independent draws
(tests/statistics/test_dropout_masks.py).

Where a population has few rates, a pool holds the finished masks of each. Where it has many, there is one pool of the
uniform draws and a step compares them with the rate of each slot: two more passes over the mask in place of
milliseconds and megabytes per rate before the first step. Both give the same masks bit for bit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from thalweg.base.contracts import MaskRate
from thalweg.base.seeds import stream

POOL = 1 << 21  # numbers of a pool: 8 MB in float32
STRIDE = 16  # windows start at multiples of one vector register
MOST_RATES = 8  # rates that have pools of their own: 64 MB in float32


@dataclass(frozen=True, slots=True, eq=False)
class MaskPool:
    """Pools of dropout masks, values 0 and 1 / (1 − rate), or one pool of uniform draws for all rates.

    Parameters
    ----------
    values
        All pools, one after the other.
    starts
        Where the pool of each rate begins.
    uniform
        Whether the values are uniform draws u, of which a step makes masks 1[u ≥ rate] / (1 − rate).

    Examples
    --------
    >>> pool = mask_pool([0.5], torch.float32)
    >>> pool.values.unique().tolist()
    [0.0, 2.0]
    """

    values: Tensor
    starts: dict[float, int]
    uniform: bool = False

    def windows(self, length: int) -> Tensor:
        """Return every window of a length as rows of one overlapping view [windows length]."""
        count = (self.values.numel() - length) // STRIDE + 1
        return self.values.as_strided((count, length), (STRIDE, 1))

    def offset(self, rate: float, length: int) -> tuple[int, int]:
        """Return the first window of a rate and how many lie fully inside its pool."""
        return self.starts[rate] // STRIDE, (POOL - length) // STRIDE

    def to(self, device: torch.device) -> "MaskPool":
        """Return the pools on a device."""
        return MaskPool(self.values.to(device), self.starts, self.uniform)


def mask_pool(rates: Sequence[float], dtype: torch.dtype) -> MaskPool:
    """Draw what the masks of some rates need from one fixed stream; no mask depends on which other rates there are.

    Parameters
    ----------
    rates
        Dropout rates in [0, 1).
    dtype
        Type of the activations.

    Returns
    -------
    MaskPool
        A pool of :data:`POOL` numbers for each of up to :data:`MOST_RATES` distinct rates, else one for all.

    Examples
    --------
    >>> mask_pool([0.25, 0.0], torch.float64).starts
    {0.0: 0, 0.25: 2097152}
    """
    distinct = sorted(set(rates))
    draws = torch.from_numpy(stream(0, "dropout").uniform(POOL) if distinct else np.empty(0)).to(dtype)
    if len(distinct) > MOST_RATES:
        return MaskPool(draws, dict.fromkeys(distinct, 0), uniform=True)
    values = draws.repeat(len(distinct))
    for rate, mask in zip(distinct, torch.split(values, POOL), strict=False):
        mask.ge_(torch.tensor(rate, dtype=dtype)).mul_(torch.tensor(1.0 / (1.0 - rate), dtype=dtype))
    return MaskPool(values, {rate: number * POOL for number, rate in enumerate(distinct)})


def pool_for(settings: Iterable[Mapping[str, float]], dtype: torch.dtype) -> MaskPool | None:
    """Draw what the masks of some networks need; None if no layer has any.

    Parameters
    ----------
    settings
        Settings of every network.
    dtype
        Type of the activations.

    Examples
    --------
    >>> pool_for([{"0.leak_rate": 3.0}], torch.float32) is None
    True
    >>> pool_for([{"0.body.1.off": MaskRate(0.5)}], torch.float32).starts
    {0.5: 0}
    """
    rates = {float(value) for found in settings for value in found.values() if isinstance(value, MaskRate)}
    return mask_pool(sorted(rates), dtype) if rates else None


def with_scales(settings: Mapping[str, float]) -> dict[str, float]:
    """Add the factor 1 / (1 − rate) of what each mask keeps, by the name of :func:`scale_of`."""
    scales = {scale_of(name): 1.0 / (1.0 - value) for name, value in settings.items() if isinstance(value, MaskRate)}
    return {**settings, **scales}


def scale_of(rate: str) -> str:
    """Return the name of the factor that belongs to a mask's rate; no layer's setting has a space in its name."""
    return f"scale of {rate}"
