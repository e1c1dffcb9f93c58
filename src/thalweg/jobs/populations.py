"""Training a population for a job: what is done is kept in the run's folder, and not trained again."""

from collections.abc import Sequence
from dataclasses import fields, replace

import joblib  # type: ignore[import-untyped] # joblib has no types

from thalweg.base.errors import TrainingError, setting
from thalweg.base.keeping.digests import arrays_digest
from thalweg.base.run_folder import MEMBERS_FOLDER, RunFolder
from thalweg.select.trained_work import TrainedWork, total_work, work_by_member
from thalweg.study.watching import Told
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
        self.work: dict[int, TrainedWork] = {}
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
        self.work |= {called[place]: work for place, work in work_by_member(table, members, found.members).items()}
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


class Keeper:
    """Trains one population after the other, no member twice, whatever the order they are asked for in.

    Parameters
    ----------
    folder
        Where trained members are kept; None keeps nothing on disk.
    stage
        Name of the members in the folder.

    Examples
    --------
    >>> Keeper(None, "effects").work.networks
    0
    """

    def __init__(self, folder: RunFolder | None, stage: str) -> None:
        self._kept, self._others = Kept(folder, stage), list[Kept]()

    @property
    def work(self) -> TrainedWork:
        """What all members that were asked for took, in this process or an earlier one."""
        return total_work(work for kept in (self._kept, *self._others) for work in kept.work.values())

    def train(
        self, table: TrainingTable, members: Sequence[Member], stage: str, workers: int | None, watch: Told
    ) -> Fit:
        """Train a population, each member kept under a number for all that decides its numbers.

        Parameters
        ----------
        table, members
            The population.
        stage, workers, watch
            As for :meth:`Kept.train`.

        Raises
        ------
        TimeOverError
            If a time limit is over before all are trained.
        """
        about = arrays_digest({"table": table.rows.cpu().numpy()})
        numbers = [_content(member, about) for member in members]
        known = all(number >= 0 for number in numbers)
        here = self._kept if known else Kept(None, stage)
        found = here.train(
            table, members, stage=stage, workers=workers, watch=watch, numbers=numbers if known else None
        )
        self._others += [] if known else [here]
        if found.interrupted:
            raise TimeOverError(
                f"The time was over when {len(found.members)} of {len(members)} networks were done.",
                f"Give a longer {setting('time_limit')}.",
            )
        return found

    def of_study(
        self, table: TrainingTable, members: Sequence[Member], stage: str, workers: int | None, watch: Told
    ) -> Sequence[MemberFit]:
        """Train a population as studies ask for it."""
        return self.train(table, members, stage, workers, watch).members


def _content(member: Member, table: str) -> int:
    """Return a number for everything that decides a member's numbers; -1 for a function that no other process finds."""
    held = [getattr(member, field.name) for field in fields(member)]
    if any(mark in repr(held) for mark in ("<lambda>", "<locals>")):
        return -1
    return int(joblib.hash([table, *held]), 16) >> 68
