"""The linear models of every task, solved exactly: which there are, with which penalty, and how one is fitted."""

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.weighing import ANALYTIC
from thalweg.linear import fit_least_squares, fit_logistic, fit_multinomial, fit_ridge

LINEAR: Final[Mapping[str, Mapping[str, float | None]]] = {
    "regression": {"ridge regression": None, "least squares": 0.0},
    "binary": {"logistic regression": 1.0},
    "multiclass": {"softmax regression": 1.0},
}
"""Penalties of each task's linear models by name; None is that of least leave-one-out error."""

BASELINE: Final = {"regression": "mean", "binary": "class shares", "multiclass": "class shares"}
"""The model of each task that uses no feature."""


class LinearFit(Protocol):
    """What fitted linear models have in common."""

    @property
    def coefficients(self) -> FloatArray:
        """In the units of the features, shape [D] or [D C]."""

    @property
    def intercept(self) -> float | FloatArray:
        """Number, or shape [C]."""


def reference_name(task: str) -> str:
    """Return the linear model that networks are compared with.

    Examples
    --------
    >>> reference_name("binary")
    'logistic regression'
    """
    return next(iter(LINEAR[task]))


def fit_linear_model(
    task: str,
    x: FloatArray,
    y: ArrayLike,
    *,
    weights: FloatArray | None,
    penalty: float | None,
    classes: int = 2,
    weights_kind: str | None = None,
    scaled: bool = True,
) -> LinearFit:
    """Fit a linear model of a task by least squares, ridge, logistic or softmax regression.

    Parameters
    ----------
    task
        ``regression``, ``binary`` or ``multiclass``.
    x, y
        Features [N D], and numbers [N] or [N C] or codes of classes [N].
    weights
        Of the rows [N]; None for 1.
    penalty
        On the coefficients; for regression 0 is least squares, and None takes the penalty of least
        leave-one-out error.
    classes
        C, for ``multiclass``.
    weights_kind
        What the weights mean, as far as leaving one out is concerned: of ``frequency`` one unit, else the whole row.
    scaled
        Whether the penalty is on columns divided by their standard deviation, rather than on those given.

    Returns
    -------
    LinearFit
        With all its solver tells.

    Examples
    --------
    >>> x = np.arange(4.0)[:, None]
    >>> fit_linear_model("regression", x, 1.0 + 2.0 * x[:, 0], weights=None, penalty=0.0).coefficients.round(9).tolist()
    [2.0]
    """
    if task == "multiclass":
        return fit_multinomial(x, y, weights=weights, ridge=penalty or 0.0, classes=classes, scaled=scaled)
    if task == "binary":
        return fit_logistic(x, y, weights=weights, ridge=penalty or 0.0, scaled=scaled)
    if penalty == 0:
        return fit_least_squares(x, y, weights=weights)
    asked = None if penalty is None else [penalty]
    return fit_ridge(x, y, weights=weights, penalties=asked, weights_kind=weights_kind or ANALYTIC, scaled=scaled)


def in_columns(fit: LinearFit) -> tuple[FloatArray, FloatArray]:
    """Return coefficients [D C] and intercept [C] of a fit, with C = 1 for one outcome or two classes.

    Examples
    --------
    >>> x = np.arange(4.0)[:, None]
    >>> fit = fit_linear_model("regression", x, x[:, 0], weights=None, penalty=0.0)
    >>> [part.shape for part in in_columns(fit)]
    [(1, 1), (1,)]
    """
    coefficients = np.asarray(fit.coefficients, dtype=np.float64)
    columns = coefficients[:, None] if coefficients.ndim == 1 else coefficients
    return columns, np.atleast_1d(np.asarray(fit.intercept))
