"""Validation rows that the user gave: every member watches them."""

from dataclasses import dataclass, replace

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import row
from thalweg.select.learning.lessons import Sample
from thalweg.select.learning.observations import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """The user's own validation rows: features [N D] and outcomes as the loss wants them [N C]."""

    x: FloatArray
    y: FloatArray


def with_validation(sample: Sample, validation: Validation) -> Sample:
    """Return the sample with the user's validation rows behind its own.

    Raises
    ------
    InputError
        If a number is too large.
    """
    count, scaling = len(sample.x), sample.scaling
    scaled = np.concatenate([scaling.features(validation.x), scaling.outcomes(validation.y)], axis=1)
    large = np.flatnonzero(~(np.abs(scaled) <= np.finfo(np.float32).max).all(axis=1))
    if len(large):
        raise InputError(
            f"Row {row(large[0])} of X_val and y_val holds a number that is too large, or none at all.",
            "Drop it, or rescale the column.",
        )
    weights = None if sample.weights is None else np.concatenate([sample.weights, np.ones(len(validation.x))])
    return replace(
        sample,
        x=np.concatenate([sample.x, validation.x]),
        y=np.concatenate([sample.y, validation.y]),
        origin=np.concatenate([sample.origin, np.arange(len(validation.x))]),
        weights=weights,
        validation=np.arange(count, count + len(validation.x)),
    )
