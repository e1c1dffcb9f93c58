"""What Newton's method minimises: penalised negative log-likelihoods of a design, with gradient and Hessian."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import linalg, optimize
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import log_softmax, softmax

from thalweg.base.arrays import FloatArray
from thalweg.linear.numerics.moments import row_blocks
from thalweg.linear.numerics.newton import Local


class RowLoss(Protocol):
    """The loss of a row as a function of one linear predictor η; its derivative is the mean less the answer."""

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Negative log-likelihood of each row, without terms free of η."""

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the expected answer."""

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Second derivative of the loss in η."""


@dataclass(frozen=True, slots=True)
class RowCost:
    """``Σ w loss(a'θ, y) + ½ Σ penalty θ²`` over θ of shape [K].

    Parameters
    ----------
    family
        The loss of a row.
    A
        Design with its column of ones, shape [N K].
    y, weights
        Shape [N].
    penalty
        Shape [K], 0 for the constant.
    """

    family: RowLoss
    A: FloatArray
    y: FloatArray
    weights: FloatArray
    penalty: FloatArray

    def value(self, theta: FloatArray) -> float:
        """Objective at θ."""
        return float(self.weights @ self.family.loss(self.A @ theta, self.y) + 0.5 * (self.penalty @ theta**2))

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Gradient at θ, shape [K]."""
        surprise = self.weights * (self.family.mean(self.A @ theta) - self.y)
        return np.asarray(self.A.T @ surprise + self.penalty * theta)

    def look(self, theta: FloatArray) -> Local:
        """Value, gradient and Hessian at θ, block by block of rows."""
        value, gradient, hessian = 0.0, self.penalty * theta, np.diag(self.penalty)
        for block in row_blocks(*self.A.shape):
            B, w, answer = self.A[block], self.weights[block], self.y[block]
            eta = B @ theta
            value += float(w @ self.family.loss(eta, answer))
            with np.errstate(invalid="ignore", over="ignore"):
                gradient = gradient + B.T @ (w * (self.family.mean(eta) - answer))
            root = B * np.sqrt(w * self.family.curvature(eta))[:, None]
            with np.errstate(invalid="ignore", over="ignore"):  # a mean that overflows
                hessian = hessian + root.T @ root
        return Local(value + 0.5 * float(self.penalty @ theta**2), gradient, hessian)


@dataclass(frozen=True, slots=True)
class SoftmaxCost:
    """``Σ w (log Σ_c exp η_c - η_y) + ½ Σ penalty θ²`` over θ of shape [K C], flat.

    Design A [N K], indicators Y [N C], weights [N], penalty [K].
    """

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

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Gradient at θ, flat."""
        return self._slope(theta)[0].ravel()

    def look(self, theta: FloatArray) -> Local:
        """Value, gradient and Hessian, flattened class by class.

        Adding one number to all classes' coefficients of an unpenalised column changes nothing: that
        direction gets a curvature of its own, so that the Hessian can be inverted; the minimiser with zero
        sums is unchanged.
        """
        columns, classes = self.shape
        gradient, P = self._slope(theta)
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
        gradient, P = self._slope(theta)
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

    def lbfgs(self, start: FloatArray) -> tuple[FloatArray, int, bool]:
        """Minimise by L-BFGS in coordinates whitened with Böhning's bound ½ A'WA on the curvature.

        Böhning (1992, Annals of the Institute of Statistical Mathematics 44, 197-200). Returns θ [K C], the steps taken
        and whether the gradient is small.
        """
        root = self._root()

        def look(phi: FloatArray) -> tuple[float, FloatArray]:
            theta = linalg.solve_triangular(root, phi.reshape(self.shape), trans="T", lower=True)
            gradient = linalg.solve_triangular(root, self._slope(theta)[0], lower=True)
            return self.value(theta), gradient.ravel()

        found = optimize.minimize(
            look,
            (root.T @ start.reshape(self.shape)).ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 2000, "ftol": 0.0, "gtol": 1e-6},
        )
        theta = linalg.solve_triangular(root, found.x.reshape(self.shape), trans="T", lower=True)
        return theta, int(found.nit), bool(np.abs(found.jac).max() <= 1e-4)

    def _slope(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient [K C] and probabilities [N C]."""
        theta = theta.reshape(self.shape)
        P = softmax(self.A @ theta, axis=1)
        return self.A.T @ (self.weights[:, None] * (P - self.Y)) + self.penalty[:, None] * theta, P

    def _root(self) -> FloatArray:
        """Triangular root of Böhning's bound, shape [K K]."""
        bound = 0.5 * (self.A * self.weights[:, None]).T @ self.A + np.diag(self.penalty)
        bound += 1e-10 * np.diag(bound).max() * np.eye(len(bound))
        return np.asarray(linalg.cholesky(bound, lower=True))
