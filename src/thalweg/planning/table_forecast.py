"""What a population of networks on a table would take on this machine, by timing a few of its own steps."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from thalweg.planning.likely_range import LikelyRange, range_between
from thalweg.train.backend import backend_of
from thalweg.train.fit import fit_population
from thalweg.train.population import Crowd, Member, TrainingTable, crowds_of

SECONDS: Final = 2.0
"""At most this long is measured, all networks together."""
_SHORTEST: Final = 0.05  # seconds of steps; below that a clock is too coarse
_EARLY: Final = (0.3, 0.55, 1.0)  # shares of the epochs allowed: lower tenth, middle, upper tenth
_TOGETHER: Final = 8  # members timed side by side, as they are trained
_BUSY: Final = 1.3  # clock time over processor time from which others are at work here


@dataclass(frozen=True, slots=True)
class TableForecast:
    """What training would take, network by network of a grid summed.

    Parameters
    ----------
    networks
        Members of the population.
    kinds
        Different networks among them.
    parameters
        Trained numbers of all members.
    steps
        Steps of all members if each ran all its epochs.
    flops
        Operations of these steps, by the very programs that would run.
    workers
        Cores that share them.
    every_epoch
        Seconds if every member ran all its epochs.
    seconds
        Seconds with early stopping, an 80 % range.
    step_microseconds
        Of one member's step, over all steps.
    busy
        Whether other work took this machine's cores while it was measured.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> members = [Member(mlp((8,)), Squared(), np.arange(64), seed=s, epochs=50) for s in range(4)]
    >>> found = forecast_table(training_table(x, x**2), members, workers=1)
    >>> found.networks, found.steps, found.parameters, found.seconds.middle > 0
    (4, 400, 100, True)
    """

    networks: int
    kinds: int
    parameters: int
    steps: int
    flops: int
    workers: int
    every_epoch: float
    seconds: LikelyRange
    step_microseconds: float
    busy: bool


def forecast_table(table: TrainingTable, members: Sequence[Member], workers: int | None = None) -> TableForecast:
    """Time a few epochs of some members of each kind, and multiply by what the population holds.

    The timed members are thrown away, and draw from streams of their own: nothing that is trained later changes.

    Parameters
    ----------
    table, members
        What is to be trained, at least one.
    workers
        Cores; None for all.

    Returns
    -------
    TableForecast
        Members that may stop early are taken to need between 0.3 and 1.0 of their epochs, 0.55 in the middle.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> found = forecast_table(training_table(x, x**2), [Member(mlp((8,)), Squared(), np.arange(64), epochs=50)])
    >>> found.flops > found.steps * 6 * 32 * 16, found.workers
    (True, 1)
    """
    crowds = crowds_of(members, table)
    crew = max(1, min(workers or os.cpu_count() or 1, len(members)))
    budget = SECONDS / len(crowds)
    timed = {crowd: _timed(table, [members[n] for n in some[:_TOGETHER]], budget) for crowd, some in crowds.items()}
    costs = {crowd: step for crowd, (step, _) in timed.items()}
    steps = {crowd: sum(members[n].steps * members[n].epochs for n in numbers) for crowd, numbers in crowds.items()}
    total = sum(costs[crowd] * steps[crowd] for crowd in crowds)
    may_stop = any(member.patience is not None for member in members)
    share = range_between(*_EARLY) if may_stop else range_between(0.9, 1.0, 1.15)
    return TableForecast(
        networks=len(members),
        kinds=len(crowds),
        parameters=sum(c.network.count(c.inputs, c.outputs) * len(numbers) for c, numbers in crowds.items()),
        steps=sum(steps.values()),
        flops=_flops(table, members, crowds, steps),
        workers=crew,
        every_epoch=total / crew,
        seconds=share.times(total / crew),
        step_microseconds=total / max(1, sum(steps.values())) * 1e6,
        busy=any(busy for _, busy in timed.values()),
    )


def _timed(table: TrainingTable, members: Sequence[Member], budget: float) -> tuple[float, bool]:
    """Return processor seconds per step, its share of validation included, and whether others were at work.

    What a call takes to begin is taken off: that of one epoch.
    """
    _run(table, members, 1)
    _, start = _run(table, members, 1)
    epochs, spent = 2, start
    while True:
        clock, used = _run(table, members, epochs)
        spent += used
        if used - start >= _SHORTEST or 3 * spent > budget:
            break
        epochs *= 4
    steps = sum(member.steps for member in members) * (epochs - 1)
    return max(used - start, 1e-9) / steps, clock > _BUSY * used


def _run(table: TrainingTable, members: Sequence[Member], epochs: int) -> tuple[float, float]:
    """Train members for so many epochs and return clock and processor seconds."""
    short = [replace(member, epochs=epochs, patience=None) for member in members]
    clock, used = time.perf_counter(), time.process_time()
    fit_population(table, short, workers=1)
    return time.perf_counter() - clock, time.process_time() - used


def _flops(
    table: TrainingTable,
    members: Sequence[Member],
    crowds: Mapping[Crowd, Sequence[int]],
    steps: Mapping[Crowd, int],
) -> int:
    programs = {
        crowd: backend_of(crowd.network).program(crowd, members[numbers[0]], table) for crowd, numbers in crowds.items()
    }
    return sum(programs[crowd].flops * steps[crowd] for crowd in crowds)
