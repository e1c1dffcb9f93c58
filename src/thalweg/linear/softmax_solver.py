"""Softmax regression by Newton's method, or by whitened L-BFGS where the Hessian would be too large."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, optimize
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import log_softmax, softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import DataError
from thalweg.linear.newton import Local, minimise
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
    count = check_codes(rows.y, classes)
    present = np.unique(rows.y[w > 0]).astype(np.int64)
    if len(present) < 2:
        raise DataError(f"At least two classes must occur, all rows have {present[0]}.", "Use rows of several classes.")
    scale = standardise(rows.X, rows.weights)
    A = np.column_stack([np.ones(len(rows.X)), scale.apply(rows.X)])
    Y = (rows.y[:, None] == present).astype(np.float64)
    penalty = np.full(A.shape[1], float(ridge))
    penalty[0] = 0.0
    problem = Softmax(A, Y, w, penalty)
    newton = problem.newton_work() <= NEWTON_WORK
    theta, gradient, iterations, converged = problem.newton() if newton else problem.lbfgs()
    coefficients, constants = scale.undo(theta[1:], theta[0])
    full, intercept = np.zeros((rows.X.shape[1], count)), np.full(count, -np.inf)
    full[:, present], intercept[present] = coefficients, constants
    return MultinomialFit(
        coefficients=full,
        intercept=intercept,
        ridge=float(ridge),
        method="Newton" if newton else "L-BFGS",
        gradient=gradient,
        iterations=iterations,
        converged=converged,
    )


def check_codes(y: FloatArray, classes: int | None) -> int:
    """Return the number of classes.

    Raises
    ------
    DataError
        Naming the first row whose code is not one of 0 … C - 1.
    """
    count = classes if classes is not None else int(y.max()) + 1
    wrong = np.flatnonzero((y != np.floor(y)) | (y < 0) | (y >= count)) if y.ndim == 1 else np.array([0])
    if len(wrong):
        raise DataError(
            f"Codes must be whole numbers 0 to {count - 1}, got {y[wrong[0]]} in row {wrong[0]}.",
            "Number the classes from 0.",
        )
    return count


@dataclass(frozen=True, slots=True)
class Softmax:
    """The objective over θ of shape [K C]: design A [N K], indicators Y [N C], weights [N], penalty [K]."""

    A: FloatArray
    Y: FloatArray
    weights: FloatArray
    penalty: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        """K and C."""
        return self.A.shape[1], self.Y.shape[1]

    def newton_work(self) -> float:
        """Multiplications for one Hessian and its factor."""
        (columns, classes), count = self.shape, len(self.A)
        return count * (columns * classes) ** 2 / 2 + (columns * classes) ** 3 / 3

    def value(self, theta: FloatArray) -> float:
        """Objective at θ, flat or [K C]."""
        theta = theta.reshape(self.shape)
        logs = log_softmax(self.A @ theta, axis=1)
        fit = -float(self.weights @ np.einsum("nc,nc->n", self.Y, logs))
        return fit + 0.5 * float(self.penalty @ np.square(theta).sum(axis=1))

    def gradient(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient [K C] and probabilities [N C]."""
        theta = theta.reshape(self.shape)
        P = softmax(self.A @ theta, axis=1)
        return self.A.T @ (self.weights[:, None] * (P - self.Y)) + self.penalty[:, None] * theta, P

    def look(self, theta: FloatArray) -> Local:
        """Value, gradient and Hessian, flattened class by class.

        Adding one number to all classes' coefficients of an unpenalised column changes nothing: that
        direction gets a curvature of its own, so that the Hessian can be inverted; the minimiser with zero
        sums is unchanged.
        """
        columns, classes = self.shape
        gradient, P = self.gradient(theta)
        hessian = np.zeros((columns, classes, columns, classes))
        for a in range(classes):
            for b in range(a, classes):
                product = (self.A * (self.weights * P[:, a] * ((a == b) - P[:, b]))[:, None]).T @ self.A
                hessian[:, a, :, b] = product
                hessian[:, b, :, a] = product.T
        pin = float(self.weights.sum()) / classes**2
        for k, penalty in enumerate(self.penalty):
            hessian[k, :, k, :] += penalty * np.eye(classes) if penalty else pin
        size = columns * classes
        return Local(self.value(theta), gradient.ravel(), hessian.reshape(size, size))

    def decrement(self, theta: FloatArray) -> float:
        """Return ``√(g'H⁻¹g)`` without the Hessian: conjugate gradients, whitened with Böhning's bound.

        Nocedal & Wright (2006, Numerical Optimization, algorithm 5.3).
        """
        gradient, P = self.gradient(theta)
        root = self._root()

        def curve(flat: FloatArray) -> FloatArray:
            V = linalg.solve_triangular(root, flat.reshape(self.shape), trans="T", lower=True)
            S = self.A @ V
            S = P * (S - np.einsum("nc,nc->n", P, S)[:, None]) * self.weights[:, None]
            return np.asarray(
                linalg.solve_triangular(root, self.A.T @ S + self.penalty[:, None] * V, lower=True).ravel()
            )

        white = linalg.solve_triangular(root, gradient, lower=True).ravel()
        operator = LinearOperator((white.size, white.size), matvec=curve, dtype=np.float64)
        step, _ = cg(operator, white, rtol=1e-4, maxiter=500)
        return float(np.sqrt(max(0.0, float(white @ step))))

    def newton(self) -> tuple[FloatArray, float, int, bool]:
        """Minimise by Newton's method."""
        found = minimise(self.look, self.value, self._start().ravel())
        return (
            found.theta.reshape(self.shape),
            _largest(found.local.gradient),
            found.iterations,
            found.converged,
        )

    def lbfgs(self) -> tuple[FloatArray, float, int, bool]:
        """Minimise by L-BFGS in coordinates whitened with Böhning's bound ½ A'WA on the curvature.

        Böhning (1992, Annals of the Institute of Statistical Mathematics 44, 197-200).
        """
        root = self._root()

        def look(phi: FloatArray) -> tuple[float, FloatArray]:
            theta = linalg.solve_triangular(root, phi.reshape(self.shape), trans="T", lower=True)
            gradient = linalg.solve_triangular(root, self.gradient(theta)[0], lower=True)
            return self.value(theta), gradient.ravel()

        start = (root.T @ self._start()).ravel()
        found = optimize.minimize(
            look, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 0.0, "gtol": 1e-6}
        )
        theta = linalg.solve_triangular(root, found.x.reshape(self.shape), trans="T", lower=True)
        return theta, _largest(self.gradient(theta)[0]), int(found.nit), bool(np.abs(found.jac).max() <= 1e-4)

    def _root(self) -> FloatArray:
        """Triangular root of Böhning's bound, shape [K K]."""
        bound = 0.5 * (self.A * self.weights[:, None]).T @ self.A + np.diag(self.penalty)
        bound += 1e-10 * np.diag(bound).max() * np.eye(len(bound))
        return np.asarray(linalg.cholesky(bound, lower=True))

    def _start(self) -> FloatArray:
        """No effects; intercepts at the logarithms of the shares."""
        theta = np.zeros(self.shape)
        logs = np.log(self.weights @ self.Y)
        theta[0] = logs - logs.mean()
        return theta


def _largest(gradient: FloatArray) -> float:
    return float(np.abs(gradient).max())
