"""What may learn a nuisance, from the mean of every level to boosted trees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV

from thalweg.base.arrays import FloatArray, IntArray

PENALTIES: Final = np.logspace(-2, 5, 15)
INVERSE_PENALTIES: Final = (0.003, 0.03, 0.3, 3.0)
_TREES: Final = {
    "learning_rate": 0.05,
    "max_iter": 100,
    "max_leaf_nodes": 8,
    "early_stopping": False,
    "random_state": 0,
}
_ROWS_OF_A_SLOPE: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class LevelLesson:
    """The units that a learner learns from.

    Parameters
    ----------
    x
        Covariates [n D].
    received
        Number of the level that each received [n].
    y
        Outcomes [n].
    weights
        Row weights [n].
    levels
        J.
    """

    x: FloatArray
    received: IntArray
    y: FloatArray
    weights: FloatArray
    levels: int

    @property
    def unequal(self) -> FloatArray | None:
        """The weights, or None if they are all alike: boosted trees find their bins ten times faster then."""
        return None if (self.weights == self.weights[0]).all() else self.weights

    def scaled(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the covariates of the lesson and others, both less the mean and over the deviation of the lesson."""
        share = self.weights / self.weights.sum()
        centre = share @ self.x
        spread = np.sqrt(share @ (self.x - centre) ** 2)
        spread = np.where(spread > 1e-12 * np.maximum(np.abs(self.x).max(axis=0, initial=0.0), 1e-300), spread, np.inf)
        return (self.x - centre) / spread, (x - centre) / spread

    def level_means(self, values: FloatArray) -> FloatArray:
        """Return the weighted mean of values [n C] in every level [J C]."""
        total = np.bincount(self.received, self.weights, minlength=self.levels)
        sums = np.stack(
            [np.bincount(self.received, self.weights * v, minlength=self.levels) for v in values.T], axis=-1
        )
        return np.asarray(sums / np.maximum(total, 1e-300)[:, None])


Learner = Callable[[LevelLesson, FloatArray], FloatArray]
"""From a lesson and the covariates of other units [N D] to one number for every unit and level [N J]."""


def level_means(lesson: LevelLesson, x: FloatArray) -> FloatArray:
    """Predict the mean outcome of the level, whatever the covariates."""
    return np.tile(lesson.level_means(lesson.y[:, None])[:, 0], (len(x), 1))


def linear(lesson: LevelLesson, x: FloatArray) -> FloatArray:
    """Predict by ridge regression, slopes being those of all levels; generalised cross-validation sets the penalty."""
    known, asked = lesson.scaled(x)
    centres, means = lesson.level_means(known), lesson.level_means(lesson.y[:, None])[:, 0]
    own = lesson.received
    ridge = RidgeCV(PENALTIES, fit_intercept=False)
    ridge.fit(known - centres[own], lesson.y - means[own], sample_weight=lesson.weights)
    return np.asarray(means + asked @ ridge.coef_[:, None] - centres @ ridge.coef_)


def linear_by_level(lesson: LevelLesson, x: FloatArray) -> FloatArray:
    """Predict by a ridge regression of its own for every level."""
    known, asked = lesson.scaled(x)
    found = level_means(lesson, x)
    for level in range(lesson.levels):
        mine = lesson.received == level
        if mine.sum() >= _ROWS_OF_A_SLOPE:
            ridge = RidgeCV(PENALTIES).fit(known[mine], lesson.y[mine], sample_weight=lesson.weights[mine])
            found[:, level] = ridge.predict(asked)
    return found


def logistic(lesson: LevelLesson, x: FloatArray, *, inverse_penalty: float) -> FloatArray:
    """Predict an outcome of 0 and 1 by logistic regression on covariates and levels."""
    known, asked = lesson.scaled(x)
    dummies = np.eye(lesson.levels)
    if len(np.unique(lesson.y)) < 2:
        return level_means(lesson, x)
    model = LogisticRegression(C=inverse_penalty, max_iter=1000)
    model.fit(np.column_stack([known, dummies[lesson.received][:, 1:]]), lesson.y, sample_weight=lesson.weights)
    found = [model.predict_proba(np.column_stack([asked, np.tile(row[1:], (len(x), 1))]))[:, 1] for row in dummies]
    return np.stack(found, axis=1)


def boosted(lesson: LevelLesson, x: FloatArray) -> FloatArray:
    """Predict the outcome by boosted trees on covariates and levels."""
    dummies = np.eye(lesson.levels)
    trees = HistGradientBoostingRegressor(**_TREES)
    trees.fit(np.column_stack([lesson.x, dummies[lesson.received]]), lesson.y, sample_weight=lesson.unequal)
    found = [trees.predict(np.column_stack([x, np.tile(row, (len(x), 1))])) for row in dummies]
    return np.stack(found, axis=1)


def shares(lesson: LevelLesson, x: FloatArray) -> FloatArray:
    """Predict the share of every level, whatever the covariates."""
    found = np.bincount(lesson.received, lesson.weights, minlength=lesson.levels)
    return np.tile(found / found.sum(), (len(x), 1))


def logit(lesson: LevelLesson, x: FloatArray, *, inverse_penalty: float) -> FloatArray:
    """Predict the chances of the levels by (multinomial) logistic regression."""
    known, asked = lesson.scaled(x)
    model = LogisticRegression(C=inverse_penalty, max_iter=1000)
    model.fit(known, lesson.received, sample_weight=lesson.weights)
    return _in_place(model.predict_proba(asked), model.classes_, lesson.levels)


def boosted_chances(lesson: LevelLesson, x: FloatArray) -> FloatArray:
    """Predict the chances of the levels by boosted trees."""
    trees = HistGradientBoostingClassifier(**_TREES).fit(lesson.x, lesson.received, sample_weight=lesson.unequal)
    return _in_place(trees.predict_proba(x), trees.classes_, lesson.levels)


def _in_place(chances: FloatArray, found: NDArray[np.integer], levels: int) -> FloatArray:
    """Return chances [N J] of all levels, 0 for one that the lesson had not."""
    full = np.zeros((len(chances), levels))
    full[:, found] = chances
    return full


def _penalised(learner: Callable[..., FloatArray]) -> dict[str, Learner]:
    return {f"logit, C = {c:g}": partial(learner, inverse_penalty=c) for c in INVERSE_PENALTIES}


OUTCOMES: Final[Mapping[str, Learner]] = {
    "means": level_means,
    "linear": linear,
    "linear by level": linear_by_level,
    "boosting": boosted,
}
BINARY_OUTCOMES: Final[Mapping[str, Learner]] = {**OUTCOMES, **_penalised(logistic)}
CHANCES: Final[Mapping[str, Learner]] = {"shares": shares, "boosting": boosted_chances} | _penalised(logit)
