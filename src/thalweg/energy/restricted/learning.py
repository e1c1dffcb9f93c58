"""A crowd of restricted Boltzmann machines of equal shapes, trained by one call for all in every operation.

The gradient of the mean log-likelihood is a difference of two phases,

    ∂W = ⟨v p(h|v)′⟩_data − ⟨v p(h|v)′⟩_model,   ∂a = ⟨v⟩ − ⟨v⟩,   ∂b = ⟨p(h|v)⟩ − ⟨p(h|v)⟩,

each a mean over its own rows: a batch and a set of chains of other sizes never mix their counts.
"""

import math
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from scipy.special import logit

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import TrainingError
from thalweg.energy.restricted.chains import ChainGradient
from thalweg.energy.restricted.column_units import ColumnUnits
from thalweg.energy.restricted.dealing import Deal, by_content, pass_length
from thalweg.energy.restricted.exact import ExactGradient
from thalweg.energy.restricted.member import RBMMember
from thalweg.energy.restricted.model import (
    Numbers,
    RBMParameters,
    hidden_mean,
    parts,
    pseudo_log_likelihood,
    side_by_side,
    visible_mean,
)
from thalweg.energy.restricted.partition import enumerated_units, log_likelihood, log_partition

CHECKPOINTS: Final = 20
CHEAP: Final = 12
"""Units of the smaller layer up to which the curve shows the likelihood itself."""
WATCHED: Final = 100
"""Training rows at most that the curve is computed on."""
SPARE: Final = 300_000
"""Exponentials that a curve may cost in any case, some milliseconds."""
START: Final = 0.01
LEAST_SHARE: Final = 1e-3
"""Of the variance of a column at least, what a Gaussian unit keeps as noise."""


class Gradient(Protocol):
    """What a learner is asked for in every update."""

    def gradient(self) -> Numbers:
        """Return the gradient for the next batch, side by side as the parameters [P S]; it may be overwritten."""
        ...


def learn(
    members: Sequence[RBMMember], x: FloatArray, weights: FloatArray
) -> list[tuple[RBMParameters, FloatArray, str]]:
    """Train members that share shapes on rows [N D] with weights above 0 [P N], for which a pass is equally long.

    Returns
    -------
    list
        Machine, curve [n 2] and what the curve measures, for every member.

    Raises
    ------
    TrainingError
        If a machine leaves the finite numbers.
    """
    first = members[0]
    exact = first.learner == "exact"
    units = ColumnUnits.of(x) if first.visible == "gaussian" else None
    rows = x if units is None else units.into(x)
    order = by_content(rows)
    x, rows, weights = x[order], rows[order], np.ascontiguousarray(weights[:, order])
    generators = [np.random.default_rng([one.seed & 0xFFFFFFFF, one.seed >> 32 & 0xFFFFFFFF]) for one in members]
    length = pass_length(weights[0])
    batch = length if first.batch is None or exact else min(first.batch, length)
    shares = weights / weights.sum(axis=1, keepdims=True)
    flat, model = side_by_side(_start(first, rows, shares, length, np.float64 if exact else np.float32, generators))
    deal = Deal(generators, weights, batch)
    learner: Gradient = ExactGradient(model, rows, shares) if exact else _chains(first, model, rows, deal, generators)
    per_epoch = math.ceil(length / batch)
    with np.errstate(over="ignore", invalid="ignore"):  # what is no number is found below, and said in words
        move = _Move(members, flat, model)
        curves, measure = _updates(members, move, learner, x[deal.some(WATCHED)], per_epoch, units)
    machines = _machines(model, units)
    return [(machine, np.array(curve), measure) for machine, curve in zip(machines, curves, strict=True)]


def _updates(
    members: Sequence[RBMMember],
    move: "_Move",
    learner: Gradient,
    watched: FloatArray,
    per_epoch: int,
    units: ColumnUnits | None,
) -> tuple[list[list[tuple[float, float]]], str]:
    """Move a crowd to its end; return a curve for every member, measured on its rows [P W D], and what it shows."""
    updates = members[0].epochs * per_epoch
    marks = _marks(members[0], move.model, updates, watched.shape[1])
    curves: list[list[tuple[float, float]]] = [[] for _ in members]
    measure = ""
    for update in range(updates):
        move.by(learner.gradient(), 1.0 - update / updates)
        if update + 1 in marks:
            for place, machine in enumerate(_machines(move.model, units)):
                _check_finite(machine, members[place].seed, 1 + update // per_epoch)
                value, measure = _measured(machine, watched[place])
                curves[place].append(((update + 1) / per_epoch, value))
    return curves, measure


def _marks(member: RBMMember, model: RBMParameters, updates: int, watched: int) -> set[int]:
    """Return after which updates the curve is measured: often, unless that costs more than a sixth of learning."""
    units, size = enumerated_units(model), model.visible * model.hidden
    both = model.visible + model.hidden
    point = 6 * 2**units * (both - units) if units <= CHEAP else watched * size
    states = (member.batch or watched) + (member.chains if member.learner == "pcd" else 0)
    allowance = SPARE + updates * states * member.steps * both / 4
    count = CHECKPOINTS if member.learner == "exact" else min(CHECKPOINTS, max(1, int(allowance / point)))
    return set(np.unique(np.linspace(0, updates, count + 1).astype(int)[1:]).tolist())


def _chains(
    member: RBMMember, model: RBMParameters, x: FloatArray, deal: Deal, generators: list[np.random.Generator]
) -> ChainGradient:
    return ChainGradient(
        model,
        x,
        deal,
        chains=member.chains,
        steps=member.steps,
        persistent=member.learner == "pcd",
        generators=generators,
    )


def _start(
    member: RBMMember,
    x: FloatArray,
    shares: FloatArray,
    length: int,
    dtype: type[np.floating],
    generators: list[np.random.Generator],
) -> RBMParameters:
    """W ~ N(0, 0.01²), b = 0, and a such that a machine without couplings has the means of the data."""
    mean = np.stack([share @ x for share in shares])  # [P D]
    W = np.stack([START * g.standard_normal((x.shape[1], member.hidden)) for g in generators])
    b = np.zeros((len(generators), member.hidden))
    if member.visible == "bernoulli":
        a = logit((mean * length + 1.0) / (length + 2.0))
        return RBMParameters(W.astype(dtype), a.astype(dtype), b.astype(dtype))
    variance = np.stack([share @ (x - middle) ** 2 for share, middle in zip(shares, mean, strict=True)])
    variance = np.where(variance > 0, variance, 1.0)
    scaled = W * np.sqrt(variance)[:, :, None]
    return RBMParameters(scaled.astype(dtype), mean.astype(dtype), b.astype(dtype), variance.astype(dtype))


class _Move:
    """Velocity ← μ velocity + gradient − λ W, parameters += rate · velocity; Gaussian units move in units of σ."""

    def __init__(self, members: Sequence[RBMMember], flat: Numbers, model: RBMParameters) -> None:
        asked = ("learning_rate", "ridge", "momentum")
        rates, ridge, momentum = (
            np.array([[getattr(one, name)] for one in members], dtype=flat.dtype) for name in asked
        )
        falls = np.array([[one.schedule == "linear"] for one in members])
        self.model, self._flat = model, flat
        self._falling, self._constant = rates * falls, rates * ~falls
        self._couplings = model.weights[0].size
        self._ridge = ridge if ridge.any() else None
        self._momentum = momentum if momentum.any() else None
        self._velocity = np.zeros_like(flat)
        self._least: Numbers = LEAST_SHARE * np.asarray(0.0 if model.variance is None else model.variance)

    def by(self, change: Numbers, left: float) -> None:
        """Move the parameters along a gradient [P S], which is overwritten, with a share of the steps ahead."""
        model, couplings = self.model, self._couplings
        if self._ridge is not None:
            change[:, :couplings] -= self._ridge * self._flat[:, :couplings]
        if model.variance is not None:
            visible = model.visible
            change[:, :couplings] *= np.repeat(model.variance, model.hidden, axis=1)
            change[:, couplings : couplings + visible] *= model.variance
        rate = self._falling * change.dtype.type(left) + self._constant
        if self._momentum is not None:
            self._velocity *= self._momentum
            self._velocity += change
            np.multiply(self._velocity, rate, out=change)
        else:
            change *= rate
        if model.variance is None:
            self._flat += change
            return
        self._flat[:, :-visible] += change[:, :-visible]
        np.multiply(model.variance, np.exp(np.clip(change[:, -visible:], -0.1, 0.1)), out=model.variance)
        np.maximum(model.variance, self._least, out=model.variance)


def _machines(model: RBMParameters, units: ColumnUnits | None) -> list[RBMParameters]:
    """Return the machines of a crowd one by one, in float64 and in the units of the rows."""
    arrays = [part.astype(np.float64) for part in parts(model)]
    machines = [RBMParameters(*(part[place] for part in arrays)) for place in range(len(model.weights))]
    return machines if units is None else [units.back(machine) for machine in machines]


def _check_finite(machine: RBMParameters, seed: int, epoch: int) -> None:
    if not all(np.isfinite(part).all() for part in parts(machine)):
        raise TrainingError(
            f"The machine of seed {seed} diverged before the end of epoch {epoch}.",
            "Use a smaller learning_rate.",
        )


def _measured(machine: RBMParameters, x: FloatArray) -> tuple[float, str]:
    """Return how well a machine knows some rows, by the best measure that is cheap."""
    if enumerated_units(machine) <= CHEAP:
        return float(log_likelihood(machine, x, log_partition(machine)).mean()), "log-likelihood"
    if machine.variance is None:
        return float(pseudo_log_likelihood(machine, x).mean()), "pseudo-log-likelihood"
    away = x - visible_mean(machine, hidden_mean(machine, x))
    return -float((away**2).mean()), "minus squared error of reconstruction"
