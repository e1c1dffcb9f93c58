"""Training a population: the door to the engine."""

import math
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from thalweg.base.checks import check_count
from thalweg.base.errors import SettingError
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.train.backend import backend_of
from thalweg.train.device import made_current, on_device
from thalweg.train.native.library import native_here
from thalweg.train.native.runner import Halted
from thalweg.train.notice import note_torch_steps
from thalweg.train.population import Crowd, Member, TrainingTable, crowds_of, member_work
from thalweg.train.products.precision import products
from thalweg.train.products.threads import Sharing, one_thread
from thalweg.train.progress import Progress
from thalweg.train.remote.batch import How
from thalweg.train.remote.executors import executor_in_use
from thalweg.train.remote.remote_crew import RemoteCrew
from thalweg.train.remote.transport import transport_of
from thalweg.train.result import Fit, MemberFit
from thalweg.train.running.crew import Crew, Job
from thalweg.train.running.halving import Race, Rungs, Shelf
from thalweg.train.running.limit import halted_in_time, seconds_left
from thalweg.train.running.loop import train_crowd
from thalweg.train.running.thread_crew import ThreadCrew
from thalweg.train.running.workers import WorkerPool, may_have_workers
from thalweg.train.slots import choose_slots, slot_bytes
from thalweg.train.steps.masks import MaskPool, pool_for

WIDE = 30e6  # floating-point operations of a step from which one member alone is worth several threads


def fit_population(
    table: TrainingTable,
    members: Sequence[Member],
    *,
    workers: int | None = None,
    executor: Any = None,
    slots: int | None = None,
    start_method: str | None = None,
    device: str = "cpu",
    precision: str = "exact",
    deterministic: bool = False,
    rungs: Rungs | None = None,
    done: Sequence[MemberFit] = (),
    on_member: Callable[[MemberFit], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Fit:
    """Train all members of a population.

    Parameters
    ----------
    table
        What they learn from.
    members
        The population, see :class:`~thalweg.train.population.Member`.
    workers
        Members at work at the same time, each on a core; None for as many as there are cores. It never changes a
        member's numbers, and neither does ``slots``. Where steps are native (all networks of this package, wherever
        they were compiled) they are threads of this process, else processes.
    executor
        Trains the members elsewhere: a ``concurrent.futures.Executor`` (of processes, of loky, of MPI) or a
        ``distributed.Client``; ``workers`` is then how many of its workers are used, None for all. None trains where
        :func:`thalweg.train.remote.executors.work_on` says, else on this machine.
    slots
        How many members a worker trains in turns; None to choose by predicted time.
    start_method
        ``fork`` or ``spawn`` for processes in any case; None for threads where steps are native, else for what the
        platform allows.
    device
        ``cpu``, or ``cuda`` to train all members of a crowd at once on a GPU, in this process, as a CUDA graph. Its
        numbers agree with the CPU's within rounding, not bit for bit.
    precision
        How matrix products round float32 inputs: ``exact``, ``tf32`` (GPUs) or ``bf16`` (CPUs with AMX), see
        :mod:`thalweg.train.products.precision`. Members are bit-identical within one precision.
    deterministic
        On a GPU, take only kernels that give the same bits every time, slower where sums are made by atomic additions.
        On the CPU all do.
    rungs
        Successive halving: epoch counts at which members rest, are judged together, and only some go on from where they
        were; see :class:`thalweg.train.running.halving.Rungs`. None trains all to their end.
    done
        Members already trained, from an interrupted run; they are not trained again.
    on_member
        Called in this process with every member that is done, in the order they finish.
    on_progress
        Called a few times a second.

    Returns
    -------
    Fit
        Members in order. After Ctrl-C, or where :func:`~thalweg.train.running.limit.ending_at` ended it, it holds
        those that were done and says so.

    Raises
    ------
    DataError, SettingError
        If the members do not fit the table, or the device is not there.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> members = [Member(mlp((8,), "tanh"), Squared(), np.arange(64), seed=s, epochs=3) for s in range(4)]
    >>> fit_population(training_table(x, x**2), members, workers=1).statuses()
    {'finished': 4}
    """
    if not members:
        raise SettingError("The population has no members.", "Give at least one.")
    asked = None if workers is None else check_count("workers", workers)
    executor = executor_in_use() if executor is None else executor
    transport = None if executor is None else transport_of(executor, asked)
    workers = asked or (os.cpu_count() or 1 if transport is None else transport.capacity())
    finished = {fit.number: fit for fit in done}
    started = time.perf_counter()
    native = device == "cpu" and native_here(table.rows.dtype, table.rows.device)
    jobs = _jobs(table, members, finished, slots, workers, native=native)
    _refuse_oversized(table, members, jobs, workers if transport is None else 0)
    total = sum(members[n].steps * members[n].epochs for job in jobs for n in job.numbers)

    def emit(fit: MemberFit) -> None:
        finished[fit.number] = fit
        if on_member is not None:
            on_member(fit)

    tell = None if on_progress is None else _told_safely(on_progress)

    def report(steps: int) -> None:
        if tell is not None:  # members of a worker that died are done twice
            tell(Progress(len(finished), len(members), min(steps, total), total, time.perf_counter() - started))

    race = None if rungs is None else Race(rungs, Shelf(table, members, rungs, workers), len(members), finished, emit)
    pool = _pool_for(members, table)
    where = _Where(device, workers, start_method, precision, deterministic)
    with products(precision):
        if device == "cpu":
            note_torch_steps(table.rows.dtype, [(job.crowd, members[job.numbers[0]]) for job in jobs])
        if seconds_left() <= 0:
            broken_off = True
        elif transport is None or not jobs:
            broken_off = _train(table, members, jobs, pool, emit, report, where, race=race)
        else:
            how = How(device, precision, deterministic)
            crew = RemoteCrew(table, members, jobs, pool, transport, how=how, race=race)
            broken_off = _with_workers(crew, emit, report)
    return Fit(
        members=[finished[n] for n in sorted(finished)],
        networks=[member.network for member in members],
        table=table,
        crowds=list(crowds_of(members, table)),
        first=members[0],
        seconds=time.perf_counter() - started,
        interrupted=broken_off and any(n not in finished for job in jobs for n in job.numbers),
    )


@dataclass(frozen=True, slots=True)
class _Where:
    device: str
    workers: int
    start_method: str | None
    precision: str
    deterministic: bool


def _train(
    table: TrainingTable,
    members: Sequence[Member],
    jobs: Sequence[Job],
    pool: MaskPool | None,
    emit: Callable[[MemberFit], None],
    report: Callable[[int], None],
    where: _Where,
    *,
    race: Race | None,
) -> bool:
    """Train all jobs on a device, in this process or in workers; return whether it was broken off."""
    count = sum(len(job.numbers) for job in jobs)
    if where.device != "cpu":
        there, masks, fitted = on_device(where.device, table, pool, jobs)
        with made_current(there.rows.device, deterministic=where.deterministic):
            return _here(there, members, fitted, masks, emit, report, threads=1, race=race)
    crew: Crew | None = None
    workers, natively = min(where.workers, count), _natively(table, members, jobs)
    if workers > 1 and may_have_workers():
        if where.start_method is None and natively:
            crew = ThreadCrew(table, members, jobs, pool, count=workers, race=race)
        else:
            with suppress(OSError):  # no memory to share, as where /dev/shm is read-only: the numbers are the same here
                crew = WorkerPool(
                    table,
                    members,
                    jobs,
                    pool,
                    count=workers,
                    method=where.start_method,
                    precision=where.precision,
                    race=race,
                )
    if crew is None:
        threads = _useful_threads(table, members, jobs, where.workers) if natively else 1
        return _here(table, members, jobs, pool, emit, report, threads=threads, race=race)
    return _with_workers(crew, emit, report)


def _natively(table: TrainingTable, members: Sequence[Member], jobs: Sequence[Job]) -> bool:
    """Return whether all that is done for the members is native, so that threads do not wait for each other."""
    dtype = table.rows.dtype
    return native_here(dtype, table.rows.device) and all(
        _all_native(job.crowd, members[job.numbers[0]], dtype) for job in jobs
    )


def _all_native(crowd: Crowd, member: Member, dtype: torch.dtype) -> bool:
    """Return whether every operation of a crowd has a native form."""
    backend = backend_of(crowd.network)
    return backend.lockstep and backend.without_native_form(crowd, member, dtype) is None


def _refuse_oversized(table: TrainingTable, members: Sequence[Member], jobs: Sequence[Job], workers: int) -> None:
    """Refuse a population whose parameters, or those in training on this machine, do not fit into memory."""
    size, kept, training = table.rows.element_size(), 0, 0
    for job in jobs:
        numbers = job.crowd.network.count(job.crowd.inputs, job.crowd.outputs)
        whole = sum(members[n].resumable for n in job.numbers)  # gradients and optimizer states are kept too
        kept += (len(job.numbers) + whole * (2 + job.crowd.states)) * numbers * size
        training = max(training, min(workers, len(job.numbers)) * job.slots * slot_bytes(job.crowd, table.rows.dtype))
    count = sum(len(job.numbers) for job in jobs)
    refuse_oversized(
        {f"parameters of {count:,} networks": kept, "networks while they train": training},
        "Ask for fewer networks, for smaller ones, or for fewer workers.",
    )


def _told_safely(watch: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Return a callback that cannot break the work: what it raises is a warning, and then it is not called again."""
    broken = False

    def tell(progress: Progress) -> None:
        nonlocal broken
        if broken:
            return
        try:
            watch(progress)
        except Exception as error:  # noqa: BLE001 - the work of hours is worth more than any fault of a watcher
            broken = True
            text = f"The function that watches failed and is not called again: {type(error).__name__}: {error}"
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    return tell


def _jobs(
    table: TrainingTable,
    members: Sequence[Member],
    finished: Mapping[int, MemberFit],
    slots: int | None,
    workers: int,
    *,
    native: bool,
) -> list[Job]:
    """Cut what is left to do into one job per crowd, the longest first.

    A crowd without native steps, where others have them, trains one by one: products of several at once have other last
    bits, and a member is to be the same numbers alone and in company.
    """
    jobs = []
    for crowd, numbers in crowds_of(members, table).items():
        left = [n for n in numbers if n not in finished]
        if left:
            alone = native and not _all_native(crowd, members[left[0]], table.rows.dtype)
            chosen = slots or (1 if alone else choose_slots(crowd, table.rows.dtype, len(left), workers))
            jobs.append(Job(crowd, left, min(chosen, len(left))))
    return sorted(jobs, key=lambda job: -sum(member_work(members[n], table) for n in job.numbers))


def _with_workers(crew: Crew, emit: Callable[[MemberFit], None], report: Callable[[int], None]) -> bool:
    """Collect results; after Ctrl-C, or when time is over, let the workers leave and keep what is done."""
    broken_off = False

    def poll() -> None:
        nonlocal broken_off
        report(crew.steps_done)
        if seconds_left() <= 0:
            broken_off = True
            crew.stop()

    try:
        while True:
            try:
                crew.receive(emit, poll)
                break
            except KeyboardInterrupt:
                broken_off = True
                crew.stop()
    except BaseException:
        crew.terminate()
        raise
    return broken_off


def _here(
    table: TrainingTable,
    members: Sequence[Member],
    jobs: Sequence[Job],
    pool: MaskPool | None,
    emit: Callable[[MemberFit], None],
    report: Callable[[int], None],
    *,
    threads: int,
    race: Race | None,
) -> bool:
    """Train in this process, the jobs one after the other; return whether it was broken off."""
    shelf = None if race is None else race.shelf
    steps = 0

    def tick(count: int) -> bool:
        nonlocal steps
        steps += count
        report(steps)
        return not over.is_set()

    try:
        with one_thread(), halted_in_time() as over:
            sharing = Sharing(threads) if threads > 1 else None
            while True:
                for job in jobs:
                    if over.is_set():
                        break
                    numbers = job.numbers if shelf is None else [n for n in job.numbers if shelf.races(n)]
                    take = partial(next, iter(numbers), None)
                    slots = min(job.slots, max(1, len(numbers)))
                    train_crowd(
                        job.crowd,
                        table,
                        members,
                        take,
                        emit,
                        slots=slots,
                        pool=pool,
                        tick=tick,
                        shelf=shelf,
                        sharing=sharing,
                    )
                if over.is_set() or race is None or not race.climb():
                    break
    except (KeyboardInterrupt, Halted):
        return True
    return over.is_set()


def _useful_threads(table: TrainingTable, members: Sequence[Member], jobs: Sequence[Job], workers: int) -> int:
    """Return several for a single wide member, one more for every fourfold work: each has to be waited for."""
    if sum(len(job.numbers) for job in jobs) != 1:
        return 1
    member = members[jobs[0].numbers[0]]
    work = member_work(member, table) / (member.steps * member.epochs)
    return min(workers, 2 + int(math.log(work / WIDE, 4))) if work > WIDE else 1


def _pool_for(members: Sequence[Member], table: TrainingTable) -> MaskPool | None:
    """Draw the dropout masks of every rate in the population."""
    outputs = {id(m.loss): m.loss.outputs(table.classes) for m in members}
    return pool_for((m.network.settings(outputs[id(m.loss)]) for m in members), table.rows.dtype)
