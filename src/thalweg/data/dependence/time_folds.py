"""Folds in time order: learn from what came before, be judged by what comes after."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from thalweg.base.arrays import IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, setting
from thalweg.data.columns import canonical_column
from thalweg.data.kinds import kind_of, row_at
from thalweg.data.notes import counted


@dataclass(frozen=True, slots=True, eq=False)
class TimeFold:
    """One block of time held out, and the rows before it.

    Parameters
    ----------
    learned, held_out
        Rows, each in ascending order.
    """

    learned: IntArray
    held_out: IntArray


def read_time(column: pd.Series) -> IntArray:
    """Return the place in time of every row [N]: 0, 1, …, equal times alike.

    Raises
    ------
    DataError
        If a time is missing, or the column holds neither numbers nor dates.

    Examples
    --------
    >>> read_time(pd.Series([2021, 2020, 2021], name="year"))
    array([1, 0, 1])
    """
    values = canonical_column(column)[0]
    kind = kind_of(values)
    if kind not in {"numeric", "date"}:
        raise DataError(
            f"Time column {column.name!r} holds neither numbers nor dates.",
            "Write dates as YYYY-MM-DD, or number the times.",
        )
    gaps = np.flatnonzero(values.isna())
    if gaps.size:
        raise DataError(
            f"Time column {column.name!r} is missing in row {row_at(column, gaps[0])}.",
            "Give every row a time, or leave such rows out by a query.",
        )
    places: IntArray = np.unique(values.to_numpy(), return_inverse=True)[1].reshape(-1).astype(np.int64)
    return places


def time_folds(time: IntArray, folds: int, gap: int = 0) -> list[TimeFold]:
    """Cut rows into folds + 1 blocks of time, nearly equal in rows, and hold out each but the first.

    The window expands: fold f learns from blocks 0 … f and is judged by block f + 1, so that the last block is held out
    from everything. Rows of one time are never cut.

    Parameters
    ----------
    time
        Place in time of every row [N], as of :func:`read_time`.
    folds
        F, at least 2.
    gap
        Times between the rows learned from and those held out, which neither have.

    Raises
    ------
    DataError
        If there are too few times, or a gap leaves nothing to learn from.

    Examples
    --------
    >>> [(fold.learned.tolist(), fold.held_out.tolist()) for fold in time_folds(np.arange(6), 2)]
    [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])]
    >>> [fold.learned.tolist() for fold in time_folds(np.arange(9), 2, gap=1)]
    [[0, 1], [0, 1, 2, 3, 4]]

    Notes
    -----
    Tashman (2000), International Journal of Forecasting 16, 437-450: evaluation from a rolling origin.
    """
    check_count("folds", folds, low=2)
    check_count("gap", gap, low=0)
    counts = np.bincount(time)
    if len(counts) <= folds:
        raise DataError(
            f"{folds} folds in time order need at least {folds + 1} different times, the table has {len(counts)}.",
            f"Set {setting('folds')} to {max(2, len(counts) - 1)} or fewer.",
        )
    middle = np.cumsum(counts) - counts / 2
    block = np.minimum((middle * (folds + 1) / len(time)).astype(np.int64), folds)
    empty = np.setdiff1d(np.arange(folds + 1), block)
    if empty.size:
        raise DataError(
            f"Block {empty[0] + 1} of {folds + 1} in time order has no rows: single times hold too many of them.",
            f"Set {setting('folds')} lower, or name finer times as {setting('time')}.",
        )
    found = []
    for number in range(1, folds + 1):
        first = int(np.flatnonzero(block == number)[0])
        learned = np.flatnonzero(time < first - gap)
        if len(learned) < 2:
            raise DataError(
                f"A gap of {counted(gap, 'time')} leaves fold {number} of {folds} fewer than two rows to learn from.",
                f"Set {setting('gap')} or {setting('folds')} lower.",
            )
        found.append(TimeFold(learned, np.flatnonzero(block[time] == number)))
    return found


def latest_rows(time: IntArray, rows: IntArray, share: float, gap: int = 0) -> tuple[IntArray, IntArray]:
    """Hold out the latest of some rows, to watch training by; rows of one time stay together.

    Parameters
    ----------
    time
        Place in time of every row of the table [N].
    rows
        Those to choose from.
    share
        About the share to hold out.
    gap
        Times between the rows to train on and those to watch, which neither have.

    Returns
    -------
    tuple
        The rows to train on and those to watch, each in ascending order.

    Raises
    ------
    DataError
        If all rows have one time, or the gap leaves none to train on.

    Examples
    --------
    >>> [part.tolist() for part in latest_rows(np.arange(10), np.arange(8), 0.25)]
    [[0, 1, 2, 3, 4, 5], [6, 7]]
    """
    rows = np.sort(rows)
    mine = time[rows]
    later = np.array([(mine >= place).sum() for place in np.unique(mine)[1:]])
    places = np.unique(mine)[1:]
    fitting = [int(place) for place in places if (mine < place - gap).any()]
    if not fitting:
        raise DataError(
            f"The {counted(len(rows), 'row')} of a training part leave no earlier ones to train on.",
            f"Set {setting('gap')} or {setting('folds')} lower.",
        )
    sizes = dict(zip(places.tolist(), later.tolist(), strict=True))
    first = min(fitting, key=lambda place: abs(sizes[place] - share * len(rows)))
    return rows[mine < first - gap], rows[mine >= first]
