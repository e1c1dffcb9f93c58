"""The one loop: slots are filled from a queue, trained epoch by epoch, and refilled as members finish."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from thalweg.train.chunk import Chunk
from thalweg.train.masks import MaskPool
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.result import MemberFit
from thalweg.train.stopping import LOSS_BOUND, Progress
from thalweg.train.validation import ValidationPlan, plan_validation, validation_losses

Take = Callable[[], int | None]
Emit = Callable[[MemberFit], None]
COMPACT_BELOW = 0.8  # share of live slots under which a smaller chunk pays for being written


def train_crowd(
    crowd: Crowd,
    table: TrainingTable,
    members: Sequence[Member],
    take: Take,
    emit: Emit,
    *,
    slots: int,
    pool: MaskPool | None,
    tick: Callable[[int], bool] = lambda steps: True,  # noqa: ARG005 - nobody watches
) -> None:
    """Train members of one crowd until the queue is empty.

    Parameters
    ----------
    crowd, table
        What the members share and learn from.
    members
        The whole population; the queue names members by number.
    take
        Returns the number of the next member, None when there are no more.
    emit
        Receives every finished member.
    slots
        How many train at once.
    pool
        Dropout masks.
    tick
        Called after every epoch with the member-steps done; False stops at once, unfinished members are dropped.

    Examples
    --------
    See :func:`thalweg.train.fit.fit_population`.
    """
    with torch.inference_mode():
        chunk = Chunk(crowd, table, slots, pool)
        progress: list[Progress | None] = [None] * slots

        def refill(slot: int) -> None:
            number = take()
            if number is None:
                chunk.vacate(slot)
                progress[slot] = None
            else:
                chunk.place(slot, members[number])
                progress[slot] = Progress(number, members[number], _loss_bound(crowd, table, members[number]))

        for slot in range(slots):
            refill(slot)
        while chunk.live:
            if len(chunk.live) <= COMPACT_BELOW * chunk.slots:
                live = chunk.live
                chunk, progress = chunk.compact(live), [progress[slot] for slot in live]
            validation = plan_validation(chunk)
            changed = False
            while not changed:
                done = _run_epoch(chunk, progress, validation)
                if not tick(crowd.steps * len(chunk.live)):
                    return
                for slot in done:
                    finished = progress[slot]
                    assert finished is not None
                    kept = chunk.blocks.vector(slot) if finished.snapshot is None else finished.snapshot
                    emit(finished.fit(kept))
                    refill(slot)
                changed = bool(done)


def _run_epoch(chunk: Chunk, progress: Sequence[Progress | None], validation: ValidationPlan | None) -> list[int]:
    """Train one epoch, keep what is best, and return the slots whose members are done."""
    training = chunk.run_epoch()
    finite = chunk.finite_steps()
    measured = None if validation is None else validation_losses(chunk, validation)
    done = []
    for slot, state in enumerate(progress):
        if state is None:
            continue
        has_rows = measured is not None and state.member.validation is not None
        loss = float(measured[slot]) if has_rows and measured is not None else None
        better = state.record(float(training[slot]), loss, finite[slot])
        if better and loss is not None:
            state.snapshot = chunk.blocks.vector(slot)
        if state.status:
            done.append(slot)
    return done


def _loss_bound(crowd: Crowd, table: TrainingTable, member: Member) -> float:
    """Return the training loss that counts as divergence: far above that of outputs that are all zero."""
    rows = torch.from_numpy(np.asarray(member.rows[:1000], dtype=np.int64))
    y = table.rows[rows.to(table.rows.device), crowd.inputs + 1 :].mT[None]  # [1 C B]
    zero = torch.zeros(1, crowd.outputs, y.shape[2], dtype=y.dtype, device=y.device)
    return LOSS_BOUND * (float(crowd.loss.rows(zero, y).mean()) + 1.0)
