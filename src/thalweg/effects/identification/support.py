"""How firmly the effect of a combination stands on the cells that were run.

Counting (``rank.py``) comes first. Then the pilot's or the fitted parameters: how large are the weights that the
answer puts on single units? Then the scale: how precisely is it known where the answer hangs on it?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import IntArray
from thalweg.effects.experiment.experiment import Experiment, combination_label
from thalweg.effects.inference.common_scale import CommonScale
from thalweg.effects.inference.weights import WeightSummary

OK, EXTRAPOLATED, WEAK, UNIDENTIFIED = "ok", "extrapolated", "weak", "not identified"
FEW: Final = 0.03  # effective share of the units below which a few decide
HEAVY: Final = 100.0  # a unit that counts a hundredfold decides the answer by its own residual
OWN_SCALE_HEAVY: Final = 500.0
"""The same with own scales, whose weights are heavy by nature: intervals cover up to there (docs/explanation/dedl.md),
and a treatment without effect drives the weights to thousands."""
DOUBT: Final = 1.0  # more of the error would be an assumption about the scale than what the sample shows


@dataclass(frozen=True, slots=True)
class Support:
    """How firmly a target stands on the observed cells.

    Parameters
    ----------
    status
        ``ok`` (observed), ``extrapolated`` (through the link), ``weak``, or ``not identified``.
    reason
        In words; empty for ``ok``.
    effective
        Effective number of units behind the correction, (Σ |w|)² / Σ w².
    heaviest
        99 % quantile of |w|.
    largest
        Largest |w|.

    Examples
    --------
    >>> Support("weak", "too heavy", 10.0, 60.0, 90.0).usable
    False
    """

    status: str
    reason: str
    effective: float
    heaviest: float
    largest: float

    @property
    def usable(self) -> bool:
        """Whether the estimate may be shown without being asked for."""
        return self.status in (OK, EXTRAPOLATED)


def supports(
    experiment: Experiment,
    targets: IntArray,
    weights: Sequence[WeightSummary],
    identified: NDArray[np.bool_],
    strength: CommonScale | None,
    own_scale: bool = False,
) -> list[Support]:
    """Judge every target.

    Parameters
    ----------
    experiment
        Its cells are the observed combinations.
    targets
        Combinations [L m].
    weights
        Weights of each target less those of the baseline, in numbers.
    identified
        Which targets follow from the observed cells, see :func:`~thalweg.effects.identification.rank.structure` [L].
    strength
        Precision of a common scale; None if there is none.
    own_scale
        Whether every unit has a scale of its own.

    Returns
    -------
    list of Support
        One per target.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> calm, heavy = WeightSummary(600.0, 3.0, 4.0, 0.0), WeightSummary(200.0, 180.0, 300.0, 0.0)
    >>> unseen = np.array([[1, 1, 1, 1], [0, 0, 1, 1]])
    >>> [found.status for found in supports(experiment, unseen, [calm, heavy], np.array([True, True]), None)]
    ['extrapolated', 'weak']
    """
    seen = {combination_label(cell) for cell in experiment.cells}
    answers = []
    for target, weight, found in zip(targets, weights, identified, strict=True):
        label = combination_label(target)
        status, reason = (OK, "") if label in seen else (EXTRAPOLATED, _through_the_link(strength))
        if not found:
            status, reason = UNIDENTIFIED, "the observed cells do not determine it under this link"
        elif weight.heaviest > (OWN_SCALE_HEAVY if own_scale else HEAVY):
            status = WEAK
            reason = (
                f"one unit in a hundred counts more than {weight.heaviest:,.0f}-fold: the cells hardly determine it"
            )
        elif weight.effective < FEW * len(experiment):
            status, reason = WEAK, f"the correction hangs on effectively {weight.effective:,.0f} units"
        elif label not in seen and weight.doubt > DOUBT:
            assert strength is not None
            status = WEAK
            reason = f"it hangs on the scale, which is known to ±{100 * strength.relative:.0f} % only"
        answers.append(Support(status, reason, weight.effective, weight.heaviest, weight.largest))
    return answers


def _through_the_link(strength: CommonScale | None) -> str:
    text = "never observed: follows from the link"
    if strength is None or strength.solved:
        return text
    return f"{text}, with a scale known to ±{100 * strength.relative:.0f} % only, which the error allows for"
