"""Gradient boosting beside an estimator, on the estimator's own folds."""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.seeds import derived_seed
from thalweg.data.notes import Note
from thalweg.estimators.ensemble.model_population import ModelPopulation
from thalweg.select.learning.boosted_trees import BOOSTING, fit_boosted_trees
from thalweg.select.learning.lessons import stopping_rows, view_sample
from thalweg.select.learning.observations import Observations, filled_mean
from thalweg.select.learning.views import FOLD, View
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions, held_out_predictions

SHARE: Final = 0.15  # of the training rows, that trees are chosen by
_TRIES: Final = 10
LEFT_OUT: Final = Note(
    "boosting", "Gradient boosting is left out: the training rows of a fold are too few, or do not see every class."
)


def boosting_beside(
    population: ModelPopulation, judged: HeldOutRows, outcome: FloatArray | IntArray, gap: int = 0
) -> tuple[list[ModelPredictions], tuple[Note, ...]]:
    """Return what boosted trees predict for the held-out rows of an estimator's folds, or a note why there are none.

    Parameters
    ----------
    population
        A fit with folds.
    judged
        Its held-out rows.
    outcome
        Numbers, or codes of classes, of all its rows [N].
    gap
        Times between rows learned from and rows that trees are chosen by, where rows have times.

    Examples
    --------
    >>> from thalweg.estimators import LinearRegressor
    >>> x = np.arange(60.0)[:, None]
    >>> population = LinearRegressor(folds=2).fit(x, x[:, 0] % 7).population_
    >>> y = population.rows.y[:, 0]
    >>> judged = HeldOutRows("regression", y, population.fold, "ridge regression")
    >>> [model.name for model in boosting_beside(population, judged, y)[0]]
    ['gradient boosting']
    """
    rows, parts = population.rows, []
    for number, (learned, held_out) in enumerate(zip(population.learned, population.held_out, strict=True)):
        fill = filled_mean(rows.x[learned], None if rows.weights is None else rows.weights[learned])
        x = np.where(np.isnan(rows.x), fill, rows.x)
        split = _split(rows, View(FOLD, number, learned, held_out), outcome, len(judged.classes), gap)
        if split is None:
            return [], (LEFT_OUT,)
        weights = None if rows.weights is None else rows.weights[learned]
        trees = fit_boosted_trees(judged.task, x[learned], outcome[learned], weights, [split])
        parts.append((held_out, trees.predict(x[held_out])[None]))
    table = held_out_predictions(parts, rows=len(rows), columns=max(1, len(judged.classes)))
    return [ModelPredictions(BOOSTING, "boosting", table[:, population.fold >= 0])], ()


def _split(
    rows: Observations, view: View, outcome: FloatArray | IntArray, classes: int, gap: int
) -> tuple[IntArray, IntArray] | None:
    """Return places in the view to learn from and to watch; None if the former would be few or miss a class."""
    sample = view_sample(rows, view, features=False, outcomes=False)
    for attempt in range(_TRIES):
        learned, watched = stopping_rows(sample, SHARE, derived_seed(view.number, "split", attempt), gap)
        if watched is None:
            return None
        if not classes or len(np.unique(outcome[view.rows][learned])) == classes:
            return learned, watched
    return None
