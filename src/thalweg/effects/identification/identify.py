"""What the design can answer: which combinations follow from the cells that were run, and how firmly.

Identification is looked at three times. By counting: at parameters in general position, do the gradients of the
observed cells span that of the target? By the pilot or fitted parameters: how large are the weights that the answer
puts on single units? By the scale: how precisely is it known where the answer hangs on it?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment, all_combinations, combination_label
from thalweg.effects.inference.common_scale import CommonScale
from thalweg.effects.links.link import Link

OK, EXTRAPOLATED, WEAK, UNIDENTIFIED = "ok", "extrapolated", "weak", "not identified"
FEW: Final = 0.03  # effective share of the units below which a few decide
HEAVY: Final = 100.0  # a unit that counts a hundredfold decides the answer by its own residual
OWN_SCALE_HEAVY: Final = 500.0
"""The same with own scales, whose weights are heavy by nature: intervals cover up to there (docs/explanation/dedl.md),
and a treatment without effect drives the weights to thousands."""
DOUBT: Final = 1.0  # more of the error would be an assumption about the scale than what the sample shows
GENERIC_POINTS: Final = 8
WEIGHT_STEPS: Final = (1.0, 3.0, 10.0, 30.0, 100.0)


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


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """What counting says.

    Parameters
    ----------
    needed, rank
        Parameters per unit, and how many of them the observed cells determine.
    identified
        Which targets follow from the observed cells [L].
    """

    needed: int
    rank: int
    identified: NDArray[np.bool_]


def structure(link: Link, cells: IntArray, targets: IntArray, baseline: IntArray, *, common_scale: bool) -> Structure:
    """Say which effects against the baseline follow from the observed cells, parameters in general position.

    Parameters
    ----------
    link
        The model.
    cells, targets
        Observed combinations [J m] and those asked for [L m].
    baseline
        Combination the effects are measured against [m].
    common_scale
        Whether a scale, if the link has one, is shared by all units: it then needs one more cell in all and not one
        more per unit, which is the same count, but not the same condition on the parameters.

    Returns
    -------
    Structure
        Rank and one answer per target.

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> cells = np.array([[0, 0], [1, 0], [0, 1]])
    >>> found = structure(LINKS["linear"], cells, np.array([[1, 1]]), cells[0], common_scale=False)
    >>> found.rank, found.identified.tolist()
    (3, [True])
    >>> structure(LINKS["full"], cells, np.array([[1, 1]]), cells[0], common_scale=False).identified.tolist()
    [False]
    """
    rng = np.random.default_rng(20)
    size = link.index_size(cells.shape[1])
    points = 1 if link.linear else GENERIC_POINTS
    index = rng.normal(size=(points, size))
    scale = rng.uniform(1.0, 2.0, points)
    width = size + int(link.scaled)
    every = np.concatenate([cells, targets, baseline[None]])
    gradient = link.gradient(index, scale, link.design(every))[:, :, :width]
    observed, asked = gradient[:, : len(cells)], gradient[:, len(cells) : -1] - gradient[:, -1:]
    if link.scaled and common_scale:
        return _common_structure(observed, asked)
    ranks = [int(np.linalg.matrix_rank(m, tol=1e-9 * np.abs(m).max())) for m in observed]
    outside = np.stack([_outside(m, a) for m, a in zip(observed, asked, strict=True)])
    return Structure(width, max(ranks), outside[int(np.argmax(ranks))] < 1e-7)


def _common_structure(observed: FloatArray, asked: FloatArray) -> Structure:
    """Stack the units: own columns for each unit's index, one column for the scale they share."""
    points, count, width = observed.shape
    size = width - 1
    stacked = np.zeros((points * count, points * size + 1))
    for p in range(points):
        stacked[p * count : (p + 1) * count, p * size : (p + 1) * size] = observed[p, :, :size]
        stacked[p * count : (p + 1) * count, -1] = observed[p, :, size]
    wanted = np.zeros((asked.shape[1], points * size + 1))
    for p in range(points):
        wanted[:, p * size : (p + 1) * size] = asked[p, :, :size]
        wanted[:, -1] += asked[p, :, size]
    per_unit = int(np.linalg.matrix_rank(observed[0, :, :size], tol=1e-9))
    rank = int(np.linalg.matrix_rank(stacked, tol=1e-9))
    return Structure(width, per_unit + rank - points * per_unit, _outside(stacked, wanted) < 1e-7)


def _outside(rows: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return how far each wanted row lies outside the span of some rows, as a share of its length."""
    coefficients = np.linalg.lstsq(rows.T, wanted.T, rcond=1e-11)[0]
    left = np.linalg.norm(wanted.T - rows.T @ coefficients, axis=0)
    return np.asarray(left / np.maximum(np.linalg.norm(wanted, axis=1), 1e-300))


def completing_cells(link: Link, cells: IntArray, *, common_scale: bool, limit: int = 5) -> list[str]:
    """Return combinations any one of which, run in addition, would raise the rank.

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> cells = np.array([[0, 0], [1, 0]])
    >>> completing_cells(LINKS["linear"], cells, common_scale=False)
    ['01', '11']
    """
    treatments = cells.shape[1]
    candidates = all_combinations(treatments) if treatments <= 8 else np.eye(treatments, dtype=np.int64)
    seen = {combination_label(cell) for cell in cells}
    now = structure(link, cells, cells[:1], cells[0], common_scale=common_scale).rank
    found = []
    for candidate in candidates:
        if combination_label(candidate) not in seen:
            more = np.concatenate([cells, candidate[None]])
            if structure(link, more, cells[:1], cells[0], common_scale=common_scale).rank > now:
                found.append(combination_label(candidate))
        if len(found) == limit:
            break
    return found


@dataclass(frozen=True, slots=True)
class WeightSummary:
    """Weights |w| of one target in numbers; ``doubt`` is what an undetermined scale adds, in standard errors.

    ``shares`` is the share of units between 0, the :data:`WEIGHT_STEPS` and infinity; empty in runs that did not keep
    it.
    """

    effective: float
    heaviest: float
    largest: float
    doubt: float
    shares: tuple[float, ...] = ()


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
        What counting says [L].
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


def summarise_weights(weights: FloatArray, doubt: float = 0.0) -> WeightSummary:
    """Summarise the weights of one target [N].

    Examples
    --------
    >>> summarise_weights(np.array([1.0, -1.0, 0.0, 0.0])).effective
    2.0
    >>> summarise_weights(np.array([0.5, -2.0, 2.0, 200.0])).shares
    (0.25, 0.5, 0.0, 0.0, 0.0, 0.25)
    """
    size = np.abs(weights)
    square = float((size**2).sum())
    effective = float(size.sum()) ** 2 / square if square > 0 else float(len(size))
    beyond = [len(size), *(int(np.count_nonzero(size >= step)) for step in WEIGHT_STEPS), 0]
    shares = tuple((more - fewer) / len(size) for more, fewer in pairwise(beyond))
    return WeightSummary(effective, float(np.quantile(size, 0.99)), float(size.max()), doubt, shares)
