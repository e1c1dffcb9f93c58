"""What an undetermined scale does to the effect of a group or of a policy."""

import numpy as np

from thalweg.base.arrays import IntArray
from thalweg.effects.evaluate import Evaluation
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.parameters import CrossFit
from thalweg.effects.inference.score import project, scale_needs


def scale_doubt(
    experiment: Experiment,
    fit: CrossFit,
    evaluation: Evaluation,
    combinations: IntArray,
    baseline: IntArray,
    rows: IntArray,
) -> float:
    """Return the part of an error that is owed to the scale, for the mean of some units; 0 if the scale is determined.

    Parameters
    ----------
    experiment, fit, evaluation
        Data and model, with a common scale or without.
    combinations
        Combination of every unit [N m].
    baseline
        Combination that effects are measured against [m].
    rows
        The units [n].
    """
    if not evaluation.scales or evaluation.scales[0].doubt == 0.0:
        return 0.0
    link, nuisance = fit.model.link, fit.nuisances[0]
    projection = project(link, nuisance, experiment, common_scale=True, binary=fit.model.binary)
    weights = np.ones(len(experiment)) if experiment.weights is None else experiment.weights
    total = 0.0
    for combination in np.unique(combinations[rows], axis=0):
        mine = rows[(combinations[rows] == combination).all(1)]
        needs = scale_needs(link, nuisance, projection, np.stack([combination, baseline]))[mine]
        total += float(weights[mine] @ (needs[:, 0] - needs[:, 1]))
    return evaluation.scales[0].doubt * total / float(weights[rows].sum())
