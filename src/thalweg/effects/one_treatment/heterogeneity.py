"""Whether one treatment does more for some units than for others, and what giving it to some alone is worth.

The effect of every unit is predicted by networks, trees or regressions that never saw it, m₁(x) − m₀(x). Predictions
are not effects, but they sort: what is asked of the sorted units is answered by orthogonal scores φ, whose means are
effects whatever the predictions are worth. Every split is answered for itself; the median over splits is told.

Chernozhukov, Demirer, Duflo & Fernández-Val (2025, Econometrica 93, 1121) for sorted groups and the calibration line;
Semenova & Chernozhukov (2021, Econometrics Journal 24, 264) for the best linear projection; Athey & Wager (2021,
Econometrica 89, 133) for policies; Yadlowsky, Fleming, Shah, Brunskill & Wager (2025, JASA 120, 38) for targeting.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2, norm

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError
from thalweg.effects.effect import Estimate
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import influence, median_over_repeats, two_sided
from thalweg.effects.one_treatment.average import AverageEffects
from thalweg.effects.one_treatment.estimands import level_scores

GROUPS: Final = 5
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
    targeting
        Area under the targeting curve: how much more the first units in order gain than all, averaged over shares; 0
        if the order tells nothing.

    Examples
    --------
    >>> from thalweg.effects.effect import Estimate
    >>> one = Estimate("slope", 1.0, 0.2, 0.6, 1.4, 1e-6, 400)
    >>> Heterogeneity((), 0.5, one, (), one, one, one).calibration.estimate
    1.0
    """

    groups: tuple[Estimate, ...]
    differ: float
    calibration: Estimate
    projection: tuple[Estimate, ...]
    policy: Estimate
    everybody: Estimate
    targeting: Estimate


def heterogeneity(found: AverageEffects, names: tuple[str, ...] = (), *, groups: int = GROUPS) -> Heterogeneity:
    """Return how the effect of a treatment of two levels differs between units.

    Parameters
    ----------
    found
        What :func:`~thalweg.effects.one_treatment.average.average_effects` returned.
    names
        Of the covariates; x1 … xD if none.
    groups
        Number of groups of equal size.

    Raises
    ------
    DataError
        If there are more than two levels, the average over all units is withheld, or all units are predicted to have
        one effect.

    Examples
    --------
    >>> from thalweg.effects.one_treatment.average import average_effects
    >>> from thalweg.effects.training import Training
    >>> draw = np.random.default_rng(0)
    >>> x, t = draw.normal(size=(600, 2)), np.arange(600) % 2
    >>> y = t * (1 + x[:, 0]) + 0.3 * draw.normal(size=600)
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = heterogeneity(average_effects(x, y, t, assignment="empirical", training=quick))
    >>> answer.groups[-1].estimate > answer.groups[0].estimate + 1.0, answer.differ < 1e-6
    (True, True)
    """
    trial, level = found.trial, found.level
    check_count("groups", groups, low=2)
    if len(found.levels) != 2 or found.effects[0].estimate is None:
        raise DataError(
            "Differences between units need two levels and an average over all units that may be shown.",
            "Ask for two levels, and see overlap for what is missing.",
        )
    splits = []
    for parts, means, chances in zip(
        found.nuisances.folds, found.nuisances.means, found.nuisances.chances, strict=True
    ):
        both = level_scores(trial, means, chances)
        predicted = means[:, 1] - means[:, 0]
        order = np.empty(len(trial))
        within = np.empty(len(trial))
        for part in np.unique(parts):  # predictions of one fold come from one learner and compare with each other
            mine = parts == part
            order[mine] = (predicted[mine].argsort(kind="stable").argsort(kind="stable") + 0.5) / mine.sum()
            within[mine] = predicted[mine] - predicted[mine].mean()
        if within.std() <= SAME * trial.y.std():
            continue
        splits.append(_one_split(trial, both[:, 1] - both[:, 0], order, within, predicted, groups))
    if not splits:
        raise DataError(
            f"All units are predicted to have one effect ({found.choices[0].chosen} predicts the outcome).",
            "There is nothing to sort them by.",
        )
    estimates, errors = (np.stack([split[k] for split in splits]) for k in range(2))
    estimate, error = median_over_repeats(estimates, errors)
    labels = [f"group {g + 1} of {groups}" for g in range(groups)] + ["calibration", "policy", "everybody", "targeting"]
    labels += list(names) or [f"x{k + 1}" for k in range(trial.x.shape[1])]
    told = [_told(*one, level=level, count=len(trial)) for one in zip(labels, estimate, error, strict=True)]
    return Heterogeneity(
        groups=tuple(told[:groups]),
        differ=float(np.median([split[2] for split in splits])),
        calibration=told[groups],
        policy=told[groups + 1],
        everybody=told[groups + 2],
        targeting=told[groups + 3],
        projection=tuple(told[groups + 4 :]),
    )


def _told(name: str, estimate: float, error: float, *, level: float, count: int) -> Estimate:
    half = float(norm.ppf(0.5 + level / 2.0)) * error
    p = float(two_sided(np.array(estimate / error if error > 0.0 else 0.0)))
    return Estimate(name, float(estimate), float(error), estimate - half, estimate + half, p, count)


def _one_split(
    trial: Experiment, scores: FloatArray, order: FloatArray, within: FloatArray, predicted: FloatArray, groups: int
) -> tuple[FloatArray, FloatArray, float]:
    """Return all estimates and errors of one split, and the p-value that groups do not differ."""
    weights = np.ones(len(trial)) if trial.weights is None else trial.weights
    share = weights / weights.sum()
    group = np.minimum((order * groups).astype(np.int64), groups - 1)
    inside = np.eye(groups)[group]
    sizes = share @ inside
    means = (share * scores) @ inside / sizes
    by_group = inside * (scores - means[group])[:, None] / sizes
    centred = scores - share @ scores
    slope = float((share * within) @ centred / ((share * within) @ within))
    of_slope = within * (centred - slope * within) / float((share * within) @ within)
    gains = np.column_stack([scores * (predicted > 0.0), scores])
    # ∫ over shares q of the mean among the first q, less that of all: every unit counts −log(1 − rank) − 1
    lift = -np.log1p(-order) - 1.0
    targeted = centred * lift
    spread = np.sqrt(share @ (trial.x - share @ trial.x) ** 2)
    x = (trial.x - share @ trial.x) / np.where(spread > 0.0, spread, np.inf)
    bread = np.linalg.pinv(x.T @ (share[:, None] * x), hermitian=True)
    line = bread @ (x.T @ (share * centred))
    of_line = (centred - x @ line)[:, None] * x @ bread
    rows = np.column_stack([by_group, of_slope, gains - share @ gains, targeted - share @ targeted, of_line])
    parts = influence(rows, trial.clusters, trial.weights)
    estimates = np.concatenate([means, [slope], share @ gains, [share @ targeted], line])
    apart = parts[:, 1:groups] - parts[:, [0]]
    difference = means[1:] - means[0]
    statistic = float(difference @ np.linalg.pinv(apart.T @ apart, hermitian=True) @ difference)
    return estimates, np.sqrt((parts**2).sum(axis=0)), float(chi2.sf(statistic, groups - 1))
