"""Identification by counting: whether the gradients of the observed cells span that of a target.

The parameters are put in general position, so that the answer holds for almost all of them. How firmly a target stands
at the parameters that were fitted is another question, see ``support.py``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import all_combinations, combination_label
from thalweg.effects.links.link import Link

GENERIC_POINTS: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """How many parameters the observed cells determine, and which effects follow from them, whatever the data say.

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
