"""Threads of this process, one a core: native steps hold no lock of Python's, so threads need no processes.

Every thread trains chunks of members to the end and takes the next from queues that all share; there are no barriers
but the rungs of successive halving. Nothing is copied, sent or started anew. A member for which memory runs out beside
the others is tried once more, alone, when they are done.
"""

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from thalweg.base.errors import ThalwegError, TrainingError, setting
from thalweg.base.machine.free_memory import ran_out
from thalweg.train.native.runner import HALT, Halted
from thalweg.train.population import Member, TrainingTable
from thalweg.train.products.threads import interrupts_held, one_thread
from thalweg.train.result import MemberFit, failed
from thalweg.train.running.crew import POLL, Job
from thalweg.train.running.halving import Race
from thalweg.train.running.loop import train_crowd
from thalweg.train.steps.masks import MaskPool


class ThreadCrew:
    """Threads for one population; see :class:`thalweg.train.running.crew.Crew`.

    Parameters
    ----------
    table, members, jobs, pool
        What is to be trained natively.
    count
        Number of threads.
    race
        Where members rest at rungs, and how they are judged; None without rungs.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10), epochs=2)
    >>> crew = ThreadCrew(table, [member], [Job(crowd_of(member, table), [0], 1)], None, count=1)
    >>> crew.receive(lambda fit: print(fit.status), lambda: None)
    finished
    """

    def __init__(
        self,
        table: TrainingTable,
        members: Sequence[Member],
        jobs: Sequence[Job],
        pool: MaskPool | None,
        *,
        count: int,
        race: Race | None = None,
    ) -> None:
        self._table, self._members, self._jobs, self._pool = table, members, jobs, pool
        self._race, self._steps = race, [0] * count
        self._halt, self._news = threading.Event(), threading.Event()
        self._done: deque[MemberFit] = deque()
        self._errors: deque[BaseException] = deque()
        self._retried: set[int] = set()
        self._waiting: deque[tuple[Job, int]] = deque()  # members for which memory ran out beside others
        self._threads: list[threading.Thread] = []
        self._left: deque[int] = deque()
        self._ended = self._beside = False

    @property
    def steps_done(self) -> int:
        """Member-steps done by all threads."""
        return sum(self._steps)

    def stop(self) -> None:
        """Let the threads break off within a twentieth of a second; members that are not finished are dropped."""
        self._halt.set()

    def terminate(self) -> None:
        """Let the threads break off, and wait for them."""
        self._halt.set()
        for thread in self._threads:
            thread.join()

    def receive(self, emit: Callable[[MemberFit], None], poll: Callable[[], None]) -> None:
        """Hand finished members to ``emit`` until all are done; call ``poll`` a few times a second.

        Ctrl-C falls between two members; called again, it goes on with what is still at work.

        Raises
        ------
        ThalwegError
            If the members cannot be trained as they are asked for.
        """
        with one_thread():
            while not self._ended:
                with interrupts_held():
                    self._start()
                while len(self._left) < len(self._threads):
                    self._news.wait(POLL)
                    self._news.clear()
                    self._hand_over(emit)
                    poll()
                self._hand_over(emit)
                if self._errors:
                    raise self._errors[0]
                with interrupts_held():
                    self._threads.clear()
                    self._left.clear()
                    if self._waiting:
                        continue
                    self._ended = self._halt.is_set() or self._race is None or not self._race.climb()

    def _start(self) -> None:
        """Start the threads of a stage, unless they are there."""
        if self._threads:
            return
        alone = [(replace(job, numbers=[member], slots=1), deque([member])) for job, member in self._waiting]
        self._waiting.clear()
        queues = alone or [(job, deque(self._racing(job))) for job in self._jobs]
        self._beside = not alone and len(self._steps) > 1  # said before the first thread is at work
        for number in range(1 if alone else len(self._steps)):
            run = contextvars.copy_context().run  # settings such as numpy's errstate are those of who asked
            thread = threading.Thread(target=run, args=(self._work, number, queues), daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the system allows no more of them: those there are do the work
                if not self._threads:
                    raise TrainingError(
                        f"No thread can be started: {error}.", f"Ask for {setting('workers')}=1."
                    ) from error
                return
            self._threads.append(thread)

    def _racing(self, job: Job) -> Sequence[int]:
        return job.numbers if self._race is None else [n for n in job.numbers if self._race.shelf.races(n)]

    def _hand_over(self, emit: Callable[[MemberFit], None]) -> None:
        while self._done:
            with interrupts_held():
                emit(self._done.popleft())

    def _work(self, number: int, queues: Sequence[tuple[Job, deque[int]]]) -> None:
        """Train members until the queues are empty; the body of a thread."""
        torch.set_flush_denormal(True)  # every thread has its own
        HALT.set(self._halt)
        try:
            for job, queue in queues:
                while queue and not self._halt.is_set():
                    self._train(number, job, queue)
        except Halted:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised where the members were asked for
            self._errors.append(error)
            self._halt.set()
        finally:
            self._left.append(number)
            self._news.set()

    def _train(self, number: int, job: Job, queue: deque[int]) -> None:
        """Train members of a queue; those that were at work when something failed are tried once more, alone."""
        held: list[int] = []

        def take() -> int | None:
            try:
                held.append(queue.popleft())
            except IndexError:
                return None
            return held[-1]

        def emit(fit: MemberFit) -> None:
            held.remove(fit.number)
            self._done.append(fit)
            self._news.set()

        def tick(steps: int) -> bool:
            self._steps[number] += steps
            return not self._halt.is_set()

        shelf = None if self._race is None else self._race.shelf
        slots = job.slots if shelf is None else min(job.slots, shelf.slots(job.crowd, job.numbers))
        try:
            train_crowd(
                job.crowd, self._table, self._members, take, emit, slots=slots, pool=self._pool, tick=tick, shelf=shelf
            )
        except (Halted, ThalwegError):
            raise
        except Exception as error:  # noqa: BLE001 - one member's failure is not that of the others
            if not held:  # it failed before it took any, as where there is no room for their numbers
                take()
            for member in [n for n in held if shelf is None or not shelf.rests(n)]:
                self._again(number, job, member, error)

    def _again(self, number: int, job: Job, member: int, error: Exception) -> None:
        if member in self._retried and ran_out(error) and self._beside:
            self._waiting.append((job, member))
            return
        if member in self._retried:
            self._done.append(failed(member, f"failed twice: {type(error).__name__}: {error}"))
            return
        self._retried.add(member)
        self._train(number, replace(job, numbers=[member], slots=1), deque([member]))
