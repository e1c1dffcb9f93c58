"""How many threads compute, and when Ctrl-C is heard: settings of the process that hold for a while."""

import math
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType
from typing import Final

import torch

TIMED: Final = 8
"""Steps on one thread before several are tried."""
ANEW: Final = 512
"""Steps on several threads after which one is timed again: other work may have come or gone."""
LOSS: Final = 3.0
"""Steps' worth of time that several threads may lose before they are shed."""
FIRST_REST: Final = 64
LONGEST_REST: Final = 4096
"""Steps on one thread after several were shed, at first and at most."""
REPAID: Final = 10.0
"""Steps on one thread for each step's worth that was lost, so that trying again never costs more than a tenth."""


class Sharing:
    """How many threads share the steps of a single wide member, step by step.

    Threads wait for each other, and on a busy machine one of them is always somewhere else: several then take many
    times as long as one. So one thread is timed first, then several; they are shed as soon as they have lost
    :data:`LOSS` steps' worth of time against one, and tried again ever more rarely unless they prove themselves. Only
    steps are timed, never what lies between epochs. Numbers never depend on it.

    Parameters
    ----------
    count
        Threads wanted.
    clock
        Seconds.

    Examples
    --------
    >>> share, used = Sharing(4, clock=iter(range(20)).__next__), []
    >>> for _ in range(10):
    ...     share()
    ...     used.append(share.threads)
    >>> used
    [1, 1, 1, 1, 1, 1, 1, 1, 4, 4]
    """

    def __init__(self, count: int, clock: Callable[[], float] = perf_counter):
        self._count, self._clock = count, clock
        self._several, self._steps, self._rest, self._patience = False, 0, TIMED, FIRST_REST
        self._seconds = 0.0  # of the steps on one thread now being timed
        self._alone = math.inf  # mean seconds of a step on one thread
        self._lost = 0.0
        self._last: float | None = None

    def __call__(self) -> None:
        """Begin a step: look at the one that has just ended, and choose for the next."""
        now = self._clock()
        if self._last is not None:
            self._judge(now - self._last)
        self._last = now

    @property
    def threads(self) -> int:
        """How many are to compute the step that has begun."""
        return self._count if self._several else 1

    def pause(self) -> None:
        """End the last step of an epoch."""
        self()
        self._last = None

    def _judge(self, seconds: float) -> None:
        self._steps += 1
        if self._several:
            self._lost = max(0.0, self._lost + seconds / self._alone - 1.0)
            if self._lost > LOSS:
                self._shed()
            elif self._steps == ANEW:
                self._patience = FIRST_REST
                self._switch(several=False, rest=TIMED)
            return
        if self._steps > 1:  # the first finds cold caches
            self._seconds += seconds
        if self._steps >= self._rest:
            self._alone = self._seconds / (self._steps - 1)
            self._switch(several=True)

    def _shed(self) -> None:
        if self._steps > self._rest:  # they were worth their while for longer than they had rested
            self._patience = FIRST_REST
        rest = max(self._patience, math.ceil(REPAID * self._lost))
        self._patience = min(2 * self._patience, LONGEST_REST)
        self._switch(several=False, rest=rest)

    def _switch(self, *, several: bool, rest: int | None = None) -> None:
        self._several, self._steps, self._seconds, self._lost = several, 0, 0.0, 0.0
        self._rest = self._rest if rest is None else rest


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread and treat denormal numbers as zero, and put back what was set.

    Several threads of torch would wait for each other, and for those that train, by spinning (a hundred times slower,
    docs/lab-notes.md); native steps have threads of their own. Optimizer states full of denormal numbers run many times
    slower on some processors. Both are settings of the thread that calls.

    Examples
    --------
    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    threads, flushing = torch.get_num_threads(), _flushes_denormals()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(flushing)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back until the end of a block.

    Python drops an interrupt that falls into a callback around a fork, and one between the halves of a message garbles
    the channel. A process started in the block is born deaf to Ctrl-C and stays so unless it says otherwise. Only the
    main thread ever hears it, so elsewhere there is nothing to do.

    Examples
    --------
    >>> with interrupts_held():
    ...     "what must not be torn apart"
    'what must not be torn apart'
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    heard = []

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what a handler is given
        heard.append(number)

    signal.signal(signal.SIGINT, note)  # the signal may reach any thread of the process, a mask only holds for one
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _flushes_denormals() -> bool:
    return torch.tensor([1e-310], dtype=torch.float64).mul_(1.0).item() == 0.0
