"""The weights that an answer puts on single units, in numbers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray

WEIGHT_STEPS: Final = (1.0, 3.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True, slots=True)
class WeightSummary:
    """Weights |w| of one target in numbers; ``doubt`` is what an undetermined scale adds, in standard errors.

    ``shares`` is the share of units between 0, the :data:`WEIGHT_STEPS` and infinity; empty in runs that did not keep
    it.
    """

    effective: float
    heaviest: float
    largest: float
    doubt: float
    shares: tuple[float, ...] = ()


def summarise_weights(weights: FloatArray, doubt: float = 0.0) -> WeightSummary:
    """Summarise the weights of one target [N].

    Examples
    --------
    >>> summarise_weights(np.array([1.0, -1.0, 0.0, 0.0])).effective
    2.0
    >>> summarise_weights(np.array([0.5, -2.0, 2.0, 200.0])).shares
    (0.25, 0.5, 0.0, 0.0, 0.0, 0.25)
    """
    size = np.abs(weights)
    square = float((size**2).sum())
    effective = float(size.sum()) ** 2 / square if square > 0 else float(len(size))
    beyond = [len(size), *(int(np.count_nonzero(size >= step)) for step in WEIGHT_STEPS), 0]
    shares = tuple((more - fewer) / len(size) for more, fewer in pairwise(beyond))
    return WeightSummary(effective, float(np.quantile(size, 0.99)), float(size.max()), doubt, shares)
