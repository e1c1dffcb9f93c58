"""Training a population for a job: what is done is kept in the run's folder, and not trained again."""

from collections.abc import Callable, Sequence
from itertools import count

from thalweg.base.errors import TrainingError, setting
from thalweg.base.run_folder import MEMBERS_FOLDER, RunFolder
from thalweg.report.progress import Watch
from thalweg.study.watching import Told, Train
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable
from thalweg.train.result import Fit, MemberFit
from thalweg.train.store import MemberStore


def train_kept(
    table: TrainingTable,
    members: Sequence[Member],
    *,
    name: str,
    stage: str,
    folder: RunFolder | None,
    workers: int | None,
    watch: Told,
) -> Fit:
    """Train a population, or what is left of it.

    Parameters
    ----------
    table, members, workers
        As for :func:`thalweg.fit_population`.
    name
        Of the population in the folder.
    stage
        What ``watch`` is told.
    folder
        Where trained members are kept; None keeps nothing.
    watch
        Called a few times a second with the stage and how far it has come.

    Returns
    -------
    Fit
        All members.

    Raises
    ------
    TrainingError
        If it was interrupted; what is done is on disk by then.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import training_table
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> members = [Member(mlp((4,)), Squared(), np.arange(64), epochs=2)]
    >>> told = {"name": "search", "stage": "search", "folder": None, "workers": 1, "watch": None}
    >>> train_kept(training_table(x, x**2), members, **told).statuses()
    {'finished': 1}
    """
    store = None if folder is None else _store(folder, name)
    try:
        found = fit_population(
            table,
            members,
            workers=workers,
            done=[] if store is None else store.read(),
            on_member=None if store is None else store.add,
            on_progress=None if watch is None else lambda progress: watch(stage, progress),
        )
    finally:
        if store is not None:
            store.flush()
    if found.interrupted:
        kept = f"{len(found.members)} of {len(members)} networks are done"
        if folder is None:
            raise TrainingError(
                f"Interrupted: {kept}, and nothing is kept.",
                f"Give a folder as {setting('out')} to be able to continue.",
            )
        raise TrainingError(
            f"Interrupted: {kept} and kept in {folder.path}.", "Give the same command again to continue."
        )
    return found


def _store(folder: RunFolder, name: str) -> MemberStore:
    place = folder.path / MEMBERS_FOLDER / name
    return MemberStore(place, run=folder.identity(name), guard=folder.refuse_replaced)


def keeping(
    folder: RunFolder | None, stage: str, workers: int | None, watch: Watch | None
) -> Callable[[TrainingTable, Sequence[Member]], Fit]:
    """Return what trains one population after the other, each kept under the stage and its number.

    Parameters
    ----------
    folder, stage, workers, watch
        As for :func:`train_kept`.

    Examples
    --------
    >>> keeping(None, "effects", 1, None).__name__
    'train'
    """
    numbers = count(1)

    def train(table: TrainingTable, members: Sequence[Member]) -> Fit:
        name = f"{stage}-{next(numbers):02d}"
        return train_kept(table, members, name=name, stage=stage, folder=folder, workers=workers, watch=watch)

    return train


def keeping_study(folder: RunFolder | None) -> Train:
    """Return what trains the populations of a study, each kept under its number.

    Parameters
    ----------
    folder
        As for :func:`train_kept`.

    Examples
    --------
    >>> keeping_study(None).__name__
    'train'
    """
    numbers = count(1)

    def train(
        table: TrainingTable, members: Sequence[Member], stage: str, workers: int | None, watch: Told
    ) -> Sequence[MemberFit]:
        name = f"study-{next(numbers):03d}"
        found = train_kept(table, members, name=name, stage=stage, folder=folder, workers=workers, watch=watch)
        return found.members

    return train
