"""Fitting the population of a network estimator; importing this file loads torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import SettingError, setting
from thalweg.data.reading.ramps import RampPlan, plan_ramps, same_ramps
from thalweg.estimators.ensemble.model_population import ModelGroup, ModelPopulation, gather
from thalweg.estimators.ensemble.network_group import (
    NetworkGroup,
    TrainedNetwork,
    by_width,
    curves,
    in_parts,
    refuse_widths,
)
from thalweg.estimators.ensemble.own_validation import Validation, with_validation
from thalweg.estimators.ensemble.parallel import inside_a_worker
from thalweg.estimators.setting_checks import read_seeds
from thalweg.select.learning.lessons import Lesson, Sample, population_of, smoothed, stopping_rows, view_sample
from thalweg.select.learning.observations import Observations, filled_mean
from thalweg.select.learning.recipe import Recipe, make_recipe, wanted_ramps
from thalweg.select.learning.views import BOOTSTRAP, View, refuse_oversized_views, resample, strata_of
from thalweg.train.fit import fit_population
from thalweg.train.population import crowds_of
from thalweg.train.progress import Progress
from thalweg.train.remote.executors import executor_in_use
from thalweg.train.result import MemberFit
from thalweg.train.running.halving import Rungs
from thalweg.train.slots import predicted_seconds
from thalweg.train.store import MemberStore

SMALL = 0.25  # seconds of training under which starting workers does not pay


@dataclass(frozen=True, slots=True, eq=False)
class NetworkFit:
    """What fitting gives an estimator.

    Parameters
    ----------
    population
        The models.
    training_loss, validation_loss
        Losses of the models of all rows by epoch [P E], NaN after one stopped; no columns without validation rows.
    """

    population: ModelPopulation
    training_loss: FloatArray
    validation_loss: FloatArray

    def mean_curves(self) -> tuple[FloatArray, FloatArray | None]:
        """Return mean training and validation loss by epoch [E] over the networks still training."""
        validation = np.nanmean(self.validation_loss, axis=0) if self.validation_loss.shape[1] else None
        return np.nanmean(self.training_loss, axis=0), validation


def ramps_of(parts: Sequence[Observations], most: int) -> RampPlan:
    """Return the ramps of networks that train together, read off all their rows.

    Parameters
    ----------
    parts
        Rows of each.
    most
        Ramps of a column, at most.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(40.0)[:, None]
    >>> len(ramps_of([canonical_rows(x, x)], 8))
    8
    """
    x = np.concatenate([rows.x for rows in parts])
    return plan_ramps(np.where(np.isnan(x), filled_mean(x, None), x), most)


def columns_of(rows: Observations, ramps: int) -> tuple[int, int]:
    """Return how many inputs networks have that see so many ramps, and how many columns outcomes."""
    return rows.x.shape[1] + ramps, rows.y.shape[1]


def fit_networks(
    rows: Observations,
    task: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    validation: Validation | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    before: ModelPopulation | None = None,
) -> NetworkFit:
    """Train the population an estimator's settings describe.

    Parameters
    ----------
    rows
        What to learn from.
    task
        ``regression``, ``binary``, ``multiclass`` or ``multilabel``.
    settings
        Parameters of :class:`~thalweg.estimators.regressor.NetRegressor`.
    seed
        Names all randomness.
    validation
        The user's own validation rows, used by every member.
    on_progress
        Called a few times a second.
    before
        Networks to start from.

    Returns
    -------
    NetworkFit
        Models and curves.

    Raises
    ------
    SettingError
        If patience has no rows to watch.
    TrainingError
        If no network is usable.

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x, settings = np.arange(8.0)[:, None], NetRegressor(seeds=2, epochs=3, patience=None).get_params()
    >>> found = fit_networks(canonical_rows(x, x), "regression", settings, seed=0)
    >>> found.population.predict(x).shape, found.training_loss.shape
    ((8, 1), (2, 3))
    """
    plan = plan_networks(rows, task, settings, seed=seed, validation=validation, before=before)
    where = {"workers": settings["workers"], "executor": settings["executor"]}
    return plan.collect(train_lessons(plan.lessons, on_progress=on_progress, **where))


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The population of one estimator before it is trained.

    Parameters
    ----------
    rows, task
        What is learned.
    views
        Parts of the population.
    lessons
        Networks of all views, in order.
    sizes
        How many networks each view has.
    """

    rows: Observations
    task: str
    views: Sequence[View]
    lessons: Sequence[Lesson]
    sizes: Sequence[int]

    def collect(self, fits: Sequence[MemberFit]) -> NetworkFit:
        """Sort trained networks, in the order of the lessons, into a fit.

        Raises
        ------
        TrainingError
            If all rows, or a fold, have no usable network.
        """
        trained = [trained_network(lesson, fit) for lesson, fit in zip(self.lessons, fits, strict=True)]
        groups: list[ModelGroup | None] = []
        place = 0
        for size in self.sizes:
            usable = [network for network in trained[place : place + size] if network.fit.usable]
            groups.append(NetworkGroup(usable, self.task) if usable else None)
            place += size
        lost = sum(not network.fit.usable for network in trained)
        final = trained[: self.sizes[0]]
        return NetworkFit(
            population=gather(self.rows, self.views, groups, lost=lost),
            training_loss=curves([network.fit.training_loss for network in final]),
            validation_loss=curves([network.fit.validation_loss for network in final]),
        )


def plan_networks(
    rows: Observations,
    task: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    validation: Validation | None = None,
    samples: dict[object, Sample] | None = None,
    positions: IntArray | None = None,
    before: ModelPopulation | None = None,
    beside: Sequence[Observations] = (),
) -> Plan:
    """Lay out the population an estimator's settings describe.

    Parameters
    ----------
    rows, task, settings, seed, validation
        As for :func:`fit_networks`.
    samples
        Samples laid out before for the same rows; new ones are added, so that several plans share them.
    positions
        Of the rows' table in the one the user gave, for errors; None if it is the same.
    before
        Networks to start from, in their scale; None to start afresh.
    beside
        Rows of all plans that will train together, these among them; () if there is no other. They have equally many
        ramps.

    Returns
    -------
    Plan
        Ready to train.

    Raises
    ------
    SettingError
        If patience has no rows to watch, or a setting makes no sense.
    """
    ramps, known = ramps_of(beside or [rows], wanted_ramps(settings)), {} if samples is None else samples
    if before is not None:
        ramps = same_ramps(_networks_of(before)[0].scaling.ramps, rows.x.shape[1])
    columns = columns_of(rows, len(ramps))
    recipe = make_recipe(settings, task, columns)
    folds, bootstrap, standardise = settings["folds"], settings["bootstrap"], bool(settings["standardise"])
    outcomes = standardise and task == "regression" and recipe.scales_outcome
    smoothing = settings.get("label_smoothing", 0.0)
    views = resample(
        rows, folds=folds, bootstrap=bootstrap, seed=seed, strata=strata_of(rows.y, task), gap=settings["gap"]
    )
    refuse_oversized_views(views, sum(columns))
    lessons: list[Lesson] = []
    sizes = []
    for view in views:
        key = (view.part, view.number, standardise, outcomes, smoothing, seed, folds, settings["gap"], ramps.most)
        if key not in known:
            sample = view_sample(rows, view, features=standardise, outcomes=outcomes, ramps=ramps)
            sample = smoothed(sample, task, smoothing)
            sample = sample if before is None else replace(sample, scaling=_networks_of(before)[0].scaling)
            if positions is not None:
                sample = replace(sample, origin=positions[sample.origin])
            known[key] = sample if validation is None else with_validation(sample, validation)
        found = view_lessons(view, known[key], recipe, settings, seed=seed)
        lessons += found
        sizes.append(len(found))
    if before is not None:
        lessons = _started(lessons, _networks_of(before))
    return Plan(rows, task, views, lessons, sizes)


def _networks_of(population: ModelPopulation) -> Sequence[TrainedNetwork]:
    assert isinstance(population.final, NetworkGroup)
    return population.final.networks


def _started(lessons: Sequence[Lesson], networks: Sequence[TrainedNetwork]) -> list[Lesson]:
    """Let every lesson start from the network of the same seed.

    Raises
    ------
    SettingError
        If the networks are others.
    """
    if len(lessons) != len(networks) or any(
        lesson.recipe.network != network.network or lesson.recipe.loss != network.loss
        for lesson, network in zip(lessons, networks, strict=True)
    ):
        raise SettingError(
            f"{setting('warm_start')}=True goes on from networks of another shape, loss or number.",
            f"Keep {setting('hidden')}, {setting('activation')}, {setting('loss')} and {setting('seeds')}, or set "
            f"{setting('warm_start')}=False.",
        )
    return [replace(lesson, start=network.fit.parameters) for lesson, network in zip(lessons, networks, strict=True)]


def trained_network(lesson: Lesson, fit: MemberFit) -> TrainedNetwork:
    """Return what became of a lesson."""
    sample, recipe = lesson.sample, lesson.recipe
    return TrainedNetwork(recipe.network, recipe.loss, sample.y.shape[1], sample.scaling, fit)


def view_lessons(view: View, sample: Sample, recipe: Recipe, settings: Mapping[str, Any], *, seed: int) -> list[Lesson]:
    """Return the networks to train on one view: one per seed, a bootstrap sample gets one network.

    Raises
    ------
    SettingError
        If patience has no rows to watch, or the seeds are not different ones.
    """
    share = 0.0 if recipe.patience is None else float(settings["validation"])
    if recipe.patience is not None and sample.validation is None and not 0 < share < 1:
        raise SettingError(
            f"{setting('patience')}={recipe.patience} needs rows to watch, got "
            f"{setting('validation')}={settings['validation']!r}.",
            "Give a share between 0 and 1, or X_val and y_val.",
        )
    numbers = read_seeds("seeds", settings["seeds"])[: 1 if view.part == BOOTSTRAP else None]
    seeds = [view.seed(seed, number) for number in numbers]
    resumable = settings["folds"] is None  # with folds there is no partial_fit
    return [
        Lesson(sample, recipe, own, *stopping_rows(sample, share, own, settings["gap"]), resumable=resumable)
        for own in seeds
    ]


def train_lessons(
    lessons: Sequence[Lesson],
    *,
    workers: int | None = None,
    executor: Any = None,
    on_progress: Callable[[Progress], None] | None = None,
    store: MemberStore | None = None,
    rungs: Rungs | None = None,
) -> list[MemberFit]:
    """Train all lessons as one population.

    Parameters
    ----------
    lessons
        What to train; lessons on one sample share its rows.
    workers
        Processes; None for one per core, or this process alone when the work is small or when this is itself a worker
        of a parallel run. It never changes a number.
    executor
        Trains them elsewhere, see :func:`~thalweg.train.fit.fit_population`.
    on_progress
        Called a few times a second.
    store
        Where trained members are kept: those already there are not trained again. None for nowhere.
    rungs
        Where the networks are judged and some of them dropped; None trains all to their end.

    Returns
    -------
    list of MemberFit
        In order; with rungs passed before, without those that were dropped there and not stored.

    Raises
    ------
    DataError, SettingError
        If the lessons make no sense.
    KeyboardInterrupt
        If training was interrupted.

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x, settings = np.arange(8.0)[:, None], NetRegressor(seeds=2, epochs=3, patience=None).get_params()
    >>> plan = plan_networks(canonical_rows(x, x), "regression", settings, seed=0)
    >>> [fit.epochs for fit in train_lessons(plan.lessons, workers=1)]
    [3, 3]
    """
    parts = by_width([lesson.sample.scaling.width for lesson in lessons])
    if len(parts) > 1:
        refuse_widths(together=store is not None or rungs is not None)
        where: dict[str, Any] = {"workers": workers, "executor": executor, "on_progress": on_progress}
        return in_parts(parts, lambda numbers: train_lessons([lessons[number] for number in numbers], **where))
    table, members = population_of(lessons)
    if workers is None and executor is None and executor_in_use() is None:
        seconds = predicted_seconds(members, crowds_of(members, table), table.rows.dtype, workers=1)
        workers = 1 if inside_a_worker() or seconds < SMALL else None
    fit = fit_population(
        table,
        members,
        workers=workers,
        executor=executor,
        done=[] if store is None else store.read(),
        on_member=None if store is None else store.add,
        on_progress=on_progress,
        rungs=rungs,
    )
    if store is not None:
        store.flush()
    if fit.interrupted:
        raise KeyboardInterrupt
    return list(fit.members)
