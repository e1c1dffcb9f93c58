"""How many threads torch uses, and when Ctrl-C is heard: settings of the process that hold for a while."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use some threads and treat denormal numbers as zero, and put back what was set.

    Optimizer states full of denormal numbers run many times slower on some processors.

    Parameters
    ----------
    count
        Number of threads.

    Examples
    --------
    >>> with torch_threads(1):
    ...     torch.get_num_threads()
    1
    """
    before, flushing = torch.get_num_threads(), _flushes_denormals()
    torch.set_num_threads(count)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
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
