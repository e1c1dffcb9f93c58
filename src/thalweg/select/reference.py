"""The models that always stand beside the networks: a baseline and the linear models of the task, solved exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.problem import Problem
from thalweg.linear.certificate import Certificate
from thalweg.linear.least_squares import fit_least_squares
from thalweg.linear.logistic_solver import fit_logistic
from thalweg.linear.penalised import certify_ridge
from thalweg.linear.regression import certify_least_squares
from thalweg.linear.ridge import fit_ridge
from thalweg.linear.softmax_solver import fit_multinomial

LINEAR = {
    "regression": ("ridge regression", "least squares"),
    "binary": ("logistic regression",),
    "multiclass": ("softmax regression",),
}
"""Linear models of each task; the first is the one networks are compared with."""

BASELINE = {"regression": "mean", "binary": "class shares", "multiclass": "class shares"}


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """A fitted linear model of encoded features.

    Parameters
    ----------
    name
        One of :data:`LINEAR` or :data:`BASELINE`.
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
    >>> model = LinearModel("mean", "regression", np.zeros((2, 1)), np.array([3.0]))
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
        scores = x @ self.coefficients + self.intercept
        if self.task == "regression":
            return scores
        if self.task == "binary":
            scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: FloatArray = shifted / shifted.sum(axis=1, keepdims=True)
        return shares

    def tensors(self) -> Mapping[str, FloatArray]:
        """Return the numbers by name."""
        return {"coefficients": self.coefficients, "intercept": self.intercept}


def reference_models(
    problem: Problem, x: FloatArray, rows: IntArray, names: Sequence[str] | None = None
) -> Sequence[LinearModel]:
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
    list of LinearModel
        The baseline first, then :data:`LINEAR` in order. Ridge regression takes the penalty of least leave-one-out
        error in the training rows; logistic and softmax regression take λ = 1 on standardised columns (``C=1``).

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
    y = problem.outcome[rows]
    weights = None if problem.weights is None else problem.weights[rows]
    kept: dict[str, Any] = {"weights": weights, "names": names}
    X = x[rows]

    def model(name: str, fit: _Coefficients, certificate: Certificate, note: str) -> LinearModel:
        columns = np.asarray(fit.coefficients, dtype=np.float64)
        columns = columns[:, None] if columns.ndim == 1 else columns
        return LinearModel(name, problem.task, columns, np.atleast_1d(np.asarray(fit.intercept)), note, (certificate,))

    models = [_baseline(problem, x.shape[1], y, weights)]
    if problem.task == "regression":
        ridge = fit_ridge(X, y, weights=weights)
        penalty = float(ridge.penalty)
        told = certify_ridge("ols", X, y, ridge.coefficients, ridge.intercept, penalty, **kept)
        models.append(model("ridge regression", ridge, told, f"penalty {penalty:.3g} by leave-one-out error"))
        ols = fit_least_squares(X, y, weights=weights)
        told = certify_least_squares(X, y, ols.coefficients, float(ols.intercept), **kept)
        models.append(model("least squares", ols, told, f"rank {ols.rank}, condition {ols.condition:.3g}"))
    elif problem.task == "binary":
        logit = fit_logistic(X, y, weights=weights)
        told = certify_ridge("logistic", X, y, logit.coefficients, logit.intercept, logit.ridge, **kept)
        models.append(model("logistic regression", logit, told, "ridge 1"))
    else:
        softmax = fit_multinomial(X, y, weights=weights, classes=len(problem.classes))
        told = certify_ridge("softmax", X, y, softmax.coefficients, softmax.intercept, softmax.ridge, **kept)
        models.append(model("softmax regression", softmax, told, "ridge 1"))
    return models


class _Coefficients(Protocol):
    """What linear fits have in common."""

    @property
    def coefficients(self) -> FloatArray:
        """In the units of the features, shape [D] or [D C]."""

    @property
    def intercept(self) -> float | FloatArray:
        """Number, or shape [C]."""


def _baseline(problem: Problem, width: int, y: NDArray[np.generic], weights: FloatArray | None) -> LinearModel:
    """Return the mean, or the shares of the classes, as a linear model without slopes."""
    name = BASELINE[problem.task]
    if problem.task == "regression":
        centre = np.array([np.average(y.astype(np.float64), weights=weights)])
        return LinearModel(name, problem.task, np.zeros((width, 1)), centre)
    counts = np.bincount(y.astype(np.int64), weights=weights, minlength=len(problem.classes))
    logs = np.log(np.maximum(counts, 1e-12) / counts.sum())
    intercept = logs[1:] - logs[:1] if problem.task == "binary" else logs
    return LinearModel(name, problem.task, np.zeros((width, len(intercept))), intercept)
