"""Likelihoods with canonical links: the loss of a row, its mean and its curvature as functions of η."""

from typing import Final, Protocol

import numpy as np
from scipy.special import expit, gammaln

from thalweg.base.arrays import FloatArray


class Family(Protocol):
    """A likelihood whose negative logarithm is convex in the linear predictor η."""

    name: str

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Negative log-likelihood of each row, without terms free of η."""

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the expected answer."""

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Second derivative of the loss in η."""

    def constant(self, y: FloatArray) -> FloatArray:
        """Terms of the negative log-likelihood free of η."""


class Binomial:
    """``log(1 + exp η) - y η`` for y in {0, 1}; the mean is ``1 / (1 + exp -η)``."""

    name: str = "logistic"

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Return the cross entropy of each row."""
        return np.asarray(np.logaddexp(0.0, eta) - y * eta)

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the probability of a 1."""
        return np.asarray(expit(eta))

    def curvature(self, eta: FloatArray) -> FloatArray:
        """``p (1 - p)``."""
        return np.asarray(expit(eta) * expit(-eta))

    def constant(self, y: FloatArray) -> FloatArray:
        """Nothing is left out."""
        return np.zeros_like(y)


class PoissonCounts:
    """``exp η - y η`` for counts y; the mean is ``exp η``."""

    name: str = "Poisson"

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Negative log-likelihood without log y!; infinite where exp η overflows."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(eta) - y * eta)

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the expected count."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(eta))

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Return the expected count."""
        return self.mean(eta)

    def constant(self, y: FloatArray) -> FloatArray:
        """``log y!``."""
        return np.asarray(gammaln(y + 1))


class Gaussian:
    """``½ (y - η)²``: least squares as a likelihood with variance 1."""

    name: str = "least squares"

    def loss(self, eta: FloatArray, y: FloatArray) -> FloatArray:
        """Half the squared error of each row."""
        return np.asarray(0.5 * (y - eta) ** 2)

    def mean(self, eta: FloatArray) -> FloatArray:
        """η itself."""
        return eta

    def curvature(self, eta: FloatArray) -> FloatArray:
        """1."""
        return np.ones_like(eta)

    def constant(self, y: FloatArray) -> FloatArray:
        """``½ log 2π``."""
        return np.full_like(y, 0.5 * np.log(2 * np.pi))


BINOMIAL: Final[Family] = Binomial()
POISSON: Final[Family] = PoissonCounts()
GAUSSIAN: Final[Family] = Gaussian()
