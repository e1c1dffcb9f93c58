"""Residuals and scores of a fit, summed over rows that come in batches: what standard errors and certificates need."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Protocol

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.linear.numerics.extended import cross_pair, residual_pair, round_pair
from thalweg.linear.numerics.tally import GroupSums, PairSum, RowBatch
from thalweg.linear.rows import DesignRows

ALONE: Final = 1e-7  # leverage this close to 1 is 1


class RowMean(Protocol):
    """Expected answer of a row, and the curvature of its loss, as functions of one linear predictor η."""

    def mean(self, eta: FloatArray) -> FloatArray:
        """Return the expected answer."""

    def curvature(self, eta: FloatArray) -> FloatArray:
        """Second derivative of the loss in η."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Coefficients of some columns of a design.

    Parameters
    ----------
    family
        What η means.
    kept
        Positions of the columns with a coefficient, shape [K], the constant not among them.
    theta
        Coefficients, the constant first if there is one, shape [K] or [1 + K].
    intercept
        Whether there is one.
    mean
        What is taken from the columns before anything is summed, so that columns far from zero lose no digits, shape
        [K]; zeros without a constant.
    extended
        Whether residuals are computed in 32 digits.
    """

    family: RowMean
    kept: IntArray
    theta: FloatArray
    intercept: bool
    mean: FloatArray
    extended: bool = False

    def design(self, rows: DesignRows) -> FloatArray:
        """Return the columns of the coefficients less their mean, shape [N K] or [N 1+K]."""
        X = rows.X if len(self.kept) == rows.X.shape[1] else rows.X[:, self.kept]
        if not self.intercept:
            return X
        A = np.empty((len(X), 1 + X.shape[1]))
        A[:, 0] = 1.0
        np.subtract(X, self.mean, out=A[:, 1:])
        return A

    def moved(self) -> FloatArray:
        """Return the coefficients of :meth:`design`."""
        if not self.intercept:
            return self.theta
        return np.concatenate([[self.theta[0] + self.mean @ self.theta[1:]], self.theta[1:]])

    def back(self) -> FloatArray:
        """Return T with the coefficients = T times those of :meth:`design`."""
        T = np.eye(len(self.theta))
        if self.intercept:
            T[0, 1:] = -self.mean
        return T

    def eta(self, A: FloatArray) -> FloatArray:
        """Return η of every row of :meth:`design`, shape [N]."""
        return np.asarray(A @ self.moved())


class ResidualSums:
    """Sum of squared residuals, and the derivative of half of it: zero at the least squares.

    Parameters
    ----------
    fitted
        The coefficients.
    """

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        self.squares_sum, self.gradient_sum = PairSum(()), PairSum(fitted.theta.shape)

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        for block in batch.blocks():
            w, y = block.rows.weight_vector(), block.rows.y
            if self.fitted.extended:
                A = replace(self.fitted, mean=np.zeros_like(self.fitted.mean)).design(block.rows)
                pair = residual_pair(A, (self.fitted.theta, np.zeros_like(self.fitted.theta)), y)
                r, slope = np.asarray(round_pair(pair)), cross_pair(A, (w * pair[0], w * pair[1]))
            else:
                A = self.fitted.design(block.rows)
                r = y - self.fitted.family.mean(self.fitted.eta(A))
                slope = np.asarray(np.linalg.solve(self.fitted.back().T, A.T @ (w * r)), dtype=np.float64)
            self.squares_sum.add(np.asarray(w @ r**2))
            self.gradient_sum.add(-slope)

    def merge(self, other: "ResidualSums") -> None:
        """Add the residuals of other rows."""
        self.squares_sum.merge(other.squares_sum)
        self.gradient_sum.merge(other.gradient_sum)

    @property
    def rss(self) -> float:
        """``Σ w r²``."""
        return float(self.squares_sum.rounded())

    @property
    def gradient(self) -> FloatArray:
        """``-A'Wr``, shape of the coefficients."""
        return self.gradient_sum.rounded()


class RowScores:
    """``Σ s s'`` over rows, whose scores may be made larger by their leverage (HC0 to HC3).

    Parameters
    ----------
    fitted
        The coefficients.
    bread
        Inverse of the Hessian of :meth:`Fitted.design`, shape [K K].
    kind
        HC0, HC1, HC2 or HC3.
    repeats
        Whether a weight says how many equal rows there are.
    """

    def __init__(self, fitted: Fitted, bread: FloatArray, kind: str, *, repeats: bool) -> None:
        self.fitted, self.bread, self.kind, self.repeats = fitted, bread, kind, repeats
        self.meat_sum = PairSum(bread.shape)
        self.alone: list[FloatArray] = []

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        for block in batch.blocks():
            A, w = self.fitted.design(block.rows), block.rows.weight_vector()
            eta = self.fitted.eta(A)
            r = block.rows.y - self.fitted.family.mean(eta)
            part = A * np.sqrt(w * self.fitted.family.curvature(eta))[:, None]
            leverage = np.einsum("nk,nk->n", part @ self.bread, part) / (w if self.repeats else 1.0)
            lonely = leverage > 1 - ALONE
            if lonely.any():
                self.alone.append(part[lonely])
            if self.kind in {"HC2", "HC3"}:
                room = np.where(lonely, np.inf, 1 - leverage)
                r = r / (np.sqrt(room) if self.kind == "HC2" else room)
            half = A * (r * (np.sqrt(w) if self.repeats else w))[:, None]
            self.meat_sum.add(half.T @ half)

    def merge(self, other: "RowScores") -> None:
        """Add the scores of other rows."""
        self.meat_sum.merge(other.meat_sum)
        self.alone += other.alone

    @property
    def meat(self) -> FloatArray:
        """``Σ s s'``, shape [K K]."""
        return self.meat_sum.rounded()


class ClusterSums:
    """Scores and leverage summed within clusters, and scores within crossings of several sets of them.

    Parameters
    ----------
    fitted
        The coefficients.
    root
        ``L`` with ``L L'`` the inverse of the Hessian of :meth:`Fitted.design`, shape [K K].
    sizes
        How many clusters every set has.
    """

    def __init__(self, fitted: Fitted, root: FloatArray, sizes: Sequence[int]) -> None:
        self.fitted, self.root, self.sizes = fitted, root, tuple(sizes)
        ways = range(len(self.sizes))
        chosen = [some for size in range(1, len(self.sizes) + 1) for some in combinations(ways, size)]
        self.sums = {some: GroupSums(len(root) + 1) for some in chosen}

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        A, w = self.fitted.design(batch.rows), batch.rows.weight_vector()
        eta = self.fitted.eta(A)
        values = np.empty((len(A), len(self.root) + 1))
        curved = A @ self.root
        values[:, -1] = np.einsum("nk,nk->n", curved, curved) * w * self.fitted.family.curvature(eta)
        np.multiply(A, (w * (batch.rows.y - self.fitted.family.mean(eta)))[:, None], out=values[:, :-1])
        for some, sums in self.sums.items():
            codes = batch.clusters[some[0]]
            for way in some[1:]:
                codes = codes * self.sizes[way] + batch.clusters[way]
            sums.add(codes, values)

    def merge(self, other: "ClusterSums") -> None:
        """Add the scores of other rows."""
        for some, sums in self.sums.items():
            sums.merge(other.sums[some])

    def scores(self, some: tuple[int, ...]) -> FloatArray:
        """Return the scores of every cluster, or crossing of clusters, that occurs, shape [G K]."""
        return self.sums[some].gathered()[1][:, :-1]

    def keys(self, way: int) -> IntArray:
        """Return the clusters of a set that occur, shape [G]."""
        return self.sums[(way,)].gathered()[0]

    def leverage(self, way: int) -> FloatArray:
        """Return the trace of the hat matrix within every cluster of a set, shape [G]."""
        return self.sums[(way,)].gathered()[1][:, -1]


class ClusterSquares:
    """``S_g = Q_g'Q_g`` of some clusters of one set, Q the rows in coordinates in which all S sum to the identity.

    Parameters
    ----------
    fitted
        The coefficients.
    root
        As for :class:`ClusterSums`.
    way
        Which set.
    wanted
        Clusters, sorted, shape [G].
    """

    def __init__(self, fitted: Fitted, root: FloatArray, way: int, wanted: IntArray) -> None:
        self.fitted, self.root, self.way, self.wanted = fitted, root, way, wanted
        self.squares = np.zeros((len(wanted), *root.shape))

    def add(self, batch: RowBatch) -> None:
        """Add the rows of a batch."""
        codes = batch.clusters[self.way]
        places = np.minimum(np.searchsorted(self.wanted, codes), len(self.wanted) - 1)
        here = np.flatnonzero(self.wanted[places] == codes)
        here = here[np.argsort(places[here], kind="stable")]
        if not len(here):
            return
        weights = None if batch.rows.weights is None else batch.rows.weights[here]
        rows = DesignRows(batch.rows.X[here], batch.rows.y[here], weights)
        A = self.fitted.design(rows)
        curvature = rows.weight_vector() * self.fitted.family.curvature(self.fitted.eta(A))
        Q = (A @ self.root) * np.sqrt(curvature)[:, None]
        starts = np.flatnonzero(np.diff(places[here], prepend=-1))
        for first, last in zip(starts, [*starts[1:], len(here)], strict=True):
            self.squares[places[here[first]]] += Q[first:last].T @ Q[first:last]

    def merge(self, other: "ClusterSquares") -> None:
        """Add the squares of other rows."""
        self.squares += other.squares
