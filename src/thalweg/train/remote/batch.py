"""What a worker elsewhere does: train a batch of members of one crowd to the end, and give them back.

This file is what crosses the border. It runs in a process that knows nothing of the population, and again for a batch
that was lost: to the same numbers.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Final

import torch
from numpy.typing import NDArray

from thalweg.base.errors import ThalwegError
from thalweg.train.backend import backend_of
from thalweg.train.device import made_current, on_device
from thalweg.train.native.library import native_here
from thalweg.train.population import Member, TrainingTable, crowd_of
from thalweg.train.products.precision import products
from thalweg.train.products.threads import one_thread
from thalweg.train.remote.parcel import Parcel, open_parcel
from thalweg.train.result import MemberFit, failed
from thalweg.train.running.crew import Job
from thalweg.train.running.halving import Rest, Rungs, Shelf
from thalweg.train.running.loop import train_crowd
from thalweg.train.steps.masks import MaskPool, mask_pool
from thalweg.train.versions import versions

_LOOK: Final = 0.5  # seconds between looks whether anybody still waits
_ALWAYS: Final = ("thalweg", "arithmetic")  # versions the bits of native steps depend on
_TORCH: Final = ("torch", "numpy", "processor")  # those the bits of torch's calls depend on besides
_ALONE: Final = threading.Lock()  # calls of torch share the generators of their process


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Members of one crowd for one worker.

    Parameters
    ----------
    parcel
        The table.
    numbers, members
        Who is trained.
    slots
        How many at once.
    rates
        Dropout rates of the whole population.
    how
        Device, precision, and whether kernels must be deterministic.
    versions
        Of the caller.
    rungs, stage, rests
        Epochs at which members rest, how many were passed, and where those came to rest that did; see
        :class:`~thalweg.train.running.halving.Shelf`.
    """

    parcel: Parcel
    numbers: Sequence[int]
    members: Sequence[Member]
    slots: int
    rates: tuple[float, ...]
    how: "How"
    versions: Mapping[str, str]
    rungs: tuple[int, ...] = ()
    stage: int = 0
    rests: Mapping[int, Rest] | None = None


@dataclass(frozen=True, slots=True)
class How:
    """As of :func:`thalweg.train.fit.fit_population`."""

    device: str = "cpu"
    precision: str = "exact"
    deterministic: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TrainedBatch:
    """What comes back: members that are done, where the others rest, and how long it took; by number."""

    fits: Sequence[MemberFit]
    rests: Mapping[int, Rest]
    seconds: float


@dataclass(frozen=True, slots=True)
class Missing:
    """The worker has no way to the table."""

    where: str


@dataclass(frozen=True, slots=True)
class Unlike:
    """The worker would compute other numbers, for it has other versions."""

    where: str
    here: Mapping[str, str]


def train_batch(batch: Batch, sent: NDArray[Any] | None = None) -> TrainedBatch | Missing | Unlike:
    """Train a batch; the body of a task.

    Parameters
    ----------
    batch
        What is to be done.
    sent
        The table's numbers, if this worker needs them.

    Returns
    -------
    TrainedBatch or Missing or Unlike
        What became of the members, or why nothing did.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> from thalweg.train.remote.parcel import TableFile
    >>> file = TableFile(training_table(np.zeros((10, 2)), np.zeros(10)))
    >>> members = [Member(mlp((8,)), Squared(), np.arange(10), epochs=2)]
    >>> found = train_batch(Batch(file.parcel, [5], members, 1, (), How(), versions()))
    >>> [(fit.number, fit.status) for fit in found.fits]
    [(5, 'finished')]
    >>> file.remove()
    """
    started = time.perf_counter()
    table = open_parcel(batch.parcel, sent)
    where = f"{socket.gethostname()}, process {os.getpid()}"
    if table is None:
        return Missing(where)
    natively = _natively(batch, table)
    here = versions()
    if any(here[name] != batch.versions[name] for name in (_ALWAYS if natively else _ALWAYS + _TORCH)):
        return Unlike(where, here)
    with ExitStack() as stack:
        stack.enter_context(nullcontext() if natively else _ALONE)
        stack.enter_context(products(batch.how.precision))
        stack.enter_context(one_thread())
        fits, rests = _trained(batch, table)
    return TrainedBatch(fits, rests, time.perf_counter() - started)


def _natively(batch: Batch, table: TrainingTable) -> bool:
    member, dtype = batch.members[0], table.rows.dtype
    backend, crowd = backend_of(member.network), crowd_of(member, table)
    steps = backend.lockstep and backend.without_native_form(crowd, member, dtype) is None
    return batch.how.device == "cpu" and steps and native_here(dtype, table.rows.device)


def _trained(batch: Batch, table: TrainingTable) -> tuple[list[MemberFit], dict[int, Rest]]:
    """Train the members, numbered from 0 here; return them, and where the others rest, by their own numbers."""
    numbers, crowd = list(range(len(batch.members))), crowd_of(batch.members[0], table)
    pool = _pool(batch.rates, table.rows.dtype)
    jobs = [Job(crowd, numbers, min(batch.slots, len(numbers)))]
    shelf = _shelf(batch, table)
    with ExitStack() as stack:
        if batch.how.device != "cpu":
            table, pool, jobs = on_device(batch.how.device, table, pool, jobs)
            stack.enter_context(made_current(table.rows.device, deterministic=batch.how.deterministic))
        fits = _each(jobs[0], table, batch.members, pool, _wanted_at(batch.parcel.path), shelf)
    rests = {} if shelf is None else {batch.numbers[n]: shelf.pack(n) for n in numbers if shelf.rests(n)}
    return [replace(fit, number=batch.numbers[fit.number]) for fit in fits], rests


def _each(
    job: Job,
    table: TrainingTable,
    members: Sequence[Member],
    pool: MaskPool | None,
    tick: Callable[[int], bool],
    shelf: Shelf | None,
) -> list[MemberFit]:
    """Train members; those that were at work when something failed are tried once more, alone."""
    done: list[MemberFit] = []
    train = partial(train_crowd, job.crowd, table, members, pool=pool, tick=tick, shelf=shelf)
    try:
        train(partial(next, iter(job.numbers), None), done.append, slots=job.slots)
    except ThalwegError:
        raise
    except Exception:  # noqa: BLE001 - one member's failure is not that of the others
        known = {fit.number for fit in done}
        for number in [n for n in job.numbers if n not in known and not (shelf is not None and shelf.rests(n))]:
            try:
                train(iter([number, None]).__next__, done.append, slots=1)
            except ThalwegError:
                raise
            except Exception as error:  # noqa: BLE001 - it is reported
                done.append(failed(number, f"failed twice: {type(error).__name__}: {error}"))
    return done


def _shelf(batch: Batch, table: TrainingTable) -> Shelf | None:
    if not batch.rungs:
        return None
    rungs = Rungs(batch.rungs, _nobody, passed=batch.stage)
    shelf = Shelf(table, batch.members, rungs, 1)
    for place, number in enumerate(batch.numbers):
        if batch.rests is not None and number in batch.rests:
            shelf.unpack(place, batch.rests[number])
    return shelf


def _nobody(rung: int, fits: Mapping[int, MemberFit]) -> Sequence[int]:  # noqa: ARG001 - the caller judges
    raise AssertionError("members are judged where the population was asked for")


def _wanted_at(path: str) -> Callable[[int], bool]:
    """Return what an epoch asks: whether somebody waits, as the table's file tells if it was in reach at first."""
    there, last = os.path.exists(path), time.monotonic()  # noqa: PTH110 - looked at often

    def tick(steps: int) -> bool:  # noqa: ARG001 - the caller counts what comes back
        nonlocal last
        if there and time.monotonic() - last > _LOOK:
            last = time.monotonic()
            return os.path.exists(path)  # noqa: PTH110
        return True

    return tick


@lru_cache(maxsize=2)
def _pool(rates: tuple[float, ...], dtype: torch.dtype) -> MaskPool | None:
    return mask_pool(rates, dtype) if rates else None
