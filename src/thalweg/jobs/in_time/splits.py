"""Ever more splits in a limited time, and what is said if there was none."""

from collections.abc import Iterator

from thalweg.base.errors import setting
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.populations import TimeOverError


def doubled(most: int) -> Iterator[int]:
    """Yield 1, 2, 4, … and at last the number that was asked for.

    Examples
    --------
    >>> list(doubled(10))
    [1, 2, 4, 8, 10]
    """
    number = 1
    while number < most:
        yield number
        number *= 2
    yield most


def too_short(error: TimeOverError, limit: TimeLimit, *, kept: bool) -> TimeOverError:
    """Return the error of a limit in which not one split could be completed.

    Examples
    --------
    >>> short = too_short(TimeOverError("Nothing is done.", ""), TimeLimit(60.0, 0.0), kept=True)
    >>> short.problem
    'The time limit of 1 min was over before one split was complete. Give the same command again ... Nothing is done.'
    """
    text = limit.told("was over before one split was complete.", kept=kept)
    return TimeOverError(f"{text} {error.problem}", f"Give a longer {setting('time_limit')}.")
