"""What orthogonal scores say about units that were sorted by their predicted effect, and about covariates.

Predictions are not effects, but they sort: means of scores φ, whose mean is an effect whatever the predictions are
worth, answer what is asked of the sorted units.

Chernozhukov, Demirer, Duflo & Fernández-Val (2025, Econometrica 93, 1121) for sorted groups and the calibration line;
Semenova & Chernozhukov (2021, Econometrics Journal 24, 264) for the best linear projection; Athey & Wager (2021,
Econometrica 89, 133) for policies; Yadlowsky, Fleming, Shah, Brunskill & Wager (2025, JASA 120, 38) for targeting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError, setting
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.estimate import Estimate, normal_estimate
from thalweg.effects.inference.intervals import influence, median_over_repeats

SHARES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the units, those of largest predicted effect, at which the targeting curve is told."""
SAME: Final = 1e-9  # spread of predictions, in standard deviations of the outcome, below which none is sorted


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """What differs between units.

    Parameters
    ----------
    groups
        Mean effect of units sorted by their predicted effect, the least first.
    differ
        p-value that all groups have one effect.
    calibration
        Slope of effects on predicted ones: 1 if differences are predicted rightly, 0 if they are not there.
    projection
        Best linear projection of the effect on every covariate, in standard deviations of it.
    policy
        Gain per unit of treating those with a positive predicted effect alone, against treating nobody.
    everybody
        Gain per unit of treating everybody.
    curve
        Targeting curve: by how much the mean effect of the first units in order, of the shares :data:`SHARES`, exceeds
        that of all.
    targeting
        Area under it: how much more the first units in order gain than all, averaged over shares; 0 if the order tells
        nothing.

    Examples
    --------
    >>> from thalweg.effects.inference.estimate import Estimate, normal_estimate
    >>> one = Estimate("slope", 1.0, 0.2, 0.6, 1.4, 1e-6, 400)
    >>> Heterogeneity((), 0.5, one, (), one, one, (), one).calibration.estimate
    1.0
    """

    groups: tuple[Estimate, ...]
    differ: float
    calibration: Estimate
    projection: tuple[Estimate, ...]
    policy: Estimate
    everybody: Estimate
    curve: tuple[Estimate, ...]
    targeting: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class SortedUnits:
    """The units of one split, in order of what networks or trees that never saw them predict.

    Parameters
    ----------
    scores
        Orthogonal scores of the effect [N].
    predicted
        Predicted effects [N].
    order
        Rank of every unit among those of its fold, between 0 and 1 [N].
    within
        Predictions less the mean of their fold [N].
    shifts
        By how much what the data leave open would move the effect of every unit [N]; None for not at all.
    """

    scores: FloatArray
    predicted: FloatArray
    order: FloatArray
    within: FloatArray
    shifts: FloatArray | None = None


def sort_units(
    scores: FloatArray, predicted: FloatArray, parts: IntArray, *, least: float, shifts: FloatArray | None = None
) -> SortedUnits | None:
    """Sort the units within every fold: predictions of one fold come from one learner and compare with each other.

    Parameters
    ----------
    scores, predicted
        Orthogonal scores and predictions of the effect [N].
    parts
        Fold of every unit [N].
    least
        Standard deviation of the predictions up to which all are taken as one: None is returned.
    shifts
        As in :class:`SortedUnits`.

    Examples
    --------
    >>> sort_units(np.zeros(4), np.array([3.0, 1.0, 2.0, 9.0]), np.zeros(4), least=0.0).order.tolist()
    [0.625, 0.125, 0.375, 0.875]
    """
    scores, predicted = np.ascontiguousarray(scores), np.ascontiguousarray(predicted)
    order, within = np.empty(len(scores)), np.empty(len(scores))
    for part in np.unique(parts):
        mine = parts == part
        order[mine] = (predicted[mine].argsort(kind="stable").argsort(kind="stable") + 0.5) / mine.sum()
        within[mine] = predicted[mine] - predicted[mine].mean()
    if within.std() <= least:
        return None
    return SortedUnits(scores, predicted, order, within, shifts)


def heterogeneity_of(
    trial: Experiment,
    splits: Sequence[SortedUnits],
    names: Sequence[str],
    *,
    groups: int,
    level: float,
) -> Heterogeneity:
    """Answer every split for itself, and tell the median over splits.

    Parameters
    ----------
    trial
        The units.
    splits
        In their order, per split.
    names
        Of the covariates; x1 … xD if none.
    groups
        Number of sorted groups.
    level
        Of the intervals.

    Raises
    ------
    SettingError
        If there are fewer than two units for every group.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> x, t = draw.normal(size=(600, 1)), np.zeros(600, dtype=int)
    >>> trial = Experiment(x, x[:, 0], np.array([[0]]), t, np.ones(1))
    >>> one = sort_units(x[:, 0] + draw.normal(size=600), x[:, 0], t, least=0.0)
    >>> found = heterogeneity_of(trial, [one], ["age"], groups=3, level=0.95)
    >>> found.differ < 1e-6, abs(found.calibration.estimate - 1.0) < 0.2, found.projection[0].name
    (True, True, 'age')
    """
    if 2 * groups > len(trial):
        raise SettingError(
            f"{setting('groups')} is {groups:,}, and {len(trial):,} units are fewer than two for each.",
            "Ask for fewer groups.",
        )
    x = np.ascontiguousarray(trial.x)  # products of arrays read from a folder round alike
    answers = [_one_split(trial, one, groups, x) for one in splits]
    estimates, errors = (np.stack([answer[k] for answer in answers]) for k in range(2))
    estimate, error = median_over_repeats(estimates, errors)
    labels = [f"group {g + 1} of {groups}" for g in range(groups)] + ["calibration", "policy", "everybody", "targeting"]
    labels += [f"first {100 * share:.0f} %" for share in SHARES]
    labels += list(names) or [f"x{k + 1}" for k in range(trial.x.shape[1])]
    told = [normal_estimate(*one, count=len(trial), level=level) for one in zip(labels, estimate, error, strict=True)]
    rest = groups + 4 + len(SHARES)
    return Heterogeneity(
        groups=tuple(told[:groups]),
        differ=float(np.median([answer[2] for answer in answers])),
        calibration=told[groups],
        policy=told[groups + 1],
        everybody=told[groups + 2],
        targeting=told[groups + 3],
        curve=tuple(told[groups + 4 : rest]),
        projection=tuple(told[rest:]),
    )


def _one_split(
    trial: Experiment, units: SortedUnits, groups: int, covariates: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Return all estimates and errors of one split, and the p-value that groups do not differ."""
    weights = np.ones(len(trial)) if trial.weights is None else trial.weights
    share = weights / weights.sum()
    estimates, rows = _linear(units, units.scores, share, groups, covariates)
    parts = influence(rows, trial.clusters, trial.weights)
    if units.shifts is not None:  # every estimate is linear in the scores
        parts = np.vstack([parts, _linear(units, units.shifts, share, groups, covariates)[0]])
    return estimates, np.sqrt((parts**2).sum(axis=0)), same_means(estimates[:groups], parts[:, :groups])


def _linear(
    units: SortedUnits, scores: FloatArray, share: FloatArray, groups: int, covariates: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return all estimates and the influence of every unit on them [N L]."""
    order, within = units.order, units.within
    group = np.minimum((order * groups).astype(np.int64), groups - 1)
    inside = np.eye(groups)[group]
    sizes = share @ inside
    means = (share * scores) @ inside / sizes
    by_group = inside * (scores - means[group])[:, None] / sizes
    centred = scores - share @ scores
    size = float((share * within) @ within)
    slope = float((share * within) @ centred / size)
    of_slope = within * (centred - slope * within) / size
    gains = np.column_stack([scores * (units.predicted > 0.0), scores])
    # ∫ over shares q of the mean among the first q, less that of all: every unit counts −log(1 − rank) − 1
    targeted = centred * (-np.log1p(-order) - 1.0)
    first = (order[:, None] > 1.0 - np.array(SHARES)).astype(np.float64)
    ahead = (share * centred) @ first / (share @ first)
    of_first = first * (centred[:, None] - ahead) / (share @ first) - centred[:, None]
    spread = np.sqrt(share @ (covariates - share @ covariates) ** 2)
    x = (covariates - share @ covariates) / np.where(spread > 0.0, spread, np.inf)
    bread = np.linalg.pinv(x.T @ (share[:, None] * x), hermitian=True)
    line = bread @ (x.T @ (share * centred))
    of_line = (centred - x @ line)[:, None] * x @ bread
    estimates = np.concatenate([means, [slope], share @ gains, [share @ targeted], ahead, line])
    columns = [by_group, of_slope, gains - share @ gains, targeted - share @ targeted, of_first, of_line]
    return estimates, np.column_stack(columns)


def same_means(means: FloatArray, rows: FloatArray) -> float:
    """Return the p-value of a Wald test that all means are one, from their influence [U G].

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> same_means(np.array([0.0, 1.0]), influence(draw.normal(size=(400, 2)))) < 1e-6
    True
    """
    apart = rows[:, 1:] - rows[:, [0]]
    difference = means[1:] - means[0]
    covariance = apart.T @ apart
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True)) if len(means) > 1 else 0
    if not rank:
        return 1.0
    statistic = float(difference @ np.linalg.pinv(covariance, hermitian=True) @ difference)
    return float(chi2.sf(statistic, rank))
