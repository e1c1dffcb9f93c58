"""The rows, the scale and the seeds of each part of a network population; importing this file loads torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.estimators.ensemble.recipe import Recipe
from thalweg.estimators.ensemble.resample import BOOTSTRAP, View
from thalweg.estimators.ensemble.rows import Rows
from thalweg.estimators.ensemble.scaling import learn_scaling
from thalweg.estimators.ensemble.training import Lesson, Sample


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """The user's own validation rows: features [N D] and outcomes as the loss wants them [N C]."""

    x: FloatArray
    y: FloatArray


def view_lessons(view: View, sample: Sample, recipe: Recipe, settings: Mapping[str, Any], *, seed: int) -> list[Lesson]:
    """Return the networks to train on one view: one per seed, a bootstrap sample gets one network.

    Raises
    ------
    SettingError
        If patience has no rows to watch.
    """
    share = 0.0 if recipe.patience is None else float(settings["validation"])
    if recipe.patience is not None and sample.validation is None and not 0 < share < 1:
        raise SettingError(
            f"patience={recipe.patience} needs rows to watch, got validation={settings['validation']!r}.",
            "Give a share between 0 and 1, or X_val and y_val.",
        )
    numbers = seed_numbers(settings["seeds"])[: 1 if view.part == BOOTSTRAP else None]
    return [Lesson(sample, recipe, view.seed(seed, number), share) for number in numbers]


def view_sample(rows: Rows, view: View, *, standardise: bool, outcomes: bool) -> Sample:
    """Return the rows of a view with the scale learned on them."""
    distinct, places = np.unique(view.rows, return_inverse=True)
    x, y = rows.x[distinct], rows.y[distinct]
    weights = None if rows.weights is None else rows.weights[distinct]
    drawn = None if weights is None else weights[places]
    scaling = learn_scaling(x[places], y[places], drawn, features=standardise, outcomes=outcomes)
    return Sample(x, y, weights, places, scaling)


def online_sample(sample: Sample, view: View) -> Sample:
    """Return a sample whose rows weigh as often as an online bootstrap sample holds them.

    All rows stay in it, so that samples differ in weights alone and train side by side.
    """
    counts = np.bincount(view.rows, minlength=len(sample.x)).astype(np.float64)
    return replace(sample, weights=counts if sample.weights is None else counts * sample.weights)


def with_validation(sample: Sample, validation: Validation) -> Sample:
    """Return the sample with the user's validation rows behind its own."""
    count = len(sample.x)
    weights = None if sample.weights is None else np.concatenate([sample.weights, np.ones(len(validation.x))])
    return replace(
        sample,
        x=np.concatenate([sample.x, validation.x]),
        y=np.concatenate([sample.y, validation.y]),
        weights=weights,
        validation=np.arange(count, count + len(validation.x)),
    )


def seed_numbers(seeds: Any) -> list[int]:
    """Return the numbers of the seeds: 0 … S − 1, or those the user names.

    Raises
    ------
    SettingError
        If there is none, or one is named twice.

    Examples
    --------
    >>> seed_numbers(3), seed_numbers([7])
    ([0, 1, 2], [7])
    """
    numbers = list(range(int(seeds))) if np.ndim(seeds) == 0 else [int(number) for number in seeds]
    if not numbers or len(set(numbers)) < len(numbers):
        raise SettingError(f"seeds must name different seeds or how many, got {seeds!r}.", "Give a number such as 5.")
    return numbers
