"""Orthogonal scores: what every unit says about the mean outcome under a combination of treatments.

For a target t the score of a unit is ψ(t) = G(θ, t) + w(t) (Y − G(θ, T)): the network's answer plus a weighted
residual. The weights are chosen so that small errors of θ(x) cancel (docs/explanation/dedl.md derives them):

- own scale: w(t) = ∇G(t)ᵀ Λ⁻¹ h ∇G(T), Λ(x) = Σ_j ν_j h ∇G(t_j) ∇G(t_j)ᵀ, as in Farrell, Liang & Misra (2025),
  arXiv:2010.14694, Theorem 2, and proposition 2 of Ye et al. (2025), doi:10.1287/mnsc.2024.04625;
- common scale c: the same for θ alone, and one number κ(t) that takes out the error of c.

h is 1 for squared error and 1 / (G (1 − G)) for the likelihood of a binary outcome.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.cross_fitted import Nuisance
from thalweg.effects.links.link import Link

RIDGE: Final = 3e-6
"""Added to the diagonal of Λ, as a share of its mean over units and parameters. Units at the end of the curve, whose
cells say next to nothing about θ, keep the network's answer instead of an enormous weight."""
OWN_SCALE_RIDGE: Final = 1e-10
"""The same where every unit has its own scale. There Λ is singular wherever a treatment has no effect, and a larger
ridge would hide that behind harmless weights and a biased answer."""
BLOCK: Final = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """The direction of every unit's residual in the space of parameters.

    Parameters
    ----------
    by_index
        Coefficients of ∂G/∂θ in the weights [N K].
    by_scale
        Coefficient of ∂G/∂c [N]; zero where the scale is known or common.
    common
        The unit's weight in the score of a common scale [N]; None if there is none.
    explained
        b = Λ_θθ⁻¹ Λ_θc [N K] of a common scale; None if there is none.
    information
        Information of every unit on a common scale given θ [N]; None if there is none.
    """

    by_index: FloatArray
    by_scale: FloatArray
    common: FloatArray | None = None
    explained: FloatArray | None = None
    information: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ScoreBlock:
    """Plug-in answers and weights for some targets: numbers ``first`` … of the list, both [N L].

    ``scale_need`` is what the scale does to the mean outcome, θ adapting [L]; zero where no scale is shared.
    """

    first: int
    plug_in: FloatArray
    weights: FloatArray
    scale_need: FloatArray


def working_weight(mean: FloatArray, binary: bool) -> FloatArray:
    """Return h: 1, or 1 / (G (1 − G)) for a binary outcome [as ``mean``].

    Examples
    --------
    >>> working_weight(np.array([0.5, 0.2]), binary=True).round(2).tolist()
    [4.0, 6.25]
    """
    return 1.0 / np.maximum(mean * (1.0 - mean), 1e-6) if binary else np.ones_like(mean)


def project(
    link: Link,
    nuisance: Nuisance,
    experiment: Experiment,
    *,
    common_scale: bool,
    binary: bool = False,
    ridge: float | None = None,
) -> Projection:
    """Solve for the direction of every unit's residual.

    Parameters
    ----------
    link, nuisance, experiment
        The model, its parameters per unit, and who received what with which probability.
    common_scale
        Whether the link's scale is one number for all units; ignored by links without a scale.
    binary
        Whether the outcome is 0 or 1 and its likelihood was maximised.
    ridge
        Added to the diagonal of Λ, as a share of its mean; None for :data:`RIDGE` or :data:`OWN_SCALE_RIDGE`.

    Returns
    -------
    Projection
        One row per unit.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> experiment, truth = simulate(0, rows=600)
    >>> nuisance = Nuisance(truth.parameters(experiment.x), truth.scales(experiment.x))
    >>> project(LINKS["sigmoid2"], nuisance, experiment, common_scale=True).by_index.shape
    (600, 5)
    """
    design = link.design(experiment.cells)
    size = design.shape[1]
    gradient = link.gradient(nuisance.index, nuisance.scale, design)  # [N J K+1]
    h = working_weight(link.value(nuisance.index, nuisance.scale, design), binary)  # [N J]
    rows = np.arange(len(experiment))
    own = gradient[rows, experiment.received] * h[rows, experiment.received, None]
    weighted = gradient * (experiment.probabilities * h)[:, :, None]
    matrix = np.einsum("njk,njl->nkl", weighted, gradient, optimize=True)
    width = size + int(link.scaled and not common_scale)
    usual = OWN_SCALE_RIDGE if width > size else RIDGE
    solve = _solver(matrix[:, :width, :width], usual if ridge is None else ridge)
    if not (link.scaled and common_scale):
        direction = solve(own[:, :width, None])[:, :, 0]
        by_scale = direction[:, size] if width > size else np.zeros(len(rows))
        return Projection(direction[:, :size], by_scale)
    cross = matrix[:, :size, size]
    explained, direction = np.moveaxis(solve(np.stack([cross, own[:, :size]], axis=2)), 2, 0)
    return Projection(
        by_index=direction,
        by_scale=np.zeros(len(rows)),
        common=own[:, size] - np.einsum("nk,nk->n", cross, direction),
        explained=explained,
        information=np.maximum(matrix[:, size, size] - np.einsum("nk,nk->n", cross, explained), 0.0),
    )


def _solver(matrix: FloatArray, ridge: float) -> Callable[[FloatArray], FloatArray]:
    """Return what solves Λ V = G for every unit, with the same ridge for all."""
    width = matrix.shape[1]
    typical = float(np.einsum("nkk->n", matrix).mean()) / width
    ridged = matrix + (ridge * typical + 1e-300) * np.eye(width)
    return lambda right: np.asarray(np.linalg.solve(ridged, right))


def score_blocks(
    link: Link,
    nuisance: Nuisance,
    projection: Projection,
    targets: IntArray,
    parts: IntArray,
    *,
    scale_trust: float = 1.0,
) -> Iterator[ScoreBlock]:
    """Yield plug-in answers and weights, some targets at a time.

    Parameters
    ----------
    link, nuisance, projection
        The model, its parameters and the directions of the residuals.
    targets
        Combinations [L m].
    parts
        Part of the sample every unit belongs to [N] (its fold); κ is averaged within a part, where one network
        answers.
    scale_trust
        Share of κ that is applied; less than 1 where the scale is too poorly determined to be corrected.

    Yields
    ------
    ScoreBlock
        Blocks in the order of the targets.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> experiment, truth = simulate(0, rows=600)
    >>> nuisance = Nuisance(truth.parameters(experiment.x), truth.scales(experiment.x))
    >>> projection = project(LINKS["sigmoid2"], nuisance, experiment, common_scale=True)
    >>> parts = np.zeros(600, dtype=np.int64)
    >>> [block] = score_blocks(LINKS["sigmoid2"], nuisance, projection, experiment.cells, parts)
    >>> block.weights.shape
    (600, 6)
    """
    count = len(nuisance.scale)
    step = max(1, BLOCK // count)
    for first in range(0, len(targets), step):
        design = link.design(targets[first : first + step])
        curve, slope = _curve_and_slope(link, nuisance, design)
        weights = slope * (projection.by_index @ design.T) + curve * projection.by_scale[:, None]
        mean_need = np.zeros(len(design))
        if projection.common is not None:
            assert projection.explained is not None
            assert projection.information is not None
            need = curve - slope * (projection.explained @ design.T)
            for part in np.unique(parts):
                rows = parts == part
                information = projection.information[rows].mean()
                part_need = need[rows].mean(0)
                kappa = part_need / max(information, 1e-300)
                weights[rows] += projection.common[rows, None] * (scale_trust * kappa)
                mean_need += part_need * rows.mean()
        yield ScoreBlock(first, link.low + nuisance.scale[:, None] * curve, weights, mean_need)


def scale_needs(link: Link, nuisance: Nuisance, projection: Projection, targets: IntArray) -> FloatArray:
    """Return what an error of a common scale does to every unit's outcome under some targets, θ adapting [N L]."""
    assert projection.explained is not None
    design = link.design(targets)
    curve, slope = _curve_and_slope(link, nuisance, design)
    return np.asarray(curve - slope * (projection.explained @ design.T))


def _curve_and_slope(link: Link, nuisance: Nuisance, design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ∂G/∂c and ∂G/∂u for cells φ [N L]."""
    u = nuisance.index @ design.T
    slope = link.height * nuisance.scale[:, None] * link.curve.slope(u)
    return link.height * link.curve.value(u), slope
