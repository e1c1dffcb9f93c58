"""From cross-fitted models to an answer: the model that predicts best, its scores, and what is worth a warning."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from thalweg.base.arrays import IntArray
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.experiment.experiment import Experiment
from thalweg.effects.experiment.reading import Reading
from thalweg.effects.identification.rank import structure
from thalweg.effects.identification.support import supports
from thalweg.effects.inference.common_scale import NETWORK_ERROR
from thalweg.effects.inference.cross_fitted import CrossFit
from thalweg.effects.inference.evaluate import Evaluation, evaluate
from thalweg.effects.inference.link_spread import spread_over_links
from thalweg.effects.inference.scale_choice import ScaleChoice, choose_scale
from thalweg.effects.links.link import COMMON, OWN
from thalweg.effects.training import Training


def answer_of_fits(
    reading: Reading, targets: IntArray, fits: Sequence[CrossFit], training: Training, *, seed: int
) -> EffectsAnswer:
    """Return what cross-fitted models say about an experiment; the one that predicts best is used.

    Parameters
    ----------
    reading
        The experiment.
    targets
        Combinations asked for [L m]; observed ones must be among them.
    fits
        Cross-fitted parameters, one entry per model.
    training, seed
        How they were trained.

    Examples
    --------
    >>> from thalweg.effects.crossfit import cross_fit
    >>> from thalweg.effects.experiment.reading import read_experiment
    >>> from thalweg.effects.inference.cross_fitted import Model
    >>> from thalweg.effects.links.link import LINKS
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> reading = read_experiment(columns, target="y", treatments=["a", "b"])
    >>> quick = Training(epochs=5, folds=2, repeats=1, workers=1)
    >>> [fits] = cross_fit([reading.experiment], [Model(LINKS["linear"])], quick)
    >>> answer_of_fits(reading, reading.experiment.cells, fits, quick, seed=0).best().combination
    '11'
    """
    experiment = reading.experiment
    base = int(np.flatnonzero((targets == reading.baseline).all(1))[0])
    evaluations = [evaluate(experiment, fit, targets, base) for fit in fits]
    chosen, choice = _choose(experiment, fits, evaluations)
    fit, evaluation = fits[chosen], evaluations[chosen]
    found = structure(fit.model.link, experiment.cells, targets, reading.baseline, common_scale=fit.model.common_scale)
    scale = max(evaluation.scales, key=lambda s: s.relative) if evaluation.scales else None
    status = supports(experiment, targets, evaluation.weights, found.identified, scale, fit.model.own_scale)
    return EffectsAnswer(
        reading=reading,
        targets=targets,
        fit=fit,
        evaluation=evaluation,
        supports=tuple(status),
        scale_choice=choice,
        link_losses={f.model.link.name: float(e.losses.mean()) for f, e in zip(fits, evaluations, strict=True)},
        link_spread=spread_over_links(experiment, evaluation.unstructured, targets, reading.baseline, fit.model.link),
        training=training,
        seed=seed,
        notes=(*reading.notes, *_fit_notes(experiment, fit, evaluation)),
    )


def _choose(
    experiment: Experiment, fits: Sequence[CrossFit], evaluations: Sequence[Evaluation]
) -> tuple[int, ScaleChoice | None]:
    """Return the number of the model to use: the link of least loss, then the kind of its scale."""
    losses = [float(np.average(e.losses, weights=experiment.weights)) for e in evaluations]
    link = fits[int(np.argmin(losses))].model.link
    mine = {fit.model.scale_kind: n for n, fit in enumerate(fits) if fit.model.link == link}
    if COMMON in mine and OWN in mine:
        choice = choose_scale(experiment, evaluations[mine[COMMON]], evaluations[mine[OWN]])
        return mine[choice.kind], choice
    return next(iter(mine.values())), None


def _fit_notes(experiment: Experiment, fit: CrossFit, evaluation: Evaluation) -> list[str]:
    """Say what is worth a warning about the fit."""
    notes = []
    if fit.retried:
        notes.append(f"{fit.retried} networks diverged or got stuck and were trained again.")
    doubtful = [scale for scale in evaluation.scales if not scale.solved]
    if doubtful:
        worst = max(scale.relative for scale in doubtful)
        notes.append(
            f"The cells hardly determine the scale (±{100 * worst:.0f} %): errors assume that the networks miss it by "
            f"about {100 * NETWORK_ERROR:.0f} %. Run one of the cells that design() names."
        )
    if evaluation.link_test.degrees and evaluation.link_test.p_value < 0.01:
        notes.append(f"{evaluation.link_test.text} (p = {evaluation.link_test.p_value:.1g})")
    if not fit.model.binary:
        design = np.column_stack([np.ones(len(experiment)), experiment.x, experiment.cells[experiment.received]])
        residual = experiment.y - design @ np.linalg.lstsq(design, experiment.y, rcond=None)[0]
        difference = residual**2 - evaluation.losses
        z = float(difference.mean() / max(difference.std() / np.sqrt(len(difference)), 1e-300))
        if z < float(norm.ppf(0.05)):
            notes.append(
                "The structured network predicts new units worse than a linear regression: treat effects of "
                "combinations nobody received as unreliable."
            )
    return notes
