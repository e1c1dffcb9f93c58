"""The effect of the combination with the largest estimate, although it was picked for being the largest.

Among noisy estimates the largest is too large on average. Given that target w won, and what of the others does not
depend on it, its estimate is normal and cut off where it would no longer have won; the median of that law gives an
estimate without the curse, its quantiles an interval that covers given the winner. Where several are nearly tied that
interval becomes very wide, so it is joined with the one that holds for all targets at once (Andrews, Kitagawa &
McCloskey 2024, Quarterly Journal of Economics 139, 305, hybrid estimates and intervals).
"""

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr

from thalweg.base.arrays import FloatArray

SHARE: Final = 0.1
"""Part of the error probability that is spent on the interval for all at once."""


def after_selection(
    estimate: FloatArray, covariance: FloatArray, critical: float, *, level: float
) -> tuple[float, float, float]:
    """Return the median-unbiased estimate of the largest target, and an interval that covers after selection.

    Parameters
    ----------
    estimate
        Estimates that the largest was picked from [L].
    covariance
        Of the estimates [L L].
    critical
        Factor of standard errors within which all targets lie with probability 1 − SHARE (1 − level) at once.
    level
        Of the interval.

    Examples
    --------
    >>> alone = after_selection(np.array([3.0, 0.0]), 0.01 * np.eye(2), 2.8, level=0.95)
    >>> tied = after_selection(np.array([3.0, 2.99]), np.eye(2), 2.8, level=0.95)
    >>> round(alone[0], 2), tied[0] < 2.7, tied[1] < tied[0] < tied[2]
    (3.0, True, True)
    """
    winner = int(np.argmax(estimate))
    value, spread = float(estimate[winner]), float(np.sqrt(covariance[winner, winner]))
    if spread <= 0.0:
        return value, value, value
    low, high = _kept_within(estimate, covariance, winner)
    reach = critical * spread
    alpha = 1.0 - level
    left = (alpha - SHARE * alpha) / (1.0 - SHARE * alpha)

    def law(mean: float) -> float:
        """Return the probability of an estimate below the one found, had the effect this value."""
        first, last = max(low, mean - reach), min(high, mean + reach)
        return _cut_normal((value - mean) / spread, (first - mean) / spread, (last - mean) / spread)

    def where(probability: float) -> float:
        ends = value - reach, value + reach
        at = [law(end) - probability for end in ends]  # the law falls as the effect rises
        if at[0] <= 0.0:
            return ends[0]
        return ends[1] if at[1] >= 0.0 else float(brentq(lambda mean: law(mean) - probability, *ends))

    return where(0.5), where(1.0 - left / 2.0), where(left / 2.0)


def _kept_within(estimate: FloatArray, covariance: FloatArray, winner: int) -> tuple[float, float]:
    """Return the least and largest estimate with which the winner would still have won."""
    slope = covariance[:, winner] / covariance[winner, winner]
    rest = estimate - slope * estimate[winner]
    others = np.arange(len(estimate)) != winner
    below, above = others & (slope < 1.0 - 1e-12), others & (slope > 1.0 + 1e-12)
    low = (rest[below] / (1.0 - slope[below])).max(initial=-np.inf)
    high = (rest[above] / (1.0 - slope[above])).min(initial=np.inf)
    return float(low), float(high)


def _cut_normal(z: float, low: float, high: float) -> float:
    """Return the probability that a standard normal, cut off to [low, high], is below z."""
    z = min(max(z, low), high)
    if low > 0.0:  # the tails are exact on the left alone
        return 1.0 - _cut_normal(-z, -high, -low)
    bottom, top, at = (float(log_ndtr(v)) for v in (low, high, z))
    whole = -np.expm1(bottom - top)
    if not whole > 0.0:
        return 0.5
    return float(np.exp(at - top) * -np.expm1(bottom - at) / whole)
