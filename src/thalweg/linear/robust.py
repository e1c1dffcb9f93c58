"""Robust and clustered covariance from sums over rows: in batches, so that no array beside the rows is as large."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.weighing import FREQUENCY
from thalweg.linear.covariance import CLUSTERED, CovarianceTable, refuse_undefined_kind, without_negative
from thalweg.linear.numerics.cluster_scores import GatheredClusters, bias_reduced, decided_by, jackknife
from thalweg.linear.numerics.score_sums import ALONE, ClusterSquares, ClusterSums, Fitted, RowScores
from thalweg.linear.numerics.tally import RowStream

_MOST_CELLS: Final = 50_000_000  # numbers of the clusters' own products, 400 MB


@dataclass(frozen=True, slots=True)
class Counted:
    """What a covariance counts.

    Parameters
    ----------
    observations
        n.
    sizes
        Clusters of every set; empty if errors are not clustered.
    weights_kind
        What weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`.
    beside
        Coefficients that were estimated beside, such as absorbed effects.
    likelihood
        Whether the model is no least squares.
    """

    observations: float
    sizes: tuple[int, ...] = ()
    weights_kind: str = FREQUENCY
    beside: int = 0
    likelihood: bool = False


def robust_covariance(
    stream: RowStream, fitted: Fitted, bread: FloatArray, kind: str, counted: Counted
) -> CovarianceTable:
    """Return what :func:`~thalweg.linear.covariance.sandwich` returns, from passes over the rows.

    Parameters
    ----------
    stream
        The rows.
    fitted
        Coefficients, K of them.
    bread
        Inverse of the Hessian of ``fitted.design``, shape [K K].
    kind
        One of :data:`~thalweg.linear.covariance.KINDS` but "classical".
    counted
        What it counts.

    Raises
    ------
    SettingError
        If the kind is not defined for the model, or the clusters are too many for it.
    DataError
        If there are fewer than two clusters.

    Examples
    --------
    >>> from thalweg.linear.likelihoods.families import GAUSSIAN
    >>> from thalweg.linear.numerics.tally import RowBatch, RowsInMemory
    >>> from thalweg.linear.rows import check_rows
    >>> rows = RowsInMemory(RowBatch(check_rows([[1.0], [1.0]], [1.0, -1.0])))
    >>> fitted = Fitted(GAUSSIAN, np.array([0]), np.zeros(1), intercept=False, mean=np.zeros(1))
    >>> robust_covariance(rows, fitted, np.eye(1) / 2, "HC0", Counted(2)).table
    array([[0.5]])
    """
    refuse_undefined_kind(kind, likelihood=counted.likelihood, beside=counted.beside)
    left = counted.observations - len(bread) - counted.beside
    if kind in CLUSTERED:
        return _clustered(stream, fitted, bread, kind, counted, left)
    found = stream.tally(RowScores(fitted, bread, kind, repeats=counted.weights_kind == FREQUENCY))
    factor = counted.observations / left if kind == "HC1" else 1.0
    half = fitted.back() @ bread
    spread = CovarianceTable(factor * (half @ found.meat @ half.T), left)
    if not found.alone:
        return spread
    root = root_of(bread)
    alone = (np.outer(one, one) for one in np.concatenate(found.alone) @ root)
    return spread.without(decided_by(fitted.back() @ root, alone))


def root_of(bread: FloatArray) -> FloatArray:
    """Return ``L`` with ``L L' = bread``, shape [K K].

    Examples
    --------
    >>> root_of(4 * np.eye(1))
    array([[2.]])
    """
    scale = np.sqrt(np.diag(bread))
    return np.asarray(np.linalg.cholesky(bread / np.outer(scale, scale)) * scale[:, None])


def _clustered(
    stream: RowStream, fitted: Fitted, bread: FloatArray, kind: str, counted: Counted, left: float
) -> CovarianceTable:
    root, back = root_of(bread), fitted.back()
    found = stream.tally(ClusterSums(fitted, root, counted.sizes))
    fewest = float(min(len(found.keys(way)) for way in range(len(counted.sizes))) - 1)
    if fewest < 1:
        raise DataError("At least two clusters are needed, got 1.", f"Choose other {setting('clusters')}.")
    if kind in {"CR2", "CR3"}:
        every = _gathered(stream, fitted, root, found, kind)
        lost = decided_by(every.root, every.blocks())
        if kind == "CR3":
            return CovarianceTable(jackknife(every), fewest).without(lost)
        table, each = bias_reduced(every)
        return CovarianceTable(table, fewest, each).without(lost)
    lost = np.zeros(0, np.int64)
    for way in range(len(counted.sizes)):
        large = found.keys(way)[found.leverage(way) > 1 - ALONE]
        if len(large):
            squares = stream.tally(ClusterSquares(fitted, root, way, large)).squares
            lost = np.union1d(lost, decided_by(back @ root, iter(squares)))
    meat = np.zeros_like(bread)
    for some in found.sums:
        sums = found.scores(some)
        meat += (-1) ** (len(some) + 1) * len(sums) / (len(sums) - 1) * (sums.T @ sums)
    factor = 1.0 if counted.likelihood else (counted.observations - 1) / left
    half = back @ bread
    table = factor * (half @ meat @ half.T)
    return CovarianceTable(table if len(counted.sizes) == 1 else without_negative(table), fewest).without(lost)


def _gathered(stream: RowStream, fitted: Fitted, root: FloatArray, found: ClusterSums, kind: str) -> GatheredClusters:
    """Return the products within every cluster, if they fit into memory."""
    keys = found.keys(0)
    if len(keys) * root.size > _MOST_CELLS:
        raise SettingError(
            f"{setting('covariance')} {kind!r} needs {len(keys):,} tables of {len(root)} x {len(root)} coefficients.",
            "With so many clusters 'cluster' serves as well.",
        )
    squares = stream.tally(ClusterSquares(fitted, root, 0, keys)).squares
    return GatheredClusters(fitted.back() @ root, found.scores((0,)) @ root, squares)
