"""What networks say about every unit: parameters of a link, out of fold. Nothing here trains, or loads torch."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.links.link import COMMON, KNOWN, OWN, Link


@dataclass(frozen=True, slots=True)
class Model:
    """A link with the kind of its scale and the loss that fits it.

    Parameters
    ----------
    link
        The link.
    scale_kind
        ``known``, ``common`` or ``own``.
    binary
        Whether the logistic loss fits it, for an outcome of 0 and 1; the squared loss does otherwise.

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> Model(LINKS["sigmoid2"], "common").common_scale
    True
    """

    link: Link
    scale_kind: str = KNOWN
    binary: bool = False

    @property
    def common_scale(self) -> bool:
        """Whether one scale holds for all units."""
        return self.scale_kind == COMMON

    @property
    def own_scale(self) -> bool:
        """Whether every unit has a scale of its own."""
        return self.scale_kind == OWN


@dataclass(frozen=True, slots=True, eq=False)
class Nuisance:
    """What the networks say about each unit: index parameters [N K] and scale [N]."""

    index: FloatArray
    scale: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class CrossFit:
    """Out-of-fold parameters of every unit, per repeat.

    Parameters
    ----------
    model
        The link and the kind of its scale.
    folds
        Fold in which each unit was left out [R N].
    nuisances
        One per repeat.
    others
        What the network of the next fold says about each unit, which did see it; one per repeat. It shows which part
        of the parameters is noise, and enters no estimate.
    retried
        How many networks diverged or got stuck and were trained again.
    ridge, loss
        The ridge, and the mean out-of-fold loss that chose it.
    """

    model: Model
    folds: IntArray
    nuisances: tuple[Nuisance, ...]
    others: tuple[Nuisance, ...]
    retried: int
    ridge: float
    loss: float


def unit_losses(y: FloatArray, mean: FloatArray, binary: bool) -> FloatArray:
    """Return the loss of every unit [N]: squared error, or minus the log-likelihood of a binary outcome.

    Examples
    --------
    >>> unit_losses(np.array([1.0]), np.array([0.5]), binary=False).tolist()
    [0.25]
    """
    if not binary:
        return np.asarray((y - mean) ** 2)
    p = np.clip(mean, 1e-12, 1.0 - 1e-12)
    return np.asarray(-y * np.log(p) - (1.0 - y) * np.log1p(-p))


def predicted(link: Link, nuisance: Nuisance, experiment: Experiment) -> FloatArray:
    """Return G(θ, T), the expected outcome of every unit under what it received [N].

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> experiment, truth = simulate(0, rows=600)
    >>> nuisance = Nuisance(truth.parameters(experiment.x), truth.scales(experiment.x))
    >>> bool(np.abs(experiment.y - predicted(LINKS["sigmoid2"], nuisance, experiment)).max() <= truth.noise)
    True
    """
    features = link.design(experiment.cells)[experiment.received]
    u = np.einsum("nk,nk->n", nuisance.index, features)
    return np.asarray(link.low + link.height * nuisance.scale * link.curve.value(u))


def effects_of_units(fit: CrossFit, combination: IntArray, baseline: IntArray) -> FloatArray:
    """Return G(θ, t) − G(θ, t₀), the effect that networks predict for units they never saw, mean over splits [N].

    Examples
    --------
    >>> from thalweg.effects.links.link import LINKS
    >>> one = Nuisance(np.array([[0.0, 1.0], [0.0, 2.0]]), np.ones(2))
    >>> fit = CrossFit(Model(LINKS["linear"]), np.zeros((1, 2)), (one,), (one,), 0, 0.0, 0.0)
    >>> effects_of_units(fit, np.array([1]), np.array([0])).tolist()
    [1.0, 2.0]
    """
    link = fit.model.link
    first, base = link.design(np.stack([combination, baseline]))
    found = []
    for one in fit.nuisances:
        index = np.ascontiguousarray(one.index)  # products of arrays read from a folder round alike
        found.append(link.height * one.scale * (link.curve.value(index @ first) - link.curve.value(index @ base)))
    return np.asarray(np.mean(found, axis=0))
