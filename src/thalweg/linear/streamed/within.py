"""One effect of many levels, taken out of rows that come in batches: means by level first, what is left next."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError
from thalweg.base.weighing import FREQUENCY
from thalweg.linear.numerics.moment_sums import MomentSums
from thalweg.linear.numerics.tally import GroupSums, RowBatch, RowStream, T, Tally
from thalweg.linear.rows import DesignRows
from thalweg.linear.streamed.stream_regression import Absorbed

_BESIDE: Final = 2  # rows and weights, in front of the sums by level


class LevelSums:
    """Rows, weights, answers and columns summed by level, and their moments.

    Parameters
    ----------
    width
        Columns of the design.
    sizes
        Clusters of every set, of which is counted how often they cross the levels.
    """

    def __init__(self, width: int, sizes: tuple[int, ...]) -> None:
        self.sums = GroupSums(_BESIDE + 1 + width)
        self.crossed = [GroupSums(1) for _ in sizes]
        self.sizes = sizes

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        assert batch.levels is not None
        rows, w = batch.rows, batch.rows.weight_vector()
        ones = np.ones(len(w))
        self.sums.add(batch.levels, np.column_stack([ones, w, w * rows.y, rows.X * w[:, None]]))
        for way, (size, sums) in enumerate(zip(self.sizes, self.crossed, strict=True)):
            sums.add(batch.levels * size + batch.clusters[way], ones[:, None])

    def merge(self, other: "LevelSums") -> None:
        """Add the sums of other rows."""
        self.sums.merge(other.sums)
        for mine, theirs in zip(self.crossed, other.crossed, strict=True):
            mine.merge(theirs)


@dataclass(frozen=True, slots=True)
class LevelMeans:
    """What is taken from each row: the means of its level.

    Parameters
    ----------
    levels
        Sorted; rows of others are left out, shape [G].
    means
        Of the answer and the columns, shape [G 1+D].
    scale
        What weights are multiplied by, so that they sum to the rows that are left.
    """

    levels: IntArray
    means: FloatArray
    scale: float

    def __deepcopy__(self, memo: object) -> Self:
        """Return the same, which nobody changes."""
        return self

    def of(self, batch: RowBatch, *, centred: bool) -> RowBatch:
        """Return the rows that are left, less the means of their levels if asked for."""
        assert batch.levels is not None
        places = np.minimum(np.searchsorted(self.levels, batch.levels), len(self.levels) - 1)
        here = np.flatnonzero(self.levels[places] == batch.levels)
        rows, taken = batch.rows, self.means[places[here]]
        X, y = rows.X[here], rows.y[here]
        if centred:
            X, y = X - taken[:, 1:], y - taken[:, 0]
        weights = None if rows.weights is None else rows.weights[here] * self.scale
        return RowBatch(DesignRows(X, y, weights), tuple(way[here] for way in batch.clusters))


class _Left:
    """A tally of the rows that are left."""

    def __init__(self, inner: Tally, means: LevelMeans, *, centred: bool) -> None:
        self.inner, self.means, self.centred = inner, means, centred

    def add(self, batch: RowBatch) -> None:
        left = self.means.of(batch, centred=self.centred)
        if len(left.rows.y):
            self.inner.add(left)

    def merge(self, other: "_Left") -> None:
        self.inner.merge(other.inner)


@dataclass(frozen=True, slots=True)
class WithinStream:
    """The rows of a stream within their levels.

    Parameters
    ----------
    stream
        All rows.
    means
        What is taken from them.
    centred
        Whether it is taken from them, or rows that are alone are left out only.
    """

    stream: RowStream
    means: LevelMeans
    centred: bool = True

    def tally(self, empty: T) -> T:
        """Return the sums over the rows that are left."""
        found = self.stream.tally(_Left(empty, self.means, centred=self.centred))
        return found.inner  # type: ignore[return-value] # what was given


def within_levels(
    stream: RowStream, width: int, name: str, sizes: dict[str, int], weights_kind: str | None
) -> tuple[WithinStream, Absorbed]:
    """Return the rows within the levels of one effect, and what was taken out of them.

    Parameters
    ----------
    stream
        Its batches have levels.
    width
        Columns of the design.
    name
        Of the effect.
    sizes
        Clusters of every set, by name.
    weights_kind
        What weights mean; None without.

    Raises
    ------
    DataError
        If every row is alone in its level.

    Examples
    --------
    >>> from thalweg.linear.numerics.tally import RowsInMemory
    >>> from thalweg.linear.rows import check_rows
    >>> rows = check_rows([[1.0], [3.0], [4.0], [9.0]], [0.0, 1.0, 5.0, 7.0])
    >>> batch = RowBatch(rows, levels=np.array([0, 0, 1, 2]))
    >>> within, absorbed = within_levels(RowsInMemory(batch), 1, "firm", {}, None)
    >>> absorbed.sizes, absorbed.singletons, within.tally(MomentSums(centre=False)).moments().gram
    ({'firm': 1}, 2, array([[2.]]))
    """
    found = stream.tally(LevelSums(width, tuple(sizes.values())))
    levels, sums = found.sums.gathered()
    kept = sums[:, 0] > 1
    if not kept.any():
        raise DataError("Every row is alone in a level of the absorbed effects.", "Absorb fewer effects.")
    rows, weight = sums[kept, 0].sum(), sums[kept, 1].sum()
    scale = 1.0 if weights_kind in {None, FREQUENCY} else float(rows / weight)
    means = LevelMeans(levels[kept], sums[kept, _BESIDE:] / sums[kept, 1, None], scale)
    within = WithinStream(stream, means)
    raw = replace(within, centred=False).tally(MomentSums(centre=True)).moments()
    nested = frozenset({name} if any(len(one.gathered()[0]) == len(levels) for one in found.crossed) else frozenset())
    lone = int(sums[~kept, 0].sum())
    return within, Absorbed({name: int(kept.sum())}, nested, lone, float(raw.square[0]), np.diag(raw.gram).copy())
