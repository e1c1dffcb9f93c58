"""Cross-validation of networks as one population: folds x seeds x settings, each with its own training rows.

Encoders, and the scale of a numeric outcome, are learned on the training rows of a fold. The population reads one
table that holds the rows of every fold's encoding, one after the other, and a last encoding learned on all rows for
the networks that are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.contracts import Loss
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.base.seeds import derived_seed
from thalweg.base.weighing import FREQUENCY
from thalweg.data.encode import Encoder, fit_encoder
from thalweg.data.kinds import MAX_LEVELS
from thalweg.data.problem import Problem
from thalweg.data.reading.ramps import WIDEST, RampPlan, learn_ramps, plan_ramps
from thalweg.data.split import fold_numbers, folds_in_time, validation_rows
from thalweg.optim.schedule import Constant
from thalweg.select.learning.lessons import Lesson, Sample, Scaling, members_of, samples_table
from thalweg.select.learning.recipe import TASK_LOSSES, Recipe
from thalweg.select.learning.views import ALL, View, fold_views, held_out_in, time_views
from thalweg.select.scoring.metrics import metrics_of_task
from thalweg.select.settings import Settings
from thalweg.train.population import Member, TrainingTable

_MOST_COUNTED: Final = 10_000_000  # rows that frequencies are written out to where an encoder learns from them
_ENTRY: Final = 12  # bytes of an encoded number: once in double precision, once in single in the table that is trained
_OVERHEAD: Final = 3_000  # bytes of a member beside its parameters


@dataclass(frozen=True, slots=True, eq=False)
class EncodedView:
    """The table as one fold sees it.

    Parameters
    ----------
    view
        Rows to learn from, ascending, and rows held out; none when learning from all. All rows have the number F.
    encoder
        Learned on the rows of the view.
    sample
        All rows encoded [N D], outcomes as the loss wants them, and, learned from the rows of the view, the scale of a
        numeric outcome and the ramps of networks; encoded features are on a common scale already.
    """

    view: View
    encoder: Encoder
    sample: Sample

    @property
    def x_held_out(self) -> FloatArray:
        """Held-out rows, encoded [n D]."""
        return self.sample.x[self.view.held_out]

    @property
    def held_out_inputs(self) -> FloatArray:
        """Held-out rows as networks see them [n D+R]."""
        return self.sample.scaling.features(self.x_held_out)


@dataclass(frozen=True, slots=True)
class Choice:
    """What validation rows chose for one view.

    Parameters
    ----------
    setting
        Number of the network in the grid.
    epochs
        Epochs at which the mean validation loss over seeds was least.
    """

    setting: int
    epochs: int


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """Everything that training and scoring need.

    Parameters
    ----------
    problem, settings
        What is asked, and how.
    fold
        Fold in which each row is held out [N]; −1 for rows that are never held out, in time order the first block.
    views
        One per fold, then one for all rows.
    table
        The rows of all views, one after the other.
    loss
        The task's loss.
    """

    problem: Problem
    settings: Settings
    fold: IntArray
    views: tuple[EncodedView, ...]
    table: TrainingTable
    loss: Loss

    @property
    def judged(self) -> IntArray:
        """The rows that are held out once, on which models are judged, ascending."""
        return np.flatnonzero(self.fold >= 0)

    def splits(self, part: EncodedView, count: int) -> list[tuple[IntArray, IntArray]]:
        """Return so many ways to set validation rows of a view aside: rows to learn from and rows to watch."""
        share, gap = self.settings.validation, self.settings.gap
        seeds = [self._seed(part.view.number, number) for number in range(count)]
        return [validation_rows(self.problem, part.view.rows, share, seed, gap=gap) for seed in seeds]

    def search_members(self) -> list[Member]:
        """Return the population that searches the grid: per fold, setting and seed, with its own validation rows."""
        lessons = []
        for part in self.views[:-1]:
            splits = self.splits(part, self.settings.seeds)
            for number in range(len(self.settings.networks)):
                lessons += [
                    self._lesson(part, number, seed, learned, self.settings.epochs, watched)
                    for seed, (learned, watched) in enumerate(splits)
                ]
        return self._members(lessons)

    def chosen_members(self, choices: Sequence[Choice]) -> list[Member]:
        """Return the networks that are judged and kept: per view the chosen setting on all its training rows."""
        seeds = range(self.settings.seeds)
        return self._members(
            [
                self._lesson(part, choice.setting, seed, part.view.rows, choice.epochs)
                for part, choice in zip(self.views, choices, strict=True)
                for seed in seeds
            ]
        )

    def _members(self, lessons: Sequence[Lesson]) -> list[Member]:
        return members_of(lessons, [part.sample for part in self.views])

    def _lesson(
        self, part: EncodedView, number: int, seed: int, rows: IntArray, epochs: int, watched: IntArray | None = None
    ) -> Lesson:
        network, fold = self.settings.networks[number], part.view.number
        recipe = Recipe(
            network=network.network(),
            loss=self.loss,
            optimizer=network.stepper(),
            schedule=Constant(),
            penalty=network.penalty(),
            batch=self.settings.batch,
            epochs=epochs,
            patience=self.settings.patience,
        )
        label = {"fold": fold, "setting": number, "seed": seed}
        return Lesson(part.sample, recipe, self._seed(fold, seed, number), rows, watched, label)

    def _seed(self, *path: int) -> int:
        """Return a seed for one place of the design; different places get unrelated seeds."""
        return derived_seed(self.settings.seed, "split", *path)


def cross_validation(problem: Problem, settings: Settings) -> CrossValidation:
    """Cut a problem into folds and encode it for each.

    Parameters
    ----------
    problem
        What is asked.
    settings
        How many folds, seeds and networks.

    Returns
    -------
    CrossValidation
        Ready to train.

    Raises
    ------
    DataError
        If the rows do not suffice for the folds or a number is too large for the computation.
    SettingError
        If a gap is asked for without times, or the task has no such metric.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, seeds=2))
    >>> len(plan.search_members()), plan.table.count
    (48, 600)
    """
    metrics_of_task(problem.task, settings.metric)
    _refuse_oversized(problem, settings)
    everything = np.arange(len(problem))
    if problem.time is not None:
        cut = time_views(folds_in_time(problem, settings.folds, settings.gap))
        fold = held_out_in([view.held_out for view in cut], len(problem))
    else:
        if settings.gap:
            raise SettingError(f"{setting('gap')} is between times, but no {setting('time')} is named.", "Name it.")
        fold = fold_numbers(problem, settings.folds, settings.seed)
        cut = fold_views(fold)
    parts = [*cut, View(ALL, settings.folds, everything, everything[:0])]
    y = _targets(problem)
    encoders = [fit_encoder(problem, _counted(problem, view.rows)) for view in parts]
    x = [encoder.transform(problem.features) for encoder in encoders]
    ramps = plan_ramps(x[-1], settings.ramps if settings.networks else 0)
    views = tuple(_encoded(problem, *part, y, ramps) for part in zip(parts, encoders, x, strict=True))
    table = samples_table([part.sample for part in views])
    return CrossValidation(problem, settings, fold, views, table, TASK_LOSSES[problem.task])


def _refuse_oversized(problem: Problem, settings: Settings) -> None:
    """Refuse a comparison that does not fit into memory, before its members are even listed."""
    rows, columns = len(problem), sum(_width(column) for _, column in problem.features.items())
    views, chosen = settings.folds + 1, (settings.folds + 1) * settings.seeds
    outputs = max(1, len(problem.classes))
    numbers = sum(not isinstance(column.dtype, pd.CategoricalDtype) for _, column in problem.features.items())
    ramped = min(numbers * settings.ramps, WIDEST)
    sizes = [network.network().count(columns + ramped, outputs) for network in settings.networks]
    networks = settings.folds * settings.seeds * sum(4 * size + _OVERHEAD for size in sizes)
    networks += chosen * (4 * max(sizes) + _OVERHEAD + 4 * rows) if sizes else 0  # the rows each learns from
    refuse_oversized(
        {
            f"{rows:,} rows of {columns:,} columns in {views:,} encodings": views
            * rows
            * (columns * _ENTRY + (4 * ramped if sizes else 0)),
            f"{settings.members + (chosen if sizes else 0):,} networks": networks,
        },
        f"Select rows or columns by a {setting('query')}, or ask for fewer {setting('folds')}, fewer "
        f"{setting('seeds')} or smaller networks.",
    )


def _width(column: pd.Series) -> int:
    """Return how many columns a column becomes: one per level, up to a limit."""
    return min(len(column.cat.categories), MAX_LEVELS) if isinstance(column.dtype, pd.CategoricalDtype) else 1


def _encoded(
    problem: Problem, view: View, encoder: Encoder, x: FloatArray, y: FloatArray, ramps: RampPlan
) -> EncodedView:
    nothing, one = np.zeros(x.shape[1]), np.ones(x.shape[1])
    centre, scale = np.zeros(y.shape[1]), np.ones(y.shape[1])
    if problem.task == "regression":
        weights = None if problem.weights is None else problem.weights[view.rows]
        centre = np.average(y[view.rows], axis=0, weights=weights)
        scale = np.sqrt(np.average((y[view.rows] - centre) ** 2, axis=0, weights=weights))
        if not scale[0] > 0:
            raise DataError(
                f"Target {problem.target!r} is constant in the training rows of fold {view.number + 1}.",
                "Use fewer folds, or check the target.",
            )
    scaling = Scaling(nothing, one, centre, scale, nothing, learn_ramps(x[_counted(problem, view.rows)], None, ramps))
    return EncodedView(view, encoder, Sample(x, y, problem.weights, view.rows, scaling, np.arange(len(problem))))


def _counted(problem: Problem, rows: IntArray) -> IntArray:
    """Return rows as often as they count: frequencies make several of one."""
    if problem.weights is None or problem.weights_kind != FREQUENCY:
        return rows
    counts = problem.weights[rows]
    return np.repeat(rows, np.ceil(counts * min(1.0, _MOST_COUNTED / counts.sum())).astype(np.int64))


def _targets(problem: Problem) -> FloatArray:
    """Outcomes as the loss wants them [N C]."""
    if problem.task == "multiclass":
        return np.eye(len(problem.classes))[problem.outcome.astype(np.int64)]
    return problem.outcome.astype(np.float64)[:, None]


def fold_members(members: Sequence[Member], **label: int) -> list[int]:
    """Return the numbers of members with some labels.

    Examples
    --------
    >>> fold_members([], fold=0)
    []
    """
    return [n for n, m in enumerate(members) if all(m.label.get(key) == value for key, value in label.items())]
