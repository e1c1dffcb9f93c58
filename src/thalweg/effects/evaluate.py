"""From out-of-fold parameters to the scores of every combination, per repeat and together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.effects.common_scale import CommonScale, solve_scale
from thalweg.effects.crossfit import CrossFit
from thalweg.effects.curve import FloatArray
from thalweg.effects.experiment import Experiment, IntArray
from thalweg.effects.identify import WeightSummary, summarise_weights
from thalweg.effects.inference import influence, mean_score
from thalweg.effects.score import Nuisance, Projection, predicted, project, score_blocks, unit_losses
from thalweg.effects.specification import Wald, aipw_scores, link_test, received_probability, scale_test


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Scores of effects against the baseline, and what can be said about the fit.

    Parameters
    ----------
    scores
        ψ(t) − ψ(baseline) [N L], averaged over repeats.
    estimates, errors
        Per repeat [R L].
    doubts
        The part of each error that is owed to an undetermined scale, with the sign of its effect [R L].
    plug_in
        The networks' own answer, without correction [L].
    unstructured
        AIPW scores of observed cells against the baseline [N J], averaged over repeats.
    unstructured_estimates, unstructured_errors
        The same per repeat [R J].
    weights
        Weights of every target in the first repeat.
    losses
        Out-of-fold loss of every unit [N], averaged over repeats.
    scales
        The common scale of every repeat; empty if there is none.
    link_test, scale_test
        Tests of the link, and of a common scale (None where there is none).
    """

    scores: FloatArray
    estimates: FloatArray
    errors: FloatArray
    doubts: FloatArray
    plug_in: FloatArray
    unstructured: FloatArray
    unstructured_estimates: FloatArray
    unstructured_errors: FloatArray
    weights: tuple[WeightSummary, ...]
    losses: FloatArray
    scales: tuple[CommonScale, ...]
    link_test: Wald
    scale_test: Wald | None


def evaluate(experiment: Experiment, fit: CrossFit, targets: IntArray, baseline: int) -> Evaluation:
    """Compute the scores of all targets from cross-fitted parameters.

    Parameters
    ----------
    experiment
        The data.
    fit
        Out-of-fold parameters.
    targets
        Combinations [L m]; every observed cell must be among them.
    baseline
        Number of the target that effects are measured against.

    Returns
    -------
    Evaluation
        The scores, per repeat and together.

    Examples
    --------
    >>> from thalweg.effects.crossfit import Model, cross_fit
    >>> from thalweg.effects.training import Training
    >>> from thalweg.effects.experiment import all_combinations
    >>> from thalweg.effects.link import LINKS
    >>> from thalweg.effects.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> quick = Training(hidden=(4,), epochs=5, folds=2, repeats=1, workers=1)
    >>> [[fit]] = cross_fit([experiment], [Model(LINKS["sigmoid2"], "common")], quick)
    >>> evaluate(experiment, fit, all_combinations(4), baseline=0).scores.shape
    (600, 16)
    """
    places = _places(experiment.cells, targets)
    parameters = fit.model.link.index_size(experiment.treatments) + int(fit.model.own_scale)
    parts = [_one_repeat(experiment, fit, r, targets, baseline, places) for r in range(len(fit.nuisances))]
    scores: FloatArray = np.mean([part.scores for part in parts], axis=0)
    unstructured: FloatArray = np.mean([part.unstructured for part in parts], axis=0)
    return Evaluation(
        scores=scores,
        estimates=np.stack([part.estimate for part in parts]),
        errors=np.stack([part.error for part in parts]),
        doubts=np.stack([part.doubt for part in parts]),
        plug_in=np.mean([part.plug_in for part in parts], axis=0),
        unstructured=unstructured,
        unstructured_estimates=np.stack([part.unstructured_estimate for part in parts]),
        unstructured_errors=np.stack([part.unstructured_error for part in parts]),
        weights=parts[0].weights,
        losses=np.mean([part.losses for part in parts], axis=0),
        scales=tuple(part.scale for part in parts if part.scale is not None),
        link_test=link_test(experiment, np.mean([part.departures for part in parts], axis=0), parameters),
        scale_test=parts[0].scale_test,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Repeat:
    scores: FloatArray
    estimate: FloatArray
    error: FloatArray
    doubt: FloatArray
    departures: FloatArray
    plug_in: FloatArray
    unstructured: FloatArray
    unstructured_estimate: FloatArray
    unstructured_error: FloatArray
    weights: tuple[WeightSummary, ...]
    losses: FloatArray
    scale: CommonScale | None
    scale_test: Wald | None


def _one_repeat(
    experiment: Experiment, fit: CrossFit, repeat: int, targets: IntArray, baseline: int, places: IntArray
) -> _Repeat:
    model, link = fit.model, fit.model.link
    nuisance: Nuisance = fit.nuisances[repeat]
    losses = unit_losses(experiment.y, predicted(link, nuisance, experiment), model.binary)
    scale = None
    if model.common_scale:
        nuisance, scale = solve_scale(link, nuisance, fit.others[repeat], experiment)
    trust, doubt = (1.0, 0.0) if scale is None else (scale.trust, scale.doubt)
    projection = project(link, nuisance, experiment, common_scale=model.common_scale, binary=model.binary)
    residual = experiment.y - predicted(link, nuisance, experiment)
    scores = np.empty((len(experiment), len(targets)))
    weights = np.empty_like(scores)
    need = np.empty(len(targets))
    for block in score_blocks(link, nuisance, projection, targets, fit.folds[repeat], scale_trust=trust):
        columns = slice(block.first, block.first + block.weights.shape[1])
        scores[:, columns], weights[:, columns] = block.plug_in, block.weights
        need[columns] = block.scale_need
    own = int(np.flatnonzero(places == baseline)[0])
    unstructured = aipw_scores(experiment, scores[:, places])
    unstructured = unstructured - unstructured[:, [own]]
    departures = _departures(experiment, fit, repeat, nuisance, projection, residual)
    departures = departures - departures[:, [own]]
    scores -= scores[:, [baseline]]
    weights -= weights[:, [baseline]]
    need -= need[baseline]
    mean_plug_in = mean_score(scores, experiment.weights)
    scores += weights * residual[:, None]
    sampling = standard_errors(experiment, scores)
    return _Repeat(
        scores=scores,
        estimate=mean_score(scores, experiment.weights),
        error=np.hypot(sampling, doubt * need),
        doubt=doubt * need,
        departures=departures,
        plug_in=mean_plug_in,
        unstructured=unstructured,
        unstructured_estimate=mean_score(unstructured, experiment.weights),
        unstructured_error=standard_errors(experiment, unstructured),
        weights=tuple(
            summarise_weights(weights[:, k], abs(doubt * need[k]) / max(float(sampling[k]), 1e-300))
            for k in range(len(targets))
        ),
        losses=losses,
        scale=scale,
        scale_test=scale_test(experiment, nuisance, projection, residual) if model.common_scale else None,
    )


def _departures(
    experiment: Experiment,
    fit: CrossFit,
    repeat: int,
    nuisance: Nuisance,
    projection: Projection,
    residual: FloatArray,
) -> FloatArray:
    """Return how the scores of observed cells through the link differ from those by AIPW [N J].

    The correction for a common scale is applied in full: shrunk, it would leave the scale's own error in the test.
    """
    parts = fit.folds[repeat]
    blocks = score_blocks(fit.model.link, nuisance, projection, experiment.cells, parts)
    weights = np.concatenate([block.weights for block in blocks], axis=1)
    weights[np.arange(len(experiment)), experiment.received] -= 1.0 / received_probability(experiment)
    return np.asarray(weights * residual[:, None])


def standard_errors(experiment: Experiment, scores: FloatArray) -> FloatArray:
    """Return the standard error of every mean score [L], clustered if the experiment has clusters.

    Examples
    --------
    >>> from thalweg.effects.simulate import simulate
    >>> experiment, _ = simulate(0, rows=100)
    >>> standard_errors(experiment, experiment.y[:, None]) == experiment.y.std(ddof=1) / 10
    array([ True])
    """
    return np.asarray(np.sqrt((influence(scores, experiment.clusters, experiment.weights) ** 2).sum(0)))


def error_rows(experiment: Experiment, evaluation: Evaluation, columns: IntArray | NDArray[np.bool_]) -> FloatArray:
    """Return what makes up the errors of some targets [U L]: the influence of every unit, and an undetermined scale.

    The sum of squares of a column is the variance of its estimate, products of columns are covariances.
    """
    rows = influence(evaluation.scores[:, columns], experiment.clusters, experiment.weights)
    return np.vstack([rows, evaluation.doubts[:, columns].mean(0)])


def _places(cells: IntArray, targets: IntArray) -> IntArray:
    """Return the number of every observed cell in the list of targets [J]."""
    found = (targets[None] == cells[:, None]).all(2)
    return np.asarray(found.argmax(1), dtype=np.int64)
