"""One treatment: averages of a treatment of two or more levels, and the slope of a numeric one, with our networks.

Levels are compared by AIPW scores (Robins, Rotnitzky & Zhao 1994, JASA 89, 846), a numeric treatment by the
partialling-out score (Chernozhukov et al. 2018, doi:10.1111/ectj.12097, equation 4.4). Both are cross-fitted; the
networks of all folds, repeats and nuisances of one kind train as one population.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import norm

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_number
from thalweg.base.contracts import Loss
from thalweg.base.errors import DataError, row, setting
from thalweg.base.seeds import derived_seed
from thalweg.effects.experiment.cell_folds import stratified_folds
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import influence, median_over_repeats, two_sided
from thalweg.effects.recipes import recipe_of
from thalweg.effects.training import Training
from thalweg.loss.softmax import Softmax
from thalweg.loss.squared import Squared
from thalweg.net.init import He
from thalweg.net.spec import mlp
from thalweg.select.learning.lessons import member_on
from thalweg.train.fit import fit_population
from thalweg.train.population import training_table
from thalweg.train.predict import predict_outputs

LEAST_SHARE: Final = 0.01
"""Estimated probabilities below it are raised to it; how many were is part of the answer."""
QUIET: Final = Training(ridge=(1e-4,), batch=64, learning_rate=0.03)
"""Outcomes of observational studies are noisier than those the defaults of links are made for: more ridge."""


@dataclass(frozen=True, slots=True)
class TreatmentEffect:
    """An average effect.

    Parameters
    ----------
    name
        Level against the first, or ``slope``.
    estimate, error, low, high, p_value
        With the interval at the level asked for.
    clipped
        Share of units whose estimated probability was raised to the least one.

    Examples
    --------
    >>> found = TreatmentEffect("b − a", 1.0, error=0.1, low=0.8, high=1.2, p_value=1e-20, clipped=0.0)
    >>> found.low < found.estimate < found.high
    True
    """

    name: str
    estimate: float
    error: float
    low: float
    high: float
    p_value: float
    clipped: float


def average_effects(
    x: FloatArray,
    y: FloatArray,
    treatment: Sequence[object],
    *,
    shares: FloatArray | None = None,
    clusters: IntArray | None = None,
    training: Training = QUIET,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[TreatmentEffect, ...]:
    """Return the average effect of every level of a treatment against the first in order.

    Parameters
    ----------
    x, y
        Covariates [N D] on comparable scales, and outcomes [N].
    treatment
        Level of every unit [N]; two or more.
    shares
        Known probabilities of the levels in order, [J] or [N J]; None to learn them from the covariates.
    clusters
        Codes [N]; folds do not cut them, and errors allow for them.
    training
        Folds, repeats, and how the networks are trained.
    level
        Of the intervals.
    seed
        Decides everything random.

    Returns
    -------
    tuple of TreatmentEffect
        One per level but the first.

    Raises
    ------
    DataError
        If there is one level only, a level has fewer units than folds, or a number is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(400, 2)), rng.integers(0, 2, 400)
    >>> quick = Training(epochs=20, folds=2, repeats=1, workers=1)
    >>> [effect] = average_effects(x, x[:, 0] + t + 0.1 * rng.normal(size=400), t.tolist(), training=quick)
    >>> abs(effect.estimate - 1.0) < 0.2
    True
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    levels, received = np.unique(np.asarray(treatment), return_inverse=True)
    if len(levels) < 2:
        raise DataError(f"The treatment has the single level {levels[0]!r}.", "Give a treatment that varies.")
    known = np.full(len(levels), 1.0 / len(levels)) if shares is None else np.asarray(shares, dtype=np.float64)
    cells = np.arange(len(levels))[:, None]
    covariates, outcome = _units(x, y, received)
    trial = Experiment(covariates, outcome, cells, received.astype(np.int64), known, clusters)
    folds = _folds(trial, training, seed)
    means = _outcome_means(trial, folds, training, seed)
    chances = _chances(trial, folds, training, seed) if shares is None else None
    estimates, errors, clipped = [], [], 0.0
    rows = np.arange(len(trial))
    for r in range(training.repeats):
        probability = trial.probabilities if chances is None else chances[r]
        own = probability[rows, received]
        clipped += float((own < LEAST_SHARE).mean()) / training.repeats
        scores = means[r].copy()
        scores[rows, received] += (trial.y - means[r][rows, received]) / np.maximum(own, LEAST_SHARE)
        scores = scores[:, 1:] - scores[:, :1]
        estimates.append(scores.mean(0))
        errors.append(np.sqrt((influence(scores, clusters) ** 2).sum(0)))
    return _effects([f"{v} − {levels[0]}" for v in levels[1:]], estimates, errors, level, clipped)


def partially_linear(
    x: FloatArray,
    y: FloatArray,
    treatment: FloatArray,
    *,
    clusters: IntArray | None = None,
    training: Training = QUIET,
    level: float = 0.95,
    seed: int = 0,
) -> TreatmentEffect:
    """Return the slope of a numeric treatment, Y = β T + g(X) + ε: Σ (T − m̂)(Y − l̂) / Σ (T − m̂)².

    Parameters
    ----------
    x, y, treatment
        Covariates [N D], outcomes [N] and treatments [N].
    clusters, training, level, seed
        As for :func:`average_effects`.

    Returns
    -------
    TreatmentEffect
        The slope.

    Raises
    ------
    DataError
        If the treatment does not vary beyond what the covariates predict, or a number is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(400, 2))
    >>> t = x[:, 0] + rng.normal(size=400)
    >>> quick = Training(epochs=20, folds=2, repeats=1, workers=1)
    >>> abs(partially_linear(x, 2 * t + x[:, 0] ** 2, t, training=quick).estimate - 2.0) < 0.3
    True
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    t = np.asarray(treatment, dtype=np.float64)
    nothing = np.zeros(len(t), dtype=np.int64)
    covariates, outcome = _units(x, y, t)
    trial = Experiment(covariates, outcome, np.zeros((1, 1), dtype=np.int64), nothing, np.ones(1), clusters)
    if float(t.std()) == 0.0:
        raise DataError(f"The treatment is {t[0]:g} for every unit.", "Give a treatment that varies.")
    folds = _folds(trial, training, seed)
    both = np.column_stack([trial.y, t])
    centre, spread = both.mean(0), np.maximum(both.std(0), 1e-300)
    outputs = _cross_predict(trial.x, (both - centre) / spread, Squared(), folds, training, seed)
    estimates, errors = [], []
    for r in range(training.repeats):
        residual = both - centre - outputs[r] * spread
        square = float((residual[:, 1] ** 2).mean())
        if square < 1e-8 * spread[1] ** 2:
            raise DataError("The covariates predict the treatment without error.", "Nothing is left to compare.")
        beta = float((residual[:, 1] * residual[:, 0]).mean()) / square
        scores = residual[:, 1] * (residual[:, 0] - beta * residual[:, 1]) / square
        estimates.append(np.array([beta]))
        errors.append(np.sqrt((influence(scores[:, None], clusters) ** 2).sum(0)))
    return _effects(["slope"], estimates, errors, level, 0.0)[0]


def _units(x: FloatArray, y: FloatArray, treatment: NDArray[np.number]) -> tuple[FloatArray, FloatArray]:
    """Return covariates and outcomes, finite numbers of as many units as were treated or not."""
    covariates, outcome = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if covariates.ndim != 2 or outcome.ndim != 1 or not len(covariates) == len(outcome) == len(treatment):
        raise DataError(
            f"Expected x [N D], y [N] and one treatment for each of N units, got {covariates.shape}, "
            f"{outcome.shape} and {treatment.shape}.",
            "Give one row per unit.",
        )
    for name, values in (("x", covariates), ("y", outcome[:, None]), ("treatment", treatment[:, None])):
        wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(wrong):
            raise DataError(
                f"{setting(name)} is no finite number in row {row(int(wrong[0]))}.", "Mend the value, or drop the unit."
            )
    return covariates, outcome


def _folds(trial: Experiment, training: Training, seed: int) -> list[IntArray]:
    if trial.clusters is not None and trial.clusters.ndim > 1:
        raise DataError(
            f"Expected one cluster code per unit, got an array of shape {trial.clusters.shape}.",
            "Give one set of clusters, or use DeDL with a treatment of 0 and 1.",
        )
    seeds = [derived_seed(seed, "split", r) for r in range(training.repeats)]
    return [stratified_folds(trial, training.folds, s) for s in seeds]


def _outcome_means(trial: Experiment, folds: Sequence[IntArray], training: Training, seed: int) -> list[FloatArray]:
    """Return the predicted outcome under every level [N J], per repeat: one network output per level.

    A network learns all levels together: x and the level go in, the outcome comes out.
    """
    centre, spread = float(trial.y.mean()), float(trial.y.std()) or 1.0
    levels = len(trial.cells)
    dummies = np.eye(levels)
    design = np.column_stack([trial.x, dummies[trial.received]])
    asked = [np.column_stack([trial.x, np.tile(dummies[j], (len(trial), 1))]) for j in range(levels)]
    outputs = _cross_predict(design, ((trial.y - centre) / spread)[:, None], Squared(), folds, training, seed, asked)
    return [centre + spread * out for out in outputs]


def _chances(trial: Experiment, folds: Sequence[IntArray], training: Training, seed: int) -> list[FloatArray]:
    """Return the probability of every level given the covariates [N J], per repeat."""
    outputs = _cross_predict(trial.x, np.eye(len(trial.cells))[trial.received], Softmax(), folds, training, seed + 1)
    return [softmax(out, axis=1) for out in outputs]


def _cross_predict(
    x: FloatArray,
    y: FloatArray,
    loss: Loss,
    folds: Sequence[IntArray],
    training: Training,
    seed: int,
    asked: Sequence[FloatArray] | None = None,
) -> list[FloatArray]:
    """Return out-of-fold outputs per repeat: [N C], or one column for each of several designs asked about."""
    network = mlp(training.hidden, training.activation, init=He(normal=False))
    table = training_table(x, y)
    places = [(r, f) for r in range(len(folds)) for f in range(training.folds)]
    recipe = recipe_of(training, network, loss, ridge=training.ridge[0])
    members = [
        member_on(recipe, np.flatnonzero(folds[r] != f), seed=derived_seed(seed, "init", r, f)) for r, f in places
    ]
    fit = fit_population(table, members, workers=training.workers)
    designs = [x] if asked is None else list(asked)
    columns = y.shape[1] if asked is None else len(designs)
    out = [np.empty((len(x), columns)) for _ in folds]
    for number, (r, f) in enumerate(places):
        test = folds[r] == f
        parameters = [fit.member(number).parameters]
        found = [predict_outputs(network, loss, parameters, d[test], classes=y.shape[1])[0] for d in designs]
        out[r][test] = np.concatenate(found, axis=1)
    return out


def _effects(
    names: Sequence[str], estimates: Sequence[FloatArray], errors: Sequence[FloatArray], level: float, clipped: float
) -> tuple[TreatmentEffect, ...]:
    estimate, error = median_over_repeats(np.stack(estimates), np.stack(errors))
    half = float(norm.ppf(0.5 + level / 2.0)) * error
    p = two_sided(np.divide(estimate, error, out=np.zeros_like(estimate), where=error > 0))
    return tuple(
        TreatmentEffect(
            name,
            float(estimate[k]),
            float(error[k]),
            float(estimate[k] - half[k]),
            float(estimate[k] + half[k]),
            float(p[k]),
            clipped,
        )
        for k, name in enumerate(names)
    )
