"""One scale for all units, estimated by its own orthogonal score while the parameters of the units give way.

A network leaves a common scale c where training stopped: c and θ can trade for each other along a flat valley, and c
is far from its optimum long after the loss has stopped falling. c is one number, so it can be estimated as precisely
as any mean: solve Σ e_i (Y_i − G_i) = 0, where e is the efficient score's weight (what c does to G, less what θ(x)
can imitate). On the way θ follows c along the least favourable path dθ/dc = −b(x), b = Λ_θθ⁻¹ Λ_θc, on which the
fit changes least. Every unit's θ comes from networks that never saw it, so c is a cross-fitted estimate
(Chernozhukov et al. 2018, doi:10.1111/ectj.12097, definition 3.2, applied to c).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.cross_fitted import Nuisance, predicted
from thalweg.effects.inference.intervals import influence
from thalweg.effects.inference.score import Projection, project
from thalweg.effects.links.link import Link

STEP: Final = 0.05  # largest relative change of c in one go along the path
STEPS: Final = 40
FARTHEST: Final = 0.5  # a scale that wants to move by half is not determined by the cells
STRONG: Final = 0.1  # relative error of c beyond which the equation for c has no reliable root
PATH_RIDGE: Final = 1e-6
NETWORK_ERROR: Final = 0.2
RELIABLE: Final = 0.5
"""Correlation between two networks of what a unit says about the scale, below which it is noise; networks that share
units agree on noise too, so a third of that share is added."""
CLOSE: Final = 0.02  # of a standard error


@dataclass(frozen=True, slots=True)
class CommonScale:
    """A common scale with its precision.

    Parameters
    ----------
    value, error
        The scale, averaged over folds, and its standard error.
    network_spread
        Standard deviation of the scales the folds' networks stopped at.
    solved
        Whether the score equation was solved; otherwise the networks' scales were kept, and the linear correction
        in the scores of the targets has to do.
    """

    value: float
    error: float
    network_spread: float
    solved: bool

    @property
    def trust(self) -> float:
        """Share of the linear correction for the scale to apply: 1 if the equation was solved, else τ² / (τ² + se²).

        τ is a fifth of the scale, what networks miss it by where the cells hardly determine it; the shrinkage keeps
        such a scale from throwing the estimates about.
        """
        return 1.0 if self.solved else NETWORK_ERROR**2 / (NETWORK_ERROR**2 + self.relative**2)

    @property
    def doubt(self) -> float:
        """Standard deviation of the scale that the shrinkage leaves: (1 − trust) τ c; 0 if the equation was solved."""
        return (1.0 - self.trust) * NETWORK_ERROR * abs(self.value)

    @property
    def relative(self) -> float:
        """Standard error as a share of the scale; at least a half if the equation had no root nearby."""
        return self.error / max(abs(self.value), 1e-300)


def solve_scale(
    link: Link, nuisance: Nuisance, other: Nuisance, experiment: Experiment, shared: float = 0.0
) -> tuple[Nuisance, CommonScale]:
    """Solve for the common scale and let the parameters follow.

    Parameters
    ----------
    link
        A link with a scale.
    nuisance
        Out-of-fold parameters, with the scale of every fold's own network.
    other
        Parameters by another network, which must agree on what every unit says about the scale.
    experiment
        The data.
    shared
        Share of the units one network learned from that the other learned from too.

    Returns
    -------
    tuple
        Parameters with one scale for all units, and the scale; the parameters as they came if the cells determine the
        scale too poorly.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> experiment, truth = simulate(0, rows=2000, shape="positive")
    >>> wrong = Nuisance(truth.parameters(experiment.x), 0.98 * truth.scales(experiment.x))
    >>> _, found = solve_scale(LINKS["sigmoid2"], wrong, wrong, experiment)
    >>> found.solved, abs(found.value - truth.scale) < 3 * found.error
    (True, True)
    """
    start = float(np.median(nuisance.scale))
    spread = float(np.std(np.unique(nuisance.scale)))
    first = _path(link, nuisance, experiment)
    error, _ = _score(first, link, nuisance, experiment)
    kept = CommonScale(float(nuisance.scale.mean()), error, spread, solved=False)
    if error > STRONG * abs(start) or start == 0.0:
        return nuisance, kept
    lost = CommonScale(kept.value, max(error, FARTHEST * abs(kept.value)), spread, solved=False)
    if _agreement(first, _path(link, other, experiment)) < RELIABLE + shared / 3.0:
        return nuisance, lost
    limit = STEP * abs(start)
    moving = nuisance
    for _ in range(STEPS):
        away = start - moving.scale
        if np.abs(away).max() <= 1e-12 * abs(start):
            break
        moving = _follow(_path(link, moving, experiment), moving, np.clip(away, -limit, limit))
    for _ in range(STEPS):
        path = _path(link, moving, experiment)
        error, change = _score(path, link, moving, experiment)
        moving = _follow(path, moving, np.full(len(experiment), np.clip(change, -limit, limit)))
        if abs(float(moving.scale[0]) / start - 1.0) > FARTHEST:
            break
        if abs(change) < CLOSE * error:
            if error > STRONG * abs(start):
                return nuisance, CommonScale(kept.value, error, spread, solved=False)
            return moving, CommonScale(float(moving.scale[0]), error, spread, solved=True)
    return nuisance, lost


def _path(link: Link, nuisance: Nuisance, experiment: Experiment) -> Projection:
    return project(link, nuisance, experiment, common_scale=True, ridge=PATH_RIDGE)


def _score(path: Projection, link: Link, nuisance: Nuisance, experiment: Experiment) -> tuple[float, float]:
    """Return the standard error of c and the Newton step δ = Σ e r / Σ I."""
    assert path.common is not None
    assert path.information is not None
    scores = path.common * (experiment.y - predicted(link, nuisance, experiment))
    rows = influence(scores[:, None], experiment.clusters, experiment.weights)
    information = max(float(np.average(path.information, weights=experiment.weights)), 1e-300)
    mean = float(np.average(scores, weights=experiment.weights))
    return float(np.sqrt((rows**2).sum())) / information, mean / information


def _agreement(first: Projection, second: Projection) -> float:
    """Return the correlation of what the units say about the scale, according to two networks.

    Where a treatment that carries this information has no effect, it is made of noise, and differs from network to
    network.
    """
    assert first.common is not None
    assert second.common is not None
    size = float(np.linalg.norm(first.common) * np.linalg.norm(second.common))
    return float(first.common @ second.common) / max(size, 1e-300)


def _follow(path: Projection, nuisance: Nuisance, change: FloatArray) -> Nuisance:
    """Move the scale of every unit, and its θ along dθ/dc = −b."""
    assert path.explained is not None
    return Nuisance(nuisance.index - path.explained * change[:, None], nuisance.scale + change)
