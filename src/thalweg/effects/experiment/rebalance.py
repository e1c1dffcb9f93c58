"""Weights that give a sample the shares of its population: for covariates that were drawn unevenly."""

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError


def rebalancing_weights(values: FloatArray, edges: FloatArray, shares: FloatArray) -> FloatArray:
    """Return the weight of every unit [N]: population share over sample share of its bucket.

    Parameters
    ----------
    values
        A covariate from before the treatment [N].
    edges
        Increasing borders of the buckets [B + 1]; units outside get weight 0.
    shares
        The population's share of every bucket [B].

    Returns
    -------
    numpy.ndarray
        Weights with mean 1 over units inside the borders; give them as a column of weights, without the units of
        weight 0.

    Raises
    ------
    SettingError
        If borders and shares do not match.
    DataError
        If a bucket of the population has no unit in the sample.

    Notes
    -----
    Post-stratification (Holt & Smith 1979, JRSS A 142, 33). Ye et al. (2025) rebalance uneven covariates so before
    training.

    Examples
    --------
    >>> rebalancing_weights(np.array([0.1, 0.2, 0.3, 0.7, 1.5]), np.array([0.0, 0.5, 1.0]), np.array([0.5, 0.5]))
    array([0.66666667, 0.66666667, 0.66666667, 2.        , 0.        ])
    """
    borders, wanted = np.asarray(edges, dtype=np.float64), np.asarray(shares, dtype=np.float64)
    if len(borders) != len(wanted) + 1 or (np.diff(borders) <= 0).any() or (wanted < 0).any() or wanted.sum() <= 0:
        raise SettingError(
            f"Expected increasing borders and one share between each two, got {len(borders)} borders and "
            f"{len(wanted)} shares.",
            "Give one border more than shares, and shares of at least 0.",
        )
    bucket = np.searchsorted(borders, values, side="right") - 1
    bucket[values == borders[-1]] = len(wanted) - 1
    inside = (bucket >= 0) & (bucket < len(wanted))
    counts = np.bincount(bucket[inside], minlength=len(wanted))
    empty = np.flatnonzero((counts == 0) & (wanted > 0))
    if len(empty):
        low, high = borders[empty[0]], borders[empty[0] + 1]
        raise DataError(f"No unit lies between {low:g} and {high:g}.", "Use wider buckets.")
    weights = np.zeros(len(values))
    ratio = wanted / wanted.sum() * inside.sum() / np.maximum(counts, 1)
    weights[inside] = ratio[bucket[inside]]
    return weights
