"""FeatureMoments of Boltzmann machines: sums over all states of small ones, Gibbs chains for larger ones.

States s [D] of 0 and 1 have −E(s) = θ′f(s), where the features f hold every unit and every pair of units.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.energy.configurations import configurations


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMoments:
    """Mean [K] and covariance [K K] of the features, and what sampling adds to the covariance of the mean."""

    mean: FloatArray
    covariance: FloatArray
    sampling: FloatArray
    log_partition: float


def pairs(units: int) -> tuple[IntArray, IntArray]:
    """Return the numbers of both units of every pair."""
    first, second = np.triu_indices(units, 1)
    return first.astype(np.int64), second.astype(np.int64)


def features(states: FloatArray) -> FloatArray:
    """Return f(s) = (s_i; s_i s_j for i < j): [N K], K = D + D(D−1)/2.

    Examples
    --------
    >>> features(np.array([[1.0, 0.0, 1.0]])).tolist()
    [[1.0, 0.0, 1.0, 0.0, 1.0, 0.0]]
    """
    first, second = pairs(states.shape[1])
    return np.concatenate([states, states[:, first] * states[:, second]], axis=1)


def to_matrix(parameters: FloatArray, units: int) -> tuple[FloatArray, FloatArray]:
    """Return the symmetric couplings [D D] and the biases [D] of θ [K]."""
    first, second = pairs(units)
    couplings = np.zeros((units, units))
    couplings[first, second] = couplings[second, first] = parameters[units:]
    return couplings, parameters[:units].copy()


def enumerated(parameters: FloatArray, units: int) -> FeatureMoments:
    """Sum over all 2^D states, block by block."""
    count = len(parameters)
    logs = [features(states) @ parameters for states in configurations(units)]
    total = float(logsumexp(np.concatenate(logs)))
    mean, square = np.zeros(count), np.zeros((count, count))
    for states, log in zip(configurations(units), logs, strict=True):
        found = features(states)
        share = np.exp(log - total)
        mean += share @ found
        square += found.T @ (share[:, None] * found)
    return FeatureMoments(mean, square - np.outer(mean, mean), np.zeros((count, count)), total)


def sampled(
    parameters: FloatArray, states: FloatArray, free: IntArray, sweeps: int, generator: np.random.Generator
) -> FeatureMoments:
    """Walk chains [M D] on for some sweeps over the free units and average; the chains are moved in place.

    The error of sampling is read off the means of whole chains, which are independent of each other.
    """
    units = states.shape[1]
    couplings, bias = to_matrix(parameters, units)
    count = len(parameters)
    sums, square = np.zeros((len(states), count)), np.zeros((count, count))
    for _ in range(sweeps):
        gibbs_sweep(states, couplings, bias, free, generator)
        found = features(states)
        sums += found
        square += found.T @ found
    means = sums / sweeps
    mean = means.mean(axis=0)
    covariance = square / (sweeps * len(states)) - np.outer(mean, mean)
    away = means - mean
    sampling = away.T @ away / (len(states) * (len(states) - 1.0))
    return FeatureMoments(mean, covariance, sampling, float("nan"))


def gibbs_sweep(
    states: FloatArray, couplings: FloatArray, bias: FloatArray, free: IntArray, generator: np.random.Generator
) -> None:
    """Draw the free units of all chains [M D] one after the other, given the rest."""
    drawn = generator.random((len(free), len(states)))
    for place, unit in enumerate(free):
        states[:, unit] = drawn[place] < expit(states @ couplings[unit] + bias[unit])
