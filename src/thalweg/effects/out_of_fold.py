"""How well the networks predict units they never saw, beside simpler guesses, and what is left in every cell."""

from dataclasses import dataclass

import numpy as np

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.cell_folds import learning_rows
from thalweg.effects.experiment.experiment import Experiment, combination_label
from thalweg.effects.inference.cross_fitted import CrossFit, predicted, unit_losses


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Mean loss of predictions for units that were left out, in the first split.

    Parameters
    ----------
    name
        ``mean squared error``, or ``log loss`` of a binary outcome.
    networks, cell_means
        Of the structured networks, and of the mean of the other units in the same cell.
    regression
        Of a linear regression on covariates and treatments; None for a binary outcome.
    """

    name: str
    networks: float
    cell_means: float
    regression: float | None


@dataclass(frozen=True, slots=True)
class CellResidual:
    """Mean residual of one cell, Y − Ĝ, from networks that never saw the unit, and its standard error."""

    cell: str
    count: int
    mean: float
    error: float


def compare_out_of_fold(experiment: Experiment, fit: CrossFit, folds: int, gap: int = 0) -> OutOfFold:
    """Compare the networks' predictions of units left out with cell means and a linear regression.

    Parameters
    ----------
    experiment, fit
        The units, and what the networks predict for them out of fold; the first split counts.
    folds, gap
        Folds of a split, and times left out beside each if they are blocks of time.

    Returns
    -------
    OutOfFold
        Mean losses, rows by weight.

    Examples
    --------
    >>> from thalweg.effects.inference.cross_fitted import Model
    >>> from thalweg.effects.crossfit import cross_fit
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> from thalweg.effects.training import Training
    >>> experiment, _ = simulate(0, rows=600)
    >>> quick = Training(hidden=(4,), epochs=5, folds=2, repeats=1, workers=1)
    >>> [[fit]] = cross_fit([experiment], [Model(LINKS["sigmoid2"], "common")], quick)
    >>> found = compare_out_of_fold(experiment, fit, folds=2)
    >>> found.name, found.networks < found.cell_means
    ('mean squared error', True)
    """
    binary, parts = fit.model.binary, fit.folds[0]
    treated = experiment.cells[experiment.received]
    design = np.column_stack([np.ones(len(experiment)), experiment.x, treated])
    means, line = np.empty(len(experiment)), np.empty(len(experiment))
    for part in np.unique(parts):
        train, test = learning_rows(experiment, parts, int(part), folds, gap), parts == part
        counts = np.bincount(experiment.received[train], minlength=len(experiment.cells))
        sums = np.bincount(experiment.received[train], experiment.y[train], minlength=len(experiment.cells))
        means[test] = (sums / np.maximum(counts, 1))[experiment.received[test]]
        line[test] = design[test] @ np.linalg.lstsq(design[train], experiment.y[train], rcond=None)[0]
    guesses: FloatArray = predicted(fit.model.link, fit.nuisances[0], experiment)

    def loss(mean: FloatArray) -> float:
        return float(np.average(unit_losses(experiment.y, mean, binary), weights=experiment.weights))

    name = "log loss" if binary else "mean squared error"
    return OutOfFold(name, loss(guesses), loss(means), None if binary else loss(line))


def cell_residuals(experiment: Experiment, fit: CrossFit) -> tuple[CellResidual, ...]:
    """Return the mean residual of every cell, averaged over splits; far from zero where the link does not fit."""
    guesses = np.mean([predicted(fit.model.link, nuisance, experiment) for nuisance in fit.nuisances], axis=0)
    residual = experiment.y - guesses
    found = []
    for number, cell in enumerate(experiment.cells):
        mine = residual[experiment.received == number]
        error = float(mine.std(ddof=1) / np.sqrt(len(mine))) if len(mine) > 1 else float("nan")
        found.append(CellResidual(combination_label(cell), len(mine), float(mine.mean()), error))
    return tuple(found)
