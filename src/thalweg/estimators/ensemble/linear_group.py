"""Linear models on every view of the rows, solved exactly; torch is not needed."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import rows_at
from thalweg.estimators.ensemble.model_population import ModelGroup, ModelPopulation, gather
from thalweg.select.learning.linear_models import fit_linear_model, in_columns
from thalweg.select.learning.observations import InputError, Observations, filled_mean
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
    fill
        What a missing feature counts as [D].
    task
        What the linear predictor means.
    """

    coefficients: FloatArray
    intercept: FloatArray
    fill: FloatArray
    task: str

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions or probabilities [1 N C]."""
        known = np.where(np.isnan(x), self.fill, x)
        return outputs_to_predictions((self.intercept + known @ self.coefficients)[None], self.task)

    def __len__(self) -> int:
        return 1


def fit_linear_views(
    rows: Observations,
    task: str,
    *,
    ridge: float | None,
    folds: int | Splitter | None,
    bootstrap: int | None,
    seed: int,
    gap: int = 0,
) -> ModelPopulation:
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
    folds, bootstrap, seed, gap
        See :func:`~thalweg.select.learning.views.resample`.

    Returns
    -------
    ModelPopulation
        One model per view.

    Raises
    ------
    DataError, SettingError
        If the rows or the penalty make no sense.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(6.0)[:, None]
    >>> found = fit_linear_views(canonical_rows(x, x), "regression", ridge=0.0, folds=3, bootstrap=None, seed=0)
    >>> len(found.folds), found.predict(np.array([[7.0]])).round(9).tolist()
    (3, [[7.0]])
    """
    views = resample(rows, folds=folds, bootstrap=bootstrap, seed=seed, strata=strata_of(rows.y, task), gap=gap)
    groups: list[ModelGroup | None] = [fit_view(rows, view, task, ridge) for view in views]
    return gather(rows, views, groups)


def fit_view(rows: Observations, view: View, task: str, ridge: float | None) -> LinearGroup:
    """Fit a linear model to the rows of one view."""
    distinct, counts = np.unique(view.rows, return_counts=True)
    x, y = rows.x[distinct], rows.y[distinct]
    weights = np.asarray(counts * (1.0 if rows.weights is None else rows.weights[distinct]), dtype=np.float64)
    classes = strata_of(y, task)
    if classes is not None and classes.min() == classes.max():
        raise InputError(
            f"All rows of one of two classes are held out in fold {view.number + 1}: nothing is left to tell it by.",
            "Give more rows of the rarer class, or fit without folds.",
        )
    codes = y if classes is None else classes.astype(np.float64)
    fill = filled_mean(x, weights)
    x = np.where(np.isnan(x), fill, x)
    with rows_at(rows.origin[distinct]):
        fit = fit_linear_model(task, x, codes, weights=weights, penalty=ridge, classes=y.shape[1])
    return LinearGroup(*in_columns(fit), fill, task)
