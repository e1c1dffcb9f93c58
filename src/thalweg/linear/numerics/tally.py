"""Sums over rows that come in batches: each part of the rows is summed for itself, and the parts in their order.

Where a batch was summed, here or on another machine, therefore changes no number.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeVar

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.linear.numerics.extended import add_pairs
from thalweg.linear.rows import DesignRows

_BLOCK_CELLS: Final = 1 << 17  # 1 MB of float64, which a processor keeps at hand
_PENDING: Final = 1 << 14  # rows of sums by group that wait to be added up


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some of the rows.

    Parameters
    ----------
    rows
        Their weights are on the scale on which they sum to the number of observations of all batches.
    clusters
        Cluster of each row, 0, 1, … over all batches: one array [N] for every set.
    levels
        Level of each row in an effect to absorb, as clusters; None if there is none.
    """

    rows: DesignRows
    clusters: tuple[IntArray, ...] = ()
    levels: IntArray | None = None

    def blocks(self) -> Iterable["RowBatch"]:
        """Cut the batch into blocks that stay at hand while they are used."""
        count, width = self.rows.X.shape
        step = max(1, _BLOCK_CELLS // max(1, width))
        for start in range(0, count, step):
            here = slice(start, start + step)
            weights = None if self.rows.weights is None else self.rows.weights[here]
            rows = DesignRows(self.rows.X[here], self.rows.y[here], weights)
            levels = None if self.levels is None else self.levels[here]
            yield RowBatch(rows, tuple(way[here] for way in self.clusters), levels)


class Tally(Protocol):
    """Sums that grow by a batch, or by the sums of other batches; it can be pickled."""

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""

    def merge(self, other: Self) -> None:
        """Add what another has summed."""


T = TypeVar("T", bound=Tally)


class RowStream(Protocol):
    """Rows that can be passed over as often as needed."""

    def tally(self, empty: T) -> T:
        """Return the sums over all rows; what is given stays empty."""


@dataclass(frozen=True, slots=True)
class RowsInMemory:
    """Rows that are in memory, as a stream.

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> from thalweg.linear.numerics.moment_sums import MomentSums
    >>> stream = RowsInMemory(RowBatch(check_rows([[1.0], [3.0]], [2.0, 6.0])))
    >>> stream.tally(MomentSums(centre=True)).moments().cross
    array([[4.]])
    """

    batch: RowBatch

    def tally(self, empty: T) -> T:
        """Return the sums over all rows."""
        found = deepcopy(empty)
        for block in self.batch.blocks():
            found.add(block)
        return found


class PairSum:
    """A sum of arrays in twice the digits of float64.

    Examples
    --------
    >>> total = PairSum(())
    >>> for value in (1e16, 1.0, -1e16):
    ...     total.add(np.array(value))
    >>> float(total.rounded())
    1.0
    """

    __slots__ = ("high", "low")

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.high, self.low = np.zeros(shape), np.zeros(shape)

    def add(self, values: FloatArray) -> None:
        """Add an array."""
        self.high, self.low = add_pairs((self.high, self.low), (values, np.zeros_like(values)))

    def merge(self, other: "PairSum") -> None:
        """Add another sum."""
        self.high, self.low = add_pairs((self.high, self.low), (other.high, other.low))

    def rounded(self) -> FloatArray:
        """Return the sum as float64."""
        return np.asarray(self.high + self.low)


class GroupSums:
    """Sums of rows by group, for groups of any number: those that occurred are kept, sorted.

    Examples
    --------
    >>> sums = GroupSums(1)
    >>> sums.add(np.array([7, 3, 7]), np.array([[1.0], [2.0], [4.0]]))
    >>> keys, values = sums.gathered()
    >>> keys, values.ravel()
    (array([3, 7]), array([2., 5.]))
    """

    __slots__ = ("_keys", "_pending", "_values", "_waiting")

    def __init__(self, width: int) -> None:
        self._keys, self._values = np.zeros(0, np.int64), np.zeros((0, width))
        self._pending: list[tuple[IntArray, FloatArray]] = []
        self._waiting = 0

    def add(self, groups: IntArray, rows: FloatArray) -> None:
        """Add rows [N K] to their groups [N]."""
        keys, places = np.unique(groups, return_inverse=True)
        parts = [np.bincount(places, column, len(keys)) for column in rows.T]
        sums: FloatArray = np.column_stack(parts).astype(np.float64, copy=False)
        self._append(keys, sums)

    def merge(self, other: "GroupSums") -> None:
        """Add the sums of other rows."""
        self._append(*other.gathered())

    def gathered(self) -> tuple[IntArray, FloatArray]:
        """Return the groups that occurred [G], and the sums of each [G K]."""
        if self._pending:
            keys = np.concatenate([self._keys, *(one for one, _ in self._pending)])
            values = np.concatenate([self._values, *(one for _, one in self._pending)])
            order = np.argsort(keys, kind="stable")
            starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
            self._keys, self._values = keys[order][starts], np.add.reduceat(values[order], starts)
            self._pending, self._waiting = [], 0
        return self._keys, self._values

    def _append(self, keys: IntArray, sums: FloatArray) -> None:
        if not len(keys):
            return
        self._pending.append((keys, sums))
        self._waiting += len(keys)
        if self._waiting > max(_PENDING, len(self._keys)):  # so that each is moved a few times at most
            self.gathered()
