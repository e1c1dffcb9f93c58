"""The slope of a numeric treatment, Y = β T + g(X) + ε, from residuals of cross-fitted predictions."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.checks import check_number
from thalweg.base.errors import DataError
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.intervals import median_over_repeats
from thalweg.effects.one_treatment.average import QUIET, TreatmentEffect, effect_of, seen_dependence
from thalweg.effects.one_treatment.effort import Effort
from thalweg.effects.one_treatment.estimands import SLOPE, Ratio
from thalweg.effects.one_treatment.nuisances import NuisanceChoice, learn_outcome, split
from thalweg.effects.one_treatment.unit_arrays import read_units
from thalweg.effects.training import Training

LEAST_VARIANCE: Final = 1e-6  # of the treatment's residual, in variances of the treatment


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope of a numeric treatment.

    Parameters
    ----------
    effect
        Estimate and interval.
    choices
        What predicts outcome and treatment.
    notes
        What makes units doubtful as independent ones, where no clusters were given, and what to tell of weights.
    """

    effect: TreatmentEffect
    choices: tuple[NuisanceChoice, ...]
    notes: tuple[str, ...] = ()


def partially_linear(
    x: object,
    y: object,
    treatment: object,
    *,
    clusters: object = None,
    weights: object = None,
    weights_kind: str | None = None,
    training: Training = QUIET,
    level: float = 0.95,
    seed: int = 0,
) -> Slope:
    """Return the slope of a numeric treatment: Σ w (T − m̂)(Y − l̂) / Σ w (T − m̂)².

    Chernozhukov et al. 2018, Econometrics Journal 21, C1, equation 4.4.

    Parameters
    ----------
    x, y, treatment
        Covariates [N D], outcomes [N] and amounts [N].
    clusters, weights, weights_kind, training, level, seed
        As for :func:`~thalweg.effects.one_treatment.average.average_effects`.

    Returns
    -------
    Slope
        With its interval, and what predicts outcome and treatment.

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
    >>> abs(partially_linear(x, 2 * t + x[:, 0] ** 2, t, training=quick).effect.estimate - 2.0) < 0.3
    True
    """
    check_number("level", level, low=0.0, high=1.0, open_low=True, open_high=True)
    count = len(np.asarray(treatment))
    units = read_units(x, y, count, clusters=clusters, weights=weights, weights_kind=weights_kind)
    amounts = read_units(np.zeros((count, 0)), treatment, count, what="treatment").y[units.rows]
    if float(amounts.std()) == 0.0:
        raise DataError(f"The treatment is {amounts[0]:g} for every unit.", "Give a treatment that varies.")
    notes = units.notes
    if clusters is None:
        table = pd.DataFrame(units.x, columns=list(units.names))  # one unit may have several amounts
        notes = [*notes, *seen_dependence(table, units.y, "partially_linear")]
    everybody = np.zeros(len(amounts), dtype=np.int64)
    one_cell = np.zeros((1, 1), dtype=np.int64)
    trial = Experiment(units.x, units.y, one_cell, everybody, np.ones(1), units.clusters, units.weights)
    folds = split(trial, training, seed)
    outcomes, first = learn_outcome(trial, folds, training, seed, Effort())
    treatments, second = learn_outcome(replace(trial, y=amounts), folds, training, seed, Effort())
    estimates, errors = [], []
    for outcome, expected in zip(outcomes[:, :, 0], treatments[:, :, 0], strict=True):
        away = amounts - expected
        if float((away**2).mean()) < LEAST_VARIANCE * float(amounts.var()):
            raise DataError("The covariates predict the treatment without error.", "Nothing is left to compare.")
        one = Ratio(away * (units.y - outcome), away**2)
        estimates.append([one.estimate(units.weights)])
        errors.append([one.error(trial)])
    estimate, error = median_over_repeats(np.array(estimates), np.array(errors))
    found = effect_of("slope", SLOPE, float(estimate[0]), float(error[0]), trial, level=level, units=len(trial))
    return Slope(found, (first, replace(second, nuisance="treatment")), tuple(notes))
