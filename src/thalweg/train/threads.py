"""How many threads compute, and when Ctrl-C is heard: settings of the process that hold for a while."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch

from thalweg.train.openblas import openblas


@contextmanager
def compute_threads(count: int) -> Iterator[None]:
    """Compute on some threads and treat denormal numbers as zero, and put back what was set.

    Where products have a library of their own, its threads share the work and torch keeps to one: two pools that wait
    for work by spinning would keep each other from it (a hundred times slower, docs/lab-notes.md).

    Optimizer states full of denormal numbers run many times slower on some processors.

    Parameters
    ----------
    count
        Number of threads.

    Examples
    --------
    >>> with compute_threads(1):
    ...     torch.get_num_threads()
    1
    """
    library = openblas()
    before, sharing = torch.get_num_threads(), 1 if library is None else library.threads()
    flushing = _flushes_denormals()
    torch.set_num_threads(count if library is None else 1)
    torch.set_flush_denormal(True)
    if library is not None:
        library.set_threads(count)
    try:
        yield
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
