"""Calibrated probabilities: one temperature, learned on rows the models did not see."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from thalweg.base.arrays import FloatArray

COLDEST, HOTTEST = -3.0, 3.0  # bounds of log temperature


def learn_temperature(probabilities: FloatArray, shares: FloatArray, weights: FloatArray | None = None) -> float:
    """Return the temperature T of least log loss of softmax(log p / T).

    Parameters
    ----------
    probabilities
        Of rows the models did not see [N C], averaged over seeds: pooled first, calibrated then (Rahaman & Thiery 2021,
        arXiv:2007.08792).
    shares
        One-hot outcomes [N C].
    weights
        Of the rows [N]; None for 1.

    Returns
    -------
    float
        Above 1 if the models are too sure of themselves.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger (2017), arXiv:1706.04599, section 4.2.

    Examples
    --------
    >>> sure = np.array([[0.99, 0.01]] * 10)
    >>> shares = np.eye(2)[[0] * 8 + [1] * 2]
    >>> round(learn_temperature(sure, shares), 2)
    3.31
    """
    logs = log_probabilities(probabilities)
    weight = np.ones(len(logs)) if weights is None else weights

    def loss(log_temperature: float) -> float:
        fitted = log_softmax(logs * np.exp(-log_temperature), axis=1)
        return -float(weight @ (fitted * shares).sum(axis=1)) / float(weight.sum())

    found = minimize_scalar(loss, bounds=(COLDEST, HOTTEST), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def apply_temperature(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Return softmax(log p / T) [N C].

    Examples
    --------
    >>> apply_temperature(np.array([[0.8, 0.2]]), 1.0).round(3).tolist()
    [[0.8, 0.2]]
    """
    found: FloatArray = softmax(log_probabilities(probabilities) / temperature, axis=1)
    return found


def log_probabilities(probabilities: FloatArray) -> FloatArray:
    """Return log p, p at least the smallest number above zero."""
    found: FloatArray = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    return found
