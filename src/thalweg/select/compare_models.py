"""From a trained population to the answer: predictions for held-out rows, the choice of a network, the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.select.crossval import CrossValidation, fold_members
from thalweg.select.curves import Curves, learning_curves
from thalweg.select.outputs import outputs_to_predictions
from thalweg.select.predictions import ModelPredictions, Problem, ensemble
from thalweg.select.reference import LINEAR, LinearModel, reference_models
from thalweg.train.population import Member
from thalweg.train.predict import predict_outputs
from thalweg.train.result import Fit, MemberFit

FloatArray = NDArray[np.float64]
CHOSEN = "network (chosen by validation loss)"
ENSEMBLE = "ensemble of networks"
LOSS_NAMES = {"regression": "squared error of the standardised outcome", "binary": "log loss", "multiclass": "log loss"}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All models' predictions for the rows they had not seen.

    Parameters
    ----------
    held_out
        The rows and their folds.
    models
        The chosen network and its ensemble, the linear models, the baseline, then every network of the grid.
    choice
        Number of the setting with the least validation loss over all folds, which the final networks use.
    choices
        The setting chosen in each fold, from validation rows alone.
    """

    held_out: Problem
    models: Sequence[ModelPredictions]
    choice: int
    choices: tuple[int, ...]


def compare_models(plan: CrossValidation, members: Sequence[Member], fit: Fit) -> Comparison:
    """Predict every held-out row by every model.

    In each fold the network is the setting with the least validation loss, averaged over seeds: the held-out rows
    have no say in it, so its score is honest.

    Parameters
    ----------
    plan
        The folds and encodings.
    members
        The population in the order of :meth:`CrossValidation.members`.
    fit
        The trained population, complete.

    Returns
    -------
    Comparison
        Predictions of all models.

    Examples
    --------
    See :func:`thalweg.fit`.
    """
    settings, problem = plan.settings, plan.problem
    fits = {f.number: f for f in fit.members}
    grid = range(len(settings.networks))
    values = {s: _network_values(plan, members, fits, s) for s in grid}
    losses = np.array([[_validation_loss(members, fits, f, s) for s in grid] for f in range(settings.folds)])
    models: list[ModelPredictions] = []
    choices: tuple[int, ...] = ()
    if settings.networks:
        choices = tuple(int(s) for s in losses.argmin(1))
        chosen = np.empty_like(values[0])
        for view, s in zip(plan.views[:-1], choices, strict=True):
            chosen[:, view.test] = values[s][:, view.test]
        note = _diverged(members, fits, [(v.fold, s) for v, s in zip(plan.views[:-1], choices, strict=True)])
        network = ModelPredictions(CHOSEN, "network", chosen, note)
        models += [network, *([ensemble(network, ENSEMBLE)] if settings.seeds > 1 else [])]
    models += _linear_predictions(plan)
    if len(settings.networks) > 1:
        pairs = {s: [(f, s) for f in range(settings.folds)] for s in grid}
        models += [
            ModelPredictions(settings.networks[s].name, "network", values[s], _diverged(members, fits, pairs[s]))
            for s in grid
        ]
    held_out = Problem(
        problem.task, problem.outcome, plan.fold, LINEAR[problem.task][0], problem.classes, problem.weights
    )
    choice = int(losses.mean(0).argmin()) if settings.networks else -1
    return Comparison(held_out, models, choice, choices)


def population_curves(
    plan: CrossValidation, members: Sequence[Member], fit: Fit, comparison: Comparison
) -> list[Curves]:
    """Return the learning curves of the networks chosen in each fold; none if none has a finite loss."""
    fits = {f.number: f for f in fit.members}
    numbers = [n for fold, s in enumerate(comparison.choices) for n in fold_members(members, fold=fold, setting=s)]
    found = [fits[n] for n in numbers if fits[n].usable]
    if not found:
        return []
    train, validation = (_matrix([getattr(f, name) for f in found]) for name in ("training_loss", "validation_loss"))
    return [learning_curves(CHOSEN, train, validation, LOSS_NAMES[plan.problem.task])]


def statuses(plan: CrossValidation, members: Sequence[Member], fit: Fit) -> Mapping[str, Mapping[str, int]]:
    """Return for every network of the grid how many members ended how."""
    counts: dict[str, dict[str, int]] = {}
    for found in fit.members:
        number = members[found.number].label["setting"]
        assert isinstance(number, int)
        setting = counts.setdefault(plan.settings.networks[number].name, {})
        setting[found.status] = setting.get(found.status, 0) + 1
    return counts


def _network_values(
    plan: CrossValidation, members: Sequence[Member], fits: Mapping[int, MemberFit], setting: int
) -> FloatArray:
    """Out-of-fold predictions [R N C] of one network of the grid; NaN where a member is of no use."""
    problem = plan.problem
    columns = max(1, len(problem.classes))
    values = np.full((plan.settings.seeds, len(problem), columns), np.nan)
    network = plan.settings.networks[setting].network()
    for view in plan.views[:-1]:
        numbers = fold_members(members, fold=view.fold, setting=setting)
        usable = [(seed, fits[n]) for seed, n in enumerate(numbers) if fits[n].usable]
        if usable:
            seeds = [seed for seed, _ in usable]
            outputs = predict_outputs(
                network, plan.loss, [f.parameters for _, f in usable], view.x[view.test], plan.table.classes
            )
            values[np.array(seeds)[:, None], view.test] = outputs_to_predictions(
                outputs, problem.task, view.centre, view.scale
            )
    return values


def _validation_loss(members: Sequence[Member], fits: Mapping[int, MemberFit], fold: int, setting: int) -> float:
    """Mean of the best validation losses over seeds; infinite if any member is of no use."""
    found = [fits[n] for n in fold_members(members, fold=fold, setting=setting)]
    if not all(f.usable for f in found):
        return np.inf
    return float(np.mean([f.validation_loss.min() for f in found]))


def _linear_predictions(plan: CrossValidation) -> list[ModelPredictions]:
    problem = plan.problem
    families = ["baseline", *["linear"] * len(LINEAR[problem.task])]
    values: dict[str, FloatArray] = {}
    for view in plan.views[:-1]:
        for model in reference_models(problem, view.x, view.training):
            shape = (1, len(problem), max(1, len(problem.classes)))
            values.setdefault(model.name, np.full(shape, np.nan))[0, view.test] = model.predict(view.x[view.test])
    return [
        ModelPredictions(name, family, array) for (name, array), family in zip(values.items(), families, strict=True)
    ]


def final_linear_models(plan: CrossValidation) -> Sequence[LinearModel]:
    """Return the baseline and the linear models learned from all rows."""
    view = plan.views[-1]
    return reference_models(plan.problem, view.x, view.training)


def _diverged(members: Sequence[Member], fits: Mapping[int, MemberFit], places: Sequence[tuple[int, int]]) -> str:
    numbers = [n for fold, setting in places for n in fold_members(members, fold=fold, setting=setting)]
    lost = sum(not fits[n].usable for n in numbers)
    return f"{lost} of {len(numbers)} networks diverged or failed" if lost else ""


def _matrix(series: Sequence[FloatArray]) -> FloatArray:
    """Losses of all members [P E], NaN after a member stopped."""
    matrix = np.full((len(series), max(map(len, series))), np.nan)
    for row, values in zip(matrix, series, strict=True):
        row[: len(values)] = values
    return matrix
