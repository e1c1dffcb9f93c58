"""From outputs of models to predictions and probabilities."""

import numpy as np
from scipy.special import expit, softmax

from thalweg.base.arrays import FloatArray
from thalweg.estimators.ensemble.scaling import Scaling


def outputs_to_predictions(outputs: FloatArray, task: str, scaling: Scaling) -> FloatArray:
    """Turn outputs q [P N C] into predictions or probabilities.

    Regression: centre + scale · q. Binary: (1 − p, p) with p = 1 / (1 + exp(−q)). Multiclass: softmax. Multilabel: one
    p per label.

    Examples
    --------
    >>> scaling = Scaling(*(np.array([v]) for v in (0.0, 1.0, 10.0, 2.0)))
    >>> outputs_to_predictions(np.ones((1, 1, 1)), "regression", scaling).item()
    12.0
    """
    if task == "regression":
        return scaling.centre_y + scaling.scale_y * outputs
    if task == "binary":
        return np.concatenate([expit(-outputs), expit(outputs)], axis=2)
    found: FloatArray = expit(outputs) if task == "multilabel" else softmax(outputs, axis=2)
    return found
