"""From a network's outputs to what users ask for."""

import numpy as np

from thalweg.base.arrays import FloatArray


def outputs_to_predictions(outputs: FloatArray, task: str, centre: float, scale: float) -> FloatArray:
    """Turn outputs q [P N C] into predictions [P N 1] or probabilities [P N C].

    Regression: centre + scale · q. Binary: (1 − p, p) with p = 1 / (1 + exp(−q)). Multiclass: softmax.

    Examples
    --------
    >>> outputs_to_predictions(np.zeros((1, 1, 1)), "binary", 0.0, 1.0).tolist()
    [[[0.5, 0.5]]]
    """
    if task == "regression":
        return centre + scale * outputs
    if task == "binary":
        outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=2)
    shifted = np.exp(outputs - outputs.max(axis=2, keepdims=True))
    shares: FloatArray = shifted / shifted.sum(axis=2, keepdims=True)
    return shares
