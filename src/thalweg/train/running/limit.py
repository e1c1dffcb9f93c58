"""A time by which training is to end, for all populations that are trained inside a block."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from thalweg.train.native.runner import HALT

_MOMENT: Final[ContextVar[float]] = ContextVar("moment", default=math.inf)


@contextmanager
def ending_at(moment: float) -> Iterator[None]:
    """Let training inside the block end at a moment of ``time.monotonic``; what is not done by then is dropped.

    Members that were done by then have the numbers they have without a limit. Inside another such block the earlier
    moment holds.

    Examples
    --------
    >>> with ending_at(time.monotonic() + 60.0):
    ...     round(seconds_left())
    60
    """
    mark = _MOMENT.set(min(moment, _MOMENT.get()))
    try:
        yield
    finally:
        _MOMENT.reset(mark)


def seconds_left() -> float:
    """Return how long training may go on; infinitely long without a limit, less than 0 after its end."""
    return _MOMENT.get() - time.monotonic()


@contextmanager
def halted_in_time() -> Iterator[threading.Event]:
    """Break off native steps of this thread when time is over; the event says whether it is.

    Examples
    --------
    >>> with ending_at(time.monotonic()), halted_in_time() as over:
    ...     over.wait(1.0)
    True
    """
    over = threading.Event()
    if math.isinf(left := seconds_left()):
        yield over
        return
    timer = threading.Timer(max(0.0, left), over.set)
    timer.daemon = True
    mark = HALT.set(over)
    timer.start()
    try:
        yield over
    finally:
        HALT.reset(mark)
        timer.cancel()
