"""What can be averaged over whom: orthogonal scores of one level against another, each with its target named.

Every estimate is a ratio Σ w a / Σ w b of two scores of every unit, and its influence is (a − τ b) / mean b. With
m_j the predicted outcome under level j, e_j its chance, and φ = m₁ − m₀ + T₁ (Y − m₁) / e₁ − T₀ (Y − m₀) / e₀:

========  ==============================  ====================================================================
estimand  units it is about               a, b
========  ==============================  ====================================================================
ATE       all                             φ, 1
ATT       those that received the level   T₁ (Y − m₀) − T₀ (Y − m₀) e₁ / e₀, T₁
ATO       all, weighted by e₀ e₁          e₀ e₁ φ + (e₀ − e₁) (T₁ − e₁) (m₁ − m₀), e₀ e₁ + (e₀ − e₁) (T₁ − e₁)
trimmed   those with chances within       φ, 1 for units with α ≤ e₁ ≤ 1 − α, 0 for others
          [α, 1 − α]
slope     weighted by the residual        (T₁ − e₁) (Y − e₁ m₁ − e₀ m₀), (T₁ − e₁)²
          variance of the treatment
========  ==============================  ====================================================================

Robins, Rotnitzky & Zhao (1994, JASA 89, 846) for the first; Li, Morgan & Zaslavsky (2018, JASA 113, 390) for overlap
weights, whose own dependence on the chances the second term of ATO allows for; Crump, Hotz, Imbens & Mitnik (2009,
Biometrika 96, 187) for trimming; Robinson (1988, Econometrica 56, 931) for the slope.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import influence

LEAST: Final = 0.01
"""Estimated chances below it are raised to it; how many were is part of the answer."""
TRIMMED: Final = 0.1
ATE: Final = "all units"
ATT: Final = "units that received it"
ATO: Final = "units in the overlap"
TRIM: Final = "units with chances within 10 and 90 %"
SLOPE: Final = "partially linear"
TARGETS: Final = (ATE, ATT, ATO, TRIM, SLOPE)


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """Scores of an estimate Σ w a / Σ w b: a and b [N].

    Examples
    --------
    >>> one = Ratio(np.array([1.0, 3.0]), np.ones(2))
    >>> one.estimate(None), one.influence(None).tolist()
    (2.0, [-1.0, 1.0])
    """

    a: FloatArray
    b: FloatArray

    def estimate(self, weights: FloatArray | None) -> float:
        """Return the estimate; not a number if no unit counts."""
        below = float(np.average(self.b, weights=weights))
        return float(np.average(self.a, weights=weights)) / below if below > 0.0 else float("nan")

    def influence(self, weights: FloatArray | None) -> FloatArray:
        """Return the influence of every unit [N], of mean zero."""
        below = float(np.average(self.b, weights=weights))
        return np.asarray((self.a - self.estimate(weights) * self.b) / below)

    def error(self, trial: Experiment) -> float:
        """Return the standard error, clustered if the trial has clusters."""
        rows = influence(self.influence(trial.weights)[:, None], trial.clusters, trial.weights)
        return float(np.sqrt((rows**2).sum()))


def level_scores(trial: Experiment, means: FloatArray, chances: FloatArray) -> FloatArray:
    """Return AIPW scores of the mean under every level [N J]: m_j + 1{T = j} (Y − m_j) / e_j.

    Examples
    --------
    >>> t = np.array([0, 1])
    >>> trial = Experiment(np.zeros((2, 1)), np.array([1.0, 3.0]), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> level_scores(trial, np.zeros((2, 2)), trial.probabilities).tolist()
    [[2.0, 0.0], [0.0, 6.0]]
    """
    scores = np.array(means)
    own = (np.arange(len(trial)), trial.received)
    scores[own] += (trial.y - means[own]) / np.maximum(chances[own], LEAST)
    return scores


def ratios(trial: Experiment, means: FloatArray, chances: FloatArray, level: int, baseline: int) -> dict[str, Ratio]:
    """Return the scores of every target, of one level against another; the last three for two levels alone.

    Parameters
    ----------
    trial
        The units.
    means, chances
        Out-of-fold predictions of one split [N J].
    level, baseline
        Numbers of the levels that are compared.

    Examples
    --------
    >>> t = np.array([0, 1])
    >>> trial = Experiment(np.zeros((2, 1)), np.array([1.0, 3.0]), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> found = ratios(trial, np.zeros((2, 2)), trial.probabilities, 1, 0)
    >>> [round(one.estimate(None), 6) for one in found.values()]
    [2.0, 2.0, 2.0, 2.0, 2.0]
    """
    y, received = trial.y, trial.received
    t1, t0 = (received == level).astype(np.float64), (received == baseline).astype(np.float64)
    e1, e0 = np.maximum(chances[:, level], LEAST), np.maximum(chances[:, baseline], LEAST)
    m1, m0 = means[:, level], means[:, baseline]
    scores = level_scores(trial, means, chances)
    gain = scores[:, level] - scores[:, baseline]
    every = np.ones(len(trial))
    found = {ATE: Ratio(gain, every), ATT: Ratio((t1 - t0 * e1 / e0) * (y - m0), t1)}
    if len(trial.cells) == 2:
        e = np.clip(chances[:, level], LEAST, 1.0 - LEAST)
        h, bend = e * (1.0 - e), (1.0 - 2.0 * e) * (t1 - e)
        residual = h * (m1 - m0) + t1 * (1.0 - e) * (y - m1) - t0 * e * (y - m0)
        found[ATO] = Ratio(residual + bend * (m1 - m0), h + bend)
        kept = ((chances[:, level] >= TRIMMED) & (chances[:, level] <= 1.0 - TRIMMED)).astype(np.float64)
        found[TRIM] = Ratio(gain * kept, kept)
        away = t1 - e
        found[SLOPE] = Ratio(away * (y - e * m1 - (1.0 - e) * m0), away**2)
    return found
