"""Which scale to use: one for all units, or each unit's own."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import norm

from thalweg.base.arrays import FloatArray
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.inference.evaluate import Evaluation
from thalweg.effects.inference.intervals import influence

LEVEL: Final = 0.01


@dataclass(frozen=True, slots=True)
class ScaleChoice:
    """The scale that was chosen, and why.

    Parameters
    ----------
    kind
        ``common`` or ``own``.
    reason
        In words.
    gain
        Out-of-fold loss of the common scale less that of the own one, and its standard error.
    gain_error
        See ``gain``.
    """

    kind: str
    reason: str
    gain: float
    gain_error: float


def choose_scale(experiment: Experiment, common: Evaluation, own: Evaluation) -> ScaleChoice:
    """Choose between one scale for all units and each unit's own.

    A common scale asks less of the design and has far smaller errors where it is right. It is given up if the test of a
    common scale rejects while networks with own scales predict rows they never saw no worse, both at 1 %. Better
    prediction alone is no reason: networks with a free scale also find a common one faster.

    Parameters
    ----------
    experiment
        For clusters and weights.
    common, own
        Both evaluations.

    Returns
    -------
    ScaleChoice
        The choice with its reason.

    Examples
    --------
    >>> from thalweg.effects.inference.cross_fitted import Model
    >>> from thalweg.effects.crossfit import cross_fit
    >>> from thalweg.effects.inference.evaluate import evaluate
    >>> from thalweg.effects.links.link import LINKS
    >>> from thalweg.effects.training import Training
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> quick = Training(hidden=(4,), epochs=5, folds=2, repeats=1, workers=1)
    >>> models = [Model(LINKS["sigmoid2"], kind) for kind in ("common", "own")]
    >>> [fits] = cross_fit([experiment], models, quick)
    >>> choose_scale(experiment, *(evaluate(experiment, fit, experiment.cells, 0) for fit in fits)).kind
    'common'
    """
    difference: FloatArray = common.losses - own.losses
    gain = float(np.average(difference, weights=experiment.weights))
    rows = influence(difference[:, None], experiment.clusters, experiment.weights)
    error = float(np.sqrt((rows**2).sum()))
    z = gain / error if error > 0 else 0.0
    rejected = common.scale_test is not None and common.scale_test.p_value < LEVEL
    if rejected and z > norm.ppf(LEVEL):
        reason = "the scale varies with a covariate, and networks with own scales predict no worse"
        return ScaleChoice("own", reason, gain, error)
    if rejected:
        reason = "the scale may vary with a covariate, but networks with own scales predict worse"
        return ScaleChoice("common", reason, gain, error)
    return ScaleChoice("common", "the data do not contradict it", gain, error)
