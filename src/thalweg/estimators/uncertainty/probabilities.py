"""From probabilities to decisions, the same for all classifiers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.estimators.ensemble.inputs import Classes
from thalweg.estimators.ensemble.model_population import ModelPopulation
from thalweg.estimators.uncertainty.temperature import apply_temperature, learn_temperature, log_probabilities


def temperature_of(population: ModelPopulation, classes: Classes) -> float:
    """Learn the temperature of a population on its out-of-fold probabilities.

    Raises
    ------
    SettingError
        If there are no folds, or the outcome is a set of labels.
    """
    if population.out_of_fold is None or classes.task == "multilabel":
        raise SettingError(
            "calibrate=True needs out-of-fold probabilities of classes.", "Fit with folds=5, or calibrate=False."
        )
    y = population.rows.y
    shares = np.concatenate([1.0 - y, y], axis=1) if classes.task == "binary" else y
    seen, weights = np.flatnonzero(population.fold >= 0), population.rows.weights
    return learn_temperature(population.out_of_fold[seen], shares[seen], None if weights is None else weights[seen])


def calibrated(probabilities: FloatArray, classes: Classes, temperature: float) -> FloatArray:
    """Return probabilities at a temperature [N C]; sets of labels have none."""
    if classes.task == "multilabel" or temperature == 1.0:
        return probabilities
    return apply_temperature(probabilities, temperature)


def decisions(probabilities: FloatArray, classes: Classes) -> FloatArray:
    """Return log-odds for two classes [N] or for labels [N C], else log probabilities [N C]."""
    found: FloatArray
    if classes.task == "multilabel":
        found = logit(probabilities)
    elif classes.task == "binary":
        logs = log_probabilities(probabilities)
        found = logs[:, 1] - logs[:, 0]
    else:
        found = log_probabilities(probabilities)
    return found


def labels(probabilities: FloatArray, classes: Classes) -> NDArray[Any]:
    """Return the most probable class [N], or the labels that are more likely than not [N C]."""
    if classes.task == "multilabel":
        return (probabilities > 0.5).astype(np.int64)
    found: NDArray[Any] = classes.labels[probabilities.argmax(axis=1)]
    return found


def log_of(probabilities: FloatArray) -> FloatArray:
    """Return logarithms; minus infinity where a probability is 0.

    Examples
    --------
    >>> log_of(np.array([1.0, 0.0])).tolist()
    [0.0, -inf]
    """
    with np.errstate(divide="ignore"):
        found: FloatArray = np.log(probabilities)
    return found
