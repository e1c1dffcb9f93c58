"""Tests of the link: against estimates that need none, for units of different scale, and by leaving cells out."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.cross_fitted import Nuisance
from thalweg.effects.inference.intervals import influence
from thalweg.effects.inference.score import Projection

EIGENVALUES: Final = 1e-2
"""Directions of less than a hundredth of the largest variance are left out: the networks' own error is large there."""
LEAST_PROBABILITY: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Wald:
    """A test that some means are all zero.

    Parameters
    ----------
    name
        What is tested.
    statistic, degrees
        χ² and its degrees of freedom; none if there is nothing to test.
    p_value
        Small where the means are not zero; 1 if there is nothing to test.
    text
        The result in words.
    """

    name: str
    statistic: float
    degrees: int
    p_value: float
    text: str


def wald(name: str, scores: FloatArray, experiment: Experiment, good: str, bad: str, none: str) -> Wald:
    """Test that the mean of the scores [N L] is zero; directions without variance are left out.

    Where it is not rejected the words are ``good``, in which {seen} is what the test could have seen: the departure of
    one mean that is found in four of five experiments.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=400)
    >>> noise = np.random.default_rng(0).normal(size=(400, 2))
    >>> [wald("mean", scores, experiment, "zero", "not zero", "nothing").text for scores in (noise, noise + 1.0)]
    ['zero', 'not zero']
    """
    rows = influence(scores, experiment.clusters, experiment.weights)
    mean = np.average(scores, axis=0, weights=experiment.weights)
    spread = np.sqrt((rows**2).sum(0))
    live = spread > 1e-10 * max(float(spread.max(initial=0.0)), 1e-12)
    if not live.any():
        return Wald(name, 0.0, 0, 1.0, none)
    unit = rows[:, live] / spread[live]
    values, vectors = np.linalg.eigh(unit.T @ unit)
    kept = values > EIGENVALUES * values.max()
    along = vectors[:, kept].T @ (mean[live] / spread[live])
    statistic = float((along**2 / values[kept]).sum())
    p = float(chi2.sf(statistic, kept.sum()))
    power = seen_in_most(int(kept.sum())) * float(np.median(spread[live]))
    return Wald(name, statistic, int(kept.sum()), p, bad if p < 0.05 else good.format(seen=f"{power:.2g}"))


def seen_in_most(degrees: int) -> float:
    """Return the departure, in standard errors of one mean, that a test at 5 % sees in four of five experiments.

    Examples
    --------
    >>> round(seen_in_most(1), 2)  # 1.96 + 0.84
    2.8
    """
    limit = chi2.isf(0.05, degrees)
    found = brentq(lambda departure: ncx2.sf(limit, degrees, departure**2) - 0.8, 0.1, 50.0)
    return float(found)


def received_probability(experiment: Experiment) -> FloatArray:
    """Return the probability of what every unit received [N], at least 0.001."""
    given = experiment.probabilities[np.arange(len(experiment)), experiment.received]
    return np.asarray(np.maximum(given, LEAST_PROBABILITY))


def aipw_scores(experiment: Experiment, means: FloatArray) -> FloatArray:
    """Return the scores of cell means that need no link [N J]: m_j + 1{T = j} (Y − m_j) / ν_j.

    Parameters
    ----------
    experiment
        Who received what.
    means
        Predicted outcome of every unit in every observed cell [N J].

    Notes
    -----
    Robins, Rotnitzky & Zhao (1994), JASA 89, 846. With known probabilities it is unbiased whatever the predictions.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> aipw_scores(experiment, np.zeros((600, 6))).shape
    (600, 6)
    """
    scores = means.copy()
    rows = np.arange(len(experiment))
    own = means[rows, experiment.received]
    scores[rows, experiment.received] += (experiment.y - own) / received_probability(experiment)
    return scores


def link_test(experiment: Experiment, departures: FloatArray, parameters: int) -> Wald:
    """Test the link: in observed cells its answers must agree with those that need no link.

    Parameters
    ----------
    experiment
        For clusters and weights.
    departures
        Effects of observed cells against the baseline, scores through the link less those by AIPW [N J].
    parameters
        Number of parameters that every unit has for itself: with as many cells the two agree in every unit, and there
        is nothing to test.

    Returns
    -------
    Wald
        The test.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> link_test(experiment, np.zeros((600, 6)), parameters=6).text
    'There is no cell to spare: the link cannot be tested.'
    """
    return wald(
        "link",
        departures if len(experiment.cells) > parameters else np.zeros_like(departures),
        experiment,
        "The observed cells do not contradict the link; a departure of {seen} in one of their effects would have been "
        "seen in four of five such experiments. Cells nobody received are not tested.",
        "The link contradicts the observed cells: do not trust it in unobserved ones.",
        "There is no cell to spare: the link cannot be tested.",
    )


def scale_test(experiment: Experiment, nuisance: Nuisance, projection: Projection, residual: FloatArray) -> Wald:
    """Test that one scale holds for all units: its efficient score must not correlate with any covariate.

    Parameters
    ----------
    experiment, nuisance
        Covariates, and the fitted parameters with a common scale.
    projection
        The efficient score's weights and the information of every unit.
    residual
        Y − G [N].

    Returns
    -------
    Wald
        Of E[e r (f − f̄)] = 0 for every covariate f, where f̄ is weighted by information, so that an error of the
        common value itself drops out.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> from thalweg.effects.links.link import LINKS
    >>> from thalweg.effects.inference.cross_fitted import predicted
    >>> from thalweg.effects.inference.score import project
    >>> experiment, truth = simulate(0, rows=600)
    >>> nuisance = Nuisance(truth.parameters(experiment.x), truth.scales(experiment.x))
    >>> projection = project(LINKS["sigmoid2"], nuisance, experiment, common_scale=True)
    >>> residual = experiment.y - predicted(LINKS["sigmoid2"], nuisance, experiment)
    >>> scale_test(experiment, nuisance, projection, residual).degrees
    10
    """
    assert projection.common is not None
    assert projection.information is not None
    information = projection.information
    total = max(float(information.sum()), 1e-300)
    centred = experiment.x - information @ experiment.x / total
    scores = (projection.common * residual * np.sign(nuisance.scale))[:, None] * centred
    return wald(
        "scale",
        scores,
        experiment,
        "The data do not contradict one scale for all units.",
        "The scale differs between units.",
        "The cells say nothing about the scale.",
    )
