"""Cross-validation of networks as one population: folds x seeds x settings, each with its own training rows.

Encoders, and the scale of a numeric outcome, are learned on the training rows of a fold. The population reads one
table that holds the rows of every fold's encoding, one after the other, and a last encoding learned on all rows for
the networks that are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.contracts import Loss
from thalweg.base.errors import DataError
from thalweg.base.seeds import derived_seed
from thalweg.data.encode import Encoder, fit_encoder
from thalweg.data.problem import Problem
from thalweg.data.split import fold_numbers, validation_rows
from thalweg.loss.logistic import Logistic
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.select.settings import Settings
from thalweg.train.population import Member, TrainingTable, training_table


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The table as one fold sees it.

    Parameters
    ----------
    fold
        Number of the fold; F stands for all rows.
    training
        Rows to learn from, ascending.
    test
        Rows held out; none when learning from all.
    encoder
        Learned on the training rows.
    x
        All rows encoded [N D].
    centre, scale
        Mean and standard deviation of a numeric outcome in the training rows; 0 and 1 for classes.
    """

    fold: int
    training: IntArray
    test: IntArray
    encoder: Encoder
    x: FloatArray
    centre: float
    scale: float


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
        Fold in which each row is held out [N].
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
    views: tuple[View, ...]
    table: TrainingTable
    loss: Loss

    def search_members(self) -> list[Member]:
        """Return the population that searches the grid: per fold, setting and seed, with its own validation rows."""
        members = []
        for view in self.views[:-1]:
            splits = [
                validation_rows(self.problem, view.training, self.settings.validation, self._seed(view.fold, seed))
                for seed in range(self.settings.seeds)
            ]
            for number in range(len(self.settings.networks)):
                members += [
                    self._member(view, number, seed, train, self.settings.epochs, held)
                    for seed, (train, held) in enumerate(splits)
                ]
        return members

    def chosen_members(self, choices: Sequence[Choice]) -> list[Member]:
        """Return the networks that are judged and kept: per view the chosen setting on all its training rows."""
        seeds = range(self.settings.seeds)
        return [
            self._member(view, choice.setting, seed, view.training, choice.epochs)
            for view, choice in zip(self.views, choices, strict=True)
            for seed in seeds
        ]

    def _member(
        self, view: View, number: int, seed: int, train: IntArray, epochs: int, held: IntArray | None = None
    ) -> Member:
        setting, weights = self.settings.networks[number], self.problem.weights
        first = view.fold * len(self.problem)
        return Member(
            network=setting.network(),
            loss=self.loss,
            rows=(first + train).astype(np.int32),
            weights=None if weights is None else weights[train],
            validation=None if held is None else (first + held).astype(np.int32),
            validation_weights=None if held is None or weights is None else weights[held],
            seed=self._seed(view.fold, seed, number),
            optimizer=setting.stepper(),
            penalty=setting.penalty(),
            batch=self.settings.batch,
            epochs=epochs,
            patience=None if held is None else self.settings.patience,
            label={"fold": view.fold, "setting": number, "seed": seed},
        )

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

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> plan = cross_validation(pose("example:iris"), Settings(folds=3, seeds=2))
    >>> len(plan.search_members()), plan.table.count
    (48, 600)
    """
    fold = fold_numbers(problem, settings.folds, settings.seed)
    views = tuple(_view(problem, fold, number) for number in range(settings.folds + 1))
    y = np.concatenate([_targets(problem, view) for view in views])
    table = training_table(np.concatenate([view.x for view in views]), y)
    losses: dict[str, Loss] = {"regression": Squared(), "binary": Logistic(), "multiclass": Softmax()}
    return CrossValidation(problem, settings, fold, views, table, losses[problem.task])


def _view(problem: Problem, fold: IntArray, number: int) -> View:
    training, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
    encoder = fit_encoder(problem, training)
    x = encoder.transform(problem.features)
    centre, scale = 0.0, 1.0
    if problem.task == "regression":
        y = problem.outcome[training].astype(np.float64)
        centre, scale = float(y.mean()), float(y.std())
        if not scale > 0:
            raise DataError(
                f"Target {problem.target!r} is constant in the training rows of fold {number + 1}.",
                "Use fewer folds, or check the target.",
            )
    return View(number, training, test, encoder, x, centre, scale)


def _targets(problem: Problem, view: View) -> FloatArray:
    """Outcomes as the loss wants them [N C]."""
    if problem.task == "regression":
        return ((problem.outcome.astype(np.float64) - view.centre) / view.scale)[:, None]
    if problem.task == "binary":
        return problem.outcome.astype(np.float64)[:, None]
    return np.eye(len(problem.classes))[problem.outcome.astype(np.int64)]


def fold_members(members: Sequence[Member], **label: int) -> list[int]:
    """Return the numbers of members with some labels.

    Examples
    --------
    >>> fold_members([], fold=0)
    []
    """
    return [n for n, m in enumerate(members) if all(m.label.get(key) == value for key, value in label.items())]
