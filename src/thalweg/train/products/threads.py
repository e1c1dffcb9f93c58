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

from thalweg.base.contracts import Call
from thalweg.train.products.openblas import openblas

FIRST_REST: Final = 64
LONGEST_REST: Final = 4096
"""Steps on one thread after several were shed, at first and at most."""


class Sharing:
    """How many threads the products of a single wide member use, step by step.

    Threads wait for each other, and on a busy machine one of them is always somewhere else: several then take many
    times as long as one. So one thread is timed first, then several; they are shed as soon as two steps in a row take
    longer than one thread did, and tried again ever more rarely. Numbers never depend on it.

    Parameters
    ----------
    count
        Threads wanted.
    set_threads
        Sets how many the library uses.
    clock
        Seconds.

    Examples
    --------
    >>> used = []
    >>> share = Sharing(4, used.append, clock=iter(range(10)).__next__)
    >>> for _ in range(4):
    ...     share()
    >>> used
    [1, 4]
    """

    def __init__(self, count: int, set_threads: Callable[[int], None], clock: Callable[[], float] = perf_counter):
        self._count, self._set, self._clock = count, set_threads, clock
        self._alone = math.inf  # seconds of a step on one thread
        self._several, self._slow, self._patience, self._rest = False, 0, FIRST_REST, 2
        self._last: float | None = None
        set_threads(1)

    def __call__(self) -> None:
        """Look at the step that has just ended, and choose for the next."""
        now = self._clock()
        if self._last is not None:
            self._judge(now - self._last)
        self._last = now

    def _judge(self, seconds: float) -> None:
        if not self._several:
            self._rest -= 1
            self._alone = seconds
            if self._rest <= 0:
                self._switch(several=True)
            return
        self._slow = self._slow + 1 if seconds > self._alone else 0
        if self._slow == 2:
            self._switch(several=False)
            self._rest, self._patience = self._patience, min(2 * self._patience, LONGEST_REST)

    def _switch(self, *, several: bool) -> None:
        self._several, self._slow = several, 0
        self._set(self._count if several else 1)


@contextmanager
def compute_threads(count: int) -> Iterator[Call | None]:
    """Compute products on at most some threads and treat denormal numbers as zero, and put back what was set.

    Products share their work between the library's threads; torch keeps to one, since two pools that wait for work by
    spinning would keep each other from it (a hundred times slower, docs/lab-notes.md), and since its own kernels round
    by the place where threads cut them. Optimizer states full of denormal numbers run many times slower on some
    processors.

    Parameters
    ----------
    count
        Number of threads.

    Yields
    ------
    Callable or None
        To be called after every step where several threads work, see :class:`Sharing`; None for one thread.

    Examples
    --------
    >>> with compute_threads(1):
    ...     torch.get_num_threads()
    1
    """
    library = openblas()
    before, sharing = torch.get_num_threads(), 1 if library is None else library.threads()
    flushing = _flushes_denormals()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if library is not None:
        library.set_threads(1)
    try:
        yield Sharing(count, library.set_threads) if library is not None and count > 1 else None
    finally:
        if library is not None:
            library.set_threads(sharing)
        torch.set_num_threads(before)
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
