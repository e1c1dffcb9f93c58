"""What a new value stays below with a stated probability, from values that are exchangeable with it."""

import math

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray


def covering_value(values: FloatArray, level: float, groups: IntArray | None = None) -> FloatArray:
    """Return the value of every column [N] that a new one stays below with probability ``level``.

    It is the ⌈(n + 1) level⌉-th smallest of n exchangeable values. With G exchangeable groups every group weighs
    1/(G + 1) and shares it among its n_g values, the last 1/(G + 1) lies at infinity, and the value is the smallest at
    which the weights up to it reach ``level``: for one row of a new group.

    Parameters
    ----------
    values
        [n N].
    level
        Nominal coverage.
    groups
        Of the n values; None if each is one of its own.

    References
    ----------
    Lee, Barber & Willett (2023), arXiv:2306.06342, section 3 (hierarchical conformal prediction).

    Examples
    --------
    >>> values = np.arange(12.0)[:, None]
    >>> covering_value(values, 0.5).item(), covering_value(values, 0.5, np.array([0] * 9 + [1, 2, 3])).item()
    (6.0, 10.0)
    """
    if groups is None:
        return order_statistic(values, rank_up(len(values), level))
    counts, mass = group_shares(groups)
    order = np.argsort(values, axis=0)
    reached = np.cumsum(mass[order] / (counts + 1), axis=0) >= level - 1e-9
    place = np.take_along_axis(order, reached.argmax(axis=0)[None], axis=0)
    found: FloatArray = np.where(reached[-1], np.take_along_axis(values, place, axis=0)[0], np.inf)
    return found


def group_shares(groups: IntArray) -> tuple[int, FloatArray]:
    """Return the number of groups and the share 1/n_g of every row in its own [n].

    Examples
    --------
    >>> group_shares(np.array([4, 4, 7]))
    (2, array([0.5, 0.5, 1. ]))
    """
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return len(sizes), 1.0 / sizes[codes]


def rank_up(count: int, level: float) -> int:
    """Return ⌈(n + 1) level⌉; the small number guards against 0.9 · 10 coming out above 9."""
    return math.ceil((count + 1) * level - 1e-9)


def order_statistic(values: FloatArray, rank: int) -> FloatArray:
    """Return the rank-th smallest value of every column [N]; infinite if there are fewer."""
    if rank > len(values):
        return np.full(values.shape[1], np.inf)
    found: FloatArray = np.partition(values, rank - 1, axis=0)[rank - 1]
    return found
