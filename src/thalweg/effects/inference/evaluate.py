"""From out-of-fold parameters to the scores of every combination, per repeat and together."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.common_scale import CommonScale, solve_scale
from thalweg.effects.inference.cross_fitted import CrossFit, Nuisance, predicted, unit_losses
from thalweg.effects.inference.intervals import influence, mean_score
from thalweg.effects.inference.score import project, scale_needs, score_blocks
from thalweg.effects.inference.specification import Wald, aipw_scores, link_test, received_probability, scale_test
from thalweg.effects.inference.weights import WeightSummary, summarise_weights


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
    >>> from thalweg.effects.inference.cross_fitted import Model
    >>> from thalweg.effects.crossfit import cross_fit
    >>> from thalweg.effects.training import Training
    >>> from thalweg.effects.experiment.experiment import all_combinations
    >>> from thalweg.effects.links.link import LINKS
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> quick = Training(hidden=(4,), epochs=5, folds=2, repeats=1, workers=1)
    >>> [[fit]] = cross_fit([experiment], [Model(LINKS["sigmoid2"], "common")], quick)
    >>> evaluate(experiment, fit, all_combinations(4), baseline=0).scores.shape
    (600, 16)
    """
    places = _places(experiment.cells, targets)
    parameters = fit.model.link.index_size(experiment.treatments) + int(fit.model.own_scale)
    parts, sums = [], _UnitScores(np.zeros(()), np.zeros(()), np.zeros(()))
    for repeat in range(len(fit.nuisances)):
        part, units = _one_repeat(experiment, fit, repeat, targets, baseline, places)
        parts.append(part)
        sums = units if repeat == 0 else sums.plus(units)
    scores, unstructured, departures = (a / len(parts) for a in (sums.scores, sums.unstructured, sums.departures))
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
        link_test=link_test(experiment, departures, parameters),
        scale_test=parts[0].scale_test,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _UnitScores:
    """What repeats add up for every unit: scores [N L], AIPW scores and departures of observed cells [N J]."""

    scores: FloatArray
    unstructured: FloatArray
    departures: FloatArray

    def plus(self, other: "_UnitScores") -> "_UnitScores":
        """Add in place: scores of many targets are large."""
        for mine, theirs in zip(
            (self.scores, self.unstructured, self.departures),
            (other.scores, other.unstructured, other.departures),
            strict=True,
        ):
            np.add(mine, theirs, out=mine)
        return self


@dataclass(frozen=True, slots=True, eq=False)
class _Repeat:
    estimate: FloatArray
    error: FloatArray
    doubt: FloatArray
    plug_in: FloatArray
    unstructured_estimate: FloatArray
    unstructured_error: FloatArray
    weights: tuple[WeightSummary, ...]
    losses: FloatArray
    scale: CommonScale | None
    scale_test: Wald | None


def _one_repeat(
    experiment: Experiment, fit: CrossFit, repeat: int, targets: IntArray, baseline: int, places: IntArray
) -> tuple[_Repeat, _UnitScores]:
    model, link = fit.model, fit.model.link
    nuisance: Nuisance = fit.nuisances[repeat]
    losses = unit_losses(experiment.y, predicted(link, nuisance, experiment), model.binary)
    scale = None
    if model.common_scale:
        parts = len(np.unique(fit.folds[repeat]))
        shared = (parts - 2) / (parts - 1) if parts > 2 else 0.0
        nuisance, scale = solve_scale(link, nuisance, fit.others[repeat], experiment, shared)
    trust, doubt = (1.0, 0.0) if scale is None else (scale.trust, scale.doubt)
    projection = project(link, nuisance, experiment, common_scale=model.common_scale, binary=model.binary)
    residual = experiment.y - predicted(link, nuisance, experiment)
    blocks = partial(score_blocks, link, nuisance, projection, parts=fit.folds[repeat])
    [base] = blocks(targets=targets[[baseline]], scale_trust=trust)
    scores = np.empty((len(experiment), len(targets)))
    plug_in, sampling, shift = (np.empty(len(targets)) for _ in range(3))
    weights = []
    for block in blocks(targets=targets, scale_trust=trust):
        columns = slice(block.first, block.first + block.weights.shape[1])
        answers, heavy = block.plug_in - base.plug_in, block.weights - base.weights
        need = block.scale_need - base.scale_need
        if baseline in range(len(targets))[columns]:
            for exact in (answers, heavy, need):  # rounding differs between blocks
                exact[..., baseline - block.first] = 0.0
        plug_in[columns] = mean_score(answers, experiment.weights)
        scores[:, columns] = answers + heavy * residual[:, None]
        sampling[columns] = standard_errors(experiment, scores[:, columns])
        shift[columns] = doubt * need
        doubts = np.abs(shift[columns]) / np.maximum(sampling[columns], 1e-300)
        weights += [summarise_weights(w, float(d)) for w, d in zip(heavy.T, doubts, strict=True)]
    own = int(np.flatnonzero(places == baseline)[0])
    unstructured = aipw_scores(experiment, link.value(nuisance.index, nuisance.scale, link.design(experiment.cells)))
    unstructured = unstructured - unstructured[:, [own]]
    fully = np.concatenate([block.weights for block in blocks(targets=experiment.cells)], axis=1)
    departures = _departures(experiment, fully, residual)
    answer = _Repeat(
        estimate=mean_score(scores, experiment.weights),
        error=np.hypot(sampling, shift),
        doubt=shift,
        plug_in=plug_in,
        unstructured_estimate=mean_score(unstructured, experiment.weights),
        unstructured_error=standard_errors(experiment, unstructured),
        weights=tuple(weights),
        losses=losses,
        scale=scale,
        scale_test=scale_test(experiment, nuisance, projection, residual) if model.common_scale else None,
    )
    return answer, _UnitScores(scores, unstructured, departures - departures[:, [own]])


def _departures(experiment: Experiment, weights: FloatArray, residual: FloatArray) -> FloatArray:
    """Return how the scores of observed cells through the link differ from those by AIPW [N J].

    The weights [N J] apply the correction for a common scale in full: shrunk, it would leave the scale's own error in
    the test.
    """
    weights[np.arange(len(experiment)), experiment.received] -= 1.0 / received_probability(experiment)
    return np.asarray(weights * residual[:, None])


def standard_errors(experiment: Experiment, scores: FloatArray) -> FloatArray:
    """Return the standard error of every mean score [L], clustered if the experiment has clusters.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=100)
    >>> np.isclose(standard_errors(experiment, experiment.y[:, None]), experiment.y.std(ddof=1) / 10)
    array([ True])
    """
    return np.asarray(np.sqrt((influence(scores, experiment.clusters, experiment.weights) ** 2).sum(0)))


def error_rows(experiment: Experiment, evaluation: Evaluation, columns: IntArray | NDArray[np.bool_]) -> FloatArray:
    """Return what makes up the errors of some targets [U L]: the influence of every unit, and an undetermined scale.

    The sum of squares of a column is the variance of its estimate, products of columns are covariances.
    """
    rows = influence(evaluation.scores[:, columns], experiment.clusters, experiment.weights)
    return np.vstack([rows, evaluation.doubts[:, columns].mean(0)])


def scale_shifts(
    experiment: Experiment, fit: CrossFit, evaluation: Evaluation, combinations: IntArray, baseline: IntArray
) -> FloatArray:
    """Return by how much an undetermined scale would move the effect of every unit [N]; 0 if it is determined.

    Parameters
    ----------
    experiment, fit, evaluation
        Data and model, with a common scale or without.
    combinations
        Combination of every unit [N m].
    baseline
        Combination that effects are measured against [m].
    """
    shifts = np.zeros(len(experiment))
    if not evaluation.scales or evaluation.scales[0].doubt == 0.0:
        return shifts
    link, nuisance = fit.model.link, fit.nuisances[0]
    projection = project(link, nuisance, experiment, common_scale=True, binary=fit.model.binary)
    for combination in np.unique(combinations, axis=0):
        mine = (combinations == combination).all(1)
        needs = scale_needs(link, nuisance, projection, np.stack([combination, baseline]))[mine]
        shifts[mine] = needs[:, 0] - needs[:, 1]
    return np.asarray(evaluation.scales[0].doubt * shifts)


def _places(cells: IntArray, targets: IntArray) -> IntArray:
    """Return the number of every observed cell in the list of targets [J]."""
    found = (targets[None] == cells[:, None]).all(2)
    return np.asarray(found.argmax(1), dtype=np.int64)
