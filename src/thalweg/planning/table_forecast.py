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

SECONDS: Final = 6.0
"""About so long is measured at most, all networks together."""
_SHORTEST: Final = 0.05  # seconds of steps; below that a clock is too coarse
_EARLY: Final = (0.3, 0.55, 1.0)  # shares of the epochs allowed: lower tenth, middle, upper tenth
_MISSED: Final = (0.8, 1.0, 1.5)  # by which searches in benchmarks/results/plans.md left a narrower range
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
        Of the clock per member's step, all cores at work.
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
    budget, few = SECONDS / len(crowds), _TOGETHER * crew
    timed = {crowd: _timed(table, [members[n] for n in some[:few]], crew, budget) for crowd, some in crowds.items()}
    steps = {crowd: sum(members[n].steps * members[n].epochs for n in numbers) for crowd, numbers in crowds.items()}
    begin = sum(timed[crowd].start * len(numbers) for crowd, numbers in crowds.items())
    going = sum(timed[crowd].step * steps[crowd] for crowd in crowds)
    may_stop = any(member.patience is not None for member in members)
    share = range_between(*_EARLY) if may_stop else range_between(0.9, 1.0, 1.15)
    parts = zip((share.low, share.middle, share.high), _MISSED, strict=True)
    seconds = range_between(*((begin + going * part) * missed for part, missed in parts))
    return TableForecast(
        networks=len(members),
        kinds=len(crowds),
        parameters=sum(c.network.count(c.inputs, c.outputs) * len(numbers) for c, numbers in crowds.items()),
        steps=sum(steps.values()),
        flops=_flops(table, members, crowds, steps),
        workers=crew,
        every_epoch=begin + going,
        seconds=seconds,
        step_microseconds=going / max(1, sum(steps.values())) * 1e6,
        busy=any(found.busy for found in timed.values()),
    )


@dataclass(frozen=True, slots=True)
class _Timed:
    """Seconds of the clock that a step and the start of a member take, all cores at work, and whether others are."""

    step: float
    start: float
    busy: bool


def _timed(table: TrainingTable, members: Sequence[Member], workers: int, budget: float) -> _Timed:
    clock, used = _run(table, members, 1, 1)
    begun = min(_run(table, members, 1, workers)[0] for _ in range(2))
    epochs, spent = 8, 0.0
    while True:
        took = min(_run(table, members, epochs, workers)[0] for _ in range(2))
        spent += 2 * took
        if took - begun >= max(_SHORTEST, begun) or 8 * spent > budget:
            break
        epochs *= 4
    steps = sum(member.steps for member in members)
    step = max(took - begun, 1e-9) / (steps * (epochs - 1))
    return _Timed(step, max(begun - step * steps, 0.0) / len(members), clock > _BUSY * used)


def _run(table: TrainingTable, members: Sequence[Member], epochs: int, workers: int) -> tuple[float, float]:
    """Train members for so many epochs and return clock and processor seconds."""
    short = [replace(member, epochs=epochs, patience=None) for member in members]
    clock, used = time.perf_counter(), time.process_time()
    fit_population(table, short, workers=workers)
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
