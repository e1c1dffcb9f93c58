"""Training the populations of studies, told to whoever watches, kept by whoever has a folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from thalweg.base.errors import TrainingError
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable
from thalweg.train.progress import Progress
from thalweg.train.result import MemberFit

Told = Callable[[str, Progress], None] | None
"""Called with the stage and how far it has come."""

Train = Callable[[TrainingTable, Sequence[Member], str, int | None, Told], Sequence[MemberFit]]
"""Trains one population: the table, its members, the stage, workers, who is told."""

_TRAIN: ContextVar[Train | None] = ContextVar("_TRAIN", default=None)


def train(
    table: TrainingTable, members: Sequence[Member], stage: str, workers: int | None, watch: Told
) -> Sequence[MemberFit]:
    """Train a population and return what became of its members, by what :func:`trained_by` named.

    Parameters
    ----------
    table, members, workers
        As for :func:`thalweg.train.fit.fit_population`.
    stage
        What to call it.
    watch
        Who is told.

    Raises
    ------
    TrainingError
        If it was interrupted.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> table = training_table(np.eye(3), np.ones(3))
    >>> [fit.status for fit in train(table, [Member(mlp(()), Squared(), np.arange(3), epochs=2)], "a net", 1, None)]
    ['finished']
    """
    given = _TRAIN.get()
    if given is not None:
        return given(table, members, stage, workers, watch)
    told = None if watch is None else lambda progress: watch(stage, progress)
    found = fit_population(table, members, workers=workers, on_progress=told)
    if found.interrupted:
        raise TrainingError("The study was interrupted.", "Give the command again.")
    return found.members


@contextmanager
def trained_by(train: Train) -> Iterator[None]:
    """Let the populations of studies be trained by something that keeps what is done.

    Parameters
    ----------
    train
        Called in place of :func:`thalweg.train.fit.fit_population`; a study asks for its populations in the same order
        every time.

    Examples
    --------
    >>> with trained_by(lambda table, members, stage, workers, watch: []):
    ...     train(None, [], "nothing", 1, None)
    []
    """
    token = _TRAIN.set(train)
    try:
        yield
    finally:
        _TRAIN.reset(token)
