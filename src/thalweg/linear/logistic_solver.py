"""Logistic regression by Newton's method, with a stated ridge for prediction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.families import BINOMIAL
from thalweg.linear.newton import minimise
from thalweg.linear.rows import check_design, check_rows
from thalweg.linear.standardise import standardise


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Coefficients of a logistic regression.

    Parameters
    ----------
    coefficients
        In the units of the columns, shape [D].
    intercept
        Never penalised.
    ridge
        Penalty on the standardised columns.
    decrement
        Newton decrement at the solution: no contrast of the coefficients is further from its optimum than
        this many of its standard errors.
    iterations
        Newton steps taken.
    converged
        Whether the decrement fell below 10⁻⁸.
    """

    coefficients: FloatArray
    intercept: float
    ridge: float
    decrement: float
    iterations: int
    converged: bool

    def predict_probability(self, X: ArrayLike) -> FloatArray:
        """Return the probability of a 1, shape [N].

        Raises
        ------
        DataError
            If the design has another width, or a value that is not finite.
        """
        return np.asarray(expit(self.intercept + check_design(X, len(self.coefficients)) @ self.coefficients))

    def predict(self, X: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return the more probable answer, 0 or 1, shape [N].

        Raises
        ------
        DataError
            As :meth:`predict_probability`.
        """
        return (self.predict_probability(X) > 0.5).astype(np.int64)


def fit_logistic(X: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None, ridge: float = 1.0) -> LogisticFit:
    """Minimise ``Σ w (log(1 + exp η) - y η) + ½ ridge Σ β²``, η = a + z'β, over standardised columns z.

    With ``ridge=1`` this is scikit-learn's ``LogisticRegression(C=1)`` after ``StandardScaler``; in general
    ``C = 1 / ridge``. Some ridge keeps the coefficients finite where the columns separate the classes. For
    estimation and tests without a penalty use :func:`~thalweg.linear.likelihood_regression.logistic_regression`.

    Parameters
    ----------
    X
        Design, shape [N D].
    y
        Answers 0 or 1, shape [N].
    weights
        Weights of the rows, shape [N]; a row of weight 2 counts as two rows.
    ridge
        Positive penalty on the coefficients of standardised columns (divisor Σw), in units of log-likelihood.

    Raises
    ------
    DataError
        If the answers are not 0 and 1, only one of them occurs, or a number is not finite.
    SettingError
        If ``ridge`` is not positive.

    Examples
    --------
    >>> fit = fit_logistic([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> fit.predict([[0.5], [2.5]])
    array([0, 1])
    """
    check_number("ridge", ridge, low=0, open_low=True)
    rows = check_rows(X, y, weights)
    w = rows.weight_vector()
    BINOMIAL.checked(rows.y, w)
    scale = standardise(rows.X, rows.weights)
    A = np.column_stack([np.ones(len(rows.X)), scale.apply(rows.X)])
    penalty = np.full(A.shape[1], float(ridge))
    penalty[0] = 0.0
    start = np.zeros(A.shape[1])
    start[0] = BINOMIAL.link(float(w @ rows.y) / rows.total)
    found = minimise(BINOMIAL.cost(A, rows.y, w, penalty), start)
    coefficients, constants = scale.undo(found.theta[1:, None], found.theta[:1])
    return LogisticFit(
        coefficients=coefficients[:, 0],
        intercept=float(constants[0]),
        ridge=float(ridge),
        decrement=found.decrement,
        iterations=found.iterations,
        converged=found.converged,
    )
