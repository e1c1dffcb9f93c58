"""Every observed cell predicted without its own rows: the plainest test of a link."""

from dataclasses import replace

import numpy as np

from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.crossfit import cross_fit
from thalweg.effects.effect import LeftOut
from thalweg.effects.experiment.experiment import Experiment, combination_label
from thalweg.effects.identification.rank import structure
from thalweg.effects.inference.evaluate import evaluate
from thalweg.effects.inference.intervals import median_over_repeats, two_sided
from thalweg.effects.training import Train, Training


def leave_cells_out(
    answer: EffectsAnswer, training: Training, *, seed: int, train: Train | None = None
) -> tuple[LeftOut, ...]:
    """Predict every observed cell from the others, where they determine it, and compare with AIPW.

    Parameters
    ----------
    answer
        A fitted answer; its model is trained again without each cell in turn, one split each, in one population.
    training, seed, train
        As for :func:`~thalweg.effects.crossfit.cross_fit`.

    Returns
    -------
    tuple of LeftOut
        One per cell that the others determine.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> [found.combination for found in leave_cells_out(answer, quick.training, seed=0)]
    ['01', '10', '11']
    """
    e, model = answer.reading.experiment, answer.fit.model
    base = answer.reading.baseline
    keep: list[int] = []
    for j, cell in enumerate(e.cells):
        others = np.delete(e.cells, j, axis=0)
        if not (cell == base).all():
            found = structure(model.link, others, cell[None], base, common_scale=model.common_scale)
            keep += [j] * bool(found.identified[0])
    reduced = [_without(e, j) for j in keep]
    if not reduced:
        return ()
    once = replace(training, repeats=1)
    fits = cross_fit(reduced, [model], once, seed=seed + 1, train=train)
    aipw, aipw_error = median_over_repeats(
        answer.evaluation.unstructured_estimates, answer.evaluation.unstructured_errors
    )
    out = []
    for j, small, [fit] in zip(keep, reduced, fits, strict=True):
        wanted = np.concatenate([small.cells, e.cells[j][None]])
        place = int(np.flatnonzero((wanted == base).all(1))[0])
        answered = evaluate(small, fit, wanted, place)
        value, error = float(answered.estimates[0, -1]), float(answered.errors[0, -1])
        z = (value - aipw[j]) / np.hypot(error, aipw_error[j])
        label = combination_label(e.cells[j])
        out.append(LeftOut(label, value, error, float(aipw[j]), float(aipw_error[j]), float(two_sided(z))))
    return tuple(out)


def _without(experiment: Experiment, cell: int) -> Experiment:
    """Return the experiment without one of its cells."""
    rows = experiment.received != cell
    shares = np.delete(experiment.probabilities[rows], cell, axis=1)
    received = experiment.received[rows]
    return Experiment(
        experiment.x[rows],
        experiment.y[rows],
        np.delete(experiment.cells, cell, axis=0),
        received - (received > cell),
        shares / shares.sum(1, keepdims=True),
        None if experiment.clusters is None else experiment.clusters[rows],
        None if experiment.weights is None else experiment.weights[rows],
        None if experiment.groups is None else experiment.groups[rows],
        None if experiment.time is None else experiment.time[rows],
    )
