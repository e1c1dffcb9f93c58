"""Training on, one epoch at a time, with the optimizer where it was; importing this file loads torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from thalweg.base.errors import TrainingError
from thalweg.estimators.network_group import NetworkGroup, TrainedNetwork, one_thread
from thalweg.estimators.training import Lesson, lesson_population
from thalweg.train.chunk import Chunk
from thalweg.train.masks import mask_pool
from thalweg.train.parameters import Run
from thalweg.train.population import crowd_of
from thalweg.train.result import FINISHED, MemberFit

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ongoing:
    """Networks in training, one per seed.

    Parameters
    ----------
    group
        The networks as they are now.
    states
        Optimizer states, laid out as the engine holds them.
    steps
        Steps done.
    losses
        Mean loss of every epoch so far [P E].
    """

    group: NetworkGroup
    states: Sequence[NDArray[np.floating]]
    steps: float
    losses: FloatArray


def train_epoch(lessons: Sequence[Lesson], task: str, before: Ongoing | None) -> Ongoing:
    """Train every network for one more pass over some rows.

    Parameters
    ----------
    lessons
        One per seed, on one sample, none with rows set aside.
    task
        What the outputs mean.
    before
        Where the last call ended; None to start.

    Returns
    -------
    Ongoing
        One epoch further.

    Raises
    ------
    TrainingError
        If a network diverged.

    Examples
    --------
    See :meth:`thalweg.estimators.regressor.NetRegressor.partial_fit`.
    """
    table, members = lesson_population(lessons)
    crowd = crowd_of(members[0], table)
    settings = members[0].network.settings(crowd.outputs)
    rates = sorted({value for name, value in settings.items() if name.endswith("rate")})
    with one_thread(), torch.inference_mode():
        chunk = Chunk(crowd, table, len(members), mask_pool(rates, table.rows.dtype) if rates else None)
        chunk.place(range(len(members)), members)
        piece = chunk.blocks.pieces(Run(0, len(members), 0))[0]
        if before is not None:
            for slot, network in enumerate(before.group.networks):
                chunk.blocks.load(slot, torch.from_numpy(network.fit.parameters))
            for target, array in zip(piece.states, before.states, strict=True):
                target.copy_(torch.from_numpy(array))
            chunk.blocks.steps.fill_(before.steps)
            chunk.epochs = [before.losses.shape[1]] * len(members)
        losses = chunk.run_epoch()
        if not np.isfinite(losses).all() or min(chunk.finite_steps()) < crowd.steps:
            raise TrainingError("A network diverged in this pass.", "Lower the learning rate.")
        history = losses[:, None] if before is None else np.column_stack([before.losses, losses])
        trained = [
            TrainedNetwork(
                member.network,
                member.loss,
                table.classes,
                lesson.sample.scaling,
                _fit(slot, chunk.blocks.vector(slot).numpy(), history[slot]),
            )
            for slot, (member, lesson) in enumerate(zip(members, lessons, strict=True))
        ]
        return Ongoing(
            group=NetworkGroup(trained, task),
            states=[state.numpy().copy() for state in piece.states],
            steps=float(chunk.blocks.steps[0]),
            losses=history,
        )


def _fit(number: int, vector: NDArray[np.floating], losses: FloatArray) -> MemberFit:
    epochs = len(losses)
    return MemberFit(number, FINISHED, f"trained {epochs} epochs", vector, losses, np.empty(0), epochs)
