"""Training a population for a job: what is done is kept in the run's folder, and not trained again."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import joblib  # type: ignore[import-untyped] # joblib has no types

from thalweg.base.errors import TrainingError, setting
from thalweg.base.keeping.digests import arrays_digest
from thalweg.base.run_folder import MEMBERS_FOLDER, RunFolder
from thalweg.report.progress import Watch
from thalweg.study.watching import Told, Train
from thalweg.train.fit import fit_population
from thalweg.train.population import Member, TrainingTable
from thalweg.train.result import Fit, MemberFit
from thalweg.train.running.limit import seconds_left
from thalweg.train.store import MemberStore


class Kept:
    """Trained members by number: in memory, and in the folder of a run if there is one.

    Parameters
    ----------
    folder
        Where they are kept besides; None for nowhere.
    name
        Of the population in the folder.

    Examples
    --------
    >>> Kept(None, "search").fits
    {}
    """

    def __init__(self, folder: RunFolder | None, name: str) -> None:
        self._folder, self._store = folder, None if folder is None else _store(folder, name)
        self.fits: dict[int, MemberFit] = {} if self._store is None else {fit.number: fit for fit in self._store.read()}

    def add(self, fit: MemberFit) -> None:
        """Take a member, unless it is there."""
        if fit.number not in self.fits:
            self.fits[fit.number] = fit
            if self._store is not None:
                self._store.add(fit)

    def train(
        self,
        table: TrainingTable,
        members: Sequence[Member],
        *,
        stage: str,
        workers: int | None,
        watch: Told,
        numbers: Sequence[int] | None = None,
    ) -> Fit:
        """Train members that are not there, until all are or the time is over; return them in order.

        Parameters
        ----------
        table, members, workers
            As for :func:`thalweg.fit_population`.
        stage
            What ``watch`` is told.
        watch
            Called a few times a second with the stage and how far it has come.
        numbers
            Under which each is kept; None for its place.

        Raises
        ------
        TrainingError
            If it was interrupted; what is done is on disk by then.
        """
        called = range(len(members)) if numbers is None else numbers
        done = [replace(self.fits[n], number=place) for place, n in enumerate(called) if n in self.fits]
        try:
            found = fit_population(
                table,
                members,
                workers=workers,
                done=done,
                on_member=lambda fit: self.add(replace(fit, number=called[fit.number])),
                on_progress=None if watch is None else lambda progress: watch(stage, progress),
            )
        finally:
            if self._store is not None:
                self._store.flush()
        if found.interrupted and seconds_left() > 0:
            raise self._interrupted(len(found.members), len(members))
        return found

    def _interrupted(self, done: int, members: int) -> TrainingError:
        kept = f"{done} of {members} networks are done"
        if self._folder is None:
            return TrainingError(
                f"Interrupted: {kept}, and nothing is kept.",
                f"Give a folder as {setting('out')} to be able to continue.",
            )
        return TrainingError(
            f"Interrupted: {kept} and kept in {self._folder.path}.", "Give the same command again to continue."
        )


def _store(folder: RunFolder, name: str) -> MemberStore:
    place = folder.path / MEMBERS_FOLDER / name
    return MemberStore(place, run=folder.identity(name), guard=folder.refuse_replaced)


class TimeOverError(TrainingError):
    """A time limit was over before a population was trained."""


def keeping(
    folder: RunFolder | None, stage: str, workers: int | None, watch: Watch | None
) -> Callable[[TrainingTable, Sequence[Member]], Fit]:
    """Return what trains one population after the other, no member twice, whatever the order they are asked for in.

    What it returns raises :class:`TimeOverError` where a time limit is over.

    Parameters
    ----------
    folder
        Where trained members are kept; None keeps nothing on disk.
    stage
        Name of the members in the folder, and what ``watch`` is told.
    workers, watch
        As for :meth:`Kept.train`.

    Examples
    --------
    >>> keeping(None, "effects", 1, None).__name__
    'train'
    """
    kept = Kept(folder, stage)

    def train(table: TrainingTable, members: Sequence[Member]) -> Fit:
        return _train(kept, table, members, stage=stage, workers=workers, watch=watch)

    return train


def keeping_study(folder: RunFolder | None) -> Train:
    """Return what trains the populations of a study, no member twice.

    Parameters
    ----------
    folder
        As for :func:`keeping`.

    Examples
    --------
    >>> keeping_study(None).__name__
    'train'
    """
    kept = Kept(folder, "study")

    def train(
        table: TrainingTable, members: Sequence[Member], stage: str, workers: int | None, watch: Told
    ) -> Sequence[MemberFit]:
        return _train(kept, table, members, stage=stage, workers=workers, watch=watch).members

    return train


def _train(
    kept: Kept, table: TrainingTable, members: Sequence[Member], *, stage: str, workers: int | None, watch: Told
) -> Fit:
    """Train members, each kept under a number for all that decides its numbers."""
    about = arrays_digest({"table": table.rows.cpu().numpy()})
    numbers = [_content(member, about) for member in members]
    known = all(number >= 0 for number in numbers)
    here = kept if known else Kept(None, stage)
    found = here.train(table, members, stage=stage, workers=workers, watch=watch, numbers=numbers if known else None)
    if found.interrupted:
        raise TimeOverError(
            f"The time was over when {len(found.members)} of {len(members)} networks were done.",
            f"Give a longer {setting('time_limit')}.",
        )
    return found


def _content(member: Member, table: str) -> int:
    """Return a number for everything that decides a member's numbers; -1 for a function that no other process finds."""
    held = [getattr(member, field.name) for field in fields(member)]
    if any(mark in repr(held) for mark in ("<lambda>", "<locals>")):
        return -1
    return int(joblib.hash([table, *held]), 16) >> 68
