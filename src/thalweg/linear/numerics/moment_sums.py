"""Moments and triangular factors of rows that come in batches."""

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.moments import Moments
from thalweg.linear.numerics.tally import PairSum, RowBatch


class MomentSums:
    """Moments of a design and its answers, and the reach of each column.

    Products are summed about the means of the first rows, so that columns far from zero lose no digits, and in pairs of
    float64, so that a hundred million rows lose no more than a few.

    Parameters
    ----------
    centre
        Whether the moments are about the means.

    Notes
    -----
    Chan, Golub & LeVeque (1983), The American Statistician 37, 242-247, for sums about different points.
    """

    def __init__(self, *, centre: bool) -> None:
        self.centre = centre
        self.shift: FloatArray | None = None
        self.sums = PairSum((0, 0))
        self.low, self.high = np.zeros(0), np.zeros(0)
        self.count = 0

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        for block in batch.blocks():
            self._add(block)

    def _add(self, block: RowBatch) -> None:
        rows = block.rows
        table = np.column_stack([np.ones(len(rows.X)), rows.X, rows.y])
        if self.shift is None:
            self._begin(table.mean(axis=0) if self.centre else np.zeros(table.shape[1]))
        assert self.shift is not None
        self.low = np.minimum(self.low, rows.X.min(axis=0))
        self.high = np.maximum(self.high, rows.X.max(axis=0))
        self.count += len(table)
        table[:, 1:] -= self.shift[1:]
        if rows.weights is not None:
            table *= np.sqrt(rows.weights)[:, None]
        self.sums.add(table.T @ table)

    def _begin(self, shift: FloatArray) -> None:
        self.shift = shift
        self.sums = PairSum((len(shift), len(shift)))
        self.low, self.high = np.full(len(shift) - 2, np.inf), np.full(len(shift) - 2, -np.inf)

    def merge(self, other: "MomentSums") -> None:
        """Add the moments of other rows."""
        if other.shift is None:
            return
        if self.shift is None:
            self._begin(other.shift)
        assert self.shift is not None
        moved = np.eye(len(self.shift))
        moved[0, 1:] = (other.shift - self.shift)[1:]
        there = PairSum(self.sums.high.shape)
        there.high, there.low = moved.T @ other.sums.high @ moved, moved.T @ other.sums.low @ moved
        self.sums.merge(there)
        self.low, self.high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        self.count += other.count

    def moments(self) -> Moments:
        """Return the moments of all rows."""
        assert self.shift is not None
        sums = self.sums.rounded()
        total, width = float(sums[0, 0]), len(sums) - 2
        offset = sums[0, 1:] / total if self.centre else np.zeros(width + 1)
        centred = sums[1:, 1:] - total * np.outer(offset, offset)
        mean = self.shift[1:] + offset
        return Moments(
            total=total,
            mean_x=mean[:width],
            mean_y=mean[width:],
            gram=centred[:width, :width],
            cross=centred[:width, width:],
            square=centred[width:, width].ravel(),
        )

    @property
    def largest(self) -> FloatArray:
        """Largest absolute value of each column, shape [D]."""
        return np.maximum(self.high, -self.low)


class TriangleSums:
    """The triangular factor of centred and scaled columns, without their products: condition is not squared.

    Parameters
    ----------
    mean, scale
        Of the columns and of the answer, shape [D + 1].
    intercept
        Whether a column of ones stands in front.

    Notes
    -----
    Demmel, Grigori, Hoemmen & Langou (2012), SIAM Journal on Scientific Computing 34, A206-A239: tall and skinny QR.
    """

    def __init__(self, mean: FloatArray, scale: FloatArray, *, intercept: bool) -> None:
        self.mean, self.scale, self.intercept = mean, scale, intercept
        self.R = np.zeros((0, len(mean) + intercept))

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        for block in batch.blocks():
            rows = block.rows
            table = (np.column_stack([rows.X, rows.y]) - self.mean) / self.scale
            if self.intercept:
                table = np.column_stack([np.ones(len(table)), table])
            if rows.weights is not None:
                table *= np.sqrt(rows.weights)[:, None]
            self.R = np.asarray(np.linalg.qr(np.vstack([self.R, table]), mode="r"))

    def merge(self, other: "TriangleSums") -> None:
        """Add the factor of other rows."""
        self.R = np.asarray(np.linalg.qr(np.vstack([self.R, other.R]), mode="r"))
