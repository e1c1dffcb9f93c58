"""A crowd of restricted Boltzmann machines of equal shapes, trained by one call for all in every operation.

The gradient of the mean log-likelihood is a difference of two phases,

    ∂W = ⟨v p(h|v)′⟩_data − ⟨v p(h|v)′⟩_model,   ∂a = ⟨v⟩ − ⟨v⟩,   ∂b = ⟨p(h|v)⟩ − ⟨p(h|v)⟩,

each a mean over its own rows: a batch and a set of chains of other sizes never mix their counts.
"""

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from scipy.special import logit

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import TrainingError
from thalweg.energy.restricted.chains import ChainGradient
from thalweg.energy.restricted.exact import ExactGradient
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


@dataclass(frozen=True, slots=True, eq=False)
class CrowdSettings:
    """Settings of machines that share shapes; arrays hold one number per machine [P]."""

    hidden: int
    gaussian: bool
    learner: str
    steps: int
    chains: int
    batch: int | None
    epochs: int
    learning_rates: FloatArray
    falling: FloatArray
    momentum: FloatArray
    ridge: FloatArray
    seeds: tuple[int, ...]


def learn(
    crowd: CrowdSettings, x: FloatArray, weights: FloatArray | None
) -> tuple[list[RBMParameters], list[FloatArray], str]:
    """Train a crowd on rows [N D] with weights [P N]; return machines, curves [n 2] and what the curves measure.

    Raises
    ------
    TrainingError
        If a machine leaves the finite numbers.
    """
    exact = crowd.learner == "exact"
    dtype = np.float64 if exact else np.float32
    generators = [np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF]) for seed in crowd.seeds]
    model = _start(crowd, x, weights, dtype, generators)
    rows = x.astype(dtype)
    relative = None if weights is None else (weights / weights.mean(axis=1, keepdims=True)).astype(dtype)
    batch = len(rows) if crowd.batch is None or exact else min(crowd.batch, len(rows))
    deal = _Deal(generators, len(rows), batch)
    learner: Gradient = ExactGradient(model) if exact else _chains(crowd, model, batch, generators)
    move = _Move(crowd, model)
    per_epoch = math.ceil(len(rows) / batch)
    updates = crowd.epochs * per_epoch
    marks = set(np.unique(np.linspace(0, updates, CHECKPOINTS + 1).astype(int)[1:]).tolist())
    watched = rows[np.random.default_rng(0).permutation(len(rows))[:WATCHED]].astype(np.float64)
    curves: list[list[tuple[float, float]]] = [[] for _ in crowd.seeds]
    measure = ""
    for update in range(updates):
        places = deal.next()
        weight = None if relative is None else np.take_along_axis(relative, places, axis=1)[..., None]
        move.by(learner.gradient(rows[places], weight), 1.0 - update / updates)
        if update + 1 in marks:
            for place, machine in enumerate(_machines(model)):
                _check_finite(machine, place, crowd.seeds[place], 1 + update // per_epoch)
                value, measure = _measured(machine, watched)
                curves[place].append(((update + 1) / per_epoch, value))
    return _machines(model), [np.array(curve) for curve in curves], measure


def _chains(
    crowd: CrowdSettings, model: RBMParameters, batch: int, generators: list[np.random.Generator]
) -> ChainGradient:
    return ChainGradient(
        model,
        batch=batch,
        chains=crowd.chains,
        steps=crowd.steps,
        persistent=crowd.learner == "pcd",
        generators=generators,
    )


def _start(
    crowd: CrowdSettings,
    x: FloatArray,
    weights: FloatArray | None,
    dtype: type[np.floating],
    generators: list[np.random.Generator],
) -> RBMParameters:
    """W ~ N(0, 0.01²), b = 0, and a such that a machine without couplings has the means of the data."""
    shares = np.broadcast_to(1.0 / len(x), (len(generators), len(x)))
    if weights is not None:
        shares = weights / weights.sum(axis=1, keepdims=True)
    mean = np.stack([share @ x for share in shares])  # [P D]
    W = np.stack([START * g.standard_normal((x.shape[1], crowd.hidden)) for g in generators])
    b = np.zeros((len(generators), crowd.hidden))
    if not crowd.gaussian:
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

    def __init__(self, crowd: CrowdSettings, model: RBMParameters) -> None:
        kind = model.weights.dtype
        self._model, self._parts = model, _parts(model)
        self._rates, self._falling = crowd.learning_rates, crowd.falling
        self._ridge = crowd.ridge.astype(kind)[:, None, None] if crowd.ridge.any() else None
        self._momentum = crowd.momentum.astype(kind) if crowd.momentum.any() else None
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


def _check_finite(machine: RBMParameters, place: int, seed: int, epoch: int) -> None:
    if not np.isfinite(machine.weights).all():
        raise TrainingError(
            f"Machine {place} of its crowd (seed {seed}) diverged before the end of epoch {epoch}.",
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
