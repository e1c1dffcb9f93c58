"""Columns that are not to be divided by their standard deviation: indicators, and those that hardly ever vary."""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray

RARE: Final = 0.05  # share of rows: values that fewer have are rare beside one that all others share
SUSPECT: Final = 4.0  # a column with so rare values has one at least √(0.95 / 0.05) = 4.36 deviations from its mean


def gentle_scale(
    x: FloatArray, weights: FloatArray | None, centre: FloatArray, scale: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return centres and scales [D] with those of indicators and of rare values put right.

    Columns of 0 and 1 stay as they are. One that is the same in at least 95 % of the weight is measured from that
    value, in root mean squares of the others' distances from it, so that a rare value is not blown up: standardised,
    the one row in 4000 would stand at 63.

    Parameters
    ----------
    x
        Rows [N D], finite.
    weights
        Relative weights [N]; None for 1.
    centre, scale
        Means and standard deviations [D].

    Examples
    --------
    >>> x = np.array([[0.0, 5.0]] * 39 + [[1.0, 7.0]])
    >>> [found.tolist() for found in gentle_scale(x, None, x.mean(axis=0), x.std(axis=0))]
    [[0.0, 5.0], [1.0, 2.0]]
    """
    centre, scale = centre.copy(), scale.copy()
    low, high = x.min(axis=0), x.max(axis=0)
    indicator = (low == 0) & (high == 1) & ((x == 0) | (x == 1)).all(axis=0)
    centre[indicator], scale[indicator] = 0.0, 1.0
    farthest = np.maximum(high - centre, centre - low)
    for column in np.flatnonzero(~indicator & (farthest > SUSPECT * scale)):
        usual, rare, size = _rare_values(x[:, column], weights)
        if rare <= RARE:
            centre[column], scale[column] = usual, size
    return centre, scale


def _rare_values(values: FloatArray, weights: FloatArray | None) -> tuple[float, float, float]:
    """Return the median, the share of other values, and the root mean square of their distances from it."""
    usual = float(np.median(values))
    away = values - usual
    mass = (away != 0) * (np.ones(len(values)) if weights is None else weights)
    total = float(mass.sum())
    whole = float(len(values) if weights is None else weights.sum())
    return usual, total / whole, float(np.sqrt((mass * away**2).sum() / total)) if total else np.inf
