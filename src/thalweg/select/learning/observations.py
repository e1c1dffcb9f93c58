"""Observations in canonical order, so that a fit depends on which rows there are and not on how they are written down.

A weighted row and a repeated row become the same thing before anything is trained, and so do two orders of the rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, row, setting
from thalweg.base.seeds import stream

MOST_COPIES = 10  # whole-number weights repeat rows as long as the table grows at most this many times


class InputError(DataError, ValueError):
    """Input that scikit-learn's contract answers with a ValueError."""


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Observations to learn from.

    Parameters
    ----------
    x
        Features [N D].
    y
        Outcomes [N C].
    weights
        Relative weights [N]; None if every row counts once.
    origin
        Number of each row in the table it came from [N]; a row that counts twice is there twice.
    """

    x: FloatArray
    y: FloatArray
    weights: FloatArray | None
    origin: IntArray

    def __len__(self) -> int:
        return len(self.x)


def canonical_rows(x: FloatArray, y: FloatArray, weights: FloatArray | None = None) -> Observations:
    """Drop rows of weight zero, repeat rows whose weights are counts, and sort by content.

    Whole-number weights are counts as long as Σw ≤ 10 N: such a fit equals the fit to repeated rows bit for bit. Other
    weights stay relative: the loss is Σ w ℓ / Σ w over the rows of a mini-batch.

    Parameters
    ----------
    x, y
        Features [N D] and outcomes [N C].
    weights
        Non-negative weights [N]; None for 1.

    Returns
    -------
    Observations
        The same for every order of the rows, unless two different rows have equal 64-bit hashes.

    Raises
    ------
    InputError
        If a weight is negative, or all are zero.

    Examples
    --------
    >>> x = np.array([[3.0], [1.0], [2.0]])
    >>> sorted(canonical_rows(x, x, np.array([2.0, 0.0, 1.0])).origin.tolist())
    [0, 0, 2]
    """
    kept, counts, relative = np.arange(len(x)), np.ones(len(x), dtype=np.int64), None
    if weights is not None:
        kept = _positive(weights)
        found = weights[kept]
        if np.all(found == np.floor(found)) and found.sum() <= MOST_COPIES * len(x):
            counts = found.astype(np.int64)
        else:
            counts, relative = np.ones(len(kept), dtype=np.int64), found
    columns = [x[kept], y[kept]] if relative is None else [x[kept], y[kept], relative[:, None]]
    order = np.argsort(row_hash(np.concatenate(columns, axis=1)), kind="stable")
    place = np.repeat(order, counts[order])
    origin = kept[place]
    return Observations(x[origin], y[origin], None if relative is None else relative[place], origin)


def _positive(weights: FloatArray) -> IntArray:
    """Return the rows that count."""
    if weights.min() < 0:
        place = int(weights.argmin())
        raise InputError(
            f"{setting('sample_weight')} of row {row(place)} is negative: {weights[place]:g}.",
            "Give weights of at least 0.",
        )
    kept = np.flatnonzero(weights > 0)
    if not len(kept):
        raise InputError(
            f"{setting('sample_weight')} is zero for every row.", "Give at least one row a positive weight."
        )
    return kept


def row_hash(table: FloatArray) -> NDArray[np.uint64]:
    """Return a 64-bit hash of the content of every row [N].

    Examples
    --------
    >>> first, second = row_hash(np.array([[0.0, 1.0], [-0.0, 1.0]]))
    >>> first == second
    np.True_
    """
    bits = np.ascontiguousarray(table + 0.0).view(np.uint64)
    factors = stream(0, "data", 1).bits(table.shape[1]) | np.uint64(1)
    mixed = (bits ^ (bits >> np.uint64(29))) * factors
    mixed ^= mixed >> np.uint64(32)
    total = (mixed * factors).sum(axis=1, dtype=np.uint64)
    hashes: NDArray[np.uint64] = total ^ (total >> np.uint64(31))
    return hashes


def check_weights(weights: object, count: int) -> FloatArray | None:
    """Return weights as float64 [N]; None stays None.

    Raises
    ------
    InputError
        If there is not one finite number per row.

    Examples
    --------
    >>> check_weights([1, 2], 2).tolist()
    [1.0, 2.0]
    """
    if weights is None:
        return None
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim == 0:
        array = np.full(count, float(array))
    if array.shape != (count,) or not np.isfinite(array).all():
        raise InputError(
            f"{setting('sample_weight')} must hold one finite number per row, {count} in all, got shape {array.shape}.",
            "Give one weight per row.",
        )
    return array


def filled_mean(x: FloatArray, weights: FloatArray | None) -> FloatArray:
    """Return the mean of the values that are there [D]; 0 where there is none.

    Parameters
    ----------
    x, weights
        Values [N D], NaN where missing, and weights [N]; None for 1.

    Examples
    --------
    >>> filled_mean(np.array([[1.0, np.nan], [3.0, np.nan]]), None).tolist()
    [2.0, 0.0]
    """
    missing = np.isnan(x)
    if not missing.any():
        found: FloatArray = np.average(x, axis=0, weights=weights)
        return found
    mass = ~missing * (1.0 if weights is None else weights[:, None])
    total = mass.sum(axis=0)
    mean: FloatArray = (np.where(missing, 0.0, x) * mass).sum(axis=0) / np.where(total > 0, total, 1.0)
    return mean
