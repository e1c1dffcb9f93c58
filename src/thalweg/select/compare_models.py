"""From a trained population to the answer: predictions for held-out rows, the choice of a network, the record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.select.boosting import boosting_predictions
from thalweg.select.crossval import Choice, CrossValidation, EncodedView, fold_members
from thalweg.select.learning.boosted_trees import BoostedTrees
from thalweg.select.learning.linear_models import LINEAR, reference_name
from thalweg.select.learning.outputs import class_predictions
from thalweg.select.reference import ReferenceModel, reference_models
from thalweg.select.scoring.curves import Curves, learning_curves
from thalweg.select.scoring.predictions import HeldOutRows, ModelPredictions, ensemble, held_out_predictions
from thalweg.train.population import Member
from thalweg.train.predict import predict_outputs
from thalweg.train.result import MemberFit

CHOSEN = "network (chosen by validation loss)"
ENSEMBLE = "network ensemble"
LOSS_NAMES = {"regression": "squared error of the standardised outcome", "binary": "log loss", "multiclass": "log loss"}


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A population and what became of it."""

    members: Sequence[Member]
    fits: Sequence[MemberFit]

    def of(self, **label: int) -> list[MemberFit]:
        """Return the fits of members with some labels, in the order of their seeds."""
        fits = {found.number: found for found in self.fits}
        return [fits[number] for number in fold_members(self.members, **label)]


def choose_networks(plan: CrossValidation, search: Trained) -> list[Choice]:
    """Choose setting and epochs for every fold, and for all rows, by validation loss alone.

    A setting's loss in a fold is the least value of its validation curve averaged over seeds; each seed has other
    validation rows, so that the choice rests on more rows than one split holds. Held-out rows have no say in it.

    Parameters
    ----------
    plan
        The folds.
    search
        The trained search population.

    Returns
    -------
    list of Choice
        One per fold, then the one for all rows: least mean loss over folds. Empty without networks.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import NetworkSetting, Settings
    >>> from thalweg.train.fit import fit_population
    >>> few = Settings(folds=2, seeds=1, epochs=2, networks=(NetworkSetting((4,)),))
    >>> plan = cross_validation(pose("example:wine"), few)
    >>> members = plan.search_members()
    >>> search = Trained(members, fit_population(plan.table, members, workers=1).members)
    >>> [choice.setting for choice in choose_networks(plan, search)]
    [0, 0, 0]
    """
    grid, folds = range(len(plan.settings.networks)), range(plan.settings.folds)
    if not plan.settings.networks:
        return []
    curves = {(f, s): _mean_curve(search.of(fold=f, setting=s)) for f in folds for s in grid}
    choices = [_least({s: curves[f, s] for s in grid}) for f in folds]
    together = {s: _average([curves[f, s] for f in folds]) for s in grid}
    return [*choices, _least(together)]


def compare_models(
    plan: CrossValidation,
    search: Trained,
    chosen: Trained | None,
    boosted: Sequence[BoostedTrees] = (),
    linear: Sequence[ModelPredictions] | None = None,
) -> list[ModelPredictions]:
    """Predict every held-out row by every model.

    Parameters
    ----------
    plan
        The folds and encodings.
    search
        The trained grid.
    chosen
        The networks chosen per fold, trained on all its training rows; None without networks.
    boosted
        Boosted trees of every view; none without boosting.
    linear
        What :func:`linear_model_predictions` returned, if it was asked before.

    Returns
    -------
    list of ModelPredictions
        The chosen network and its ensemble, the baseline and the linear models, boosting, then every network of the
        grid as it was when its validation rows stopped it.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import Settings
    >>> plan = cross_validation(pose("example:wine"), Settings(folds=3, networks=()))
    >>> [model.name for model in compare_models(plan, Trained([], []), None)]
    ['class shares', 'softmax regression']
    """
    models: list[ModelPredictions] = []
    if chosen is not None:
        network = _network_predictions(plan, chosen, CHOSEN, {})
        models += [network, *([ensemble(network, ENSEMBLE)] if plan.settings.seeds > 1 else [])]
    by_linear = linear_model_predictions(plan, fit_linear_models(plan)) if linear is None else linear
    models += [*by_linear, *boosting_predictions(plan, boosted)]
    if len(plan.settings.networks) > 1:
        grid = enumerate(plan.settings.networks)
        models += [_network_predictions(plan, search, setting.name, {"setting": s}) for s, setting in grid]
    return models


def held_out_rows(plan: CrossValidation) -> HeldOutRows:
    """Return the rows all models are judged on."""
    problem = plan.problem
    reference = reference_name(problem.task)
    rows = plan.judged

    def of_rows(values: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if values is None else values[rows]

    return HeldOutRows(
        problem.task,
        problem.outcome[rows],
        plan.fold[rows],
        reference,
        problem.classes,
        of_rows(problem.weights),
        of_rows(problem.clusters),
        problem.weights_kind,
        problem.time is not None,
    )


def search_curves(plan: CrossValidation, search: Trained, choices: Sequence[Choice]) -> list[Curves]:
    """Return the learning curves that chose the network of each fold; none if none has a finite loss."""
    pairs = enumerate(choices[:-1])
    found = [f for fold, choice in pairs for f in search.of(fold=fold, setting=choice.setting) if f.usable]
    if not found:
        return []
    train, validation = (_matrix([getattr(f, name) for f in found]) for name in ("training_loss", "validation_loss"))
    return [learning_curves(CHOSEN, train, validation, LOSS_NAMES[plan.problem.task])]


def _mean_curve(fits: Sequence[MemberFit]) -> FloatArray:
    """Average validation losses by epoch over seeds, as far as all of them trained; infinite if one is of no use."""
    if not all(f.usable for f in fits):
        return np.array([np.inf])
    return _average([f.validation_loss for f in fits])


def _average(curves: Sequence[FloatArray]) -> FloatArray:
    shortest = min(map(len, curves))
    mean: FloatArray = np.mean([curve[:shortest] for curve in curves], axis=0)
    return mean


def _least(curves: Mapping[int, FloatArray]) -> Choice:
    setting = min(curves, key=lambda s: curves[s].min())
    return Choice(setting, int(curves[setting].argmin()) + 1)


def statuses(plan: CrossValidation, search: Trained, chosen: Trained | None) -> Mapping[str, Mapping[str, int]]:
    """Return for every network how many members ended how."""
    groups = {} if chosen is None else {CHOSEN: chosen.fits}
    groups |= {setting.name: search.of(setting=number) for number, setting in enumerate(plan.settings.networks)}
    ends = {name: [f.status for f in fits] for name, fits in groups.items()}
    return {name: {status: found.count(status) for status in dict.fromkeys(found)} for name, found in ends.items()}


def _network_predictions(
    plan: CrossValidation, trained: Trained, name: str, label: Mapping[str, int]
) -> ModelPredictions:
    """Out-of-fold predictions [R N C] of one network per fold; NaN where a member is of no use."""
    folds = [(part, trained.of(fold=part.view.number, **label)) for part in plan.views[:-1]]
    lost = sum(not fit.usable for _, fits in folds for fit in fits)
    total = plan.settings.seeds * plan.settings.folds
    note = f"{lost} of {total} networks diverged or failed" if lost else ""
    parts = (
        (part.view.held_out, network_values(plan, part, trained, fits, part.held_out_inputs)) for part, fits in folds
    )
    return ModelPredictions(name, "network", _table(plan, parts, plan.settings.seeds), note)


def network_values(
    plan: CrossValidation, part: EncodedView, trained: Trained, fits: Sequence[MemberFit], inputs: FloatArray
) -> FloatArray:
    """Return what the networks of one fold predict for rows as networks see them [R n C]; NaN for those of no use."""
    usable = np.array([fit.usable for fit in fits])
    columns = max(1, len(plan.problem.classes))
    values = np.full((len(fits), len(inputs), columns), np.nan)
    if usable.any():
        network = trained.members[fits[0].number].network
        vectors = [fit.parameters for fit in fits if fit.usable]
        outputs = predict_outputs(network, plan.loss, vectors, inputs, plan.table.classes)
        scaling = part.sample.scaling
        values[usable] = class_predictions(outputs, plan.problem.task, scaling.centre_y, scaling.scale_y)
    return values


def _table(plan: CrossValidation, parts: Iterable[tuple[IntArray, FloatArray]], models: int = 1) -> FloatArray:
    """Return predictions of the rows that are judged [R n C]."""
    columns = max(1, len(plan.problem.classes))
    return held_out_predictions(parts, rows=len(plan.problem), columns=columns, models=models)[:, plan.judged]


def fit_linear_models(plan: CrossValidation) -> list[Sequence[ReferenceModel]]:
    """Fit the baseline and the linear models on the rows of every view; the last are those learned from all rows."""
    return [
        reference_models(plan.problem, part.sample.x, part.view.rows, part.encoder.feature_names) for part in plan.views
    ]


def linear_model_predictions(
    plan: CrossValidation, fitted: Sequence[Sequence[ReferenceModel]]
) -> list[ModelPredictions]:
    """Predict every held-out row by the baseline and the linear models, which need no network."""
    families = ["baseline", *["linear"] * len(LINEAR[plan.problem.task])]
    return [
        ModelPredictions(
            models[0].name,
            family,
            _table(
                plan,
                (
                    (part.view.held_out, model.predict(part.x_held_out)[None])
                    for part, model in zip(plan.views, models, strict=False)
                ),
            ),
            certificates=tuple(told for model in models for told in model.certificates),
        )
        for models, family in zip(zip(*fitted[:-1], strict=True), families, strict=True)
    ]


def _matrix(series: Sequence[FloatArray]) -> FloatArray:
    """Losses of all members [P E], NaN after a member stopped."""
    matrix = np.full((len(series), max(map(len, series))), np.nan)
    for row, values in zip(matrix, series, strict=True):
        row[: len(values)] = values
    return matrix
