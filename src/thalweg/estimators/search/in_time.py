"""A search in a limited time: candidates in their order, batch by batch; those of complete batches stand."""

import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from thalweg.base.durations import spoken
from thalweg.base.errors import TrainingError, setting
from thalweg.estimators.search.candidates import Candidate
from thalweg.estimators.search.suggest import Columns
from thalweg.train.running.limit import ending_at

Run = Callable[[Sequence[Candidate], int], Columns]


def scores_in_time(candidates: Sequence[Candidate], run: Run, seconds: float) -> tuple[list[Candidate], Columns]:
    """Score candidates in their order, batch by batch, until the time is over.

    A batch that is not complete by then does not count, so that the scores are those of a search that asked for the
    candidates that are left, number by number: the clock decides how many, and no score does. Time for one candidate
    more is left, for the best of them to be fitted to all rows.

    Parameters
    ----------
    candidates
        In the order in which they are tried, at least one.
    run
        Given candidates and the number of the batch, returns scores, fit seconds and score seconds [k F].
    seconds
        From now.

    Returns
    -------
    list of mappings
        The candidates that have scores.
    tuple
        Scores, fit seconds and score seconds of these [K F].

    Raises
    ------
    TrainingError
        If not one has.

    Examples
    --------
    >>> found, columns = scores_in_time([{"a": 1}, {"a": 2}], lambda some, _: 3 * (np.ones((len(some), 2)),), 60.0)
    >>> len(found), columns[0].shape
    (2, (2, 2))
    """
    end, size, done, found = time.monotonic() + seconds, 1, 0, list[Columns]()
    each = 0.0
    while done < len(candidates) and time.monotonic() + 2 * each <= end:  # one more, and the best one on all rows
        began, batch = time.monotonic(), candidates[done : done + size]
        try:
            with ending_at(end - each):
                columns = run(batch, len(found))
        except KeyboardInterrupt:
            if time.monotonic() < end - each:
                raise
            break
        found.append(columns)
        done += len(batch)
        each = (time.monotonic() - began) / len(batch)
        size = max(1, min(2 * size, int((end - time.monotonic() - each) / max(each, 1e-9) / 2)))
    if not found:
        raise TrainingError(
            f"The time limit of {spoken(seconds)} was over before one candidate had a score in every fold.",
            f"Give a longer {setting('time_limit')}.",
        )
    if done < len(candidates):
        warnings.warn(
            f"The time limit of {spoken(seconds)} ended the search after {done:,} of {len(candidates):,} candidates.",
            stacklevel=4,
        )
    scores, fit_seconds, score_seconds = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return list(candidates[:done]), (scores, fit_seconds, score_seconds)
