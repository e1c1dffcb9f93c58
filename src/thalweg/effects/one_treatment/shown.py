"""Which averages may be shown: what they rest on, and why some are withheld."""

from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.overlap import ArmOverlap
from thalweg.effects.one_treatment.estimands import ATO, ATT, SLOPE, TRIM

LEAST_KEPT: Final = 40
"""Units left by trimming below which nothing is estimated."""


def units_behind(target: str, counting: FloatArray, chances: FloatArray) -> int:
    """Return how many units an average rests on; of weighted ones how many of even chances would weigh as much.

    Examples
    --------
    >>> units_behind(ATT, np.array([1.0, 0.0, 2.0]), np.full((1, 3, 2), 0.5))
    2
    """
    if target in {ATO, SLOPE}:
        e = np.median(chances[:, :, 1], axis=0)
        return int(4.0 * (e * (1.0 - e)).sum())
    return int(np.count_nonzero(counting > 0.0))


def why_withheld(target: str, overlap: tuple[ArmOverlap, ...], number: int, rests: int) -> str:
    """Return why an average must not be shown; empty if it may.

    Examples
    --------
    >>> why_withheld(ATO, (), 1, 12)
    '12 units are left to compare'
    """
    if target in {ATO, TRIM, SLOPE}:
        return "" if rests >= LEAST_KEPT else f"{rests} units are left to compare"
    arms = (overlap[0],) if target == ATT else (overlap[number], overlap[0])
    return "; ".join(arm.reason for arm in arms if arm.lacking)
