"""Training on, one epoch at a time, with the optimizer where it was; importing this file loads torch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import TrainingError
from thalweg.estimators.ensemble.network_group import TrainedNetwork
from thalweg.estimators.ensemble.training import Lesson, Sample, lesson_population, trained_network
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
    See :meth:`thalweg.estimators.regressor.NetRegressor.partial_fit`.
    """
    idle = [lesson.sample.weights is not None and not lesson.sample.weights.any() for lesson in lessons]
    table, members = lesson_population([replace(lesson, sample=_awake(lesson.sample)) for lesson in lessons])
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
