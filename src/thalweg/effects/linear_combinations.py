"""Linear combinations of effects, paired within units: contrasts of all pairs, mean outcomes, interactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.experiment.experiment import combination_label
from thalweg.effects.inference.estimate import Estimate
from thalweg.effects.inference.intervals import holm, influence, mean_score, median_over_repeats, two_sided
from thalweg.effects.inference.specification import aipw_scores

MOST_COMBINATIONS: Final = 64
_ROUNDING: Final = 1e-13  # share of the variances below which a combination is zero by definition


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two treatments, each off and on, all others as in the baseline.

    Parameters
    ----------
    first, second
        Names of the treatments.
    combinations
        Neither, the first alone, the second alone, both.
    outcomes
        Mean outcome under each of the four.
    interaction
        Both − first alone − second alone + neither; 0 where the two add up.
    p_holm
        Two-sided, adjusted for looking at all pairs.

    Examples
    --------
    >>> from thalweg.effects import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="full", epochs=5, folds=2, repeats=1, workers=1)
    >>> [found] = interactions(quick.fit(columns, target="y", treatments=["a", "b"]))
    >>> found.first, found.second, len(found.outcomes)
    ('a', 'b', 4)
    """

    first: str
    second: str
    combinations: tuple[str, ...]
    outcomes: tuple[Estimate, ...]
    interaction: Estimate
    p_holm: float


def contrasts(answer: EffectsAnswer, *, level: float = 0.95, most: int = MOST_COMBINATIONS) -> pd.DataFrame:
    """Return the difference of every two combinations that may be shown, from paired scores.

    The rows are those of :meth:`~thalweg.effects.answer.EffectsAnswer.contrast`, computed together. Under two crossed
    sets of clusters the covariance is mended for all combinations together, and errors may differ a little from those
    of a single contrast.

    Parameters
    ----------
    answer
        The fitted answer.
    level
        Of the intervals, each for itself.
    most
        Most combinations to pair: the baseline and observed ones first, then the largest effects.

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``first``, ``second``, ``difference`` (first less second), ``std_error``, ``low``, ``high``,
        ``p_value``, ``p_holm`` (adjusted for looking at all these pairs).

    Raises
    ------
    SettingError
        If the level is outside (0, 1), or fewer than two combinations are to be paired.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> found = contrasts(quick.fit(columns, target="y", treatments=["a", "b"]))
    >>> (found["first"] + " - " + found["second"]).tolist()
    ['01 - 00', '10 - 00', '10 - 01', '11 - 00', '11 - 01', '11 - 10']
    """
    check_count("most", most, low=2)
    numbers = _paired(answer, most)
    labels = [answer.labels[number] for number in numbers]
    pairs = [(a, b) for a in range(len(numbers)) for b in range(a)]
    coefficients = np.zeros((len(numbers), len(pairs)))
    for column, (a, b) in enumerate(pairs):
        coefficients[a, column], coefficients[b, column] = 1.0, -1.0
    names = [f"{labels[a]} − {labels[b]}" for a, b in pairs]
    found = linear_combinations(answer, numbers, coefficients, names, level=level)
    return pd.DataFrame(
        {
            "first": [labels[a] for a, _ in pairs],
            "second": [labels[b] for _, b in pairs],
            "difference": [one.estimate for one in found],
            "std_error": [one.error for one in found],
            "low": [one.low for one in found],
            "high": [one.high for one in found],
            "p_value": [one.p_value for one in found],
            "p_holm": holm(np.array([one.p_value for one in found])),
        }
    )


def _paired(answer: EffectsAnswer, most: int) -> list[int]:
    """Return the numbers of at most so many targets that may be shown, in their order."""
    seen = {combination_label(cell) for cell in answer.reading.experiment.cells}
    size = np.abs(np.median(answer.evaluation.estimates, axis=0))
    usable = [n for n, support in enumerate(answer.supports) if support.usable]

    def rank(number: int) -> tuple[bool, bool, float]:
        label = answer.labels[number]
        return label != answer.baseline, label not in seen, -float(size[number])

    return sorted(sorted(usable, key=rank)[:most])


def interactions(answer: EffectsAnswer, *, level: float = 0.95) -> tuple[Interaction, ...]:
    """Return how every two treatments act together on the scale of the outcome, all others as in the baseline.

    Pairs of which one of the four combinations may not be shown, or was not asked for, are left out.

    Parameters
    ----------
    answer
        The fitted answer.
    level
        Of the intervals, each for itself.

    Returns
    -------
    tuple of Interaction
        In the order of the treatments.

    Raises
    ------
    SettingError
        If the level is outside (0, 1).

    Notes
    -----
    The mean outcome under a combination is that of the baseline, by AIPW from the same networks, plus the effect.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> [found] = interactions(quick.fit(columns, target="y", treatments=["a", "b"]))
    >>> found.combinations, found.interaction.p_value  # the link lets treatments add up
    (('00', '10', '01', '11'), 1.0)
    """
    treatments = answer.reading.treatments
    squares = [(i, j, _square(answer, i, j)) for i, j in combinations(range(len(treatments)), 2)]
    shown = [(i, j, labels) for i, j, labels in squares if _shown(answer, labels)]
    if not shown:
        return ()
    wanted = sorted({answer.number(label) for _, _, labels in shown for label in labels})
    place = {answer.labels[number]: n for n, number in enumerate(wanted)}
    names = [answer.labels[number] for number in wanted]
    coefficients = np.zeros((len(wanted), len(shown)))
    for column, (_, _, labels) in enumerate(shown):
        for label, sign in zip(labels, (1.0, -1.0, -1.0, 1.0), strict=True):
            coefficients[place[label], column] += sign
    means = linear_combinations(answer, wanted, np.eye(len(wanted)), names, level=level, outcomes=True)
    crossed = [f"{treatments[i]} x {treatments[j]}" for i, j, _ in shown]
    found = linear_combinations(answer, wanted, coefficients, crossed, level=level)
    adjusted = holm(np.array([one.p_value for one in found]))
    return tuple(
        Interaction(treatments[i], treatments[j], labels, tuple(means[place[label]] for label in labels), one, float(p))
        for (i, j, labels), one, p in zip(shown, found, adjusted, strict=True)
    )


def _square(answer: EffectsAnswer, i: int, j: int) -> tuple[str, ...]:
    """Return the four combinations of two treatments: neither, the first, the second, both."""
    cells = np.repeat(answer.reading.baseline[None], 4, axis=0)
    cells[:, i], cells[:, j] = (0, 1, 0, 1), (0, 0, 1, 1)
    return tuple(combination_label(cell) for cell in cells)


def _shown(answer: EffectsAnswer, labels: Sequence[str]) -> bool:
    known = answer.labels
    return all(label in known and answer.supports[known.index(label)].usable for label in labels)


def linear_combinations(
    answer: EffectsAnswer,
    numbers: Sequence[int],
    coefficients: FloatArray,
    names: Sequence[str],
    *,
    level: float = 0.95,
    outcomes: bool = False,
) -> tuple[Estimate, ...]:
    """Return Σ_l c_l μ_l of some targets, μ their effects against the baseline or their mean outcomes.

    Parameters
    ----------
    answer
        The fitted answer.
    numbers
        Places of L targets in its list.
    coefficients
        c [L C].
    names
        Of the C combinations.
    level
        Of the intervals, each for itself.
    outcomes
        Whether μ is a mean outcome.

    Returns
    -------
    tuple of Estimate
        The median over repeated splits, with errors that add their spread and what an undetermined scale adds.

    Raises
    ------
    SettingError
        If the level is outside (0, 1).

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> [half] = linear_combinations(answer, [1, 2], np.array([[0.5], [0.5]]), ["mean of 01 and 10"])
    >>> half.name
    'mean of 01 and 10'
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    experiment, evaluation = answer.reading.experiment, answer.evaluation
    scores, estimates = evaluation.scores[:, numbers], evaluation.estimates[:, numbers]
    if outcomes:
        base_scores, base_estimates = _baseline_outcome(answer)
        scores, estimates = scores + base_scores[:, None], estimates + base_estimates[:, None]
    doubts = evaluation.doubts[:, numbers].mean(0)
    rows = np.vstack([influence(scores, experiment.clusters, experiment.weights), doubts])
    covariance = rows.T @ rows
    variance = ((covariance @ coefficients) * coefficients).sum(0)
    variance[variance <= _ROUNDING * (np.diag(covariance) @ coefficients**2)] = 0.0
    apiece = estimates @ coefficients
    value, error = median_over_repeats(apiece, np.broadcast_to(np.sqrt(variance), apiece.shape))
    error[variance == 0.0] = 0.0
    half = float(norm.ppf(0.5 + level / 2.0)) * error
    p = two_sided(np.divide(value, error, out=np.zeros_like(value), where=error > 0))
    return tuple(
        Estimate(name, float(v), float(e), float(v - h), float(v + h), float(q), len(experiment))
        for name, v, e, h, q in zip(names, value, error, half, p, strict=True)
    )


def _baseline_outcome(answer: EffectsAnswer) -> tuple[FloatArray, FloatArray]:
    """Return the scores of the mean outcome under the baseline [N], averaged over repeats, and its estimates [R]."""
    experiment, link = answer.reading.experiment, answer.fit.model.link
    [own] = np.flatnonzero((experiment.cells == answer.reading.baseline).all(1))
    design = link.design(experiment.cells)
    scores = np.stack(
        [aipw_scores(experiment, link.value(n.index, n.scale, design))[:, own] for n in answer.fit.nuisances], axis=1
    )
    return scores.mean(1), mean_score(scores, experiment.weights)
