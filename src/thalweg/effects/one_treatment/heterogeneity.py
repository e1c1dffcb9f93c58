"""Whether one treatment does more for some units than for others, and what giving it to some alone is worth.

The effect of every unit is predicted by networks, trees or regressions that never saw it, m₁(x) − m₀(x); what is asked
of the sorted units is answered by orthogonal scores (:mod:`thalweg.effects.inference.sorted_units`).
"""

from typing import Final

from thalweg.base.checks import check_count
from thalweg.base.errors import DataError
from thalweg.effects.inference.sorted_units import SAME, Heterogeneity, heterogeneity_of, sort_units
from thalweg.effects.one_treatment.average import AverageEffects
from thalweg.effects.one_treatment.estimands import level_scores

GROUPS: Final = 5


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
    >>> import numpy as np
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
        both, predicted = level_scores(trial, means, chances), means[:, 1] - means[:, 0]
        one = sort_units(both[:, 1] - both[:, 0], predicted, parts, least=SAME * float(trial.y.std()))
        splits += [] if one is None else [one]
    if not splits:
        raise DataError(
            f"All units are predicted to have one effect ({found.choices[0].chosen} predicts the outcome).",
            "There is nothing to sort them by.",
        )
    return heterogeneity_of(trial, splits, names, groups=groups, level=level)
