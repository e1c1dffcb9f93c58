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

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import TrainingError
from thalweg.energy.restricted.chains import ChainGradient
from thalweg.energy.restricted.exact import ExactGradient
from thalweg.energy.restricted.member import RBMMember
from thalweg.energy.restricted.model import (
    Numbers,
    RBMParameters,
    hidden_mean,
    pseudo_log_likelihood,
    visible_mean,
)
from thalweg.energy.restricted.partition import enumerated_units, log_likelihood, log_partition

CHECKPOINTS: Final = 20
CHEAP: Final = 12
"""Units of the smaller layer up to which the curve shows the likelihood itself."""
WATCHED: Final = 200
"""Training rows at most that the curve is computed on."""
START: Final = 0.01
LEAST_VARIANCE: Final = 1e-3


class Gradient(Protocol):
    """What a learner is asked for in every update."""

    def gradient(self, rows: Numbers, weight: Numbers | None) -> list[Numbers]:
        """Return the gradient for rows [P B D] with weights [P B 1], in the order of the parameters."""
        ...


def learn(
    members: Sequence[RBMMember], x: FloatArray, weights: FloatArray
) -> list[tuple[RBMParameters, FloatArray, str]]:
    """Train members that share shapes on rows [N D] with weights above 0 [P N].

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
    dtype = np.float64 if exact else np.float32
    generators = [np.random.default_rng([one.seed & 0xFFFFFFFF, one.seed >> 32 & 0xFFFFFFFF]) for one in members]
    model = _start(first, x, weights, dtype, generators)
    rows = x.astype(dtype)
    equal = bool((weights == weights[:, :1]).all())
    relative = None if equal else (weights / weights.mean(axis=1, keepdims=True)).astype(dtype)
    batch = len(rows) if first.batch is None or exact else min(first.batch, len(rows))
    deal = _Deal(generators, len(rows), batch)
    learner: Gradient = ExactGradient(model) if exact else _chains(first, model, batch, generators)
    move = _Move(members, model)
    per_epoch = math.ceil(len(rows) / batch)
    updates = first.epochs * per_epoch
    marks = set(np.unique(np.linspace(0, updates, CHECKPOINTS + 1).astype(int)[1:]).tolist())
    watched = rows[np.random.default_rng(0).permutation(len(rows))[:WATCHED]].astype(np.float64)
    curves: list[list[tuple[float, float]]] = [[] for _ in members]
    measure = ""
    for update in range(updates):
        places = deal.next()
        weight = None if relative is None else np.take_along_axis(relative, places, axis=1)[..., None]
        move.by(learner.gradient(rows[places], weight), 1.0 - update / updates)
        if update + 1 in marks:
            for member, curve, machine in zip(members, curves, _machines(model), strict=True):
                _check_finite(machine, member.seed, 1 + update // per_epoch)
                value, measure = _measured(machine, watched)
                curve.append(((update + 1) / per_epoch, value))
    machines = _machines(model)
    return [(machine, np.array(curve), measure) for machine, curve in zip(machines, curves, strict=True)]


def _chains(
    member: RBMMember, model: RBMParameters, batch: int, generators: list[np.random.Generator]
) -> ChainGradient:
    return ChainGradient(
        model,
        batch=batch,
        chains=member.chains,
        steps=member.steps,
        persistent=member.learner == "pcd",
        generators=generators,
    )


def _start(
    member: RBMMember,
    x: FloatArray,
    weights: FloatArray,
    dtype: type[np.floating],
    generators: list[np.random.Generator],
) -> RBMParameters:
    """W ~ N(0, 0.01²), b = 0, and a such that a machine without couplings has the means of the data."""
    shares = weights / weights.sum(axis=1, keepdims=True)
    mean = np.stack([share @ x for share in shares])  # [P D]
    W = np.stack([START * g.standard_normal((x.shape[1], member.hidden)) for g in generators])
    b = np.zeros((len(generators), member.hidden))
    if member.visible == "bernoulli":
        a = logit((mean * len(x) + 1.0) / (len(x) + 2.0))
        return RBMParameters(W.astype(dtype), a.astype(dtype), b.astype(dtype))
    variance = np.stack([share @ (x - middle) ** 2 for share, middle in zip(shares, mean, strict=True)])
    variance = np.where(variance > 0, variance, 1.0)
    scaled = W * np.sqrt(variance)[:, :, None]
    return RBMParameters(scaled.astype(dtype), mean.astype(dtype), b.astype(dtype), variance.astype(dtype))


class _Deal:
    """Row numbers of the next batch of every machine [P B], from one permutation after another."""

    def __init__(self, generators: list[np.random.Generator], rows: int, batch: int) -> None:
        self._generators, self._rows, self._batch = generators, rows, batch
        self._waiting: IntArray = np.empty((len(generators), 0), dtype=np.int64)

    def next(self) -> IntArray:
        while self._waiting.shape[1] < self._batch:
            more = np.stack([generator.permutation(self._rows) for generator in self._generators])
            self._waiting = np.concatenate([self._waiting, more], axis=1)
        batch, self._waiting = self._waiting[:, : self._batch], self._waiting[:, self._batch :]
        return batch


class _Move:
    """Velocity ← μ velocity + gradient − λ W, parameters += rate · velocity; Gaussian units move in units of σ."""

    def __init__(self, members: Sequence[RBMMember], model: RBMParameters) -> None:
        kind = model.weights.dtype
        ridge, momentum = (
            np.array([getattr(one, name) for one in members], dtype=kind) for name in ("ridge", "momentum")
        )
        self._model, self._parts = model, _parts(model)
        self._rates = np.array([one.learning_rate for one in members])
        self._falling = np.array([one.schedule == "linear" for one in members])
        self._ridge = ridge[:, None, None] if ridge.any() else None
        self._momentum = momentum if momentum.any() else None
        self._velocity = [np.zeros_like(part) for part in self._parts]

    def by(self, gradient: list[Numbers], left: float) -> None:
        """Move the parameters in place, with a share of the steps ahead."""
        model = self._model
        if self._ridge is not None:
            gradient[0] -= self._ridge * model.weights
        if model.variance is not None:
            gradient[0] *= model.variance[:, :, None]
            gradient[1] *= model.variance
        rates = (self._rates * np.where(self._falling, left, 1.0)).astype(model.weights.dtype)
        for part, speed, change in zip(self._parts, self._velocity, gradient, strict=True):
            across = (slice(None), *(None,) * (change.ndim - 1))
            if self._momentum is not None:
                np.multiply(speed, self._momentum[across], out=speed)
                np.add(speed, change, out=speed)
                np.multiply(speed, rates[across], out=change)
            else:
                np.multiply(change, rates[across], out=change)
            if part is model.variance:
                np.multiply(part, np.exp(np.clip(change, -0.1, 0.1)), out=part)
                np.maximum(part, LEAST_VARIANCE, out=part)
            else:
                np.add(part, change, out=part)


def _parts(model: RBMParameters) -> list[Numbers]:
    parts = [model.weights, model.visible_bias, model.hidden_bias]
    return parts if model.variance is None else [*parts, model.variance]


def _machines(model: RBMParameters) -> list[RBMParameters]:
    """Return the machines of a crowd one by one, in float64."""
    parts = [part.astype(np.float64) for part in _parts(model)]
    return [RBMParameters(*(part[place] for part in parts)) for place in range(len(model.weights))]


def _check_finite(machine: RBMParameters, seed: int, epoch: int) -> None:
    if not all(np.isfinite(part).all() for part in _parts(machine)):
        raise TrainingError(
            f"The machine of seed {seed} diverged before the end of epoch {epoch}.",
            "Use a smaller learning_rate; scale columns of Gaussian units to variance 1.",
        )


def _measured(machine: RBMParameters, x: FloatArray) -> tuple[float, str]:
    """Return how well a machine knows some rows, by the best measure that is cheap."""
    if enumerated_units(machine) <= CHEAP:
        return float(log_likelihood(machine, x, log_partition(machine)).mean()), "log-likelihood"
    if machine.variance is None:
        return float(pseudo_log_likelihood(machine, x).mean()), "pseudo-log-likelihood"
    away = x - visible_mean(machine, hidden_mean(machine, x))
    return -float((away**2).mean()), "minus squared error of reconstruction"
