"""The one loop: slots are filled from a queue, trained epoch by epoch, and refilled as members finish."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from thalweg.train.backend import AnyChunk, backend_of
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.products.threads import Sharing
from thalweg.train.result import MemberFit
from thalweg.train.running.halving import Shelf
from thalweg.train.running.stopping import LOSS_BOUND, Course
from thalweg.train.running.validation import ValidationPlan, plan_validation
from thalweg.train.steps.masks import MaskPool

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
    shelf: Shelf | None = None,
    sharing: Sharing | None = None,
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
    shelf
        Where members rest at the next rung, and come back from; None without rungs.
    sharing
        Chooses how many threads compute the next step; None for always one.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32), batch=4, epochs=2)
    >>> queue, trained = iter([0, None]), []
    >>> train_crowd(crowd_of(member, table), table, [member], queue.__next__, trained.append, slots=1, pool=None)
    >>> trained[0].reason
    'finished 2 epochs'
    """
    with torch.inference_mode():
        chunk = backend_of(crowd.network).chunk(crowd, table, slots, pool)
        progress: list[Course | None] = [None] * slots
        _refill(chunk, progress, range(slots), members, take, shelf)
        while chunk.live:
            if len(chunk.live) <= COMPACT_BELOW * chunk.slots:
                live = chunk.live
                chunk, progress = chunk.compact(live), [progress[slot] for slot in live]
            validation = plan_validation(chunk.members, crowd.validation_block, table.count, table.rows.device)
            done: list[int] = []
            while not done:
                done = _run_epoch(chunk, progress, validation, shelf, sharing)
                if not tick(crowd.steps * len(chunk.live)):
                    return
            for slot in done:
                finished = progress[slot]
                assert finished is not None
                if shelf is not None and not finished.status:
                    shelf.put(finished, chunk, slot)
                else:
                    emit(_fit_of(finished, chunk, slot))
            _refill(chunk, progress, done, members, take, shelf)


def _fit_of(course: Course, chunk: AnyChunk, slot: int) -> MemberFit:
    state = chunk.state(slot, best=course.remembered) if course.member.resumable else None
    return course.fit(chunk.vector(slot, best=course.remembered), state)


def _refill(
    chunk: AnyChunk,
    progress: list[Course | None],
    slots: Sequence[int],
    members: Sequence[Member],
    take: Take,
    shelf: Shelf | None,
) -> None:
    """Put the next members of the queue into slots; what the queue cannot fill is emptied."""
    numbers = {slot: take() for slot in slots}
    coming = {slot: number for slot, number in numbers.items() if number is not None}
    if coming:
        chunk.place(list(coming), [members[number] for number in coming.values()])
    if len(coming) < len(numbers):
        chunk.vacate([slot for slot in numbers if slot not in coming])
    for slot in slots:
        number = coming.get(slot)
        bound = 0.0 if number is None else _loss_bound(chunk.crowd, chunk.table, members[number])
        progress[slot] = state = None if number is None else Course(number, members[number], bound)
        if shelf is not None and state is not None:
            shelf.resume(state, chunk, slot)


def _run_epoch(
    chunk: AnyChunk,
    progress: Sequence[Course | None],
    validation: ValidationPlan | None,
    shelf: Shelf | None,
    sharing: Sharing | None,
) -> list[int]:
    """Train one epoch, keep what is best, and return the slots whose members are done."""
    training = chunk.run_epoch(sharing).tolist()
    finite = chunk.finite_steps()
    measured = None if validation is None else chunk.weighted_losses(validation.order, validation.weights).tolist()
    done, better = [], []
    for slot, state in enumerate(progress):
        if state is None:
            continue
        loss = None if measured is None or state.member.validation is None else measured[slot]
        if state.record(training[slot], loss, finite[slot]) and loss is not None:
            better.append(slot)
            state.remembered = True
        if state.status or (shelf is not None and shelf.is_rung(state)):
            done.append(slot)
    if better:
        chunk.remember(better)
    return done


def _loss_bound(crowd: Crowd, table: TrainingTable, member: Member) -> float:
    """Return the training loss that counts as divergence: far above that of outputs that are all zero."""
    rows = torch.from_numpy(np.asarray(member.rows[:1000], dtype=np.int64))
    y = table.rows[rows.to(table.rows.device), crowd.inputs + 1 :].mT[None]  # [1 C B]
    zero = torch.zeros(1, crowd.outputs, y.shape[2], dtype=y.dtype, device=y.device)
    return LOSS_BOUND * (float(crowd.loss.rows(zero, y).mean()) + 1.0)
