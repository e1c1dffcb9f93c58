"""Boltzmann machines with couplings between all units, by maximum likelihood and with standard errors."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import DataError, SettingError, TrainingError, row
from thalweg.base.machine.free_memory import memory_told, refuse_oversized
from thalweg.energy.boltzmann_moments import (
    FeatureMoments,
    enumerated,
    features,
    gibbs_sweep,
    pairs,
    sampled,
    to_matrix,
)
from thalweg.energy.configurations import configurations
from thalweg.energy.input_rows import as_rows

if TYPE_CHECKING:
    import pandas as pd

LARGEST: Final = 16
"""Units, hidden ones included, up to which all states are summed."""
MOST_HIDDEN: Final = 10
_NEWTON_STEPS: Final = 200
_CHAINS, _SWEEPS, _ROUNDS = 2000, 20, 30
_RIDGE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class BoltzmannFit:
    """A fitted Boltzmann machine; made by :meth:`BoltzmannMachine.fit`.

    Parameters
    ----------
    parameters
        θ [K]: the bias of every unit, then the coupling of every pair.
    standard_errors
        Of θ [K], from the information at the optimum and, with sampling, its noise; NaN where a direction of the
        parameters leaves the likelihood as it is.
    log_likelihood
        Mean log p(v) of the rows in nats; NaN if the states are too many to be summed.
    gap
        Largest difference between a moment of the rows and of the machine: 0 at the optimum without a ridge, up to the
        noise of sampling.
    rows, visible, hidden
        N, and units.
    method
        ``exact`` or ``gibbs``.

    Examples
    --------
    >>> fit = BoltzmannMachine().fit([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1], [0, 0]])
    >>> fit.gap < 1e-9, fit.frame()["unit"].tolist()
    (True, ['0', '1', '0 1'])
    """

    parameters: FloatArray = field(repr=False)
    standard_errors: FloatArray = field(repr=False)
    log_likelihood: float
    gap: float
    rows: int
    visible: int
    hidden: int
    method: str

    @property
    def units(self) -> int:
        """Visible and hidden units."""
        return self.visible + self.hidden

    def couplings(self) -> tuple[FloatArray, FloatArray]:
        """Return the symmetric couplings w [D D] and the biases b [D]."""
        return to_matrix(self.parameters, self.units)

    def frame(self) -> "pd.DataFrame":
        """Return estimates and standard errors, a row per unit and pair; hidden units are counted on from the last."""
        import pandas as pd  # noqa: PLC0415 - only frames need it

        names = [str(unit) for unit in range(self.units)]
        names += [f"{i} {j}" for i, j in zip(*pairs(self.units), strict=True)]
        return pd.DataFrame({"unit": names, "estimate": self.parameters, "standard_error": self.standard_errors})

    def sample(self, count: int, *, sweeps: int = 200, seed: int = 0) -> FloatArray:
        """Return visible states [count D] from chains of so many Gibbs sweeps.

        Raises
        ------
        SettingError
            If a number is no whole number above zero, or so many states do not fit into memory.
        """
        check_count("count", count)
        check_count("sweeps", sweeps)
        check_count("seed", seed, low=0)
        refuse_oversized(
            {f"{count:,} states and the chances of their units": 16 * count * self.units}, "Ask for fewer."
        )
        generator = np.random.default_rng(seed)
        states = generator.integers(0, 2, (count, self.units)).astype(np.float64)
        couplings, bias = self.couplings()
        for _ in range(sweeps):
            gibbs_sweep(states, couplings, bias, np.arange(self.units), generator)
        return states[:, : self.visible]


@dataclass(frozen=True, slots=True)
class BoltzmannMachine:
    """Units s of 0 and 1 with p(s) ∝ exp(Σ_i<j w_ij s_i s_j + Σ b_i s_i), learned by maximum likelihood.

    The gradient is a difference of moments, ⟨s_i s_j⟩ with the visible units held at the rows less ⟨s_i s_j⟩ of the
    free machine. Without hidden units the likelihood is concave, and damped Newton steps reach its one optimum; with
    hidden ones the answer is a local optimum, and a symmetry may leave directions undetermined.

    Parameters
    ----------
    hidden
        Hidden units.
    learner
        ``exact`` sums over all states, ``gibbs`` runs 2,000 chains, ``auto`` sums up to 16 units in all.
    ridge
        Penalty λ of the log-likelihood of all rows, −½ λ Σ θ². Above 0 the estimates are finite whatever the rows.
    seed
        Names the start of hidden units, and the chains.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Notes
    -----
    Ackley, Hinton & Sejnowski (1985), Cognitive Science 9, 147; standard errors with hidden units by Louis (1982),
    JRSS B 44, 226.

    Examples
    --------
    >>> rows = np.random.default_rng(0).integers(0, 2, (500, 3))
    >>> fit = BoltzmannMachine().fit(rows)
    >>> bool((abs(fit.parameters / fit.standard_errors) < 4).all())
    True
    """

    hidden: int = 0
    learner: str = "auto"
    ridge: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_count("hidden", self.hidden, low=0)
        check_choice("learner", self.learner, ("auto", "exact", "gibbs"))
        check_number("ridge", self.ridge, low=0)
        check_count("seed", self.seed, low=0)
        if self.hidden > MOST_HIDDEN:
            raise SettingError(
                f"Up to {MOST_HIDDEN} hidden units are summed over for every row, got {self.hidden}.",
                "Use a restricted Boltzmann machine (thalweg.RBM).",
            )

    @memory_told("Give fewer rows or columns, or ask for fewer units, chains or machines.")
    def fit(self, X: ArrayLike) -> BoltzmannFit:
        """Fit to rows [N D] of 0 and 1.

        Returns
        -------
        BoltzmannFit
            Estimates with standard errors.

        Raises
        ------
        DataError
            If a value is neither 0 nor 1, or a unit or a pair never varies, so that no finite estimate exists.
        SettingError
            If there are too many units for ``exact``.
        TrainingError
            If the steps do not converge.
        """
        v = _binary_rows(as_rows(X, "rows"))
        units = v.shape[1] + self.hidden
        method = self.learner if self.learner != "auto" else "exact" if units <= LARGEST else "gibbs"
        if method == "exact" and units > LARGEST:
            raise SettingError(f"All 2^{units} states would be summed; up to 2^{LARGEST} are.", "Use learner='gibbs'.")
        if not self.hidden and not self.ridge:
            _check_margins(v)
        return _climb(v, self.hidden, method, self.ridge, np.random.default_rng(self.seed))


def _binary_rows(v: FloatArray) -> FloatArray:
    wrong = np.argwhere((v != 0) & (v != 1))
    if len(wrong):
        place, column = wrong[0].tolist()
        raise DataError(
            f"Expected 0 and 1, got {v[place, column]:g} in column {column} of row {row(place)}.",
            "Code every unit as 0 or 1.",
        )
    return v


def _check_margins(v: FloatArray) -> None:
    """Refuse rows in which a unit is constant or a pair misses one of its four states: an estimate is infinite then."""
    for unit in range(v.shape[1]):
        if v[:, unit].min() == v[:, unit].max():
            raise DataError(
                f"Column {unit} is constant, so its bias has no finite estimate.", "Leave it out, or give a ridge."
            )
    first, second = pairs(v.shape[1])
    for i, j in zip(first, second, strict=True):
        if len(np.unique(2 * v[:, i] + v[:, j])) < 4:
            raise DataError(
                f"Columns {i} and {j} never show one of their four combinations, so that their coupling has no finite "
                "estimate.",
                "Leave one of them out, give more rows, or give a ridge.",
            )


def _climb(v: FloatArray, hidden: int, method: str, ridge: float, generator: np.random.Generator) -> BoltzmannFit:
    """Newton steps on the likelihood, damped until it rises; with sampling, steps that average the noise away."""
    units = v.shape[1] + hidden
    parameters = np.zeros(units + units * (units - 1) // 2)
    share = np.clip(v.mean(axis=0), 0.5 / len(v), 1 - 0.5 / len(v))
    parameters[: v.shape[1]] = np.log(share / (1 - share))
    if hidden:
        parameters += 0.1 * generator.standard_normal(len(parameters))
    if method == "exact":
        parameters, machine = _exact_climb(v, hidden, ridge, parameters)
    else:
        parameters, machine = _sampled_climb(v, hidden, ridge, parameters, generator)
    clamped = _clamped(v, hidden, parameters)
    information = len(v) * (machine.covariance - clamped.covariance) + ridge * np.eye(len(parameters))
    noise = len(v) ** 2 * machine.sampling
    return BoltzmannFit(
        parameters,
        _standard_errors(information, noise),
        clamped.log_partition - machine.log_partition,
        float(np.abs(clamped.mean - machine.mean).max()),
        len(v),
        v.shape[1],
        hidden,
        method,
    )


def _exact_climb(v: FloatArray, hidden: int, ridge: float, parameters: FloatArray) -> tuple[FloatArray, FeatureMoments]:
    units, pull = v.shape[1] + hidden, ridge / len(v)
    machine, clamped = enumerated(parameters, units), _clamped(v, hidden, parameters)
    for _ in range(_NEWTON_STEPS):
        gradient = clamped.mean - machine.mean - pull * parameters
        if np.abs(gradient).max() < 1e-12:
            return parameters, machine
        step = _newton_step(machine.covariance - clamped.covariance + pull * np.eye(len(parameters)), gradient)
        height = clamped.log_partition - machine.log_partition - pull / 2 * parameters @ parameters
        size = 1.0
        while True:
            tried = parameters + size * step
            machine, clamped = enumerated(tried, units), _clamped(v, hidden, tried)
            rise = clamped.log_partition - machine.log_partition - pull / 2 * tried @ tried - height
            if rise >= -1e-13 or size < 1e-8:
                break
            size /= 2
        parameters = tried
        if rise < 1e-14 and np.abs(clamped.mean - machine.mean - pull * parameters).max() < 1e-9:
            return parameters, machine
        if np.abs(parameters).max() > 50:
            break
    raise TrainingError(
        "The likelihood has no finite optimum within reach: couplings grow without end.",
        "Give a ridge, such as ridge=1, or more rows, or fewer hidden units.",
    )


def _sampled_climb(
    v: FloatArray, hidden: int, ridge: float, parameters: FloatArray, generator: np.random.Generator
) -> tuple[FloatArray, FeatureMoments]:
    units, pull = v.shape[1] + hidden, ridge / len(v)
    states = generator.integers(0, 2, (_CHAINS, units)).astype(np.float64)
    free: IntArray = np.arange(units)
    averaged = np.zeros_like(parameters)
    for turn in range(_ROUNDS):
        machine = sampled(parameters, states, free, _SWEEPS, generator)
        clamped = _clamped(v, hidden, parameters)
        gradient = clamped.mean - machine.mean - pull * parameters
        step = _newton_step(machine.covariance - clamped.covariance + pull * np.eye(len(parameters)), gradient)
        longest = np.abs(step).max()
        parameters = parameters + step * min(1.0, 1.0 / longest if longest else 1.0) / (1 + turn // 5)
        if turn >= _ROUNDS // 2:
            averaged += parameters / (_ROUNDS - _ROUNDS // 2)
    machine = sampled(averaged, states, free, 5 * _SWEEPS, generator)
    return averaged, machine


def _clamped(v: FloatArray, hidden: int, parameters: FloatArray) -> FeatureMoments:
    """FeatureMoments with the visible units held at the rows: means over rows, and the mean covariance within a row.

    ``log_partition`` is the mean of log Σ_h exp(−E(v, h)).
    """
    if not hidden:
        found = features(v)
        nothing = np.zeros((len(parameters),) * 2)
        return FeatureMoments(found.mean(axis=0), nothing, nothing, float((found @ parameters).mean()))
    (states,) = configurations(hidden, block=1 << hidden)
    whole = np.concatenate([np.repeat(v, len(states), axis=0), np.tile(states, (len(v), 1))], axis=1)
    found = features(whole)
    log = (found @ parameters).reshape(len(v), len(states))
    total = logsumexp(log, axis=1, keepdims=True)
    share = np.exp(log - total)
    found = found.reshape(len(v), len(states), -1)
    means = np.einsum("ns,nsk->nk", share, found)
    flat = found.reshape(-1, found.shape[2])
    square = flat.T @ (share.reshape(-1, 1) * flat) / len(v)
    within = square - means.T @ means / len(v)
    return FeatureMoments(means.mean(axis=0), within, np.zeros_like(within), float(total.mean()))


def _newton_step(information: FloatArray, gradient: FloatArray) -> FloatArray:
    """Solve with curvatures taken as their size, so that the step rises where the likelihood is not concave."""
    values, vectors = np.linalg.eigh(information)
    floor = max(_RIDGE, 1e-6 * float(np.abs(values).max()))
    return np.asarray(vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), floor)))


def _standard_errors(information: FloatArray, noise: FloatArray) -> FloatArray:
    """Return √diag(I⁻¹ (I + noise) I⁻¹); NaN for parameters in a direction without information."""
    values, vectors = np.linalg.eigh(information)
    known = values > 1e-8 * max(float(values.max()), math.ulp(1.0))
    inverse = (vectors[:, known] / values[known]) @ vectors[:, known].T
    errors = np.sqrt(np.diag(inverse @ (information + noise) @ inverse))
    errors[(vectors[:, ~known] ** 2).sum(axis=1) > 1e-6] = math.nan
    return np.asarray(errors)
