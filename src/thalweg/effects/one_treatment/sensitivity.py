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

MOST: Final = 0.999


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

    Examples
    --------
    >>> Sensitivity(0.2, 0.05, "age", of_outcome=0.03, of_treatment=0.01).explaining
    0.2
    """

    explaining: float
    doubting: float
    strongest: str | None
    of_outcome: float | None
    of_treatment: float | None


def robustness(
    trial: Experiment, means: FloatArray, chances: FloatArray, scores: FloatArray, *, level: float
) -> tuple[float, float]:
    """Return the share that explains an average over all units away, and the one that puts zero into its interval.

    Parameters
    ----------
    trial
        The units.
    means, chances
        Out-of-fold predictions [N 2].
    scores
        Of the average [N].
    level
        Of the interval.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> t = np.arange(1000) % 2
    >>> trial = Experiment(np.zeros((1000, 1)), t + draw.normal(size=1000), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> means = np.tile([0.0, 1.0], (1000, 1))
    >>> scores = 1.0 + np.where(t == 1, 2.0, -2.0) * (trial.y - t)
    >>> value, doubt = robustness(trial, means, trial.probabilities, scores, level=0.95)
    >>> bool(0.35 < doubt < value < 0.45)
    True
    """
    own = (np.arange(len(trial)), trial.received)
    sign = np.where(trial.received == 1, 1.0, -1.0)
    residual = trial.y - means[own]
    weight = sign / np.maximum(chances[own], 0.01)
    both = np.maximum(chances, 0.01)
    square = 2.0 * (1.0 / both).sum(axis=1) - weight**2  # 2 E[m(α)] − E[α²], whose mean is E[α²]
    sigma, nu = (float(np.average(v, weights=trial.weights)) for v in (residual**2, square))
    size = float(np.sqrt(max(sigma * nu, 1e-300)))
    estimate = float(np.average(scores, weights=trial.weights))
    change = (sigma * (square - nu) + nu * (residual**2 - sigma)) / (2.0 * size)
    z = float(norm.ppf(0.5 + level / 2.0))

    def left(r: float, doubt: float) -> float:
        strength = r / np.sqrt(1.0 - r)
        rows = (scores - estimate) * np.sign(estimate) - strength * change
        spread = np.sqrt((influence(rows[:, None], trial.clusters, trial.weights) ** 2).sum())
        return float(abs(estimate) - strength * size - doubt * spread)

    found = []
    for doubt in (0.0, z):
        if left(0.0, doubt) <= 0.0:
            found.append(0.0)
        else:
            found.append(float(brentq(left, 0.0, MOST, args=(doubt,))) if left(MOST, doubt) < 0.0 else 1.0)
    return found[0], found[1]


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
