"""Training on, one epoch at a time, with the optimizer where it was; importing this file loads torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import TrainingError
from thalweg.data.reading.ramps import Ramps
from thalweg.estimators.ensemble.model_population import Joined, ModelGroup, ModelPopulation, gather
from thalweg.estimators.ensemble.network_group import NetworkGroup, TrainedNetwork
from thalweg.estimators.ensemble.networks import NetworkFit, columns_of, trained_network, view_lessons
from thalweg.estimators.ensemble.running_scale import StreamMoments, is_still, joined, moments_of
from thalweg.estimators.setting_checks import read_seeds
from thalweg.select.learning.lessons import Lesson, Sample, Scaling, population_of, smoothed, view_sample
from thalweg.select.learning.observations import Observations
from thalweg.select.learning.recipe import make_recipe
from thalweg.select.learning.views import View, poisson_views, resample
from thalweg.train.backend import backend_of
from thalweg.train.population import crowd_of
from thalweg.train.products.threads import one_thread
from thalweg.train.result import FINISHED, MemberFit
from thalweg.train.steps.masks import pool_for


@dataclass(frozen=True, slots=True, eq=False)
class Crowded:
    """Networks in training.

    Parameters
    ----------
    networks
        The networks as they are now.
    states
        All they train with, optimizer states included, laid out as the engine holds them; None where a file kept
        parameters alone, whose networks go on with an optimizer that starts.
    losses
        Mean loss of every epoch so far [P E].
    """

    networks: Sequence[TrainedNetwork]
    states: Sequence[NDArray[np.floating]] | None
    losses: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Ongoing:
    """What goes on with the next call.

    Parameters
    ----------
    seeds
        Networks of all rows, one per seed.
    samples
        Networks of bootstrap samples; None without.
    moments
        Of all rows so far, which set the scale; None after ``fit``, whose scale stays.
    """

    seeds: Crowded
    samples: Crowded | None
    moments: StreamMoments | None


def continue_networks(
    rows: Observations, task: str, settings: Mapping[str, Any], *, seed: int, before: Ongoing | None
) -> tuple[Ongoing, NetworkFit]:
    """Train the networks for one more pass; the scale is that of all rows so far, or of the fit before.

    Bootstrap samples are drawn online, see :func:`~thalweg.select.learning.views.poisson_views`. A pass has no
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
    TrainingError
        If a network diverged.
    """
    seen = Ramps.none() if before is None else before.seeds.networks[0].scaling.ramps
    recipe = replace(make_recipe(settings, task, columns_of(rows, len(seen))), patience=None)
    views = resample(rows, folds=None, bootstrap=None, seed=seed)
    outcomes = settings["standardise"] and task == "regression" and recipe.scales_outcome
    sample = view_sample(rows, views[0], features=settings["standardise"], outcomes=outcomes)
    sample = smoothed(sample, task, settings.get("label_smoothing", 0.0))
    here = moments_of(np.column_stack([rows.x, rows.y]), rows.weights)
    moments: StreamMoments | None = here
    if before is not None:
        old = before.seeds.networks[0].scaling
        scaling, moments = _next_scaling(old, before.moments, here, settings, outcomes=outcomes)
        sample = replace(sample, scaling=scaling)
    lessons = view_lessons(views[0], sample, recipe, settings, seed=seed)
    if settings["bootstrap"] is not None:
        views += poisson_views(rows, settings["bootstrap"], seed)
    drawn = [
        replace(lesson, sample=_online_sample(sample, view))
        for view in views[1:]
        for lesson in view_lessons(view, sample, recipe, settings, seed=seed)
    ]
    seeds = train_epoch(lessons, None if before is None else before.seeds)
    samples = train_epoch(drawn, None if before is None else before.samples) if drawn else None
    groups: list[ModelGroup | None] = [NetworkGroup(seeds.networks, task)]
    groups += [] if samples is None else [NetworkGroup([network], task) for network in samples.networks]
    found = NetworkFit(gather(rows, views, groups), seeds.losses, np.empty((len(lessons), 0)))
    return Ongoing(seeds, samples, moments), found


def ongoing_after_fit(population: ModelPopulation, losses: FloatArray, settings: Mapping[str, Any]) -> Ongoing:
    """Return where ``partial_fit`` goes on after ``fit``: from its networks and optimizers, in its scale.

    Parameters
    ----------
    population
        What was fitted.
    losses
        Mean training loss by epoch [E].
    settings
        Of the estimator.

    Raises
    ------
    TrainingError
        If networks of the fit diverged.
    """

    def crowded(group: ModelGroup) -> Crowded:
        parts = group.groups if isinstance(group, Joined) else [group]
        networks = [network for part in parts if isinstance(part, NetworkGroup) for network in part.networks]
        states = [network.fit.state for network in networks if network.fit.state is not None]
        whole = states if len(states) == len(networks) else None
        return Crowded(networks, whole, np.tile(losses, (len(networks), 1)))

    seeds = crowded(population.final)
    samples = None if population.bootstrap is None else crowded(population.bootstrap)
    wanted = (len(read_seeds("seeds", settings["seeds"])), settings["bootstrap"] or 0)
    if (len(seeds.networks), 0 if samples is None else len(samples.networks)) != wanted:
        raise TrainingError("Networks of the fit diverged and cannot go on.", "Lower the learning rate and fit again.")
    return Ongoing(seeds, samples, None)


def _next_scaling(
    old: Scaling, before: StreamMoments | None, here: StreamMoments, settings: Mapping[str, Any], *, outcomes: bool
) -> tuple[Scaling, StreamMoments | None]:
    """Return the scale after some more rows, and their moments; the old one if it is the same but for rounding."""
    if before is None:
        return old, None
    inputs = len(old.centre_x)
    both = joined(before, here)
    assert not len(old.ramps)  # a stream has none, and what was fitted keeps its scale
    scales = [m.scaling(inputs, features=settings["standardise"], outcomes=outcomes) for m in (before, both)]
    if is_still(*scales):
        return old, both
    if not outcomes:  # labels may be smoothed, which is a scale that stays
        return replace(scales[1], centre_y=old.centre_y, scale_y=old.scale_y), both
    return scales[1], both


def _online_sample(sample: Sample, view: View) -> Sample:
    """Return a sample whose rows weigh as often as an online bootstrap sample holds them.

    All rows stay in it, so that samples differ in weights alone and train side by side.
    """
    counts = np.bincount(view.rows, minlength=len(sample.x)).astype(np.float64)
    return replace(sample, weights=counts if sample.weights is None else counts * sample.weights)


def train_epoch(lessons: Sequence[Lesson], before: Crowded | None) -> Crowded:
    """Train every network for one more pass over some rows.

    Parameters
    ----------
    lessons
        On the same rows, with other seeds or other weights, none with rows set aside. One whose weights are all zero
        stays as it is.
    before
        Where the last call ended; None to start.

    Returns
    -------
    Crowded
        One epoch further.

    Raises
    ------
    TrainingError
        If a network diverged.

    Examples
    --------
    >>> from thalweg.estimators import NetRegressor
    >>> x = np.linspace(-1.0, 1.0, 40)[:, None]
    >>> model = NetRegressor(hidden=(4,), seeds=3)
    >>> for _ in range(2):
    ...     model = model.partial_fit(x, x[:, 0])
    >>> model._ongoing.seeds.losses.shape
    (3, 2)
    """
    idle = [lesson.sample.weights is not None and not lesson.sample.weights.any() for lesson in lessons]
    table, members = population_of([replace(lesson, sample=_awake(lesson.sample)) for lesson in lessons])
    if before is not None and before.states is None:
        members = [replace(m, start=n.fit.parameters) for m, n in zip(members, before.networks, strict=True)]
    crowd, epochs = crowd_of(members[0], table), 0 if before is None else before.losses.shape[1]
    pool = pool_for((member.network.settings(crowd.outputs) for member in members), table.rows.dtype)
    with one_thread(), torch.inference_mode():
        chunk = backend_of(crowd.network).chunk(crowd, table, len(members), pool)
        chunk.place(range(len(members)), members)
        if before is not None and before.states is not None:
            for slot, state in enumerate(before.states):
                chunk.restore(slot, epochs, torch.from_numpy(state), None)
        kept = [chunk.state(slot) for slot in range(len(members))]
        losses = chunk.run_epoch()
        for slot in np.flatnonzero(idle).tolist():
            chunk.restore(slot, epochs + 1, kept[slot], None)
        if not np.isfinite(losses).all() or min(chunk.finite_steps()) < crowd.steps:
            raise TrainingError("A network diverged in this pass.", "Lower the learning rate.")
        history = losses[:, None] if before is None else np.column_stack([before.losses, losses])
        return Crowded(
            networks=[
                _as_trained(
                    trained_network(lesson, _fit(slot, chunk.vector(slot).numpy(), history[slot])),
                    before.networks[slot] if before is not None and idle[slot] else None,
                )
                for slot, lesson in enumerate(lessons)
            ],
            states=[chunk.state(slot).numpy() for slot in range(len(members))],
            losses=history,
        )


def _as_trained(network: TrainedNetwork, idle: TrainedNetwork | None) -> TrainedNetwork:
    """Return a network in the scale it was trained in: one that saw no row keeps that of before."""
    return network if idle is None else replace(network, scaling=idle.scaling)


def _awake(sample: Sample) -> Sample:
    """Give rows of a sample that holds none of them some weight, so that it can stand beside the others."""
    weights = sample.weights
    return sample if weights is None or weights.any() else replace(sample, weights=np.ones(len(weights)))


def _fit(number: int, vector: NDArray[np.floating], losses: FloatArray) -> MemberFit:
    epochs = len(losses)
    return MemberFit(number, FINISHED, f"trained {epochs} epochs", vector, losses, np.empty(0), epochs)
