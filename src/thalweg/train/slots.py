"""How many members train at once in one process, and with how many processes."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from thalweg.train.backend import backend_of
from thalweg.train.population import Crowd, Member, TrainingTable, crowds_of
from thalweg.train.products.openblas import openblas

MOST_SLOTS = 10  # beyond this the issue cost of an operation is spread thin enough and caches overflow

KERNEL_SPEED: Final = {"SkylakeX": 200e3, "Haswell": 70e3}
"""Floating-point operations per microsecond of OpenBLAS' kernels, measured on AMD's EPYC with AVX-512 and with AVX2."""


@dataclass(frozen=True, slots=True)
class CoreSpeed:
    """What one core does, for choosing chunk sizes only; a rough guess serves.

    Parameters
    ----------
    issue
        Microseconds to issue one operation.
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
    product: float = 120e3
    update: float = 0.7e-3
    element: float = 6e-4
    cache: int = 1 << 20


def this_core() -> CoreSpeed:
    """Return what a core of this processor does, by the library that multiplies and its kernels."""
    library = openblas()
    return CoreSpeed() if library is None else CoreSpeed(product=KERNEL_SPEED[library.name.split()[-1]])


def slot_bytes(crowd: Crowd, table: TrainingTable) -> int:
    """Return the memory of one slot, estimated from the widths: parameters with their states, and activations."""
    widths = crowd.network.widths(crowd.inputs)
    size = crowd.network.count(crowd.inputs, crowd.outputs)
    active = crowd.padded * (crowd.inputs + 1 + sum(widths) + max(widths, default=0) + 3 * crowd.outputs)
    return table.rows.element_size() * ((2 + crowd.states) * size + active)


def step_microseconds(crowd: Crowd, table: TrainingTable, slots: int, speed: CoreSpeed) -> float:
    """Return the guessed time of one step of a chunk on one core."""
    widths = crowd.network.widths(crowd.inputs)
    size = crowd.network.count(crowd.inputs, crowd.outputs)
    operations = 12 + 8 * len(widths)
    arithmetic = 6 * size * crowd.padded / speed.product + size * speed.update
    elementwise = crowd.padded * (sum(widths) + crowd.inputs) * speed.element
    overflow = max(0.0, math.log2(slots * slot_bytes(crowd, table) / speed.cache))
    return operations * speed.issue + slots * (arithmetic + elementwise) * (1 + 0.04 * overflow)


def choose_slots(crowd: Crowd, table: TrainingTable, members: int, workers: int, speed: CoreSpeed | None = None) -> int:
    """Return the chunk size with the least guessed time for one worker's share, whole rounds counted.

    Parameters
    ----------
    crowd, table
        What is trained.
    members, workers
        How many members share how many processes.
    speed
        The core; None for :func:`this_core`.

    Returns
    -------
    int
        Between 1 and :data:`MOST_SLOTS`. It never changes a member's numbers.
    """
    if not backend_of(crowd.network).lockstep:
        return 1
    share = max(1, -(-members // workers))

    def rounds(slots: int) -> float:
        return -(-share // slots) * step_microseconds(crowd, table, slots, speed or this_core())

    return min(range(1, min(share, MOST_SLOTS) + 1), key=rounds)


def predicted_seconds(members: Sequence[Member], table: TrainingTable, workers: int | None = None) -> float:
    """Return the guessed time to train a population if every member ran all its epochs; early stopping takes less.

    Parameters
    ----------
    members, table
        What is to be trained.
    workers
        Processes; None for one per core.

    Returns
    -------
    float
        Seconds, without validation and start-up.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.train.population import training_table
    >>> predicted_seconds([], training_table(np.zeros((2, 1)), np.zeros(2)))
    0.0
    """
    crew = max(1, min(workers or os.cpu_count() or 1, len(members)))
    total = 0.0
    for crowd, numbers in crowds_of(members, table).items():
        slots = choose_slots(crowd, table, len(numbers), crew)
        steps = sum(members[n].steps * members[n].epochs for n in numbers)
        total += steps * step_microseconds(crowd, table, slots, this_core()) / slots
    return total / crew / 1e6
