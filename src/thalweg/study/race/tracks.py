"""Where members of a population are while they train: their parameters after every epoch."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.train.backend import backend_of
from thalweg.train.population import Member, TrainingTable, crowd_of
from thalweg.train.products.threads import one_thread
from thalweg.train.slots import choose_slots

TIMED: int = 5  # epochs whose fastest is the time of a step


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Iterates of the members of one crowd.

    Parameters
    ----------
    steps
        Steps done at each snapshot [T], 0 first.
    vectors
        Parameters [P T Θ].
    """

    steps: IntArray
    vectors: FloatArray


def follow(table: TrainingTable, members: Sequence[Member], snapshots: Sequence[int]) -> Tracks:
    """Train members of one crowd and keep their parameters after some epochs.

    The numbers are those of :func:`thalweg.train.fit.fit_population`: the same program runs.

    Parameters
    ----------
    table, members
        As there; all members of one crowd, and of as many epochs as the last snapshot.
    snapshots
        Epochs to keep, in order; 0 is the start.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> table = training_table(np.eye(3), np.ones(3))
    >>> tracks = follow(table, [Member(mlp(()), Squared(), np.arange(3), batch=2)], [0, 1, 3])
    >>> tracks.steps.tolist(), tracks.vectors.shape
    ([0, 2, 6], (1, 3, 4))
    """
    crowd = crowd_of(members[0], table)
    width = choose_slots(crowd, table.rows.dtype, len(members), 1)
    kept = []
    with torch.inference_mode(), one_thread():
        for first in range(0, len(members), width):
            some = members[first : first + width]
            chunk = backend_of(crowd.network).chunk(crowd, table, len(some), None)
            chunk.place(range(len(some)), some)
            found, done = [], 0
            for epoch in snapshots:
                while done < epoch:
                    chunk.run_epoch()
                    done += 1
                found.append(np.stack([chunk.vector(slot).double().numpy() for slot in range(len(some))]))
            kept.append(np.stack(found, axis=1))
    return Tracks(np.array(snapshots) * crowd.steps, np.concatenate(kept))


def step_seconds(table: TrainingTable, member: Member) -> float:
    """Return the seconds of a step of one member that trains alone, from the fastest of a few epochs.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> step_seconds(training_table(np.eye(3), np.ones(3)), Member(mlp(()), Squared(), np.arange(3))) > 0
    True
    """
    crowd = crowd_of(member, table)
    with torch.inference_mode(), one_thread():
        chunk = backend_of(crowd.network).chunk(crowd, table, 1, None)
        chunk.place([0], [member])
        chunk.run_epoch()
        found = []
        for _ in range(TIMED):
            start = time.perf_counter()
            chunk.run_epoch()
            found.append(time.perf_counter() - start)
    return min(found) / crowd.steps
