"""Predictions of units left out: each number is what it says of the fit."""

import numpy as np
import pytest

from effects.experiments import NAMES, quick, table
from thalweg.effects.out_of_fold import cell_residuals, compare_out_of_fold

THREE = NAMES | {"treatments": ["t1", "t2", "t3"]}


@pytest.fixture(scope="module")
def answer():
    frame, _ = table(silent=(0,), rows=1200, treatments=3)
    return quick(epochs=30, scale="local", repeats=2).fit(frame, **THREE)


def guesses(answer, nuisance):
    experiment, link = answer.reading.experiment, answer.fit.model.link
    values = link.value(nuisance.index, nuisance.scale, link.design(experiment.cells))
    return values[np.arange(len(experiment)), experiment.received]


def test_residuals_are_those_of_the_fit(answer):
    fit, experiment = answer.fit, answer.reading.experiment
    residual = experiment.y - np.mean([guesses(answer, nuisance) for nuisance in fit.nuisances], axis=0)
    found = cell_residuals(experiment, fit)
    assert found[1].mean == pytest.approx(residual[experiment.received == 1].mean())


def test_losses_compare_like_with_like(answer):
    experiment, fit = answer.reading.experiment, answer.fit
    found = compare_out_of_fold(experiment, fit, answer.training.folds)
    assert found.networks < found.cell_means
    spread = [experiment.y[experiment.received == j].std() for j in range(len(experiment.cells))]
    expected = np.sqrt(np.average(np.square(spread), weights=experiment.counts))
    assert np.sqrt(found.cell_means) == pytest.approx(expected, rel=0.05)  # a mean of half the units adds noise
    assert found.networks == pytest.approx(np.mean((experiment.y - guesses(answer, fit.nuisances[0])) ** 2))
