"""Worker processes: one thread each, every one trains chunks of members to the end; no barriers between them.

Members are taken from a shared counter per crowd, so that fast workers do more. The parent only receives finished
members. Only successive halving has a barrier: at a rung all workers wait for the judgement. A worker that dies is
noticed by its sentinel; the members it held, and those nobody took, are tried once more elsewhere, and named if that
fails too. Where workers cannot begin at all, the error says what to write.

For steps that hold Python's lock, as those of torch modules do; native ones run in threads (``threads.py``).
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

from thalweg.base.errors import ThalwegError, TrainingError, setting
from thalweg.train.population import Member, TrainingTable
from thalweg.train.products.precision import products
from thalweg.train.products.threads import interrupts_held, one_thread
from thalweg.train.result import MemberFit, failed
from thalweg.train.running.crew import POLL, Job
from thalweg.train.running.halving import Race, Shelf
from thalweg.train.running.loop import Take, train_crowd
from thalweg.train.steps.masks import MaskPool

_PATIENCE = 5.0  # seconds to wait for a queue that is held for microseconds: whoever holds it longer was killed
_DEATHS_AT_BIRTH = 2  # in a row, without a sign of life from any worker
_FAULTS = 3  # in a row, of workers that had taken no member


HELLO = "hello"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a worker ends before its work is done."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """What workers and parent see together."""

    taken: Any  # next place in the queue of each job
    holder: Any  # worker that took a member, by member number; -1 for nobody
    done: Any  # member-steps done, by worker
    stop: Any  # not zero: leave at the end of the epoch


def start_method() -> str:
    """Return ``fork`` where the platform has it and it is safe, else ``spawn``; the numbers are the same."""
    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return "fork" if forks else "spawn"


def may_have_workers() -> bool:
    """Return whether this process may start others: a daemonic one, such as a worker of a pool, may not."""
    return not multiprocessing.current_process().daemon


def work(  # noqa: PLR0917 - a process gets its arguments by place
    worker: int,
    table: TrainingTable,
    members: Sequence[Member],
    jobs: Sequence[Job],
    board: Board,
    pool: MaskPool | None,
    channel: Connection,
    precision: str,
    shelf: Shelf | None,
    again: Sequence[Job],
) -> None:
    """Train members of all jobs, stage by stage, until the queues are empty; the body of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, born_of = multiprocessing.parent_process(), os.getppid()

    def left() -> bool:  # Unix gives an orphan another parent at once; Windows never does
        alone = os.getppid() != born_of or (parent is not None and not parent.is_alive())
        return bool(board.stop.value) or alone

    def tick(steps: int) -> bool:
        board.done[worker] += steps
        return not left()

    def train(job: Job, take: Take) -> None:
        slots = job.slots if shelf is None else min(job.slots, shelf.slots(job.crowd, job.numbers))
        train_crowd(job.crowd, table, members, take, channel.send, slots=slots, pool=pool, tick=tick, shelf=shelf)

    nobody_waits = suppress(BrokenPipeError)  # the parent was killed
    with nobody_waits, one_thread(), products(precision):
        channel.send(HELLO)
        try:
            for job in again:
                train(job, partial(next, iter(job.numbers), None))
            for stage in [0] if shelf is None else shelf.coming(left):
                for place, job in enumerate(jobs):
                    train(job, partial(_next, worker, board, place, job, shelf))
                channel.send(stage)
            channel.send(None)
        except ThalwegError as error:
            channel.send(error)
        except Exception as error:  # noqa: BLE001 - whoever waits tells it in words
            channel.send(Fault(f"{type(error).__name__}: {error}"))
    channel.close()


def _next(worker: int, board: Board, place: int, job: Job, shelf: Shelf | None) -> int | None:
    """Take the next member of a job's queue, None when it is empty; those that were dropped are passed over."""
    lock = board.taken.get_lock()
    held = lock.acquire(timeout=_PATIENCE)  # without it a member may be trained twice, to the same numbers
    try:
        while (index := int(board.taken[place])) < len(job.numbers) and not board.stop.value:
            board.taken[place] = index + 1
            number = int(job.numbers[index])
            if shelf is None or shelf.races(number):
                board.holder[number] = worker
                return number
    finally:
        if held:
            lock.release()
    return None


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    channel: Connection
    passed: int = -1  # last stage it has trained
    said_hello: bool = False
    fault: str = ""
    said_goodbye: bool = False


class WorkerPool:
    """Worker processes for one population.

    Parameters
    ----------
    table, members, jobs, pool
        What is to be trained.
    count
        Number of processes.
    method
        ``fork`` or ``spawn``; None lets the platform decide.
    precision
        How products round, see :mod:`thalweg.train.products.precision`.
    race
        Where members rest at rungs, and how they are judged; None without rungs.

    Examples
    --------
    See :func:`thalweg.train.fit.fit_population`.
    """

    def __init__(
        self,
        table: TrainingTable,
        members: Sequence[Member],
        jobs: Sequence[Job],
        pool: MaskPool | None,
        *,
        count: int,
        method: str | None = None,
        precision: str = "exact",
        race: Race | None = None,
    ) -> None:
        self._context: BaseContext = multiprocessing.get_context(method or start_method())
        self._table, self._members, self._jobs, self._pool = table, members, jobs, pool
        self._precision, self._race = precision, race
        self._board = self._new_board(len(jobs), 2 * count)
        self._count, self._workers = count, list[_Worker]()
        self._missing = {number for job in jobs for number in job.numbers}
        self._retried: set[int] = set()
        self._deaths_at_birth = self._faults = 0

    def _new_board(self, jobs: int, workers: int) -> Board:
        context: Any = self._context
        holder = context.Array("i", len(self._members), lock=False)
        holder[:] = [-1] * len(self._members)
        return Board(context.Array("l", jobs), holder, context.Array("q", workers, lock=False), context.Value("b", 0))

    def _start(self, number: int, again: Sequence[Job] = ()) -> _Worker:
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            raise SystemExit(1)  # a spawned worker reads a script without a guard; its parent says what to write
        context: Any = self._context
        receiver, sender = context.Pipe(duplex=False)
        shared = (self._table, self._members, self._jobs, self._board, self._pool)
        shelf = None if self._race is None else self._race.shelf
        arguments = (number, *shared, sender, self._precision, shelf, again)
        process = context.Process(target=work, args=arguments, daemon=True)
        process.start()
        sender.close()
        return _Worker(process, receiver)

    @property
    def steps_done(self) -> int:
        """Member-steps done by all workers."""
        return sum(self._board.done)

    def stop(self) -> None:
        """Ask the workers to leave at the end of their epoch."""
        self._board.stop.value = 1

    def terminate(self) -> None:
        """End the workers at once."""
        for worker in self._workers:
            worker.process.terminate()
            worker.process.join()

    def receive(self, emit: Callable[[MemberFit], None], poll: Callable[[], None]) -> None:
        """Hand finished members to ``emit`` until all workers have left; call ``poll`` a few times a second.

        Ctrl-C falls between two messages; called again, it goes on with the workers there are.
        """
        with interrupts_held():
            self._begin()
        while open_workers := self._at_work():
            channels = {id(w.channel): w for w in open_workers}
            ready = multiprocessing.connection.wait([w.channel for w in open_workers], timeout=POLL)
            for channel in ready:
                with interrupts_held():
                    self._read(channels[id(channel)], emit)
            with interrupts_held():
                self._climb()
            poll()
        for number in [n for n in sorted(self._missing) if self._wanted(n) and not self._board.stop.value]:
            self._missing.discard(number)
            emit(_died_twice(number, None))
        for worker in self._workers:
            worker.process.join()

    def _begin(self) -> None:
        """Start the workers; where the system allows fewer, these do the work."""
        while len(self._workers) < self._count:
            try:
                self._workers.append(self._start(len(self._workers)))
            except OSError as error:
                if not self._workers:
                    raise _without_room(error.strerror or str(error)) from error
                self._count = len(self._workers)

    def _at_work(self) -> list[_Worker]:
        """Return the workers that have not left; where all have, and members were lost, a new one tries these."""
        found = [w for w in self._workers if not w.channel.closed]
        lost = [] if found or self._board.stop.value else [n for n in sorted(self._missing) if self._wanted(n)]
        again = [n for n in lost if n not in self._retried]
        if again:
            self._retried.update(again)
            with interrupts_held():
                self._replace(0, again)
            found = [self._workers[0]]
        return found

    def _wanted(self, number: int) -> bool:
        return self._race is None or self._race.shelf.races(number)

    def _read(self, worker: _Worker, emit: Callable[[MemberFit], None]) -> None:
        try:
            message = worker.channel.recv()
        except (EOFError, OSError):
            worker.channel.close()
            if not worker.said_goodbye:
                self._recover(worker, emit)
            return
        worker.said_hello, self._deaths_at_birth = True, 0
        if message == HELLO:
            return
        if isinstance(message, ThalwegError):
            raise message
        if isinstance(message, Fault):
            worker.fault = message.text
        elif message is None:
            worker.said_goodbye = True
        elif isinstance(message, int):
            worker.passed = message
        else:
            self._missing.discard(message.number)
            self._faults = 0
            emit(message)

    def _climb(self) -> None:
        """When all workers have reached a rung, judge, and open the next stage."""
        race, open_workers = self._race, [w for w in self._workers if not w.channel.closed]
        if race is None or not open_workers or self._board.stop.value:
            return
        if all(w.passed == race.shelf.stage for w in open_workers):
            self._board.taken[:] = [0] * len(self._jobs)
            self._board.holder[:] = [-1] * len(self._members)
            race.climb()

    def _recover(self, worker: _Worker, emit: Callable[[MemberFit], None]) -> None:
        """Try the members of a dead worker once more in a new one; report those that failed twice."""
        worker.process.join()
        self._deaths_at_birth += not worker.said_hello
        if self._deaths_at_birth >= _DEATHS_AT_BIRTH:
            raise _unborn(worker.process.exitcode)
        number = self._workers.index(worker)
        lost = [n for n in sorted(self._missing) if self._board.holder[n] == number and not self._rests(n)]
        self._faults = self._faults + 1 if worker.fault and not lost else 0
        if self._faults >= _FAULTS:
            raise _without_room(worker.fault)
        for member in [n for n in lost if n in self._retried]:
            self._missing.discard(member)
            emit(_died_twice(member, worker.process.exitcode, worker.fault))
        again = [n for n in lost if n not in self._retried]
        self._retried.update(again)
        self._replace(number, again)

    def _rests(self, number: int) -> bool:
        return self._race is not None and self._race.shelf.rests(number)

    def _replace(self, number: int, again: Sequence[int]) -> None:
        """Start a worker that first trains lost members, then goes on with the queues."""
        jobs = [Job(job.crowd, mine, 1) for job in self._jobs if (mine := [n for n in again if n in set(job.numbers)])]
        if not self._board.stop.value and any(self._wanted(n) for n in self._missing):
            for member in again:
                self._board.holder[member] = number
            try:
                self._workers[number] = self._start(number, jobs)
            except OSError as error:
                raise _without_room(error.strerror or str(error)) from error


def _unborn(exit_code: int | None) -> TrainingError:
    return TrainingError(
        f"Worker processes end before they begin (exit code {exit_code}).",
        "Put what starts the work under `if __name__ == '__main__':` in your script; in a notebook or where that is "
        f"not possible, give {setting('workers')}=1. The numbers do not depend on it.",
    )


def _without_room(fault: str) -> TrainingError:
    return TrainingError(
        f"Worker processes fail before they take a network ({fault}).",
        f"Ask for fewer {setting('workers')}, or for fewer or smaller networks.",
    )


def _died_twice(number: int, exit_code: int | None, fault: str = "") -> MemberFit:
    if fault:
        return failed(number, f"failed twice: {fault}")
    return failed(number, f"failed: its worker process died twice (exit code {exit_code})")
