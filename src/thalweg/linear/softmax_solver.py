"""Softmax regression by Newton's method, or by whitened L-BFGS where the Hessian would be too large."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.costs import SoftmaxCost
from thalweg.linear.families import MULTINOMIAL
from thalweg.linear.newton import minimise
from thalweg.linear.rows import check_design, check_rows
from thalweg.linear.standardise import standardise

NEWTON_WORK: Final = 2e10  # multiplications for one Hessian and its factor: about a second
Codes = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class MultinomialFit:
    """Coefficients of a softmax regression, one column per class, rows summing to zero.

    Parameters
    ----------
    coefficients
        In the units of the columns, shape [D C]; 0 for a class without rows.
    intercept
        Shape [C], never penalised; -inf for a class without rows, whose probability is 0.
    ridge
        Penalty on the standardised columns.
    method
        ``"Newton"`` or ``"L-BFGS"``.
    gradient
        Largest absolute derivative of the objective at the solution.
    iterations
        Steps taken.
    converged
        Whether the method's own criterion was met.
    """

    coefficients: FloatArray
    intercept: FloatArray
    ridge: float
    method: str
    gradient: float
    iterations: int
    converged: bool

    def predict_probability(self, X: ArrayLike) -> FloatArray:
        """Return the probability of each class, shape [N C].

        Raises
        ------
        DataError
            If the design has another width, or a value that is not finite.
        """
        return np.asarray(softmax(self.intercept + check_design(X, len(self.coefficients)) @ self.coefficients, axis=1))

    def predict(self, X: ArrayLike) -> Codes:
        """Return the most probable class, shape [N].

        Raises
        ------
        DataError
            As :meth:`predict_probability`.
        """
        return np.asarray(self.predict_probability(X).argmax(axis=1))


def fit_multinomial(
    X: ArrayLike,
    codes: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    ridge: float = 1.0,
    classes: int | None = None,
) -> MultinomialFit:
    """Minimise ``Σ w (log Σ_c exp η_c - η_y) + ½ ridge Σ β²``, η = a + B'z, over standardised columns z.

    Every class has its own coefficients (none is the reference), as in scikit-learn's
    ``LogisticRegression(C=1)`` after ``StandardScaler``, which ``ridge=1`` equals; in general ``C = 1 /
    ridge``.

    Parameters
    ----------
    X
        Design, shape [N D].
    codes
        Classes 0 … C - 1, shape [N].
    weights
        Weights of the rows, shape [N]; a row of weight 2 counts as two rows.
    ridge
        Positive penalty on the coefficients of standardised columns (divisor Σw), in units of log-likelihood.
    classes
        C, if classes may be missing from these rows; the largest code plus 1 if None.

    Raises
    ------
    DataError
        If a code is not one of 0 … C - 1, only one class occurs, or a number is not finite.
    SettingError
        If ``ridge`` is not positive.

    Examples
    --------
    >>> fit = fit_multinomial([[0.0], [0.1], [1.0], [1.1], [2.0], [2.1]], [0, 0, 1, 1, 2, 2], ridge=0.1)
    >>> fit.predict([[0.0], [1.05], [2.2]])
    array([0, 1, 2])
    """
    check_number("ridge", ridge, low=0, open_low=True)
    rows = check_rows(X, codes, weights)
    w = rows.weight_vector()
    count = MULTINOMIAL.checked(rows.y, w, classes).outputs
    present = np.unique(rows.y[w > 0]).astype(np.int64)
    scale = standardise(rows.X, rows.weights)
    A = np.column_stack([np.ones(len(rows.X)), scale.apply(rows.X)])
    Y = (rows.y[:, None] == present).astype(np.float64)
    penalty = np.full(A.shape[1], float(ridge))
    penalty[0] = 0.0
    cost = SoftmaxCost(A, Y, w, penalty)
    logs = np.log(w @ Y)
    start = np.zeros(cost.shape)
    start[0] = logs - logs.mean()
    newton = cost.newton_work() <= NEWTON_WORK
    if newton:
        found = minimise(cost, start.ravel())
        theta, iterations, converged = found.theta.reshape(cost.shape), found.iterations, found.converged
    else:
        theta, iterations, converged = cost.lbfgs(start)
    coefficients, constants = scale.undo(theta[1:], theta[0])
    full, intercept = np.zeros((rows.X.shape[1], count)), np.full(count, -np.inf)
    full[:, present], intercept[present] = coefficients, constants
    return MultinomialFit(
        coefficients=full,
        intercept=intercept,
        ridge=float(ridge),
        method="Newton" if newton else "L-BFGS",
        gradient=float(np.abs(cost.gradient(theta)).max()),
        iterations=iterations,
        converged=converged,
    )
