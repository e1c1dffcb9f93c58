"""A study with all seeds that were asked for, or in a limited time with as many as it allows."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from typing import Any, Final

from thalweg.base.errors import setting
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.populations import TimeOverError
from thalweg.study.watching import Train, trained_by
from thalweg.train.running.limit import ending_at, seconds_left

FEWEST: Final = 2
"""Seeds of the smallest study: with one there is no spread."""


def study_in_time(
    study: str,
    carry_out: Callable[..., Any],
    settings: Mapping[str, Any],
    train: Train,
    limit: TimeLimit | None,
    *,
    kept: bool,
) -> tuple[Any, str]:
    """Carry a study out, with ever more seeds until the time is over.

    Parameters
    ----------
    study
        Its name.
    carry_out
        Takes the settings and returns what was found.
    settings
        As they were asked for.
    train
        Trains its populations, no network twice.
    limit
        How long it may take; None for as long as it takes.
    kept
        Whether what is trained is kept in a folder.

    Returns
    -------
    answer
        What was found.
    early
        Why it has fewer seeds than were asked for; empty if it has not.

    Raises
    ------
    TimeOverError
        If the time was over before its smallest form was complete.

    Examples
    --------
    >>> study_in_time("race", lambda seeds=3: seeds, {}, None, TimeLimit(60.0, time.monotonic()), kept=False)
    (3, '')
    """
    with trained_by(train):
        if limit is None:
            return carry_out(**settings), ""
        with ending_at(limit.moment):
            return _more_and_more(study, partial(carry_out, **settings), limit, kept=kept)


def _more_and_more(study: str, carry_out: Callable[..., Any], limit: TimeLimit, *, kept: bool) -> tuple[Any, str]:
    found = signature(carry_out).parameters.get("seeds")
    if found is None:
        try:
            return carry_out(), ""
        except TimeOverError as error:
            raise _too_short(study, error, limit, kept=kept) from error
    asked, seeds, answer, reached = int(found.default), FEWEST, None, 0
    while reached < asked:
        seeds = min(seeds, asked)
        started = time.monotonic()
        try:
            answer, reached = carry_out(seeds=seeds), seeds
        except TimeOverError as error:
            if not reached:
                raise _too_short(study, error, limit, kept=kept) from error
            break
        took = time.monotonic() - started  # twice the seeds take about as long again: their networks are half there
        if took > seconds_left():
            break
        seeds *= 2
    if reached == asked:
        return answer, ""
    return answer, limit.told(f"ended the study early: it is that of {reached} of {asked} seeds.", kept=kept)


def _too_short(study: str, error: TimeOverError, limit: TimeLimit, *, kept: bool) -> TimeOverError:
    text = limit.told(f"was over before the study {study!r} was complete in its smallest form.", kept=kept)
    return TimeOverError(f"{text} {error.problem}", f"Give a longer {setting('time_limit')}.")
