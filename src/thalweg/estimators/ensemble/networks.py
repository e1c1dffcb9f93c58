"""Fitting the population of a network estimator; importing this file loads torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import SettingError
from thalweg.estimators.ensemble.incremental import Ongoing, train_epoch
from thalweg.estimators.ensemble.lessons import Validation, online_sample, view_lessons, view_sample, with_validation
from thalweg.estimators.ensemble.network_group import NetworkGroup
from thalweg.estimators.ensemble.population import Group, Population, gather
from thalweg.estimators.ensemble.recipe import make_recipe
from thalweg.estimators.ensemble.resample import View, poisson_views, resample, strata_of
from thalweg.estimators.ensemble.rows import Rows
from thalweg.estimators.ensemble.training import Lesson, Sample, train_lessons, trained_network
from thalweg.train.fit import Progress
from thalweg.train.result import MemberFit


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

    population: Population
    training_loss: FloatArray
    validation_loss: FloatArray

    def mean_curves(self) -> tuple[FloatArray, FloatArray | None]:
        """Return mean training and validation loss by epoch [E] over the networks still training."""
        validation = np.nanmean(self.validation_loss, axis=0) if self.validation_loss.shape[1] else None
        return np.nanmean(self.training_loss, axis=0), validation


def fit_networks(
    rows: Rows,
    task: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    validation: Validation | None = None,
    on_progress: Callable[[Progress], None] | None = None,
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
    See :class:`thalweg.estimators.regressor.NetRegressor`.
    """
    plan = plan_networks(rows, task, settings, seed=seed, validation=validation)
    return plan.collect(train_lessons(plan.lessons, workers=settings["workers"], on_progress=on_progress))


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

    rows: Rows
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
        groups: list[Group | None] = []
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
    rows: Rows,
    task: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    validation: Validation | None = None,
    samples: dict[object, Sample] | None = None,
) -> Plan:
    """Lay out the population an estimator's settings describe.

    Parameters
    ----------
    rows, task, settings, seed, validation
        As for :func:`fit_networks`.
    samples
        Samples laid out before for the same rows; new ones are added, so that several plans share them.

    Returns
    -------
    Plan
        Ready to train.

    Raises
    ------
    SettingError
        If patience has no rows to watch, or a setting makes no sense.
    """
    recipe, known = make_recipe(settings, task), {} if samples is None else samples
    folds, bootstrap, standardise = settings["folds"], settings["bootstrap"], bool(settings["standardise"])
    outcomes = standardise and task == "regression" and recipe.scales_outcome
    views = resample(rows, folds=folds, bootstrap=bootstrap, seed=seed, strata=strata_of(rows, task))
    lessons: list[Lesson] = []
    sizes = []
    for view in views:
        key = (view.part, view.number, standardise, outcomes, seed, folds)
        if key not in known:
            sample = view_sample(rows, view, standardise=standardise, outcomes=outcomes)
            known[key] = sample if validation is None else with_validation(sample, validation)
        found = view_lessons(view, known[key], recipe, settings, seed=seed)
        lessons += found
        sizes.append(len(found))
    return Plan(rows, task, views, lessons, sizes)


def continue_networks(
    rows: Rows, task: str, settings: Mapping[str, Any], *, seed: int, before: Ongoing | None
) -> tuple[Ongoing, NetworkFit]:
    """Train the networks for one more pass; the scale is that of the first call's rows.

    Bootstrap samples are drawn online, see :func:`~thalweg.estimators.ensemble.resample.poisson_views`. A pass has no
    validation rows: patience is for ``fit``.

    Parameters
    ----------
    rows, task, settings, seed
        As for :func:`fit_networks`.
    before
        Where the last call ended; None to start.

    Returns
    -------
    Ongoing
        Where this call ended.
    NetworkFit
        The same for predictions; its rows, and what is held out of samples, are those of this call.

    Raises
    ------
    SettingError
        If settings ask for folds.
    TrainingError
        If a network diverged.
    """
    if settings["folds"] is not None:
        raise SettingError(
            f"partial_fit cannot honour folds={settings['folds']!r}: out-of-fold predictions need the rows of all "
            "calls, and none is kept.",
            "Set folds=None, or use fit; bootstrap=50 works with partial_fit and carries intervals.",
        )
    recipe = replace(make_recipe(settings, task), patience=None)
    views = resample(rows, folds=None, bootstrap=None, seed=seed)
    outcomes = settings["standardise"] and task == "regression" and recipe.scales_outcome
    sample = view_sample(rows, views[0], standardise=settings["standardise"], outcomes=outcomes)
    if before is not None:
        sample = replace(sample, scaling=before.seeds.networks[0].scaling)
    lessons = view_lessons(views[0], sample, recipe, settings, seed=seed)
    if settings["bootstrap"] is not None:
        views += poisson_views(rows, settings["bootstrap"], seed)
    drawn = [
        replace(lesson, sample=online_sample(sample, view))
        for view in views[1:]
        for lesson in view_lessons(view, sample, recipe, settings, seed=seed)
    ]
    seeds = train_epoch(lessons, None if before is None else before.seeds)
    samples = train_epoch(drawn, None if before is None else before.samples) if drawn else None
    groups: list[Group | None] = [NetworkGroup(seeds.networks, task)]
    groups += [] if samples is None else [NetworkGroup([network], task) for network in samples.networks]
    found = NetworkFit(gather(rows, views, groups), seeds.losses, np.empty((len(lessons), 0)))
    return Ongoing(seeds, samples), found


def curves(series: Sequence[NDArray[np.float64]]) -> FloatArray:
    """Return losses as a matrix [P E], NaN after a member stopped."""
    matrix = np.full((len(series), max(map(len, series))), np.nan)
    for row, values in zip(matrix, series, strict=True):
        row[: len(values)] = values
    return matrix
