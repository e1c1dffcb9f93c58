"""Effects from all splits that were asked for, or in a limited time from as many as it allows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.dedl import DeDL
from thalweg.effects.effect import LeftOut
from thalweg.effects.training import Train
from thalweg.jobs.in_time.splits import doubled, too_short
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.populations import TimeOverError
from thalweg.train.running.limit import ending_at


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """What a job about effects came to.

    Parameters
    ----------
    dedl
        With the splits that were made.
    answer, left_out
        What it found; observed cells predicted from the others, None if that was not asked for or not reached.
    early
        Why that is less than what was asked for; empty if it is not.
    """

    dedl: DeDL
    answer: EffectsAnswer
    left_out: tuple[LeftOut, ...] | None
    early: str = ""


def fit_in_time(
    dedl: DeDL,
    table: object,
    roles: Mapping[str, Any],
    train: Train,
    *,
    leave_out: bool,
    limit: TimeLimit | None,
    kept: bool,
) -> Reached:
    """Fit all splits, or twice as many again and again until the time is over.

    Parameters
    ----------
    dedl, table, roles
        What is asked, as :meth:`thalweg.DeDL.fit` takes it.
    train
        Trains a population, none of its members twice, see :class:`thalweg.jobs.populations.Keeper`.
    leave_out
        Whether observed cells are to be predicted from the others too.
    limit
        How long it may take; None for as long as it takes.
    kept
        Whether what is trained is kept in a folder.

    Raises
    ------
    TimeOverError
        If not one split could be completed.

    Examples
    --------
    >>> from functools import partial
    >>> from thalweg.jobs.populations import Keeper
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=3, workers=1)
    >>> train = partial(Keeper(None, "effects").train, stage="effects", workers=1, watch=None)
    >>> roles = {"target": "y", "treatments": ["a", "b"]}
    >>> fit_in_time(quick, columns, roles, train, leave_out=False, limit=None, kept=False).early
    ''
    """
    if limit is None:
        answer = dedl.fit(table, **roles, train=train)
        return Reached(dedl, answer, dedl.leave_one_cell_out(answer, train=train) if leave_out else None)
    reached: Reached | None = None
    asked = dedl.training.repeats
    with ending_at(limit.moment):
        for repeats in doubled(asked):
            part = replace(dedl, training=replace(dedl.training, repeats=repeats))
            try:
                answer = part.fit(table, **roles, train=train)
                reached = Reached(part, answer, None if reached is None else reached.left_out)
                if leave_out:
                    reached = replace(reached, left_out=part.leave_one_cell_out(answer, train=train))
            except TimeOverError as error:
                if reached is None:
                    raise too_short(error, limit, kept=kept) from error
                break
    assert reached is not None
    without = " and without predicting cells from the others" if leave_out and reached.left_out is None else ""
    if (found := reached.dedl.training.repeats) == asked and not without:
        return reached
    early = limit.told(f"ended the job early, after {found} of {asked} splits{without}.", kept=kept)
    return replace(reached, answer=replace(reached.answer, notes=(early, *reached.answer.notes)), early=early)
