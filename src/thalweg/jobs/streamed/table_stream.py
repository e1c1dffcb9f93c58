"""A table in batches as the rows of a regression, summed here or by the workers of an executor."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Generic

import numpy as np

from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.weighing import FREQUENCY, common_weights
from thalweg.data.batches.batch_reader import BatchReader, DesignBatch
from thalweg.data.files.scans import ScanPart
from thalweg.linear.numerics.tally import RowBatch, T
from thalweg.linear.rows import DesignRows

_SAME: Final = 1e-9  # relative; sums of the same numbers in another order differ by less


@dataclass(frozen=True, slots=True)
class PartSums(Generic[T]):
    """Sums over a part.

    Parameters
    ----------
    tally
        What was asked for.
    mark
        Rows, and squares of answers and columns: the same in every pass.
    """

    tally: T
    mark: tuple[int, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class TablePart:
    """A part of the table, which can be sent to a worker that sees the same files.

    Parameters
    ----------
    reader
        What makes batches.
    part, first
        Its rows, and how many the parts before it have.
    clusters
        Columns of clusters.
    effect
        Column of an effect to absorb; "" without.
    weights_kind
        What weights mean; None without.
    scale
        What weights are multiplied by.
    counts
        Whether answers are counts, of which none is negative.
    """

    reader: BatchReader
    part: ScanPart
    first: int
    clusters: tuple[str, ...]
    effect: str
    weights_kind: str | None
    scale: float
    counts: bool

    def sums(self, empty: T) -> PartSums[T]:
        """Return the sums over the part."""
        found = deepcopy(empty)
        rows, answers, cells = 0, 0.0, 0.0
        for batch in self.reader.batches(self.part, self.first):
            taken = self._taken(batch)
            found.add(taken)
            rows += len(batch.y)
            answers += float(batch.y @ batch.y)
            cells += float(np.vdot(batch.X, batch.X))
        return PartSums(found, (rows, answers, cells))

    def _taken(self, batch: DesignBatch) -> RowBatch:
        """Return a batch with weights that sum to the rows, or refuse it."""
        wrong = np.flatnonzero((batch.y < 0) & self.counts)
        if len(wrong):
            raise DataError(
                f"Counts must not be negative, got {batch.y[wrong[0]]:g} in row {row(int(batch.rows[wrong[0]]))}.",
                "Use least squares, or shift.",
            )
        weights = batch.weights
        if weights is not None and self.weights_kind == FREQUENCY:
            try:
                weights = common_weights(weights, FREQUENCY)
            except DataError as error:
                raise error.at_rows(batch.rows.tolist()) from None
        elif weights is not None:
            weights = weights * self.scale
        levels = batch.labels[self.effect] if self.effect else None
        ways = tuple(batch.labels[name] for name in self.clusters)
        return RowBatch(DesignRows(batch.X, batch.y, weights), ways, levels)


@dataclass(frozen=True, slots=True, eq=False)
class TableStream:
    """The rows of all parts.

    Parameters
    ----------
    parts
        In their order.
    executor
        Of ``concurrent.futures``, whose workers sum a part each; None sums here.
    told
        Called after every pass.
    """

    parts: tuple[TablePart, ...]
    executor: Any = None
    told: Callable[[], None] | None = None
    _marks: list[tuple[tuple[int, float, float], ...]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows there were in the first pass."""
        return sum(mark[0] for mark in self._marks[0]) if self._marks else 0

    def tally(self, empty: T) -> T:
        """Return the sums over all rows, part after part.

        Raises
        ------
        SettingError
            If the rows are others than in the pass before.
        """
        run = map if self.executor is None else self.executor.map
        found: Iterable[PartSums[T]] = run(partial(_sums, empty), self.parts)
        whole, marks = deepcopy(empty), []
        for one in found:
            whole.merge(one.tally)
            marks.append(one.mark)
        self._check(tuple(marks))
        if self.told is not None:
            self.told()
        return whole

    def _check(self, marks: tuple[tuple[int, float, float], ...]) -> None:
        if self._marks:
            close = np.allclose(self._marks[0], marks, rtol=_SAME, atol=0.0)
            if not close:
                raise SettingError(
                    f"The rows are others each time they are read: the {setting('query')} draws them at random, "
                    "or the files have changed.",
                    "Write the rows into a Parquet file first.",
                )
        else:
            self._marks.append(marks)


def _sums(empty: T, part: TablePart) -> PartSums[T]:
    return part.sums(empty)
