"""The partition function of restricted Boltzmann machines: enumerated where it can be, else annealed."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count
from thalweg.base.errors import SettingError
from thalweg.energy.configurations import configurations
from thalweg.energy.restricted.model import RBMParameters, draw_visible, free_energy, softplus

LARGEST = 20
"""Units whose configurations are enumerated; a million of them take about a second."""


@dataclass(frozen=True, slots=True)
class LogPartition:
    """log Z and how far it may be off.

    Parameters
    ----------
    value
        log Z in nats.
    standard_error
        Of the estimate; 0 if it was enumerated.
    effective_samples
        (Σ w)²/Σ w² of the annealed weights; infinite if it was enumerated. An estimate whose weights are a handful is
        not to be trusted, whatever its error says.
    method
        ``exact`` or ``annealed``.

    Examples
    --------
    >>> LogPartition(1.0, 0.0, math.inf, "exact").method
    'exact'
    """

    value: float
    standard_error: float
    effective_samples: float
    method: str


def log_partition(
    model: RBMParameters,
    *,
    method: str = "auto",
    base: FloatArray | None = None,
    chains: int = 200,
    temperatures: int = 2000,
    seed: int = 0,
) -> LogPartition:
    """Return log Z of one machine.

    Enumeration sums over the smaller layer (for Gaussian visible units over the hidden one). Annealed importance
    sampling walks from a machine without couplings, whose Z is known, to this one: with p_k the machine at inverse
    temperature β_k, a chain's weight is the product of p*_k(v)/p*_{k−1}(v), each taken before the k-th transition.

    Parameters
    ----------
    model
        The machine.
    method
        ``exact``, ``annealed``, or ``auto``: exact up to 20 units in the smaller layer.
    base
        Visible bias a₀ [D] of the machine one starts from, best the log-odds of the data; the model's own if None.
    chains, temperatures
        Of the annealing.
    seed
        Names what is drawn.

    Returns
    -------
    LogPartition
        With a standard error from the spread of the weights. The logarithm of a mean is too low on average, so that
        likelihoods are flattered where the error is large.

    Raises
    ------
    SettingError
        If a setting makes no sense, or enumeration is asked for beyond 20 units.

    Notes
    -----
    Neal (2001), Statistics and Computing 11, 125; Salakhutdinov & Murray (2008), ICML, section 4.

    Examples
    --------
    >>> machine = RBMParameters(np.zeros((3, 2)), np.zeros(3), np.zeros(2))
    >>> round(log_partition(machine).value / math.log(2), 12)
    5.0
    """
    check_choice("method", method, ("auto", "exact", "annealed"))
    smaller = enumerated_units(model)
    if method == "exact" and smaller > LARGEST:
        raise SettingError(
            f"Enumeration sums over 2^{smaller} states; up to 2^{LARGEST} are done.", "Use method='annealed'."
        )
    if method == "exact" or (method == "auto" and smaller <= LARGEST):
        return LogPartition(_enumerated(model), 0.0, math.inf, "exact")
    check_count("chains", chains, low=2)
    check_count("temperatures", temperatures)
    check_count("seed", seed, low=0)
    return _annealed(model, base, chains, temperatures, np.random.default_rng(seed))


def enumerated_units(model: RBMParameters) -> int:
    """Return the size of the layer that enumeration would sum over."""
    return model.hidden if model.variance is not None else min(model.visible, model.hidden)


def _enumerated(model: RBMParameters) -> float:
    W, a, b = model.weights, model.visible_bias, model.hidden_bias
    if model.variance is None and model.visible <= model.hidden:
        blocks = [logsumexp(v @ a + softplus(v @ W + b).sum(axis=1)) for v in configurations(model.visible)]
    elif model.variance is None:
        blocks = [logsumexp(h @ b + softplus(h @ W.T + a).sum(axis=1)) for h in configurations(model.hidden)]
    else:
        blocks = [logsumexp(h @ b + _gaussian_term(model, h @ W.T)) for h in configurations(model.hidden)]
    return float(logsumexp(blocks))


def _gaussian_term(model: RBMParameters, pull: FloatArray) -> FloatArray:
    """Log ∫ exp(−Σ (v − a)²/(2σ²) + v′pull/σ²) dv = Σ ½ log 2πσ² + (2 a pull + pull²)/(2σ²) [B]."""
    assert model.variance is not None
    square = (2.0 * model.visible_bias + pull) * pull / (2.0 * model.variance)
    return np.asarray((0.5 * np.log(2.0 * math.pi * model.variance) + square).sum(axis=1))


def _annealed(
    model: RBMParameters, base: FloatArray | None, chains: int, temperatures: int, generator: np.random.Generator
) -> LogPartition:
    """Walk from the base to the model; the base has no couplings and no hidden bias."""
    W, a, b = model.weights, model.visible_bias, model.hidden_bias
    start = a if base is None or model.variance is not None else base
    first = RBMParameters(np.zeros_like(W), start, np.zeros_like(b), model.variance)
    log_first = model.hidden * math.log(2.0)
    if model.variance is None:
        log_first += float(softplus(start).sum())
    else:
        log_first += float(0.5 * np.log(2.0 * math.pi * model.variance).sum())
    between, before = first, 0.0
    v = draw_visible(first, np.zeros((chains, model.hidden)), generator)
    log_weights = np.zeros(chains)
    for beta in np.linspace(0.0, 1.0, temperatures + 1)[1:]:
        seen = v if model.variance is None else v / model.variance
        fields = seen @ W + b  # [chains H]
        log_weights += (softplus(beta * fields) - softplus(before * fields)).sum(axis=1)
        log_weights += (beta - before) * (v @ (a - start)) if model.variance is None else 0.0
        h = (generator.random(fields.shape) < expit(beta * fields)).astype(np.float64)
        between = RBMParameters(beta * W, start + beta * (a - start), beta * b, model.variance)
        v = draw_visible(between, h, generator)
        before = beta
    weights = np.exp(log_weights - log_weights.max())
    return LogPartition(
        float(log_first + logsumexp(log_weights) - math.log(chains)),
        float(weights.std(ddof=1) / math.sqrt(chains) / weights.mean()),
        float(weights.sum() ** 2 / (weights**2).sum()),
        "annealed",
    )


def log_likelihood(model: RBMParameters, v: FloatArray, partition: LogPartition) -> FloatArray:
    """Return log p(v) = −F(v) − log Z of rows [B], in nats."""
    return -free_energy(model, v) - partition.value
