"""Clusters in the coordinates of the coefficients: leverage, adjusted scores and degrees of freedom, K x K at most.

With ``B`` the inverse of the Hessian, ``B = L L'`` and ``Q_g`` the rows of cluster g times ``L``, the hat matrix within
a cluster is ``Q_g Q_g'``, and all that clustered errors need of it is in ``S_g = Q_g'Q_g``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray

_ALONE: Final = 1e-7  # leverage this close to 1 is 1: what is left is rounding
_PART: Final = 1e-6  # of a coefficient's own variance; a smaller part is rounding


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """Clusters of the rows of a fit.

    Parameters
    ----------
    Q
        Rows in coordinates in which their products sum to the identity, shape [N K].
    root
        ``L``, shape [K K].
    order
        Rows sorted by cluster, shape [N].
    starts
        Where each cluster begins in that order, and N, shape [G+1].
    scores
        Sum of the scores of each cluster times ``L``, shape [G K].
    """

    Q: FloatArray
    root: FloatArray
    order: IntArray
    starts: IntArray
    scores: FloatArray

    def __len__(self) -> int:
        """Return G."""
        return len(self.scores)

    def blocks(self) -> Iterator[FloatArray]:
        """Yield ``S_g`` of every cluster, shape [K K]."""
        for first, last in zip(self.starts[:-1], self.starts[1:], strict=True):
            rows = self.Q[self.order[first:last]]
            yield rows.T @ rows

    def leverage(self) -> FloatArray:
        """Return the trace of ``S_g`` of every cluster, shape [G]."""
        rows = np.einsum("nk,nk->n", self.Q, self.Q)[self.order]
        return np.asarray(np.add.reduceat(rows, self.starts[:-1]))

    def decided_alone(self) -> IntArray:
        """Return the coefficients that depend on a cluster without whose rows they could not be estimated."""
        large = np.flatnonzero(self.leverage() > 1 - _ALONE)
        rows = (self.Q[self.order[self.starts[g] : self.starts[g + 1]]] for g in large)
        return decided_by(self.root, (some.T @ some for some in rows))


@dataclass(frozen=True, slots=True)
class GatheredClusters:
    """Clusters whose ``S_g`` were gathered from batches of rows.

    Parameters
    ----------
    root, scores
        As for :class:`ClusterScores`.
    squares
        Shape [G K K].
    """

    root: FloatArray
    scores: FloatArray
    squares: FloatArray

    def __len__(self) -> int:
        """Return G."""
        return len(self.scores)

    def blocks(self) -> Iterator[FloatArray]:
        """Yield ``S_g`` of every cluster, shape [K K]."""
        yield from self.squares


def decided_by(root: FloatArray, blocks: Iterable[FloatArray]) -> IntArray:
    """Return the coefficients that could not be estimated without one of the clusters whose ``S_g`` [K K] are given.

    Examples
    --------
    >>> decided_by(np.eye(2), [np.diag([1.0, 0.2])])
    array([0])
    """
    lost = np.zeros(len(root), dtype=bool)
    for block in blocks:
        values, vectors = np.linalg.eigh(block)
        along = root @ vectors[:, values > 1 - _ALONE]
        lost |= (along**2).sum(axis=1) > _PART * (root**2).sum(axis=1)
    return np.flatnonzero(lost)


def cluster_scores(bread: FloatArray, design: FloatArray, scores: FloatArray, codes: IntArray) -> ClusterScores:
    """Gather clusters.

    Parameters
    ----------
    bread
        Inverse of the Hessian, shape [K K].
    design
        Rows whose products sum to the Hessian, shape [N K].
    scores
        Gradient of each row, weighted, shape [N K].
    codes
        Cluster of each row, 0 … G - 1, shape [N].

    Examples
    --------
    >>> found = cluster_scores(np.eye(1) / 2, np.ones((2, 1)), np.array([[1.0], [-1.0]]), np.array([0, 1]))
    >>> found.leverage()
    array([0.5, 0.5])
    """
    scale = np.sqrt(np.diag(bread))
    root = np.linalg.cholesky(bread / np.outer(scale, scale)) * scale[:, None]
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(counts)])
    sums = np.column_stack([np.bincount(codes, column, len(counts)) for column in scores.T])
    return ClusterScores(design @ root, root, order, starts, sums @ root)


def jackknife(clusters: ClusterScores | GatheredClusters) -> FloatArray:
    """Return ``(G - 1) / G Σ_g (β_(g) - β)(β_(g) - β)'``, β_(g) without cluster g, shape [K K].

    Of a likelihood β_(g) is one Newton step away.

    Examples
    --------
    >>> found = cluster_scores(np.eye(1) / 2, np.ones((2, 1)), np.array([[1.0], [-1.0]]), np.array([0, 1]))
    >>> jackknife(found)
    array([[1.]])

    Notes
    -----
    MacKinnon, Nielsen & Webb (2023), Journal of Applied Econometrics 38, 671-694: their CV3.
    """
    width = len(clusters.root)
    away = np.zeros_like(clusters.scores)
    for g, block in enumerate(clusters.blocks()):
        away[g] = np.linalg.lstsq(np.eye(width) - block, clusters.scores[g], rcond=_ALONE)[0]
    moved = away @ clusters.root.T
    count = len(clusters)
    return np.asarray((count - 1) / count * (moved.T @ moved))


def bias_reduced(clusters: ClusterScores | GatheredClusters) -> tuple[FloatArray, FloatArray]:
    """Return the covariance with scores times ``(I - H_gg)^-½``, and degrees of freedom of each coefficient, shape [K].

    Examples
    --------
    >>> found = cluster_scores(np.eye(1) / 2, np.ones((2, 1)), np.array([[1.0], [-1.0]]), np.array([0, 1]))
    >>> table, df = bias_reduced(found)
    >>> table.round(9), df.round(9)
    (array([[1.]]), array([1.]))

    Notes
    -----
    Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky & Tipton (2018), Journal of Business & Economic
    Statistics 36, 672-683, with independent rows as the working model.
    """
    width, count = len(clusters.root), len(clusters)
    adjusted = np.zeros_like(clusters.scores)
    along = np.zeros((count, width, width))  # of cluster g: Q_g'q_g of every coefficient
    own = np.zeros((count, width))
    for g, block in enumerate(clusters.blocks()):
        values, vectors = np.linalg.eigh(block)
        values = np.clip(values, 0.0, None)
        room = np.where(values < 1 - _ALONE, 1 - values, np.inf)
        adjusted[g] = vectors @ ((vectors.T @ clusters.scores[g]) / np.sqrt(room))
        seen = clusters.root @ vectors
        along[g] = (seen * (values / np.sqrt(room))) @ vectors.T
        own[g] = (seen**2 * (values / room)).sum(axis=1)
    moved = adjusted @ clusters.root.T
    df = np.empty(width)
    for k in range(width):
        products = np.diag(own[:, k]) - along[:, k] @ along[:, k].T
        squares = float(np.square(products).sum())
        df[k] = np.trace(products) ** 2 / squares if squares > 0 else np.nan
    return np.asarray(moved.T @ moved), df
