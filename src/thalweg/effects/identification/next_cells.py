"""Which unobserved combination to run next: the one that makes the effects most precise."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.effects.experiment.experiment import Experiment, combination_label
from thalweg.effects.inference.cross_fitted import CrossFit, Nuisance
from thalweg.effects.inference.score import RIDGE
from thalweg.effects.links.link import Link

UNITS: Final = 1000
MOST_CANDIDATES: Final = 256


@dataclass(frozen=True, slots=True)
class NextCell:
    """A combination worth running.

    Parameters
    ----------
    combination
        Which.
    noise
        Mean over effects of the share of residual noise in their variance, with this cell added, relative to that
        without: 0.5 means half as much.

    Examples
    --------
    >>> NextCell("111", noise=0.5).combination
    '111'
    """

    combination: str
    noise: float


def next_cells(
    experiment: Experiment, fit: CrossFit, targets: IntArray, baseline: IntArray, count: int
) -> tuple[NextCell, ...]:
    """Choose combinations one after the other, each the best given those before.

    With weights w = dᵀ Λ⁻¹ g the residuals add E[w² σ²] = σ² E[dᵀ Λ⁻¹ d] to the variance of an effect, d being the
    difference of the gradients; for a common scale dθᵀ Λ_θθ⁻¹ dθ + (E need)² / E I. A new cell takes its equal share of
    the units from all others. The geometric mean over effects is minimised: one hopeless effect does not decide.

    Parameters
    ----------
    experiment, fit
        The data and the fitted parameters.
    targets, baseline
        Effects that matter [L m] and what they are measured against [m].
    count
        How many cells to name.

    Returns
    -------
    tuple of NextCell
        Fewer than asked for if nothing is left to run.

    Examples
    --------
    >>> from thalweg.effects.inference.cross_fitted import Model
    >>> from thalweg.effects.crossfit import cross_fit
    >>> from thalweg.effects.links.link import LINKS
    >>> from thalweg.effects.training import Training
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> quick = Training(hidden=(4,), epochs=5, folds=2, repeats=1, workers=1)
    >>> [[fit]] = cross_fit([experiment], [Model(LINKS["sigmoid2"], "common")], quick)
    >>> unseen = np.vstack([experiment.cells, [[1, 1, 1, 1]]])
    >>> [cell.combination for cell in next_cells(experiment, fit, unseen, experiment.cells[0], 3)]
    ['1111']
    """
    check_count("following", count)
    rows = np.linspace(0, len(experiment) - 1, min(UNITS, len(experiment))).astype(np.int64)
    nuisance = Nuisance(fit.nuisances[0].index[rows], fit.nuisances[0].scale[rows])
    cells, shares = experiment.cells, experiment.probabilities.mean(0)
    answers: list[NextCell] = []
    for _ in range(count):
        seen = {combination_label(cell) for cell in cells}
        candidates = [t for t in targets[:MOST_CANDIDATES] if combination_label(t) not in seen]
        if not candidates:
            break
        before = _noise(fit.model.link, nuisance, cells, shares, targets, baseline, fit.model.common_scale)
        added = 1.0 / (len(cells) + 1)
        more = np.append(shares * (1.0 - added), added)
        found = [
            _noise(fit.model.link, nuisance, np.vstack([cells, t]), more, targets, baseline, fit.model.common_scale)
            for t in candidates
        ]
        place = int(np.argmin(found))
        answers.append(NextCell(combination_label(candidates[place]), found[place] / before))
        cells, shares = np.vstack([cells, candidates[place]]), more
    return tuple(answers)


def _noise(
    link: Link,
    nuisance: Nuisance,
    cells: IntArray,
    shares: FloatArray,
    targets: IntArray,
    baseline: IntArray,
    common_scale: bool,
) -> float:
    """Return the mean over effects of log E[dᵀ Λ⁻¹ d], as a level."""
    width = link.index_size(cells.shape[1])
    gradient = link.gradient(nuisance.index, nuisance.scale, link.design(cells))
    matrix = np.einsum("njk,njl,j->nkl", gradient, gradient, shares, optimize=True)
    own = width + int(link.scaled and not common_scale)
    ridge = RIDGE * float(np.einsum("nkk->n", matrix).mean()) / own
    inverse = np.linalg.inv(matrix[:, :own, :own] + ridge * np.eye(own))
    base = link.gradient(nuisance.index, nuisance.scale, link.design(baseline[None]))
    others = targets[(targets != baseline).any(1)][:MOST_CANDIDATES]
    away = link.gradient(nuisance.index, nuisance.scale, link.design(others)) - base
    noise = np.einsum("nlk,nkm,nlm->l", away[:, :, :own], inverse, away[:, :, :own], optimize=True) / len(inverse)
    if link.scaled and common_scale:
        explained = np.einsum("nkl,nl->nk", inverse, matrix[:, :width, width])
        information = (matrix[:, width, width] - (matrix[:, :width, width] * explained).sum(1)).mean()
        need = (away[:, :, width] - np.einsum("nlk,nk->nl", away[:, :, :width], explained)).mean(0)
        noise = noise + need**2 / max(float(information), 1e-300)
    return float(np.exp(np.log(np.maximum(noise, 1e-300)).mean()))
