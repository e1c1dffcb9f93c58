"""A population trained by workers elsewhere: cut into batches by predicted time, collected, given again where lost."""

import pickle
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, replace
from typing import Any, Final

from thalweg.base.errors import ThalwegError, TrainingError
from thalweg.train.population import Member, TrainingTable
from thalweg.train.products.threads import interrupts_held
from thalweg.train.remote.batch import Batch, How, Missing, TrainedBatch, Unlike
from thalweg.train.remote.parcel import TableFile
from thalweg.train.remote.transport import Outcome, Transport, broken
from thalweg.train.result import MemberFit, failed
from thalweg.train.running.crew import POLL, Job
from thalweg.train.running.halving import Race
from thalweg.train.slots import step_microseconds, this_core
from thalweg.train.steps.masks import MaskPool
from thalweg.train.versions import versions

LONGEST: Final = 10.0  # seconds of a batch: what is lost with a worker
SHORTEST: Final = 0.5  # seconds under which the way there and back would show
SHARE: Final = 3  # batches for each worker out of what is left, so that all end at about the same time
AHEAD: Final = 2  # batches given out for each that can be at work, so that no worker waits for the next
LATE: Final = 3.0  # times its predicted time after which a batch is given to another worker as well
MOST_LOSSES: Final = 2  # of a batch, after which its members go alone, and of a member alone, after which it has failed
_NEVER: Final = (ImportError, AttributeError, TypeError, pickle.PickleError)  # errors that come back however often


@dataclass(slots=True, eq=False)
class _Given:
    """A batch that was given out."""

    job: Job
    numbers: Sequence[int]
    seconds: float  # predicted
    since: float
    losses: int = 0
    twice: bool = False  # another worker has it too


class RemoteCrew:
    """Workers reached by an executor; see :class:`thalweg.train.running.crew.Crew`.

    Parameters
    ----------
    table, members, jobs, pool
        What is to be trained.
    transport
        How batches reach workers.
    how
        Device and precision.
    race
        Where members rest at rungs, and how they are judged; None without rungs.

    Examples
    --------
    >>> import numpy as np
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> from thalweg.train.remote.transport import ExecutorTransport
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10), epochs=2)
    >>> jobs = [Job(crowd_of(member, table), [0], 1)]
    >>> with ThreadPoolExecutor(1) as executor:
    ...     crew = RemoteCrew(table, [member], jobs, None, ExecutorTransport(executor, None))
    ...     crew.receive(lambda fit: print(fit.status), lambda: None)
    finished
    """

    def __init__(
        self,
        table: TrainingTable,
        members: Sequence[Member],
        jobs: Sequence[Job],
        pool: MaskPool | None,
        transport: Transport,
        *,
        how: How | None = None,
        race: Race | None = None,
    ) -> None:
        self._members, self._jobs, self._transport, self._race = members, jobs, transport, race
        self._how, self._versions = how or How(), versions()
        self._rates = () if pool is None else tuple(sorted(pool.starts))
        self._seconds = _predicted(table, members, jobs)
        self._file = TableFile(table)
        self._sent: Any = None
        self._queue: deque[tuple[Job, deque[int]]] = deque()
        self._again: deque[_Given] = deque()
        self._out: dict[Future[Outcome], _Given] = {}
        self._done: set[int] = set()
        self._resting: dict[int, int] = {}  # by member, the stage after which it rests
        self._trained = 0  # member-steps
        self._took, self._foretold = 0.0, 0.0  # seconds of the batches that came back
        self._stopped = False
        self._open_stage()

    @property
    def steps_done(self) -> int:
        """Member-steps of the members that came back."""
        return self._trained

    def stop(self) -> None:
        """Give nothing out any more; workers that see the table's file leave when it is gone."""
        self._stopped = True
        for future in self._out:
            future.cancel()
        self._file.remove()

    def terminate(self) -> None:
        """Take back what was given out."""
        self.stop()

    def receive(self, emit: Callable[[MemberFit], None], poll: Callable[[], None]) -> None:
        """Hand finished members to ``emit`` until all are done; call ``poll`` a few times a second.

        Raises
        ------
        ThalwegError
            If the members cannot be trained as they are asked for, or the executor is broken.
        """
        while not self._stopped:
            self._give()
            if not self._out:
                if self._race is None or not self._race.climb():
                    break
                self._open_stage()
                continue
            done, _ = wait(self._out, timeout=POLL, return_when=FIRST_COMPLETED)
            for future in done:
                with interrupts_held():
                    if future in self._out:  # not taken back since, when its copy came
                        self._take(future, emit)
            if not done:
                self._transport.check()
                self._give_late_ones_again()
            poll()
        for future in [future for future in self._out if future.done()]:
            with interrupts_held():
                self._keep(future, emit)
        self.stop()

    def _open_stage(self) -> None:
        race = self._race
        for job in self._jobs:
            numbers = job.numbers if race is None else [n for n in job.numbers if race.shelf.races(n)]
            self._queue.append((job, deque(n for n in numbers if n not in self._done)))

    def _left(self) -> float:
        """Return predicted seconds of what was not given out."""
        return sum(self._seconds[n] for _, numbers in self._queue for n in numbers)

    def _give(self) -> None:
        """Give out batches until every worker has one and the next."""
        capacity = self._transport.capacity()
        while len(self._out) < AHEAD * capacity and (given := self._next(capacity)) is not None:
            given.since = time.monotonic()
            self._out[self._transport.submit(self._batch(given), self._sent)] = given

    def _next(self, capacity: int) -> _Given | None:
        if self._again:
            return self._again.popleft()
        while self._queue and not self._queue[0][1]:
            self._queue.popleft()
        if not self._queue:
            return None
        pace, (job, numbers) = self._pace(), self._queue[0]
        left = pace * self._left()
        room = min(LONGEST, max(left / (SHARE * capacity), min(SHORTEST, left / capacity)))
        taken: list[int] = []
        seconds = 0.0
        while numbers and (not taken or pace * (seconds + self._seconds[numbers[0]]) <= room):
            taken.append(numbers.popleft())
            seconds += self._seconds[taken[-1]]
        return _Given(job, taken, seconds, 0.0)

    def _pace(self) -> float:
        """Return how many times as long as predicted batches take here."""
        return self._took / self._foretold if self._foretold else 1.0

    def _batch(self, given: _Given) -> Batch:
        race, numbers = self._race, given.numbers
        batch = Batch(
            parcel=self._file.parcel,
            numbers=numbers,
            members=[self._members[n] for n in numbers],
            slots=given.job.slots,
            rates=self._rates,
            how=self._how,
            versions=self._versions,
        )
        if race is not None:
            shelf = race.shelf
            rests = {n: shelf.pack(n) for n in numbers if n in self._resting}
            batch = replace(batch, rungs=shelf.epochs, stage=shelf.stage, rests=rests)
        return batch

    def _take(self, future: "Future[Outcome]", emit: Callable[[MemberFit], None]) -> None:
        """Take what came back, or find out why nothing did."""
        if self._keep(future, emit):
            return
        given = self._out.pop(future)
        if future.cancelled():
            self._lost(given, emit, CancelledError("it was cancelled"))
            return
        error = future.exception()
        if error is None:
            self._refused(future.result(), given, emit)
        elif isinstance(error, ThalwegError):
            raise error
        elif isinstance(error, BrokenExecutor):
            raise broken(error) from error
        elif isinstance(error, _NEVER):
            what = f"The workers cannot take their work: {type(error).__name__}: {error}".rstrip(".")
            raise TrainingError(
                what, "Install the same thalweg on all of them, and all that your networks use."
            ) from error
        else:
            self._lost(given, emit, error)

    def _keep(self, future: "Future[Outcome]", emit: Callable[[MemberFit], None]) -> bool:
        """Keep the members of a batch, if it is all there; those that another worker was faster with are dropped."""
        if future.cancelled() or future.exception() is not None:
            return False
        found = future.result()
        if not isinstance(found, TrainedBatch):
            return False
        given = self._out[future]
        came = {fit.number for fit in found.fits} | found.rests.keys()
        if not self._stopped and not came.issuperset(given.numbers):
            return False
        del self._out[future]
        self._took, self._foretold = self._took + found.seconds, self._foretold + given.seconds
        for fit in found.fits:
            if fit.number not in self._done:
                self._done.add(fit.number)
                self._trained += self._members[fit.number].steps * fit.epochs
                emit(fit)
        self._shelve(found)
        if given.twice:
            self._cancel_like(given)
        return True

    def _shelve(self, found: TrainedBatch) -> None:
        race = self._race
        if race is None:
            return
        for number, rest in found.rests.items():
            if self._resting.get(number) != race.shelf.stage:
                self._resting[number] = race.shelf.stage
                race.shelf.unpack(number, rest)

    def _cancel_like(self, done: _Given) -> None:
        """Take back the other copy of a batch."""
        for future in [f for f, given in self._out.items() if given.numbers is done.numbers]:
            future.cancel()
            del self._out[future]

    def _refused(self, found: Outcome, given: _Given, emit: Callable[[MemberFit], None]) -> None:
        """Answer a worker that could not begin, or broke off."""
        if isinstance(found, Missing) and self._sent is None:
            self._sent = self._transport.attach(self._file.rows)
        if isinstance(found, Unlike):
            mine, theirs = self._versions, found.here
            others = ", ".join(f"{n} {theirs[n]}, not {mine[n]}" for n in mine if theirs.get(n) != mine[n])
            raise TrainingError(
                f"A worker ({found.where}) would compute other numbers, for it has {others}.",
                "Give all workers what is installed here, or leave that one out.",
            )
        if isinstance(found, Missing):
            self._again.append(given)
        else:
            self._lost(given, emit, CancelledError("its worker broke off"))

    def _lost(self, given: _Given, emit: Callable[[MemberFit], None], error: BaseException) -> None:
        """Give a batch again; one that is lost again goes in pieces, and a member alone has failed."""
        self._transport.check()
        if isinstance(error, CancelledError):  # the executor lost it, or what went with it: no fault of the members
            self._sent = None if self._sent is None else self._transport.attach(self._file.rows)
            self._again.append(given)
            return
        given.losses += 1
        if given.losses < MOST_LOSSES:
            self._again.append(given)
        elif len(given.numbers) > 1:
            self._again.extend(replace(given, numbers=[n], losses=1) for n in given.numbers)
        else:
            self._done.add(given.numbers[0])
            emit(failed(given.numbers[0], f"failed: its worker was lost twice ({type(error).__name__}: {error})"))

    def _give_late_ones_again(self) -> None:
        """Give batches that take far too long to workers that have nothing to do."""
        idle, now, pace = self._transport.capacity() - len(self._out), time.monotonic(), self._pace()
        if self._queue or self._again or not self._foretold:
            return
        for given in list(self._out.values()):
            if idle > 0 and not given.twice and now - given.since > LATE * max(SHORTEST, pace * given.seconds):
                given.twice, idle = True, idle - 1
                copy = replace(given, since=now)
                self._out[self._transport.submit(self._batch(copy), self._sent)] = copy


def _predicted(table: TrainingTable, members: Sequence[Member], jobs: Sequence[Job]) -> Mapping[int, float]:
    """Return the guessed seconds of every member."""
    core, found = this_core(), dict[int, float]()
    for job in jobs:
        each = step_microseconds(job.crowd, table.rows.dtype, job.slots, core) / job.slots / 1e6
        found |= {n: each * members[n].steps * members[n].epochs for n in job.numbers}
    return found
