"""A linear model of a table that is read in batches: from its question to its answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.weighing import ANALYTIC, FREQUENCY
from thalweg.data.dependence.clusters import ClusterTable, cluster_table_notes
from thalweg.data.files.scans import Scan
from thalweg.data.notes import Note, counted
from thalweg.jobs.linear_answer import Asked, tests_of
from thalweg.jobs.streamed.question import StreamedQuestion
from thalweg.jobs.streamed.table_stream import TablePart, TableStream
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.covariance import CLUSTERED, check_ways, covariance_of
from thalweg.linear.likelihoods.families import mean_family
from thalweg.linear.numerics.moment_sums import MomentSums
from thalweg.linear.numerics.tally import GroupSums, RowBatch, RowStream
from thalweg.linear.postestimation.formula_rows import kept_recipe, printed_names
from thalweg.linear.streamed.likelihood import streamed_likelihood
from thalweg.linear.streamed.stream_regression import StreamQuestion, streamed_least_squares
from thalweg.linear.streamed.within import within_levels

BoolArray = NDArray[np.bool_]

_ROUNDING: Final = 1e-9  # of a share of rows
_SAID: Final = (
    "The rows were read in batches, since they do not all fit into memory or were asked to be: nothing that needs all "
    "of them at once, such as fitted values or the influence of rows, was computed."
)


def analyse_streamed(
    asked: Asked,
    scan: Scan,
    posed: StreamedQuestion,
    facts: Mapping[str, str],
    executor: Any = None,
    told: Any = None,
) -> LinearAnalysis:
    """Estimate what was asked for.

    Parameters
    ----------
    asked
        Model, covariance, tests and level.
    scan
        The table.
    posed
        The question.
    facts
        What is needed to repeat it, by name.
    executor
        Whose workers sum the parts of the table; None sums here.
    told
        Called after every pass over the rows.

    Raises
    ------
    DataError, SettingError
        If the rows do not suffice, or are others in every pass.
    """
    stream = _stream(scan, posed, executor, told)
    names = tuple(printed_names(posed.design.columns))
    sizes = tuple(posed.clusters.values())
    kind = posed.weights_kind
    covariance = covariance_of(asked.covariance, kind or ANALYTIC, () if sizes else None)
    check_ways(covariance, len(sizes))
    absorbing = bool(posed.effect)
    question = StreamQuestion(
        names,
        posed.explained,
        covariance,
        intercept=posed.design.intercept and not absorbing,
        weights_kind=kind,
        sizes=sizes if covariance in CLUSTERED else (),
    )
    rows: RowStream = stream
    if absorbing:
        rows, absorbed = within_levels(stream, len(names), posed.effect, posed.clusters, kind)
        question = replace(question, absorbed=absorbed)
    if posed.model == "ols":
        found = streamed_least_squares(rows, question)
    else:
        found = streamed_likelihood(rows, mean_family(posed.model), question)
    fit = found.estimates
    read, used = sum(posed.columns.read), stream.rows
    notes = [*posed.notes, Note("streamed", _SAID)]
    if used < read:
        reason = "a value in a column that is used" + (" or for a weight of 0" if kind is not None else "")
        notes.append(Note("incomplete_rows", f"Left out for lack of {reason}: {counted(read - used, 'row')}."))
    if fit.cov_type in CLUSTERED:
        tables = _cluster_tables(stream, posed, names)
        notes += cluster_table_notes(tables, len(fit.names), fit.cov_type)
    return LinearAnalysis(
        table=scan.name,
        outcome=posed.answer,
        estimates=fit,
        spreads=found.deviations,
        notes=tuple(notes),
        repeat=dict(facts),
        level=asked.level,
        rows=(read, used),
        recipe=kept_recipe(posed.design, {}),
        tests=tests_of(fit, asked.test),
    )


def content_mark(scan: Scan, posed: StreamedQuestion) -> str:
    """Return the identity of the rows that are used, from what was counted and summed over them."""
    parts = [
        posed.design.text,
        repr(posed.columns.read),
        repr(posed.columns.used),
        repr(sorted(posed.columns.ends.items())),
    ]
    parts += [repr((one.name, one.levels)) for one in posed.columns.by_name.values()]
    parts += [repr((name, size)) for name, size in posed.clusters.items()]
    return hashlib.sha256("\x1f".join([*parts, repr(sorted(scan.columns))]).encode()).hexdigest()


def _stream(scan: Scan, posed: StreamedQuestion, executor: Any, told: Any) -> TableStream:
    """Return the rows with weights that sum to their number."""
    first = np.concatenate([[0], np.cumsum(posed.columns.read)]).tolist()
    parts = tuple(
        TablePart(
            posed.reader, part, first[place], tuple(posed.clusters), posed.effect, posed.weights_kind, 1.0,
            posed.model == "poisson",
        )
        for place, part in enumerate(scan.parts)
    )  # fmt: skip
    stream = TableStream(parts, executor, told)
    if posed.weights_kind in {None, FREQUENCY}:
        return stream
    found = stream.tally(MomentSums(centre=True))
    scale = found.count / found.moments().total
    return TableStream(tuple(replace(part, scale=scale) for part in parts), executor, told)


class _ClusterMeans:
    """Rows and summed columns of every cluster of each set, and the values of columns that have but two."""

    def __init__(self, width: int, ways: int) -> None:
        self.sums = [GroupSums(1 + width) for _ in range(ways)]
        self.low, self.high = np.full(width, np.inf), np.full(width, -np.inf)
        self.two = np.ones(width, dtype=bool)

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        X = batch.rows.X
        low, high = X.min(axis=0), X.max(axis=0)
        self._reach(low, high, ((low == X) | (high == X)).all(axis=0))
        table = np.column_stack([np.ones(len(X)), X])
        for codes, sums in zip(batch.clusters, self.sums, strict=True):
            sums.add(codes, table)

    def merge(self, other: "_ClusterMeans") -> None:
        """Add other rows."""
        self._reach(other.low, other.high, other.two)
        for mine, theirs in zip(self.sums, other.sums, strict=True):
            mine.merge(theirs)

    def _reach(self, low: FloatArray, high: FloatArray, two: BoolArray) -> None:
        """Widen the reach; a column keeps two values if all ends that were met are among the last ones."""
        lowest, highest = np.minimum(self.low, low), np.maximum(self.high, high)
        met = (self.low, self.high, low, high)
        here = [(one == lowest) | (one == highest) | np.isinf(one) for one in met]
        self.two &= two & np.all(here, axis=0)
        self.low, self.high = lowest, highest


def _cluster_tables(stream: TableStream, posed: StreamedQuestion, names: tuple[str, ...]) -> dict[str, ClusterTable]:
    """Return how large clusters are, and which columns of two values differ between them."""
    found = stream.tally(_ClusterMeans(len(names), len(posed.clusters)))
    two = found.two & (found.high > found.low)
    tables = {}
    for name, sums in zip(posed.clusters, found.sums, strict=True):
        table = sums.gathered()[1]
        spread = np.where(two, found.high - found.low, 1.0)
        shares = (table[:, 1:] / table[:, :1] - found.low) / spread
        shares = np.where(np.abs(shares - np.round(shares)) < _ROUNDING, np.round(shares), shares)
        columns = {names[j]: shares[:, j] for j in np.flatnonzero(two)}
        tables[name] = ClusterTable(table[:, 0].astype(np.int64), columns)
    return tables
