"""Training on, one epoch at a time, with the optimizer where it was; importing this file loads torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import TrainingError
from thalweg.estimators.ensemble.model_population import ModelGroup, gather
from thalweg.estimators.ensemble.network_group import NetworkGroup, TrainedNetwork
from thalweg.estimators.ensemble.networks import NetworkFit, trained_network, view_lessons
from thalweg.select.learning.lessons import Lesson, Sample, population_of, view_sample
from thalweg.select.learning.observations import Observations
from thalweg.select.learning.recipe import make_recipe
from thalweg.select.learning.views import View, poisson_views, resample
from thalweg.train.population import crowd_of
from thalweg.train.products.threads import compute_threads
from thalweg.train.result import FINISHED, MemberFit
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import pool_for


@dataclass(frozen=True, slots=True, eq=False)
class Crowded:
    """Networks in training.

    Parameters
    ----------
    networks
        The networks as they are now.
    states
        All they train with, optimizer states included, laid out as the engine holds them.
    losses
        Mean loss of every epoch so far [P E].
    """

    networks: Sequence[TrainedNetwork]
    states: Sequence[NDArray[np.floating]]
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
    """

    seeds: Crowded
    samples: Crowded | None


def continue_networks(
    rows: Observations, task: str, settings: Mapping[str, Any], *, seed: int, before: Ongoing | None
) -> tuple[Ongoing, NetworkFit]:
    """Train the networks for one more pass; the scale is that of the first call's rows.

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
    recipe = replace(make_recipe(settings, task), patience=None)
    views = resample(rows, folds=None, bootstrap=None, seed=seed)
    outcomes = settings["standardise"] and task == "regression" and recipe.scales_outcome
    sample = view_sample(rows, views[0], features=settings["standardise"], outcomes=outcomes)
    if before is not None:
        sample = replace(sample, scaling=before.seeds.networks[0].scaling)
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
    return Ongoing(seeds, samples), found


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
    crowd = crowd_of(members[0], table)
    pool = pool_for((member.network.settings(crowd.outputs) for member in members), table.rows.dtype)
    with compute_threads(1), torch.inference_mode():
        chunk = Chunk(crowd, table, len(members), pool)
        chunk.place(range(len(members)), members)
        if before is not None:
            for slot, state in enumerate(before.states):
                chunk.blocks.restore(slot, torch.from_numpy(state), None)
            chunk.epochs = [before.losses.shape[1]] * len(members)
        kept = [chunk.blocks.state(slot) for slot in range(len(members))]
        losses = chunk.run_epoch()
        for slot in np.flatnonzero(idle).tolist():
            chunk.blocks.restore(slot, kept[slot], None)
        if not np.isfinite(losses).all() or min(chunk.finite_steps()) < crowd.steps:
            raise TrainingError("A network diverged in this pass.", "Lower the learning rate.")
        history = losses[:, None] if before is None else np.column_stack([before.losses, losses])
        return Crowded(
            networks=[
                trained_network(lesson, _fit(slot, chunk.blocks.vector(slot).numpy(), history[slot]))
                for slot, lesson in enumerate(lessons)
            ],
            states=[chunk.blocks.state(slot).numpy() for slot in range(len(members))],
            losses=history,
        )


def _awake(sample: Sample) -> Sample:
    """Give rows of a sample that holds none of them some weight, so that it can stand beside the others."""
    weights = sample.weights
    return sample if weights is None or weights.any() else replace(sample, weights=np.ones(len(weights)))


def _fit(number: int, vector: NDArray[np.floating], losses: FloatArray) -> MemberFit:
    epochs = len(losses)
    return MemberFit(number, FINISHED, f"trained {epochs} epochs", vector, losses, np.empty(0), epochs)
