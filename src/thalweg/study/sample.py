"""What a study learns from: a question's rows as numbers, and the loss of its task."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.contracts import Loss
from thalweg.base.errors import DataError
from thalweg.base.seeds import derived_seed, stream
from thalweg.data.encode import fit_encoder
from thalweg.data.problem import Problem
from thalweg.select.learning.recipe import TASK_LOSSES
from thalweg.train.population import TrainingTable, training_table

LOSS_NAMES: Final = {
    "regression": "squared error of the standardised outcome",
    "binary": "cross entropy",
    "multiclass": "cross entropy",
}


@dataclass(frozen=True, slots=True, eq=False)
class StudySample:
    """Rows as a network sees them.

    Parameters
    ----------
    name, target, task
        The table, its outcome, and what kind of outcome that is.
    features
        Names of the D encoded columns.
    x
        Standardised numbers and columns of 0 and 1 [N D].
    y
        Outcomes [N C]: standardised, 0/1, or one column per class.
    classes
        Names of the classes, none for regression.
    groups
        Codes [N] of rows that belong together, or None.
    columns
        Names of the columns of the table that were encoded [K].
    belongs
        The column each encoded one comes from [D]; None if every one is a column of its own.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> sample = sample_of(pose("example:iris"))
    >>> sample.x.shape, sample.y.shape, sample.loss
    ((150, 4), (150, 3), Softmax())
    """

    name: str
    target: str
    task: str
    features: tuple[str, ...]
    x: FloatArray
    y: FloatArray
    classes: tuple[str, ...] = ()
    groups: IntArray | None = None
    columns: tuple[str, ...] = ()
    belongs: IntArray | None = None

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return len(self.x)

    @property
    def loss(self) -> Loss:
        """The loss of the task."""
        return TASK_LOSSES[self.task]

    @property
    def loss_name(self) -> str:
        """The loss in words."""
        return LOSS_NAMES[self.task]

    @property
    def outputs(self) -> int:
        """Outputs of a network."""
        return self.loss.outputs(self.y.shape[1])

    def table(self, dtype: torch.dtype = torch.float32) -> TrainingTable:
        """Return the rows as the engine reads them."""
        return training_table(self.x, self.y, dtype)

    def some(self, rows: IntArray) -> "StudySample":
        """Return some of the rows."""
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, x=self.x[rows], y=self.y[rows], groups=groups)


def sample_of(problem: Problem, most: int | None = None, seed: int = 0) -> StudySample:
    """Return a question's rows as numbers.

    Parameters
    ----------
    problem
        From :func:`thalweg.data.problem.pose`.
    most
        The most rows to keep, drawn at random; None for all.
    seed
        Of that draw.

    Returns
    -------
    StudySample
        Rows in their order.

    Raises
    ------
    DataError
        If a numeric outcome never varies.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> sample_of(pose("example:diabetes"), most=100).rows
    100
    """
    rows = np.arange(len(problem))
    if most is not None and len(problem) > most:
        rows = np.sort(stream(seed, "data", 2).permutation(len(problem))[:most].astype(np.int64))
    encoder = fit_encoder(problem, rows)
    x = encoder.transform(problem.features)[rows]
    outcome = problem.outcome[rows]
    if problem.task == "regression":
        spread = float(outcome.std())
        if not spread > 0:
            raise DataError(f"{problem.target!r} is the same in every row.", "Choose a target that varies.")
        y = ((outcome - outcome.mean()) / spread)[:, None]
    elif problem.task == "binary":
        y = outcome[:, None].astype(np.float64)
    else:
        y = np.eye(len(problem.classes))[outcome.astype(np.int64)]
    groups = None if problem.groups is None else problem.groups[rows]
    return StudySample(
        problem.name,
        problem.target,
        problem.task,
        encoder.feature_names,
        x,
        y,
        problem.classes,
        groups,
        tuple(column.name for column in encoder.columns),
        np.repeat(np.arange(len(encoder.columns)), [len(column.feature_names) for column in encoder.columns]),
    )


def halves(sample: StudySample, seed: int) -> tuple[IntArray, IntArray]:
    """Return two halves of the rows, drawn at random; no group is cut.

    Parameters
    ----------
    sample
        Whose rows.
    seed
        Of the draw.

    Raises
    ------
    DataError
        If there is a single group.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> [len(half) for half in halves(sample_of(pose("example:iris")), 0)]
    [75, 75]
    """
    codes = np.arange(sample.rows) if sample.groups is None else sample.groups
    units = np.unique(codes)
    if len(units) < 2:
        raise DataError("All rows are of one group, so that no half can be set aside.", "Choose other groups.")
    order = units[stream(derived_seed(seed, "split", 7), "split").permutation(len(units))]
    first = np.isin(codes, order[: (len(units) + 1) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)
