"""Paths of many iterates on the one plane that shows most of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PathPlane:
    """Paths on the plane of their first two principal components.

    Parameters
    ----------
    places
        Coordinates of every path [T 2].
    losses
        The loss at every iterate itself, not at its place on the plane, by path [T].
    off
        Distance of every iterate from the plane, by path [T].
    share
        Share of the iterates' variance that each axis shows [2].
    """

    places: tuple[FloatArray, ...]
    losses: tuple[FloatArray, ...]
    off: tuple[FloatArray, ...]
    share: FloatArray


def path_plane(paths: Sequence[FloatArray], losses: Sequence[FloatArray]) -> PathPlane:
    """Project paths on the plane of the principal components of all their iterates.

    The T x T matrix of inner products is decomposed in place of the covariance, Θ x Θ. A large share of the variance
    proves nothing by itself: it is large for random walks too (Antognini & Sohl-Dickstein 2018, arXiv:1806.08805).

    Parameters
    ----------
    paths
        Iterates [T Θ], one array per path.
    losses
        Their losses [T].

    Returns
    -------
    PathPlane
        Places from the common mean; the sign of an axis is such that the largest coordinate is positive.

    Examples
    --------
    >>> line = np.outer(np.arange(4.0), [3.0, 4.0, 0.0])
    >>> plane = path_plane([line], [np.zeros(4)])
    >>> plane.share.round(6).tolist(), float(plane.off[0].max().round(6))
    ([1.0, 0.0], 0.0)
    """
    pooled = np.concatenate(paths)
    centred = pooled - pooled.mean(axis=0)
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    top = vectors[:, :2] * np.sqrt(values[:2])
    top = np.pad(top, ((0, 0), (0, 2 - top.shape[1])))
    top = top * np.where(np.abs(top).max(axis=0) == top.max(axis=0), 1.0, -1.0)
    total = float(values.sum()) or 1.0
    share = np.pad(values[:2], (0, max(0, 2 - len(values)))) / total
    off = np.sqrt(np.maximum((centred**2).sum(axis=1) - (top**2).sum(axis=1), 0.0))
    ends = np.cumsum([len(path) for path in paths])[:-1]
    return PathPlane(
        tuple(np.split(top, ends)),
        tuple(np.asarray(loss, dtype=np.float64) for loss in losses),
        tuple(np.split(off, ends)),
        share,
    )
