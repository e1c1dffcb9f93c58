"""The models that always stand beside the networks: a baseline and the linear models of the task, solved exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import rows_at
from thalweg.data.problem import Problem
from thalweg.linear import LeastSquaresFit, LogisticFit, MultinomialFit, RidgeFit
from thalweg.linear.certificate import Certificate
from thalweg.linear.regression import certify_least_squares
from thalweg.linear.ridge_certificate import certify_ridge
from thalweg.select.learning.linear_models import BASELINE, LINEAR, LinearFit, fit_linear_model, in_columns
from thalweg.select.learning.outputs import class_predictions


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceModel:
    """A fitted linear model of encoded features.

    Parameters
    ----------
    name
        One of :data:`~thalweg.select.learning.linear_models.LINEAR` or ``BASELINE`` there.
    task
        Decides how scores become predictions.
    coefficients
        [D C]; C = 1 for regression and binary.
    intercept
        [C].
    note
        What was chosen on the training rows, such as the penalty.
    certificates
        How exactly it was fitted; none for the baseline, which is a mean.

    Examples
    --------
    >>> model = ReferenceModel("mean", "regression", np.zeros((2, 1)), np.array([3.0]))
    >>> model.predict(np.ones((1, 2))).tolist()
    [[3.0]]
    """

    name: str
    task: str
    coefficients: FloatArray
    intercept: FloatArray
    note: str = ""
    certificates: tuple[Certificate, ...] = ()

    def predict(self, x: FloatArray) -> FloatArray:
        """Return predictions [N 1] in units of the outcome, or probabilities [N C]."""
        return class_predictions(x @ self.coefficients + self.intercept, self.task)

    def tensors(self) -> Mapping[str, FloatArray]:
        """Return the numbers by name."""
        return {"coefficients": self.coefficients, "intercept": self.intercept}


def reference_models(
    problem: Problem, x: FloatArray, rows: IntArray, names: Sequence[str] | None = None
) -> Sequence[ReferenceModel]:
    """Fit the baseline and the linear models of the task.

    Parameters
    ----------
    problem
        What is asked.
    x
        Features [N D], encoded.
    rows
        Training rows; linear models need no validation rows and use them all.
    names
        Of the features, for certificates; x1 … xD if None.

    Returns
    -------
    list of ReferenceModel
        The baseline first, then those of the task in order. Ridge regression takes the penalty of least leave-one-out
        error in the training rows; logistic and softmax regression take λ = 1 (``C=1``). Penalties are on the encoded
        columns as networks see them: numbers are on a common scale, and indicators stay 0 and 1, so that a rare level
        is shrunken as much as it is rare.

    Examples
    --------
    >>> from thalweg.data.encode import fit_encoder
    >>> from thalweg.data.problem import pose
    >>> problem = pose("example:diabetes")
    >>> rows = np.arange(len(problem))
    >>> x = fit_encoder(problem, rows).transform(problem.features)
    >>> [model.name for model in reference_models(problem, x, rows)]
    ['mean', 'ridge regression', 'least squares']
    """
    X, y = x[rows], problem.outcome[rows]
    weights = None if problem.weights is None else problem.weights[rows]
    models = [_baseline(problem, x.shape[1], y, weights)]
    for name, penalty in LINEAR[problem.task].items():
        with rows_at(rows):
            settings: dict[str, Any] = {"penalty": penalty, "weights_kind": problem.weights_kind, "scaled": False}
            fit = fit_linear_model(problem.task, X, y, weights=weights, classes=len(problem.classes), **settings)
            certificate, note = _told(fit, X, y, weights, names)
        models.append(ReferenceModel(name, problem.task, *in_columns(fit), note, (certificate,)))
    return models


def _told(
    fit: LinearFit, X: FloatArray, y: NDArray[np.generic], weights: FloatArray | None, names: Sequence[str] | None
) -> tuple[Certificate, str]:
    """Return how exactly a model was fitted, and what was chosen on its rows."""
    if isinstance(fit, LeastSquaresFit):
        told = certify_least_squares(X, y, fit.coefficients, float(fit.intercept), weights=weights, names=names)
        return told, f"rank {fit.rank}, condition {fit.condition:.3g}"
    assert isinstance(fit, (RidgeFit, LogisticFit, MultinomialFit))
    kinds = {RidgeFit: "ols", LogisticFit: "logistic", MultinomialFit: "softmax"}
    penalty = float(fit.penalty) if isinstance(fit, RidgeFit) else fit.ridge
    told = certify_ridge(
        kinds[type(fit)], X, y, fit.coefficients, fit.intercept, penalty, weights=weights, names=names, scaled=False
    )
    return told, f"penalty {penalty:.3g} by leave-one-out error" if isinstance(fit, RidgeFit) else f"ridge {penalty:g}"


def _baseline(problem: Problem, width: int, y: NDArray[np.generic], weights: FloatArray | None) -> ReferenceModel:
    """Return the mean, or the shares of the classes, as a linear model without slopes."""
    name = BASELINE[problem.task]
    if problem.task == "regression":
        centre = np.array([np.average(y.astype(np.float64), weights=weights)])
        return ReferenceModel(name, problem.task, np.zeros((width, 1)), centre)
    counts = np.bincount(y.astype(np.int64), weights=weights, minlength=len(problem.classes))
    logs = np.log(np.maximum(counts, 1e-12) / counts.sum())
    intercept = logs[1:] - logs[:1] if problem.task == "binary" else logs
    return ReferenceModel(name, problem.task, np.zeros((width, len(intercept))), intercept)
