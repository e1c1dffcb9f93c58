"""Logistic and softmax regression with a stated ridge, for prediction, by Newton's method or L-BFGS."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.linear.likelihoods.costs import SoftmaxCost
from thalweg.linear.likelihoods.families import BINOMIAL, MULTINOMIAL
from thalweg.linear.numerics.newton import minimise
from thalweg.linear.numerics.rotation import is_wide, rotate
from thalweg.linear.numerics.standardise import standardise
from thalweg.linear.rows import check_design, check_rows

NEWTON_WORK: Final = 2e10  # multiplications for one Hessian and its factor: about a second
Codes = np.ndarray[tuple[int], np.dtype[np.int64]]


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


def fit_logistic(
    X: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None, ridge: float = 1.0, scaled: bool = True
) -> LogisticFit:
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
    scaled
        Whether columns are divided by their standard deviation before they are penalised.

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
    scale = standardise(rows.X, rows.weights, scaled=scaled)
    A, directions = _design(scale.apply(rows.X))
    penalty = np.full(A.shape[1], float(ridge))
    penalty[0] = 0.0
    start = np.zeros(A.shape[1])
    start[0] = BINOMIAL.link(float(w @ rows.y) / rows.total)
    found = minimise(BINOMIAL.cost(A, rows.y, w, penalty), start)
    coefficients, constants = scale.undo(_in_columns(found.theta[1:, None], directions), found.theta[:1])
    return LogisticFit(
        coefficients=coefficients[:, 0],
        intercept=float(constants[0]),
        ridge=float(ridge),
        decrement=found.decrement,
        iterations=found.iterations,
        converged=found.converged,
    )


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
    scaled: bool = True,
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
    scaled
        Whether columns are divided by their standard deviation before they are penalised.

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
    scale = standardise(rows.X, rows.weights, scaled=scaled)
    A, directions = _design(scale.apply(rows.X))
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
    coefficients, constants = scale.undo(_in_columns(theta[1:], directions), theta[0])
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


def _design(Z: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """Return a column of ones beside the columns, or beside the directions of more columns than rows."""
    ones = np.ones(len(Z))
    if not is_wide(Z):
        return np.column_stack([ones, Z]), None
    rotation = rotate(Z)
    return np.column_stack([ones, rotation.scores]), rotation.directions


def _in_columns(slopes: FloatArray, directions: FloatArray | None) -> FloatArray:
    return slopes if directions is None else directions @ slopes
