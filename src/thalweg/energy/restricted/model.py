"""Restricted Boltzmann machines as numbers: their parameters, energies and conditional means.

Visible units v [D] meet hidden units h [H] of 0 and 1. Binary visible units have

    E(v, h) = −a′v − b′h − v′W h,

Gaussian ones, of variance σ² [D],

    E(v, h) = Σ (v − a)²/(2σ²) − b′h − (v/σ²)′W h.

Functions take one machine, or a crowd with a leading axis P.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from thalweg.base.arrays import FloatArray

Numbers = NDArray[Any]
"""float32 while a crowd learns, float64 in what it returns."""

SAFE: Final = 700.0
"""A product of exponentials whose exponents sum to this is a finite float64."""


@dataclass(frozen=True, slots=True, eq=False)
class RBMParameters:
    """The numbers of one machine, or of a crowd [P …].

    Parameters
    ----------
    weights
        W [D H].
    visible_bias, hidden_bias
        a [D] and b [H].
    variance
        σ² [D] of Gaussian visible units; None for binary ones.

    Examples
    --------
    >>> RBMParameters(np.zeros((3, 2)), np.zeros(3), np.zeros(2)).hidden
    2
    """

    weights: Numbers = field(repr=False)
    visible_bias: Numbers = field(repr=False)
    hidden_bias: Numbers = field(repr=False)
    variance: Numbers | None = field(default=None, repr=False)

    @property
    def visible(self) -> int:
        """D."""
        return int(self.weights.shape[-2])

    @property
    def hidden(self) -> int:
        """H."""
        return int(self.weights.shape[-1])


def parts(model: RBMParameters) -> list[Numbers]:
    """Return its arrays: W, a, b and, for Gaussian units, σ²."""
    found = [model.weights, model.visible_bias, model.hidden_bias]
    return found if model.variance is None else [*found, model.variance]


def side_by_side(crowd: RBMParameters) -> tuple[Numbers, RBMParameters]:
    """Return a copy of a crowd's numbers in one buffer [P S], and a crowd whose arrays are views of it.

    Examples
    --------
    >>> flat, crowd = side_by_side(RBMParameters(np.ones((1, 3, 2)), np.zeros((1, 3)), np.zeros((1, 2))))
    >>> flat += 1
    >>> flat.shape, crowd.weights.tolist()[0]
    ((1, 11), [[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]])
    """
    arrays = parts(crowd)
    machines = len(crowd.weights)
    flat: Numbers = np.concatenate([part.reshape(machines, -1) for part in arrays], axis=1)
    ends = np.cumsum([part[0].size for part in arrays])
    views = [flat[:, end - part[0].size : end].reshape(part.shape) for part, end in zip(arrays, ends, strict=True)]
    return flat, RBMParameters(*views)


def softplus(x: Numbers) -> Numbers:
    """Return log(1 + exp(x))."""
    value: Numbers = np.log1p(np.exp(-np.abs(x)))
    value += np.maximum(x, 0)
    return value


def hidden_field(model: RBMParameters, v: Numbers) -> Numbers:
    """Return b + W′v, or b + W′(v/σ²): [… B H] for states [… B D]."""
    seen = v if model.variance is None else v / model.variance[..., None, :]
    field_: Numbers = seen @ model.weights
    field_ += model.hidden_bias[..., None, :]
    return field_


def hidden_mean(model: RBMParameters, v: Numbers) -> Numbers:
    """Return p(h = 1 | v) [… B H]."""
    return np.asarray(expit(hidden_field(model, v)))


def visible_mean(model: RBMParameters, h: Numbers) -> Numbers:
    """Return the mean of v given h [… B D]: sigm(a + W h), or a + W h."""
    total: Numbers = h @ np.swapaxes(model.weights, -1, -2)
    total += model.visible_bias[..., None, :]
    return expit(total) if model.variance is None else total


def draw_hidden(model: RBMParameters, v: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Draw h given v [B H]."""
    mean = hidden_mean(model, v)
    return (generator.random(mean.shape) < mean).astype(np.float64)


def draw_visible(model: RBMParameters, h: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Draw v given h [B D]."""
    mean = visible_mean(model, h)
    if model.variance is None:
        return (generator.random(mean.shape) < mean).astype(np.float64)
    return np.asarray(mean + np.sqrt(model.variance) * generator.standard_normal(mean.shape))


def free_energy(model: RBMParameters, v: FloatArray) -> FloatArray:
    """Return F(v) = −log Σ_h exp(−E(v, h)) of one machine [B]; log p(v) = −F(v) − log Z."""
    hidden: FloatArray = softplus(hidden_field(model, v)).sum(axis=-1)
    return -visible_term(model, v) - hidden


def visible_term(model: RBMParameters, v: FloatArray) -> FloatArray:
    """Return a′v, or −Σ (v − a)²/(2σ²) [B]."""
    if model.variance is None:
        return np.asarray(v @ model.visible_bias)
    return np.asarray(-0.5 * ((v - model.visible_bias) ** 2 / model.variance).sum(axis=-1))


def pseudo_log_likelihood(model: RBMParameters, v: FloatArray) -> FloatArray:
    """Return Σ_i log p(v_i | the other units) of a machine with binary visible units [B], every unit turned in turn.

    Besag (1975), The Statistician 24, 179. Turning unit i changes the hidden fields f by d = (1 − 2 v_i) W_i, and
    Σ_j softplus(f_j) by Σ_j log(1 − p_j + p_j exp(d_j)) with p = sigm(f): one logarithm of a product serves many j.
    """
    fields = hidden_field(model, v)  # [B H]
    change = 1.0 - 2.0 * v  # [B D]
    total = np.empty_like(v)
    for unit, risen in enumerate(_risen(fields, change, model.weights)):
        total[:, unit] = log_expit(-risen - change[:, unit] * model.visible_bias[unit])
    return np.asarray(total.sum(axis=1))


def _risen(fields: FloatArray, change: FloatArray, weights: FloatArray) -> Iterator[FloatArray]:
    """Yield, for every unit, by how much turning it raises Σ_j softplus(f_j) [B]."""
    largest = float(np.abs(weights).max())
    if largest > SAFE:  # even one factor would leave the finite numbers
        for unit, row in enumerate(weights):
            moved = change[:, unit, None] * row
            yield np.logaddexp(log_expit(-fields), log_expit(fields) + moved).sum(axis=1)
        return
    on, off = expit(fields), expit(-fields)
    starts = np.arange(0, fields.shape[1], int(SAFE // max(largest, 1.0)))
    binary = bool((np.abs(change) == 1.0).all())
    turned = (change < 0).astype(np.intp)
    for unit, row in enumerate(weights):
        factors = np.exp((row, -row))[turned[:, unit]] if binary else np.exp(change[:, unit, None] * row)
        factors *= on
        factors += off
        yield np.log(np.multiply.reduceat(factors, starts, axis=1)).sum(axis=1)
