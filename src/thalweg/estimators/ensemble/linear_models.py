"""Linear models on every view of the rows, solved exactly; torch is not needed."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.estimators.ensemble.population import ModelGroup, Population, gather
from thalweg.linear import fit_least_squares, fit_logistic, fit_multinomial, fit_ridge
from thalweg.select.learning.observations import Observations
from thalweg.select.learning.outputs import outputs_to_predictions
from thalweg.select.learning.views import Splitter, View, resample, strata_of


@dataclass(frozen=True, slots=True, eq=False)
class LinearGroup:
    """One linear model.

    Parameters
    ----------
    coefficients
        In units of the features [D C].
    intercept
        [C].
    task
        What the linear predictor means.
    """

    coefficients: FloatArray
    intercept: FloatArray
    task: str

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions or probabilities [1 N C]."""
        return outputs_to_predictions((self.intercept + x @ self.coefficients)[None], self.task)

    def __len__(self) -> int:
        return 1


def fit_linear(
    rows: Observations,
    task: str,
    *,
    ridge: float | None,
    folds: int | Splitter | None,
    bootstrap: int | None,
    seed: int,
) -> Population:
    """Fit a linear model to all rows, to every fold and to every bootstrap sample.

    Parameters
    ----------
    rows
        What to learn from.
    task
        ``regression``, ``binary`` or ``multiclass``.
    ridge
        Penalty on standardised coefficients; for regression 0 is least squares and None takes the penalty of least
        leave-one-out error, anew in every view.
    folds, bootstrap, seed
        See :func:`~thalweg.select.learning.views.resample`.

    Returns
    -------
    Population
        One model per view.

    Raises
    ------
    DataError, SettingError
        If the rows or the penalty make no sense.

    Examples
    --------
    See :class:`thalweg.estimators.linear.LinearRegressor`.
    """
    views = resample(rows, folds=folds, bootstrap=bootstrap, seed=seed, strata=strata_of(rows, task))
    groups: list[ModelGroup | None] = [fit_view(rows, view, task, ridge) for view in views]
    return gather(rows, views, groups)


def fit_view(rows: Observations, view: View, task: str, ridge: float | None) -> LinearGroup:
    """Fit a linear model to the rows of one view."""
    distinct, counts = np.unique(view.rows, return_counts=True)
    x, y = rows.x[distinct], rows.y[distinct]
    weights = counts * (1.0 if rows.weights is None else rows.weights[distinct])
    if task == "multiclass":
        many = fit_multinomial(x, y.argmax(axis=1), weights=weights, ridge=ridge or 0.0, classes=y.shape[1])
        return LinearGroup(many.coefficients, many.intercept, task)
    if task == "binary":
        two = fit_logistic(x, y[:, 0], weights=weights, ridge=ridge or 0.0)
        return LinearGroup(two.coefficients[:, None], np.array([two.intercept]), task)
    if ridge == 0:
        exact = fit_least_squares(x, y, weights=weights)
        return LinearGroup(exact.coefficients, np.asarray(exact.intercept), task)
    shrunk = fit_ridge(x, y, weights=weights, penalties=None if ridge is None else [ridge])
    return LinearGroup(shrunk.coefficients, np.asarray(shrunk.intercept), task)
