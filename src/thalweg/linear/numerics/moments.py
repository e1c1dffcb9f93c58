"""Weighted means and centred cross products, in one pass over the rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.linear.rows import DesignRows

_BLOCK_CELLS = 1 << 17  # 1 MB of float64: a block stays in the second-level cache while it is used


@dataclass(frozen=True, slots=True)
class Moments:
    """First and second moments of a design and its answers.

    Parameters
    ----------
    total
        Sum of the row weights.
    mean_x, mean_y
        Weighted means, shapes [D] and [M]; zeros where no intercept is wanted.
    gram
        ``Σ w (x - mean)(x - mean)'``, shape [D D]; [0 0] where it was not asked for.
    cross
        ``Σ w (x - mean)(y - mean)'``, shape [D M].
    square
        ``Σ w (y - mean)²``, shape [M].
    """

    total: float
    mean_x: FloatArray
    mean_y: FloatArray
    gram: FloatArray
    cross: FloatArray
    square: FloatArray


def row_blocks(count: int, width: int) -> Iterator[slice]:
    """Cut ``count`` rows into slices small enough to stay in the processor's cache.

    Examples
    --------
    >>> [b.stop - b.start for b in row_blocks(10, 1 << 15)]
    [4, 4, 2]
    """
    step = max(1, _BLOCK_CELLS // max(1, width))
    return (slice(start, min(start + step, count)) for start in range(0, count, step))


def moments(rows: DesignRows, *, centre: bool = True, products: bool = True) -> Moments:
    """Compute the moments of the rows.

    DesignRows that lie far from zero are shifted by the mean of about a thousand of them before their products are
    summed, and the sums corrected for the rest: one pass over the data, without the cancellation of raw
    moments.

    Parameters
    ----------
    rows
        Design [N D], answers [N] or [N M], weights [N].
    centre
        Whether to centre at the means; raw products otherwise.
    products
        Whether the products of columns are wanted: of many columns they cost more than all the rest.

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> moments(check_rows([[1.0], [3.0]], [2.0, 6.0])).cross
    array([[4.]])
    """
    Y = rows.y.reshape(len(rows.y), -1)
    (count, width), outputs = rows.X.shape, Y.shape[1]
    shift_X, shift_y = (_shift(rows.X), _shift(Y)) if centre else (np.zeros(width), np.zeros(outputs))
    shifted = bool(shift_X.any())
    gram, cross, square = np.zeros((width if products else 0,) * 2), np.zeros((width, outputs)), np.zeros(outputs)
    sum_X, sum_y, total = np.zeros(width), np.zeros(outputs), 0.0
    for block in row_blocks(count, width):
        B = rows.X[block] - shift_X if shifted else rows.X[block]
        V = Y[block] - shift_y
        root = np.ones(len(B)) if rows.weights is None else np.sqrt(rows.weights[block])
        if rows.weights is not None:
            B, V = B * root[:, None], V * root[:, None]
        if products:
            gram += B.T @ B
        cross += B.T @ V
        square += np.einsum("nm,nm->m", V, V)
        sum_X += root @ B
        sum_y += root @ V
        total += float(root @ root)
    offset_X, offset_y = (sum_X / total, sum_y / total) if centre else (np.zeros(width), np.zeros(outputs))
    return Moments(
        total=total,
        mean_x=shift_X + offset_X,
        mean_y=shift_y + offset_y,
        gram=gram - total * np.outer(offset_X, offset_X) if products else gram,
        cross=cross - total * np.outer(offset_X, offset_y),
        square=square - total * offset_y**2,
    )


def _shift(table: FloatArray) -> FloatArray:
    """Sample means, or zeros if no column lies far from zero: nothing to cancel, no copy to make."""
    sample = table[:: max(1, len(table) // 1000)]
    mean = sample.mean(axis=0)
    return mean if np.any(np.abs(mean) > 4 * sample.std(axis=0)) else np.zeros_like(mean)


def deviations(total: Moments, *, standardise: bool) -> FloatArray:
    """Return each column's divisor before it is penalised, shape [D]: its standard deviation, or 1.

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> deviations(moments(check_rows([[1.0], [3.0]], [0, 1])), standardise=True)
    array([1.])
    """
    if not standardise:
        return np.ones(len(total.gram))
    deviation: FloatArray = np.sqrt(np.maximum(np.diag(total.gram), 0.0) / total.total)
    return np.where(deviation <= 1e-12 * np.abs(total.mean_x), np.inf, deviation)
