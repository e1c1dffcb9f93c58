"""A likelihood summed over rows that come in batches: value, gradient and Hessian, and rows that stand out."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.numerics.newton import Local
from thalweg.linear.numerics.tally import PairSum, RowBatch, RowStream
from thalweg.linear.rows import DesignRows

NOTHING: Final = 1e-7  # of a direction's largest margin


@dataclass(frozen=True, slots=True)
class StreamCoordinates:
    """Parameters in which the likelihood is well conditioned.

    Parameters
    ----------
    kept
        Columns with a coefficient, shape [K].
    mean, deviation
        Theirs, shape [K].
    turn
        What standardised columns behind a column of ones are multiplied by, shape [1+K 1+K]; None for nothing.
    """

    kept: IntArray
    mean: FloatArray
    deviation: FloatArray
    turn: FloatArray | None = None

    def design(self, rows: DesignRows) -> FloatArray:
        """Return the rows in these coordinates, shape [N 1+K]."""
        A = np.empty((len(rows.X), 1 + len(self.kept)))
        A[:, 0] = 1.0
        np.subtract(rows.X[:, self.kept], self.mean, out=A[:, 1:])
        A[:, 1:] /= self.deviation
        return A if self.turn is None else A @ self.turn

    def transform(self) -> FloatArray:
        """Return T, shape [1+K 1+K], with original parameters = T times these."""
        T = np.diag(np.concatenate([[1.0], 1 / self.deviation]))
        T[0, 1:] = -self.mean / self.deviation
        return T if self.turn is None else T @ self.turn


class LikelihoodSums:
    """Negative log-likelihood, its gradient and its Hessian at one point, and the most extreme fitted value.

    Parameters
    ----------
    family
        The likelihood.
    at
        The coordinates.
    theta
        The point in them, shape [1+K].
    """

    def __init__(self, family: MeanFamily, at: StreamCoordinates, theta: FloatArray) -> None:
        self.family, self.at, self.theta = family, at, theta
        self.value_sum, self.constant_sum = PairSum(()), PairSum(())
        self.gradient_sum, self.hessian_sum = PairSum((len(theta),)), PairSum((len(theta),) * 2)
        self.extreme = -np.inf

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        for block in batch.blocks():
            A, w, y = self.at.design(block.rows), block.rows.weight_vector(), block.rows.y
            with np.errstate(invalid="ignore", over="ignore"):
                eta = A @ self.theta
                self.value_sum.add(np.asarray(w @ self.family.loss(eta, y)))
                self.gradient_sum.add(A.T @ (w * (self.family.mean(eta) - y)))
                root = A * np.sqrt(w * self.family.curvature(eta))[:, None]
                self.hessian_sum.add(root.T @ root)
            self.constant_sum.add(np.asarray(w @ self.family.constant(y)))
            self.extreme = max(self.extreme, self.family.extreme(eta))

    def merge(self, other: "LikelihoodSums") -> None:
        """Add other rows."""
        self.value_sum.merge(other.value_sum)
        self.constant_sum.merge(other.constant_sum)
        self.gradient_sum.merge(other.gradient_sum)
        self.hessian_sum.merge(other.hessian_sum)
        self.extreme = max(self.extreme, other.extreme)

    @property
    def local(self) -> Local:
        """Value, gradient and Hessian."""
        return Local(float(self.value_sum.rounded()), self.gradient_sum.rounded(), self.hessian_sum.rounded())

    @property
    def constant(self) -> float:
        """Terms of the negative log-likelihood free of the parameters."""
        return float(self.constant_sum.rounded())


class StreamCost:
    """What Newton's method minimises; a point that was looked at is not summed again.

    Parameters
    ----------
    stream
        The rows.
    family, at
        As for :class:`LikelihoodSums`.
    """

    def __init__(self, stream: RowStream, family: MeanFamily, at: StreamCoordinates) -> None:
        self.stream, self.family, self.at = stream, family, at
        self._seen: LikelihoodSums | None = None

    def sums(self, theta: FloatArray) -> LikelihoodSums:
        """Return all sums at θ."""
        if self._seen is None or not np.array_equal(self._seen.theta, theta):
            self._seen = self.stream.tally(LikelihoodSums(self.family, self.at, theta))
        return self._seen

    def value(self, theta: FloatArray) -> float:
        """Objective at θ."""
        return self.sums(theta).local.value

    def look(self, theta: FloatArray) -> Local:
        """Value, gradient and Hessian at θ."""
        return self.sums(theta).local


class OutstandingRows:
    """The rows whose margin along a direction is smallest, or largest.

    Parameters
    ----------
    family, at
        As for :class:`LikelihoodSums`.
    theta
        The direction, or the coefficients, shape [1+K].
    most
        How many rows to keep.
    worst
        Whether rows that it makes worst are wanted, not those it makes best.
    """

    def __init__(self, family: MeanFamily, at: StreamCoordinates, theta: FloatArray, most: int, *, worst: bool) -> None:
        self.family, self.at, self.theta, self.most, self.worst = family, at, theta, most, worst
        self.A, self.y, self.score = np.zeros((0, len(theta))), np.zeros(0), np.zeros(0)
        self.improved, self.count, self.least = 0, 0, np.inf

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        A, y = self.at.design(batch.rows), batch.rows.y
        eta = A @ self.theta
        margin = self.family.margin(eta, y)
        self.improved += int((margin > NOTHING).sum())
        ones = np.ones(len(y))
        better = np.maximum(self.family.margin(ones, y), self.family.margin(-ones, y)) > 0
        self.count += int(better.sum())  # rows that some direction improves
        self.least = min(self.least, float(margin.min()))
        score = -margin if self.worst else margin
        self._keep(A, y, score)

    def merge(self, other: "OutstandingRows") -> None:
        """Add other rows."""
        self.improved += other.improved
        self.count += other.count
        self.least = min(self.least, other.least)
        self._keep(other.A, other.y, other.score)

    def _keep(self, A: FloatArray, y: FloatArray, score: FloatArray) -> None:
        first = np.argsort(-score, kind="stable")[: self.most]
        A, y = np.concatenate([self.A, A[first]]), np.concatenate([self.y, y[first]])
        score = np.concatenate([self.score, score[first]])
        first = np.argsort(-score, kind="stable")[: self.most]
        self.A, self.y, self.score = A[first], y[first], score[first]
