"""How strong a confounder nobody observed would have to be to explain an effect away.

The bias of an average that leaves out a confounder is at most S √(C_Y² C_D²), S² = E[(Y − m)²] E[α²], where α are the
weights of the average (T₁/e₁ − T₀/e₀ for all units), C_Y² the share of what is left of the outcome that the confounder
explains, and C_D² = r / (1 − r), r its share in the variance of the weights (Chernozhukov, Cinelli, Newey, Sharma &
Syrgkanis 2022, NBER working paper 30302, theorem 2). The robustness value is the r = C_Y² at which the bias reaches the
estimate, as Cinelli & Hazlett (2020, JRSS B 82, 39) define it for regressions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import influence
from thalweg.effects.one_treatment.estimands import LEAST

MOST: Final = 0.999  # share of a treatment that a confounder explains, at most


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The robustness values of an effect.

    Parameters
    ----------
    explaining
        Share r of what is left of outcome and of treatment that a confounder must explain to make the estimate zero.
    doubting
        The same to make the interval at the level asked for hold zero; 0 if it does already.
    strongest, of_outcome, of_treatment
        The observed covariate that explains most of both beside the others, and its shares: a measure to compare
        with. None without covariates.
    bounds
        Least and largest estimate if a confounder explained these shares, and the ends of an interval that holds then.
        None without covariates.

    Examples
    --------
    >>> Sensitivity(0.2, 0.05, "age", of_outcome=0.03, of_treatment=0.01, bounds=None).explaining
    0.2
    """

    explaining: float
    doubting: float
    strongest: str | None
    of_outcome: float | None
    of_treatment: float | None
    bounds: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Confounding:
    """What a confounder could do to an average over all units, from the predictions of one split.

    Parameters
    ----------
    trial
        The units.
    scores
        Of the average [N].
    change
        Influence of every unit on the size of the bias [N].
    size
        S, the bias of a confounder of C_Y² C_D² = 1.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> t = np.arange(1000) % 2
    >>> trial = Experiment(np.zeros((1000, 1)), t + draw.normal(size=1000), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> means = np.tile([0.0, 1.0], (1000, 1))
    >>> scores = 1.0 + np.where(t == 1, 2.0, -2.0) * (trial.y - t)
    >>> one = confounding(trial, means, trial.probabilities, scores)
    >>> value, doubt = one.robustness(level=0.95)
    >>> bool(0.35 < doubt < value < 0.45)
    True
    """

    trial: Experiment
    scores: FloatArray
    change: FloatArray
    size: float

    @property
    def estimate(self) -> float:
        """The average, with nothing left out."""
        return float(np.average(self.scores, weights=self.trial.weights))

    def shifted(self, outcome: float, treatment: float, sign: float) -> tuple[float, float]:
        """Return the estimate and its standard error if a confounder that explains these shares pulled it one way."""
        strength = sign * float(np.sqrt(outcome * treatment / (1.0 - treatment)))
        rows = self.scores - self.estimate + strength * self.change
        parts = influence(rows[:, None], self.trial.clusters, self.trial.weights)
        return self.estimate + strength * self.size, float(np.sqrt((parts**2).sum()))

    def bounds(self, outcome: float, treatment: float, *, level: float) -> tuple[float, float, float, float]:
        """Return least and largest estimate if a confounder explained these shares, and the ends of an interval."""
        z = float(norm.ppf(0.5 + level / 2.0))
        (low, under), (high, over) = (self.shifted(outcome, treatment, sign) for sign in (-1.0, 1.0))
        return low, high, low - z * under, high + z * over

    def robustness(self, *, level: float) -> tuple[float, float]:
        """Return the share that explains the average away, and the one that puts zero into its interval."""
        found, towards_zero = [], -float(np.sign(self.estimate))
        for z in (0.0, float(norm.ppf(0.5 + level / 2.0))):

            def left(r: float, z: float = z) -> float:
                moved, error = self.shifted(r, r, towards_zero)
                return -towards_zero * moved - z * error

            if left(0.0) <= 0.0:
                found.append(0.0)
            else:
                found.append(float(brentq(left, 0.0, MOST)) if left(MOST) < 0.0 else 1.0)
        return found[0], found[1]


def confounding(trial: Experiment, means: FloatArray, chances: FloatArray, scores: FloatArray) -> Confounding:
    """Return what a confounder could do to an average over all units.

    Parameters
    ----------
    trial
        The units.
    means, chances
        Out-of-fold predictions [N 2].
    scores
        Of the average [N].
    """
    own = (np.arange(len(trial)), trial.received)
    both = np.maximum(chances, LEAST)
    residual = trial.y - means[own]
    weight = np.where(trial.received == 1, 1.0, -1.0) / both[own]
    square = 2.0 * (1.0 / both).sum(axis=1) - weight**2  # 2 E[m(α)] − E[α²], whose mean is E[α²]
    sigma, nu = (float(np.average(v, weights=trial.weights)) for v in (residual**2, square))
    size = float(np.sqrt(max(sigma * nu, 1e-300)))
    change = (sigma * (square - nu) + nu * (residual**2 - sigma)) / (2.0 * size)
    return Confounding(trial, scores, change, size)


def strongest_covariate(
    trial: Experiment, names: tuple[str, ...]
) -> tuple[str, float, float] | tuple[None, None, None]:
    """Return the covariate of largest product of partial R² with outcome and treatment, beside all others.

    Parameters
    ----------
    trial
        The units.
    names
        Of the columns of x; those of one name, such as the levels of a category, are one covariate.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> x = draw.normal(size=(500, 2))
    >>> t = (x[:, 1] + draw.normal(size=500) > 0).astype(int)
    >>> trial = Experiment(x, x[:, 1] + draw.normal(size=500), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> strongest_covariate(trial, ("age", "size"))[0]
    'size'
    """
    count, width = trial.x.shape
    if not width or count < width + 5:
        return None, None, None
    root = np.ones(count) if trial.weights is None else np.sqrt(trial.weights)
    treated = (trial.received == 1).astype(np.float64)
    design = np.column_stack([np.ones(count), trial.x])
    sets = {name: np.flatnonzero([other == name for other in names]) + 1 for name in dict.fromkeys(names)}
    of_outcome = _partial(np.column_stack([design, treated]) * root[:, None], trial.y * root, sets)
    of_treatment = _partial(design * root[:, None], treated * root, sets)
    strongest = max(sets, key=lambda name: of_outcome[name] * of_treatment[name])
    return strongest, of_outcome[strongest], of_treatment[strongest]


def _partial(design: FloatArray, answer: FloatArray, sets: Mapping[str, IntArray]) -> dict[str, float]:
    """Return the partial R² of sets of columns: the share they take of what is left by all others."""
    spread = np.sqrt((design**2).mean(axis=0))
    scaled = design / np.where(spread > 0.0, spread, 1.0)
    inner, outer, whole = scaled.T @ scaled, scaled.T @ answer, float(answer @ answer)

    def left(kept: IntArray) -> float:
        found = np.linalg.pinv(inner[np.ix_(kept, kept)], rcond=1e-10, hermitian=True)
        return max(whole - float(outer[kept] @ found @ outer[kept]), 0.0)

    every = np.arange(design.shape[1])
    least = left(every)
    without = {name: left(np.setdiff1d(every, columns)) for name, columns in sets.items()}
    return {name: max(1.0 - least / rest, 0.0) if rest > 1e-12 * whole else 0.0 for name, rest in without.items()}
