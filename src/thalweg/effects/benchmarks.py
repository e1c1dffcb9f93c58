"""What others would report: adding up single effects, and one regression."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.linear.regression import regress


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """Estimates of a method that is not ours to recommend.

    Parameters
    ----------
    name
        Short name.
    estimate
        Effects [L]; not a number where the method has none.
    error
        Standard errors [L], or None where the method has no sampling theory.
    """

    name: str
    estimate: FloatArray
    error: FloatArray | None


def linear_addition(experiment: Experiment, targets: IntArray, baseline: IntArray) -> Benchmark:
    """Add up the effects of single treatments, each a difference of two cell means (LA).

    The error counts every cell mean as often as it is used: se² = Σ_k var(Ȳ_k) + s² var(Ȳ_baseline) for s
    treatments. Targets that use a treatment which was never run alone have no estimate.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> answer = linear_addition(experiment, experiment.cells, experiment.cells[0])
    >>> answer.estimate[0], answer.error[0]
    (np.float64(0.0), np.float64(0.0))
    """
    counts = np.maximum(experiment.counts, 1)
    means = np.bincount(experiment.received, experiment.y, minlength=len(counts)) / counts
    squares = np.bincount(experiment.received, (experiment.y - means[experiment.received]) ** 2, minlength=len(counts))
    variances = squares / counts / np.maximum(counts - 1, 1)
    alone = {}
    for k in range(experiment.treatments):
        single = baseline.copy()
        single[k] = 1 - single[k]
        found = np.flatnonzero((experiment.cells == single).all(1))
        alone[k] = int(found[0]) if len(found) else None
    base = int(np.flatnonzero((experiment.cells == baseline).all(1))[0])
    estimate, error = np.full(len(targets), np.nan), np.full(len(targets), np.nan)
    for place, target in enumerate(targets):
        used = [alone[int(k)] for k in np.flatnonzero(target != baseline)]
        cells = [cell for cell in used if cell is not None]
        if len(cells) == len(used):
            estimate[place] = sum(means[c] - means[base] for c in cells)
            error[place] = np.sqrt(sum(variances[c] for c in cells) + len(cells) ** 2 * variances[base])
    return Benchmark("linear addition", estimate, error)


def linear_regression(experiment: Experiment, targets: IntArray, baseline: IntArray) -> Benchmark:
    """Regress the outcome on covariates and treatments without products, and add the coefficients (LR).

    Errors are robust to heteroscedasticity (HC1).

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> answer = linear_regression(experiment, experiment.cells, experiment.cells[0])
    >>> bool(np.isclose(answer.estimate[5], answer.estimate[1] + answer.estimate[2]))
    True
    """
    treated = experiment.cells[experiment.received].astype(np.float64)
    design = np.column_stack([np.ones(len(experiment)), experiment.x, treated])
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ (design.T @ experiment.y)
    residual = experiment.y - design @ beta
    factor = len(design) / max(len(design) - design.shape[1], 1)
    covariance = factor * bread @ (design.T * residual**2) @ design @ bread
    m = experiment.treatments
    difference = (targets - baseline).astype(np.float64)
    spread = np.einsum("lk,kj,lj->l", difference, covariance[-m:, -m:], difference)
    return Benchmark("linear regression", difference @ beta[-m:], np.sqrt(np.maximum(spread, 0.0)))


def difference_of_means(trial: Experiment, level: int) -> tuple[float, float]:
    """Return the mean outcome of units that received a level less that of level 0, and its standard error.

    Errors are robust to unequal variances (HC2) and clustered if the trial has clusters.

    Examples
    --------
    >>> t = np.arange(40) % 2
    >>> trial = Experiment(np.zeros((40, 1)), t + np.sin(np.arange(40.0)), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> bool(abs(difference_of_means(trial, 1)[0] - 1.0) < 3 * difference_of_means(trial, 1)[1])
    True
    """
    return _difference(trial, level, np.empty((len(trial), 0)))


def adjusted_difference(trial: Experiment, level: int) -> tuple[float, float]:
    """Return the difference adjusted by a regression with slopes of its own for either level, and its standard error.

    Lin (2013), Annals of Applied Statistics 7, 295: covariates are centred, so that the coefficient of the treatment is
    the mean effect.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> t, x = np.arange(400) % 2, draw.normal(size=(400, 1))
    >>> trial = Experiment(x, t + 5 * x[:, 0] + draw.normal(size=400), np.array([[0], [1]]), t, np.ones(2) / 2)
    >>> adjusted_difference(trial, 1)[1] < 0.5 * difference_of_means(trial, 1)[1]
    True
    """
    return _difference(trial, level, trial.x)


def _difference(trial: Experiment, level: int, x: FloatArray) -> tuple[float, float]:
    """Regress on treatment, covariates and their products, in units of the two levels."""
    rows = np.isin(trial.received, (0, level))
    weights = None if trial.weights is None else trial.weights[rows]
    clusters = None if trial.clusters is None else trial.clusters[rows]
    share = np.ones(len(trial)) if trial.weights is None else trial.weights
    centred = (x - share @ x / share.sum())[rows]
    treated = (trial.received[rows] == level).astype(np.float64)[:, None]
    design = np.column_stack([treated, centred, treated * centred])
    kind = "HC2" if clusters is None else "cluster"
    found = regress(design, trial.y[rows], weights=weights, covariance=kind, clusters=clusters)
    return float(found.estimate[1]), float(np.sqrt(found.covariance[1, 1]))
