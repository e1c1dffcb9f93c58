"""What a population of networks on a table would take on this machine, by training a few of its own members."""

import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from thalweg.planning.likely_range import LikelyRange, even_range, range_between
from thalweg.planning.population_forecast import CrowdWork
from thalweg.train.backend import backend_of
from thalweg.train.fit import fit_population
from thalweg.train.population import Crowd, Member, TrainingTable, crowds_of
from thalweg.train.result import MemberFit
from thalweg.train.running.limit import ending_at

SECONDS: Final = 3.0
"""About so long is measured at most, all networks together."""
_SHORTEST: Final = 0.02  # seconds of steps; below that a clock is too coarse
_EARLIEST: Final = 0.3  # share of the epochs allowed at which networks stop, where none was seen to stop
_MISSED: Final = (
    0.3  # of the logarithm: what timing alone leaves open; 0.15 held 11 of 25 (benchmarks/results/plans.md)
)
_EARLIER: Final = 0.4  # of the logarithm of the epochs to a stop: as if one network more was seen to differ by so much
_LEAST: Final = 0.2  # of the time of some epochs that they themselves took at least, whatever a busy clock says
_TENTH: Final = 1.28
_ENDS: Final = ("low", "middle", "high")
_TOGETHER: Final = 8  # members timed side by side, as they are trained
_BUSY: Final = 1.3  # clock time over processor time from which others are at work here


_NOTHING: Final = even_range(0.0, 0.0)


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
        Seconds with early stopping and with the networks that are trained again, an 80 % range.
    stopping
        Share of its epochs that a member runs, as the few did that were trained to their end.
    step_microseconds
        Of the clock per member's step, all cores at work.
    busy
        Whether other work took this machine's cores while it was measured.
    beside
        Seconds of the models beside the networks.
    seeds
        Of the design.
    work
        By kind of network.

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
    stopping: float
    step_microseconds: float
    busy: bool
    beside: LikelyRange = _NOTHING
    seeds: int = 1
    work: tuple[CrowdWork, ...] = ()

    @property
    def rate(self) -> float:
        """Operations a second of one step after the other, all cores at work."""
        return self.flops / max(1, self.steps) / self.step_microseconds * 1e6

    @property
    def whole(self) -> LikelyRange:
        """Seconds of networks and of what stands beside them, an 80 % range."""
        return self.seconds.plus(self.beside)

    def seeds_within(self, seconds: float) -> int:
        """Return how many seeds leave the upper tenth of the time within so many seconds; 0 if one is too many.

        Networks take in proportion to seeds, what stands beside them takes what it takes.
        """
        return max(0, int((seconds - self.beside.high) / (self.seconds.high / self.seeds)))


def forecast_table(
    table: TrainingTable, members: Sequence[Member], workers: int | None = None, *, again: int = 0
) -> TableForecast:
    """Train a few members of each kind, to their end if time allows, and multiply by what the population holds.

    The members trained are thrown away, and draw from streams of their own: nothing that is trained later changes.

    Parameters
    ----------
    table, members
        What is to be trained, at least one.
    workers
        Cores; None for all.
    again
        Networks that are trained again afterwards, on the validation rows too, for as many epochs as were best.

    Returns
    -------
    TableForecast
        Where no member comes to its end in the time that is measured, it may stop anywhere between where it was and
        all its epochs, and the range is as wide.

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
    pilots = {c: _pilot(table, [members[n] for n in numbers], crew, budget) for c, numbers in crowds.items()}
    steps = {crowd: sum(members[n].steps * members[n].epochs for n in numbers) for crowd, numbers in crowds.items()}
    begin = sum(pilots[crowd].start * len(numbers) for crowd, numbers in crowds.items())
    going = {crowd: pilots[crowd].step * steps[crowd] for crowd in crowds}
    best = sum(going[crowd] * pilots[crowd].best for crowd in crowds) + begin
    more = again / len(members) * best
    parts = [sum(going[crowd] * getattr(pilots[crowd].share, end) for crowd in crowds) for end in _ENDS]
    total = sum(steps.values())
    return TableForecast(
        networks=len(members),
        kinds=len(crowds),
        parameters=sum(c.network.count(c.inputs, c.outputs) * len(numbers) for c, numbers in crowds.items()),
        steps=total,
        flops=_flops(table, members, crowds, steps),
        workers=crew,
        every_epoch=begin + sum(going.values()),
        seconds=_with_timing(range_between(*(begin + part + more for part in parts))),
        stopping=parts[1] / sum(going.values()),
        step_microseconds=sum(going.values()) / max(1, total) * 1e6,
        busy=any(found.busy for found in pilots.values()),
    )


def _with_timing(found: LikelyRange) -> LikelyRange:
    return LikelyRange(found.middle, math.hypot(found.below, _MISSED), math.hypot(found.above, _MISSED))


@dataclass(frozen=True, slots=True)
class _Pilot:
    """Of the members of a crowd, all cores at work: clock seconds of a step and to begin, and shares of the epochs."""

    step: float
    start: float
    share: LikelyRange
    best: float
    busy: bool


def _pilot(table: TrainingTable, members: Sequence[Member], workers: int, budget: float) -> _Pilot:
    size = min(len(members), _TOGETHER * workers)
    few = [members[len(members) * number // size] for number in range(size)]
    step, start, busy = _pace(table, few, workers, budget / 2)
    if few[0].patience is None:
        return _Pilot(step, start, even_range(1.0, 0.0), 1.0, busy)
    whole = step * few[0].steps * few[0].epochs  # of one member
    count = max(min(workers, len(few)), min(len(few), int(budget / 2 / whole)))
    epochs = max(1, min(few[0].epochs, int(budget / 2 / (whole * count) * few[0].epochs)))
    some = [replace(member, epochs=epochs) for member in few[:count]]
    with ending_at(time.monotonic() + 2 * budget):  # should its pace have been taken for a better one than it is
        fits = fit_population(table, some, workers=workers).members
    share, best = _stopping(fits, epochs, few[0].epochs)
    return _Pilot(step, start, share, best, busy)


def _stopping(fits: Sequence[MemberFit], epochs: int, allowed: int) -> tuple[LikelyRange, float]:
    """Return the share of the epochs allowed that members run, and where they are best, from some that ran fewer."""
    ended = [fit for fit in fits if fit.epochs < epochs or epochs == allowed]
    if not ended:
        seen = max(_EARLIEST, epochs / allowed)
        middle = math.sqrt(seen)
        return range_between(min(seen, 0.99 * middle), middle, 1.0), middle
    per_end = sum(fit.epochs for fit in fits) / len(ended) / allowed  # members still at work count what they ran
    logs = [math.log(fit.epochs) for fit in ended]
    mean = sum(logs) / len(logs)
    spread = math.sqrt((_EARLIER**2 + sum((x - mean) ** 2 for x in logs)) / len(logs)) / math.sqrt(len(ended))
    middle = min(1.0, per_end)
    best = sum(fit.best_epoch for fit in ended) / len(ended) / allowed
    return LikelyRange(middle, spread, min(spread, -math.log(middle) / _TENTH)), min(best, middle)


def _pace(table: TrainingTable, members: Sequence[Member], workers: int, budget: float) -> tuple[float, float, bool]:
    """Return clock seconds of a member's step and of its begin, and whether others are at work on the cores."""
    clock, used = _run(table, members[:1], 1, 1)
    begun = min(_run(table, members, 1, workers)[0] for _ in range(2))
    epochs, spent = 4, 0.0
    while True:
        took = min(_run(table, members, epochs, workers)[0] for _ in range(2))
        spent += 2 * took
        if took - begun >= max(_SHORTEST, begun) or 8 * spent > budget:
            break
        epochs *= 4
    steps = sum(member.steps for member in members)
    step = max(took - begun, _LEAST * took) / (steps * (epochs - 1))
    return step, max(begun - step * steps, 0.0) / len(members), clock > _BUSY * used


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
