"""What an experiment could see before it is run: the least effect it detects, its power, the units an effect needs.

A mean difference of an arm and the baseline has the standard error

    s = σ √((1 − R²) d (1/n₁ + 1/n₀)),   d = 1 + ((1 + v²) m − 1) ρ

where R² is what covariates explain of the outcome, m the mean size of clusters that are assigned whole, v the
coefficient of variation of their sizes and ρ the share of the variance they have in common (Eldridge, Ashby & Kerry
2006, International Journal of Epidemiology 35, 1292, equation 2). Its t-test at level 1 − α has the power of a
noncentral t with one degree of freedom per cluster less one per arm; α is shared out to as many comparisons as there
are (Bonferroni), which is a little too careful.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.stats import nct
from scipy.stats import t as student

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import SettingError, setting

MOST_UNITS: Final = 1e12
LEAST: Final = 1e-150  # of a deviation; its inverse is the most: squares of what lies beyond are no numbers
SUREST: Final = 1.0 - 1e-9  # power and level, up to which quantiles are exact


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters that are assigned whole.

    Parameters
    ----------
    size
        Mean number m of units.
    spread
        Coefficient of variation v of the sizes.
    share
        Share ρ of the outcome's variance that units of a cluster have in common.

    Examples
    --------
    >>> Clusters(4.0, 0.5, 0.1).design_effect
    1.4
    """

    size: float = 1.0
    spread: float = 0.0
    share: float = 0.0

    @property
    def design_effect(self) -> float:
        """How many times as many units are needed as without clusters; never below 1."""
        return max(1.0, 1.0 + ((1.0 + self.spread**2) * self.size - 1.0) * self.share)


@dataclass(frozen=True, slots=True)
class ArmPower:
    """What a comparison of one arm with the baseline could see.

    Parameters
    ----------
    arm
        Number of the arm, the baseline being 0.
    units
        In the arm.
    error
        Standard error s of its effect.
    detectable
        Least effect that is found with the power asked for.
    power
        Chance to find the effect asked about; None if none was.
    needed
        Units of the whole experiment which find it with the power asked for; None if none was asked about, infinite if
        there are not enough in the world.

    Examples
    --------
    >>> experiment_power(1000, deviation=1.0, effect=0.2)[0].needed
    787.0
    """

    arm: int
    units: float
    error: float
    detectable: float
    power: float | None
    needed: float | None


def experiment_power(
    units: int,
    *,
    deviation: float,
    shares: Sequence[float] = (0.5, 0.5),
    explained: float = 0.0,
    clusters: Clusters | None = None,
    effect: float | None = None,
    level: float = 0.95,
    power: float = 0.8,
) -> tuple[ArmPower, ...]:
    """Return what every arm of an experiment could see against the baseline.

    Parameters
    ----------
    units
        N, of all arms together.
    deviation
        Standard deviation σ of the outcome; of a share p it is √(p (1 − p)).
    shares
        Of the arms, the baseline first; they sum to 1.
    explained
        Share R² of the outcome's variance that covariates explain.
    clusters
        Those that are assigned whole; None for single units.
    effect
        An effect to ask about; None for the least detectable ones alone.
    level
        1 − α.
    power
        Chance with which an effect is to be found.

    Returns
    -------
    tuple of ArmPower
        One per arm but the baseline, in order.

    Raises
    ------
    SettingError
        If a number makes no sense, or an arm would have fewer than two clusters.

    Examples
    --------
    >>> [arm] = experiment_power(1000, deviation=1.0)
    >>> round(arm.detectable, 3)
    0.177
    """
    check_count("units", units, low=4)
    check_number("units", units, high=MOST_UNITS)
    check_number("deviation", deviation, low=LEAST, high=1.0 / LEAST)
    check_number("explained", explained, low=0.0, high=1.0, open_high=True)
    check_number("level", level, low=0.0, high=SUREST, open_low=True)
    check_number("power", power, low=0.0, high=SUREST, open_low=True)
    parts = _shares(shares)
    found = clusters or Clusters()
    alpha = (1.0 - level) / (len(parts) - 1)
    _refuse_few(units, parts, found)
    spread = deviation * math.sqrt((1.0 - explained) * found.design_effect)
    if effect is not None:
        check_number("effect", effect, low=-1.0 / LEAST, high=1.0 / LEAST)
        if effect == 0.0:
            raise SettingError(f"{setting('effect')} is 0, which no experiment finds.", "Ask about another.")
    answers = []
    for arm in range(1, len(parts)):
        rate = math.sqrt(1.0 / parts[arm] + 1.0 / parts[0])  # s = spread × rate / √N

        def chance(size: float, count: float, rate: float = rate) -> float:
            return _power(abs(size) * math.sqrt(count) / (spread * rate), count / found.size - len(parts), alpha)

        error = spread * rate / math.sqrt(units)
        asked, needed = None, None
        if effect is not None:
            asked = chance(effect, units)
            needed = _needed(lambda count: chance(effect, count) - power, parts, found)
        least = _detectable(lambda size: chance(size, units) - power, error)
        answers.append(ArmPower(arm, parts[arm] * units, error, least, asked, needed))
    return tuple(answers)


def _detectable(missing: Callable[[float], float], error: float) -> float:
    """Return the size of an effect at which a growing function of it is 0; 0 if it always is above."""
    if missing(0.0) >= 0.0:
        return 0.0
    top = error
    while missing(top) < 0.0:
        top *= 2.0
    return float(brentq(missing, 0.0, top, xtol=1e-12 * top))


def _power(away: float, freedom: float, alpha: float) -> float:
    """Return the chance that a two-sided t-test rejects where the effect is ``away`` standard errors from 0."""
    limit = float(student.isf(alpha / 2.0, freedom))
    if away > 37.0 + limit:  # scipy's noncentral t is not a number far out
        return 1.0
    other = float(nct.cdf(-limit, freedom, away))  # not a number where scipy finds none, far below any that counts
    return float(nct.sf(limit, freedom, away)) + (0.0 if math.isnan(other) else other)


def _needed(missing: Callable[[float], float], parts: tuple[float, ...], clusters: Clusters) -> float:
    """Return the least number of units at which a function of it is positive."""
    low = math.ceil(clusters.size * max(len(parts) + 1.0, 2.0 / min(parts)))
    if missing(low) >= 0.0:
        return float(low)
    high = 2.0 * low
    while missing(high) < 0.0:
        high *= 2.0
        if high > MOST_UNITS:
            return math.inf
    return float(math.ceil(brentq(missing, low, high, xtol=0.01)))


def _shares(shares: Sequence[float]) -> tuple[float, ...]:
    parts = tuple(float(share) for share in shares)
    if len(parts) < 2 or not all(0.0 < part < 1.0 for part in parts) or abs(sum(parts) - 1.0) > 1e-6:
        raise SettingError(
            f"{setting('shares')} must be positive and sum to 1, the baseline first; got "
            f"{', '.join(f'{part:g}' for part in parts)}, which sum to {sum(parts):g}.",
            "Give 0.5 0.5 for two arms of equal size.",
        )
    return parts


def _refuse_few(units: int, parts: tuple[float, ...], clusters: Clusters) -> None:
    least = min(parts) * units / clusters.size
    if least < 2.0 or units / clusters.size <= len(parts):
        what = "units" if clusters.size == 1.0 else "clusters"
        raise SettingError(
            f"The smallest arm would have {least:.2g} {what}; a test needs two.",
            f"Raise {setting('units')} or its share.",
        )


def outcome_clusters(y: FloatArray, codes: IntArray) -> Clusters:
    """Return sizes and common share of the clusters of an outcome that was seen before, by analysis of variance.

    Parameters
    ----------
    y
        Outcomes [N].
    codes
        Cluster of every unit [N].

    Examples
    --------
    >>> outcome_clusters(np.array([1.0, 1.1, 3.0, 3.1]), np.array([0, 0, 1, 1])).share > 0.9
    True
    """
    _, place, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    count, number = len(y), len(sizes)
    spread = float(sizes.std() / sizes.mean())
    if number < 2 or number == count:
        return Clusters(count / number, spread, 0.0)
    means = np.bincount(place, y) / sizes
    between = float((sizes * (means - y.mean()) ** 2).sum()) / (number - 1)
    within = float(((y - means[place]) ** 2).sum()) / (count - number)
    size = (count - float((sizes**2).sum()) / count) / (number - 1)
    common = (between - within) / size
    total = common + within
    return Clusters(count / number, spread, float(min(max(common / total, 0.0), 1.0)) if total > 0.0 else 0.0)
