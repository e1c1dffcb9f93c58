"""From outputs of models to predictions and probabilities."""

import numpy as np
from scipy.special import expit, softmax

from thalweg.base.arrays import FloatArray


def outputs_to_predictions(
    outputs: FloatArray, task: str, centre: float | FloatArray = 0.0, scale: float | FloatArray = 1.0
) -> FloatArray:
    """Turn outputs q [… N C] into predictions or probabilities.

    Regression: centre + scale · q. Binary: (1 − p, p) with p = 1 / (1 + exp(−q)). Multiclass: softmax. Multilabel: one
    p per label.

    Parameters
    ----------
    outputs
        One column per outcome, class or label; a single one for two classes.
    task
        ``regression``, ``binary``, ``multiclass`` or ``multilabel``.
    centre, scale
        Of a numeric outcome, numbers or [C].

    Examples
    --------
    >>> outputs_to_predictions(np.ones((1, 1, 1)), "regression", 10.0, 2.0).item()
    12.0
    >>> outputs_to_predictions(np.zeros((1, 1)), "binary").tolist()
    [[0.5, 0.5]]
    """
    if task == "regression":
        return centre + scale * outputs
    if task == "binary":
        return np.concatenate([expit(-outputs), expit(outputs)], axis=-1)
    found: FloatArray = expit(outputs) if task == "multilabel" else softmax(outputs, axis=-1)
    return found


def class_predictions(
    outputs: FloatArray, task: str, centre: float | FloatArray = 0.0, scale: float | FloatArray = 1.0
) -> FloatArray:
    """Do as :func:`outputs_to_predictions`, with two classes as the softmax of the scores (0, q).

    The two agree but for the last bit of a probability: comparisons keep this form, estimators the other, so that
    neither's published numbers move.

    Examples
    --------
    >>> class_predictions(np.zeros((1, 1)), "binary").tolist()
    [[0.5, 0.5]]
    """
    if task != "binary":
        return outputs_to_predictions(outputs, task, centre, scale)
    return outputs_to_predictions(np.concatenate([np.zeros_like(outputs), outputs], axis=-1), "multiclass")
