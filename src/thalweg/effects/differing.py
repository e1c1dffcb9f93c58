"""Whether a combination does more for some units than for others: in groups that were named, or in sorted units."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import DataError
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.inference.cross_fitted import effects_of_units
from thalweg.effects.inference.estimate import Estimate, normal_estimate
from thalweg.effects.inference.evaluate import scale_shifts
from thalweg.effects.inference.intervals import holm, influence, mean_score
from thalweg.effects.inference.sorted_units import SAME, Heterogeneity, heterogeneity_of, same_means, sort_units

GROUPS: Final = 5


@dataclass(frozen=True, slots=True)
class GroupContrasts:
    """The effect of a combination in groups of units, and how the groups differ.

    Parameters
    ----------
    combination
        The combination.
    groups
        Its effect in every group.
    pairs
        The effect in one group less that in an earlier one, for every two.
    p_holm
        Of the pairs, adjusted for looking at all of them.
    differ
        p-value that all groups have one effect (Wald test).

    Examples
    --------
    >>> from thalweg.effects.inference.estimate import normal_estimate
    >>> one = normal_estimate("b − a", 1.0, 0.2, count=40, level=0.95)
    >>> GroupContrasts("11", (), (one,), (1e-6,), 1e-6).pairs[0].low > 0.0
    True
    """

    combination: str
    groups: tuple[Estimate, ...]
    pairs: tuple[Estimate, ...]
    p_holm: tuple[float, ...]
    differ: float


def group_contrasts(
    answer: EffectsAnswer,
    labels: ArrayLike,
    combination: str | Sequence[int],
    *,
    order: Sequence[str] = (),
    level: float = 0.95,
) -> GroupContrasts:
    """Return the effect of a combination in groups of units, the difference of every two, and a test that none differ.

    Groups are compared on units of their own, so that errors of two groups hang together only where they share
    clusters, or a scale that the cells leave open.

    Parameters
    ----------
    answer
        The fitted answer.
    labels
        Group of every row of the table [N]; from before the treatment.
    combination
        Such as ``101``, or treatments by name, ``"price + mail"``.
    order
        Names of the groups in the order wanted; none for that of the rows.
    level
        Of the intervals, each for itself.

    Raises
    ------
    SettingError
        If the combination is none of these treatments, or its effect is unidentified or weak.
    DataError
        If there is not one label per row, one is missing, there is one group, or one of fewer than two units.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> found = group_contrasts(answer, ["old" if n < 40 else "new" for n in range(80)], "a + b")
    >>> found.pairs[0].name, found.differ > 0.05
    ('new less old', True)
    """
    groups = answer.groups(labels, combination, level=level)
    if len(groups) < 2:
        raise DataError("All units are in one group: there is nothing to compare.", "Name a column of several groups.")
    groups = tuple(sorted(groups, key=lambda one: order.index(one.name))) if order else groups
    scores, place = answer.scores_of(combination)
    experiment = answer.reading.experiment
    mine = pd.Series(np.asarray(labels)[answer.reading.order]).map(str).to_numpy()
    inside = np.stack([mine == one.name for one in groups], axis=1).astype(np.float64)
    means = np.array([one.estimate for one in groups])
    rows = _of_groups(experiment.weights, inside, scores - inside @ means)
    parts = influence(rows, experiment.clusters, experiment.weights)
    shifts = _of_groups(experiment.weights, inside, _shifts(answer, place))
    parts = np.vstack([parts, mean_score(shifts, experiment.weights)])
    spread = np.sqrt((parts**2).sum(axis=0))
    errors = np.array([one.error for one in groups])
    parts *= np.divide(errors, spread, out=np.ones_like(spread), where=spread > 0.0)  # degrees of freedom of a group
    pairs = tuple(
        normal_estimate(
            f"{groups[b].name} less {groups[a].name}",
            means[b] - means[a],
            float(np.sqrt(((parts[:, b] - parts[:, a]) ** 2).sum())),
            count=groups[a].count + groups[b].count,
            level=level,
        )
        for a, b in combinations(range(len(groups)), 2)
    )
    adjusted = holm(np.array([pair.p_value for pair in pairs]))
    return GroupContrasts(answer.labels[place], groups, pairs, tuple(adjusted.tolist()), same_means(means, parts))


def _of_groups(weights: FloatArray | None, inside: FloatArray, values: FloatArray) -> FloatArray:
    """Return what every unit says of the groups [N G]: its weighted mean over units is the mean of the group."""
    return np.asarray(inside * values[:, None] / np.average(inside, axis=0, weights=weights))


def _shifts(answer: EffectsAnswer, place: int) -> FloatArray:
    reading = answer.reading
    combination: IntArray = np.broadcast_to(answer.targets[place], (len(reading.experiment), answer.targets.shape[1]))
    return scale_shifts(reading.experiment, answer.fit, answer.evaluation, combination, reading.baseline)


def combination_heterogeneity(
    answer: EffectsAnswer, combination: str | Sequence[int], *, groups: int = GROUPS, level: float = 0.95
) -> Heterogeneity:
    """Return for whom a combination does more: sorted units, covariates, the worth of giving it to some alone.

    Units are sorted by the effect that networks predict which never saw them, G(θ(x), t) − G(θ(x), t₀).

    Parameters
    ----------
    answer
        The fitted answer.
    combination
        Such as ``101``, or treatments by name.
    groups
        Number of groups of equal size.
    level
        Of the intervals.

    Raises
    ------
    SettingError
        If the combination is none of these treatments, or its effect is unidentified or weak.
    DataError
        If all units are predicted to have one effect.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(3, rows=1200, treatments=2)
    >>> t = experiment.cells[experiment.received]
    >>> columns = {"y": experiment.y, "a": t[:, 0], "b": t[:, 1]} | {f"x{k}": c for k, c in enumerate(experiment.x.T)}
    >>> quick = DeDL(link="linear", epochs=10, folds=2, repeats=1, workers=1)
    >>> found = combination_heterogeneity(quick.fit(columns, target="y", treatments=["a", "b"]), "a")
    >>> len(found.groups), found.groups[-1].estimate > found.groups[0].estimate
    (5, True)
    """
    check_count("groups", groups, low=2)
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    scores, place = answer.scores_of(combination)
    experiment = answer.reading.experiment
    predicted = effects_of_units(answer.fit, answer.targets[place], answer.reading.baseline)
    several = len(answer.fit.folds) > 1  # then predictions are means over splits, and no fold is one network's
    parts = np.zeros(len(experiment), dtype=np.int64) if several else answer.fit.folds[0]
    least = SAME * float(experiment.y.std())
    one = sort_units(scores, predicted, parts, least=least, shifts=_shifts(answer, place))
    if one is None:
        raise DataError("All units are predicted to have one effect.", "There is nothing to sort them by.")
    return heterogeneity_of(experiment, [one], answer.reading.features, groups=groups, level=level)
