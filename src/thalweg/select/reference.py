"""The models that always stand beside the networks: a baseline and the linear models of the task, solved exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.problem import Problem
from thalweg.linear.least_squares import fit_least_squares
from thalweg.linear.logistic import fit_logistic
from thalweg.linear.multinomial import fit_multinomial
from thalweg.linear.ridge import fit_ridge

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

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


def reference_models(problem: Problem, x: FloatArray, rows: IntArray) -> Sequence[LinearModel]:
    """Fit the baseline and the linear models of the task.

    Parameters
    ----------
    problem
        What is asked.
    x
        Features [N D], encoded.
    rows
        Training rows; linear models need no validation rows and use them all.

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
    models = [_baseline(problem, x.shape[1], y, weights)]
    if problem.task == "regression":
        ridge = fit_ridge(x[rows], y, weights=weights)
        note = f"penalty {float(ridge.penalty):.3g} by leave-one-out error"
        models.append(_model("ridge regression", problem.task, ridge.coefficients, ridge.intercept, note))
        ols = fit_least_squares(x[rows], y, weights=weights)
        note = f"rank {ols.rank}, condition {ols.condition:.3g}"
        models.append(_model("least squares", problem.task, ols.coefficients, ols.intercept, note))
    elif problem.task == "binary":
        logit = fit_logistic(x[rows], y, weights=weights)
        models.append(_model("logistic regression", problem.task, logit.coefficients, logit.intercept, "ridge 1"))
    else:
        softmax = fit_multinomial(x[rows], y, weights=weights, classes=len(problem.classes))
        models.append(_model("softmax regression", problem.task, softmax.coefficients, softmax.intercept, "ridge 1"))
    return models


def _model(name: str, task: str, coefficients: FloatArray, intercept: float | FloatArray, note: str) -> LinearModel:
    columns = np.asarray(coefficients, dtype=np.float64)
    return LinearModel(
        name, task, columns[:, None] if columns.ndim == 1 else columns, np.atleast_1d(np.asarray(intercept)), note
    )


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
