"""The scale of a stream: moments of all rows so far, so that the first call does not set it for ever."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.select.learning.lessons import TINY, Scaling

STILL = 1e-9  # change of a scale, relative to it, that is rounding: another pass over the same rows


@dataclass(frozen=True, slots=True, eq=False)
class StreamMoments:
    """What is known of the columns [D + C] of features and outcomes.

    Parameters
    ----------
    mass, mean, squares
        Σ w, the mean, and Σ w (v − mean)² over the rows so far where the value is there.
    low, high
        Least and largest value.
    indicator
        Whether every value was 0 or 1.
    """

    mass: FloatArray
    mean: FloatArray
    squares: FloatArray
    low: FloatArray
    high: FloatArray
    indicator: FloatArray

    def scaling(self, inputs: int, *, features: bool, outcomes: bool) -> Scaling:
        """Return the scale of the first ``inputs`` columns and of the others.

        As :func:`~thalweg.select.learning.lessons.learn_scaling`, but for rare values, which a stream does not count.
        """
        sd = np.sqrt(self.squares / np.where(self.mass > 0, self.mass, 1.0))
        constant = ~(self.high - self.low > TINY * np.maximum(np.abs(self.low), np.abs(self.high)))
        indicator = (self.indicator > 0) & ~constant
        centre_x = np.where(indicator, 0.0, self.mean)[:inputs]
        scale_x = np.where(constant, np.inf, np.where(indicator, 1.0, sd))[:inputs]
        centre_y, scale_y = self.mean[inputs:], np.where(constant, 1.0, sd)[inputs:]
        nothing, one = np.zeros_like, np.ones_like
        return Scaling(
            centre_x if features else nothing(centre_x),
            scale_x if features else one(scale_x),
            centre_y if outcomes else nothing(centre_y),
            scale_y if outcomes else one(scale_y),
            self.mean[:inputs],
        )


def moments_of(values: FloatArray, weights: FloatArray | None) -> StreamMoments:
    """Return the moments of some rows [N D+C], NaN where missing.

    Examples
    --------
    >>> found = moments_of(np.array([[1.0], [3.0]]), None)
    >>> found.mean.item(), found.squares.item()
    (2.0, 2.0)
    """
    there = ~np.isnan(values)
    w = there * (1.0 if weights is None else weights[:, None])
    known = np.where(there, values, 0.0)
    mass = w.sum(axis=0)
    mean = (w * known).sum(axis=0) / np.where(mass > 0, mass, 1.0)
    squares = (w * np.square(known - mean)).sum(axis=0)
    low = np.where(there, values, np.inf).min(axis=0)
    high = np.where(there, values, -np.inf).max(axis=0)
    indicator = (~there | (values == 0) | (values == 1)).all(axis=0).astype(np.float64)
    return StreamMoments(mass, mean, squares, low, high, indicator)


def joined(a: StreamMoments, b: StreamMoments) -> StreamMoments:
    """Return the moments of two sets of rows together.

    References
    ----------
    Chan, Golub & LeVeque (1983), doi:10.1080/00031305.1983.10483115, equation 2.1.

    Examples
    --------
    >>> parts = [moments_of(np.array([[value]]), None) for value in (1.0, 3.0)]
    >>> joined(*parts).squares.item()
    2.0
    """
    mass = a.mass + b.mass
    share = b.mass / np.where(mass > 0, mass, 1.0)
    apart = b.mean - a.mean
    return StreamMoments(
        mass,
        a.mean + share * apart,
        a.squares + b.squares + a.mass * share * np.square(apart),
        np.minimum(a.low, b.low),
        np.maximum(a.high, b.high),
        np.minimum(a.indicator, b.indicator),
    )


def is_still(before: Scaling, after: Scaling) -> bool:
    """Return whether two scales differ by rounding alone.

    Examples
    --------
    >>> scale = moments_of(np.array([[1.0, 0.0], [3.0, 1.0]]), None).scaling(1, features=True, outcomes=True)
    >>> is_still(scale, scale)
    True
    """
    pairs = ((before.centre_x, after.centre_x, after.scale_x), (before.centre_y, after.centre_y, after.scale_y))
    moved = any((np.abs(a - b) > STILL * np.where(np.isinf(s), 1.0, s)).any() for a, b, s in pairs)
    scales = ((before.scale_x, after.scale_x), (before.scale_y, after.scale_y), (before.fill_x, after.fill_x))
    return not moved and all(np.allclose(a, b, rtol=STILL, atol=STILL) for a, b in scales)
