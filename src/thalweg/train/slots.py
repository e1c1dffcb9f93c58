"""How many members train at once in one process, and with how many processes."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from thalweg.train.backend import backend_of
from thalweg.train.native.library import native_library
from thalweg.train.population import Crowd, Member

MOST_SLOTS: Final = {False: 10, True: 64}
"""By calls of torch, of ten slots each pays little to issue them, and more overflow the caches; natively slots run one
after the other."""
ENOUGH: Final = 1.05  # times the least time is good enough: fewer slots are shared out more evenly

PRODUCTS: Final = {"AVX512": 150e3, "AVX2": 70e3}
"""Floating-point operations per microsecond of matrix products, by what torch says a processor can do."""


@dataclass(frozen=True, slots=True)
class CoreSpeed:
    """What one core does, for choosing chunk sizes only; a rough guess serves.

    Parameters
    ----------
    issue
        Microseconds to issue one operation for all slots at once.
    begin
        Microseconds to begin one operation for every slot.
    epoch
        Microseconds around the steps of an epoch of all slots.
    product
        Matrix products, floating-point operations per microsecond.
    update
        Microseconds per parameter of an optimizer step.
    element
        Microseconds per activation, all elementwise operations together.
    cache
        Bytes of the core's own cache.
    """

    issue: float = 1.2
    begin: float = 0.0
    epoch: float = 400.0
    product: float = 70e3
    update: float = 0.7e-3
    element: float = 6e-4
    cache: int = 1 << 20


def this_core() -> CoreSpeed:
    """Return what a core of this processor does, by native steps or by calls of torch."""
    product = PRODUCTS.get(torch.backends.cpu.get_cpu_capability(), min(PRODUCTS.values()))
    if native_library(torch.float32) is None:
        return CoreSpeed(product=product)
    return CoreSpeed(issue=0.0, begin=0.08, product=product)


def slot_bytes(crowd: Crowd, dtype: torch.dtype) -> int:
    """Return the memory of one slot, estimated from the widths: parameters with their states, and activations."""
    widths = crowd.network.widths(crowd.inputs)
    size = crowd.network.count(crowd.inputs, crowd.outputs)
    active = crowd.batch * (crowd.inputs + 1 + sum(widths) + max(widths, default=0) + 3 * crowd.outputs)
    return dtype.itemsize * ((2 + crowd.states) * size + active)


def step_microseconds(crowd: Crowd, dtype: torch.dtype, slots: int, speed: CoreSpeed) -> float:
    """Return the guessed time of one step of a chunk on one core."""
    widths = crowd.network.widths(crowd.inputs)
    size = crowd.network.count(crowd.inputs, crowd.outputs)
    operations = 12 + 8 * len(widths)
    arithmetic = 6 * size * crowd.batch / speed.product + size * speed.update
    elementwise = crowd.batch * (sum(widths) + crowd.inputs) * speed.element
    together = slots if speed.issue else 1  # in the cache at the same time
    overflow = max(0.0, math.log2(together * slot_bytes(crowd, dtype) / speed.cache))
    each = operations * speed.begin + (arithmetic + elementwise) * (1 + 0.04 * overflow)
    return operations * speed.issue + slots * each + speed.epoch / crowd.steps


def choose_slots(crowd: Crowd, dtype: torch.dtype, members: int, workers: int, speed: CoreSpeed | None = None) -> int:
    """Return the smallest chunk with about the least guessed time for one worker's share, whole rounds counted.

    Parameters
    ----------
    crowd, dtype
        What is trained, and the type of its numbers.
    members, workers
        How many members share how many processes.
    speed
        The core; None for :func:`this_core`.

    Returns
    -------
    int
        From 1 to :data:`MOST_SLOTS`. It never changes a member's numbers.
    """
    if not backend_of(crowd.network).lockstep:
        return 1
    share, core = max(1, -(-members // workers)), speed or this_core()
    sizes = range(1, min(share, MOST_SLOTS[not core.issue]) + 1)
    rounds = {slots: -(-share // slots) * step_microseconds(crowd, dtype, slots, core) for slots in sizes}
    return next(slots for slots in sizes if rounds[slots] <= ENOUGH * min(rounds.values()))


def predicted_seconds(
    members: Sequence[Member],
    crowds: Mapping[Crowd, Sequence[int]],
    dtype: torch.dtype,
    workers: int | None = None,
) -> float:
    """Return the guessed time to train a population if every member ran all its epochs; early stopping takes less.

    Parameters
    ----------
    members, crowds, dtype
        What is to be trained, the members of every crowd by number, and the type of their numbers.
    workers
        Processes; None for one per core.

    Returns
    -------
    float
        Seconds, without validation and start-up.

    Examples
    --------
    >>> predicted_seconds([], {}, torch.float32)
    0.0
    """
    crew = max(1, min(workers or os.cpu_count() or 1, len(members)))
    total = 0.0
    for crowd, numbers in crowds.items():
        slots = choose_slots(crowd, dtype, len(numbers), crew)
        steps = sum(members[n].steps * members[n].epochs for n in numbers)
        total += steps * step_microseconds(crowd, dtype, slots, this_core()) / slots
    return total / crew / 1e6
