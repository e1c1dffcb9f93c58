"""Many complete columns of numbers encoded together: the same numbers as one by one, in a fraction of the time."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.kinds import LARGEST_MAGNITUDE
from thalweg.data.reading.encodings import EXTREME, NumericEncoding
from thalweg.data.reading.gentle_scale import gentle_scale

FEWEST: Final = 50  # columns from which on it pays
_BLOCK: Final = 2_000_000  # numbers at once


def fit_many(names: Sequence[str], values: FloatArray, rows: IntArray) -> dict[str, NumericEncoding]:
    """Return the encodings of columns by name; those with extreme values are left out, for one by one.

    Parameters
    ----------
    names
        Of the columns [D].
    values
        All rows of them [N D], finite.
    rows
        The training rows.

    Examples
    --------
    >>> fit_many(["x"], np.array([[1.0], [2.0], [6.0]]), np.array([0, 1]))["x"].mean
    1.5
    """
    found: dict[str, NumericEncoding] = {}
    step = max(1, _BLOCK // max(1, len(rows)))
    for begin in range(0, len(names), step):
        part = np.ascontiguousarray(values[rows, begin : begin + step].T)
        found |= _fit_block(names[begin : begin + step], part)
    return found


def _fit_block(names: Sequence[str], values: FloatArray) -> dict[str, NumericEncoding]:
    """Return the encodings of columns that lie as rows of a matrix [D N], so that every sum runs as over one column."""
    count = values.shape[1]
    middle = ((count - 1) // 2, count // 2)
    ordered = np.partition(values, middle, axis=1)
    median = (ordered[:, middle[0]] + ordered[:, middle[1]]) / 2
    reach = _reach(values, median)
    low, high = values.min(axis=1), values.max(axis=1)
    centred = values - median[:, None]
    mean, spread = median + centred.mean(axis=1), centred.std(axis=1)
    mean, spread = gentle_scale(values.T, None, mean, spread)
    usual = (median - low <= reach) & (high - median <= reach)
    rows = zip(names, median.tolist(), reach.tolist(), mean.tolist(), spread.tolist(), strict=True)
    return {
        name: NumericEncoding(
            name,
            "numeric",
            centre,
            1.0 / sd if sd * LARGEST_MAGNITUDE > 1 else 0.0,
            at,
            (at - far, at + far),
            float(low[place]),
            float(high[place]),
            indicator=False,
            missing_seen=False,
        )
        for place, (name, at, far, centre, sd) in enumerate(rows)
        if usual[place]
    }


def _reach(values: FloatArray, median: FloatArray) -> FloatArray:
    """Return how far from its median a value of each column is not yet extreme: a multiple of the median distance."""
    distance = np.sort(np.abs(values - median[:, None]), axis=1)
    zeros = (distance == 0).sum(axis=1)
    rest = distance.shape[1] - zeros
    last = distance.shape[1] - 1
    columns = np.arange(len(distance))
    low = distance[columns, np.minimum(zeros + np.maximum(rest - 1, 0) // 2, last)]
    high = distance[columns, np.minimum(zeros + rest // 2, last)]
    return np.where(rest > 0, EXTREME * ((low + high) / 2), 0.0)


def write_many(encodings: Sequence[NumericEncoding], values: FloatArray) -> FloatArray:
    """Return columns [N D] encoded; none has an indicator.

    Examples
    --------
    >>> values = np.array([[1.0], [2.0], [6.0]])
    >>> write_many(list(fit_many(["x"], values, np.array([0, 1])).values()), values).tolist()
    [[-1.0], [1.0], [9.0]]
    """
    fields = [(one.median, *one.fence, one.low, one.high, one.mean, one.factor) for one in encodings]
    median, begin, end, low, high, mean, factor = np.array(fields).T
    z = np.where(np.isnan(values), median, values)
    z = np.where(z < begin, low, z)
    z = np.where(z > end, high, z)
    z -= mean
    z *= factor
    return z
