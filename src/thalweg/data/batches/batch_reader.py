"""Batches of a scan as the columns of a formula's design."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.batches.scanned_columns import ScannedColumn
from thalweg.data.design import Design, design_columns, evaluate_outcome
from thalweg.data.files.scans import ScanPart
from thalweg.data.formula import Variables
from thalweg.data.roles import read_weights

_ROW: Final = "__row"


@dataclass(frozen=True, slots=True)
class DesignBatch:
    """Some rows of a table, as a model takes them.

    Parameters
    ----------
    X
        Design, shape [N D].
    y
        Outcome, shape [N].
    weights
        As they were given, shape [N]; None without.
    labels
        Code of every row by column of clusters and effects, each [N].
    rows
        Their numbers in the table, counted from 0, shape [N].
    """

    X: FloatArray
    y: FloatArray
    weights: FloatArray | None
    labels: dict[str, IntArray]
    rows: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class BatchReader:
    """What makes batches of a part; it can be sent to another machine.

    Parameters
    ----------
    variables, design
        The formula; None of the design before it is known.
    columns, labels
        How columns are read.
    weights
        Column of weights; None without.
    where
        Which rows are complete.
    classes
        The two classes of the outcome, or nothing for numbers.
    """

    variables: Variables
    design: Design | None
    columns: tuple[ScannedColumn, ...]
    labels: tuple[ScannedColumn, ...]
    weights: str | None
    where: str
    classes: tuple[str, ...] = ()

    def frames(self, part: ScanPart, first: int = 0) -> Iterator[tuple[pd.DataFrame, dict[str, IntArray]]]:
        """Yield batches of a part in canonical form, indexed by row from ``first``, and codes of their labels."""
        columns, labels = self.columns, self.labels
        wanted = [f"{one.expression} as {_slot(place)}" for place, one in enumerate((*columns, *labels))]
        numbered = part.rows(f"*, row_number() over () - 1 as {_ROW}")
        statement = f"select {', '.join(wanted)}, {_ROW} from ({numbered}) where {self.where}"  # noqa: S608 - the user's own files
        before = [one.before for one in (*columns, *labels) if one.before]
        for batch in ScanPart(part.statement, (*part.before, *dict.fromkeys(before))).batches(statement):
            index = pd.Index(batch[_ROW].to_numpy() + first)
            read = {one.name: one.read(batch[_slot(place)]).array for place, one in enumerate(columns)}
            frame = pd.DataFrame(read, index=index, copy=False)
            codes = {one.name: one.codes_of(batch[_slot(len(columns) + place)]) for place, one in enumerate(labels)}
            known = np.ones(len(frame), dtype=bool)
            for one in columns:  # of numbers the statement left out what is missing
                known = known & frame[one.name].notna().to_numpy() if one.before or one.is_category else known
            for places in codes.values():
                known = known & (places >= 0)
            if self.weights is not None:
                known = known & (frame[self.weights].to_numpy() != 0)
            if not known.all():
                frame, codes = frame[known], {name: one[known] for name, one in codes.items()}
            if len(frame):
                yield frame, codes

    def batches(self, part: ScanPart, first: int = 0) -> Iterator[DesignBatch]:
        """Yield batches of a part as a model takes them."""
        assert self.design is not None
        for frame, codes in self.frames(part, first):
            X = design_columns(self.design, frame).to_numpy()
            outcome = evaluate_outcome(self.variables, frame)
            weights = None if self.weights is None else read_weights(frame[self.weights])
            rows = frame.index.to_numpy()
            yield DesignBatch(X, self.outcome(outcome), weights, codes, rows)

    def outcome(self, column: pd.Series) -> FloatArray:
        """Return the outcome as numbers; of two classes the second is 1."""
        if not self.classes:
            return np.asarray(column.to_numpy(), dtype=np.float64)
        if isinstance(column.dtype, pd.CategoricalDtype):
            found = column.cat.codes.to_numpy() == list(column.cat.categories).index(self.classes[1])
        else:
            found = column.to_numpy() == float(self.classes[1])
        return np.asarray(found, dtype=np.float64)


def first_rows(reader: BatchReader, parts: Sequence[ScanPart]) -> pd.DataFrame:
    """Return the first batch of rows, in canonical form; without rows if there is none."""
    for part in parts:
        for frame, _ in reader.frames(part):
            return frame
    return pd.DataFrame({one.name: [] for one in reader.columns})


def _slot(place: int) -> str:
    return f"__c{place}"
