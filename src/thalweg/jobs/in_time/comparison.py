"""The networks of a comparison: all of them, or in a limited time as many complete designs as it allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from thalweg.base.run_folder import RunFolder
from thalweg.jobs.in_time.time_limit import TimeLimit
from thalweg.jobs.populations import Kept
from thalweg.report.progress import Progress, Watch
from thalweg.select.compare_models import Trained, choose_networks
from thalweg.select.crossval import Choice, CrossValidation
from thalweg.select.settings import Settings
from thalweg.select.trained_work import NOTHING, TrainedWork, total_work
from thalweg.train.population import Member
from thalweg.train.progress import Progress as OfPopulation
from thalweg.train.result import MemberFit
from thalweg.train.running.limit import ending_at

CHOSEN_EARLY: Final = "chosen-early"
"""Name, in a run's folder, of the chosen networks of designs that are smaller than the one asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """The trained networks of a comparison.

    Parameters
    ----------
    plan
        Of the design that they fill: in a limited time perhaps with fewer seeds and networks than were asked for.
    search, chosen
        The grid, and the networks chosen from it; None without any.
    choices
        What was chosen, see :func:`~thalweg.select.compare_models.choose_networks`.
    searched
        The grid, numbered as in the design that was asked for.
    early
        Why the design is smaller than the one asked for; empty if it is not.
    work
        What all of them took, those of smaller designs among them.
    """

    plan: CrossValidation
    search: Trained
    choices: Sequence[Choice]
    chosen: Trained | None
    searched: Sequence[MemberFit] = ()
    early: str = ""
    work: TrainedWork = NOTHING


@dataclass(frozen=True, slots=True)
class Means:
    """With what a job works, none of which shows in a number.

    Parameters
    ----------
    workers, watch
        As for :func:`thalweg.jobs.compare.fit`.
    limit
        How long it may take; None for as long as it takes.
    """

    workers: int | None = None
    watch: Watch | None = None
    limit: TimeLimit | None = None

    def expecting(self, seconds: float) -> "Means":
        """Return the same, where whoever watches the search is told how long it was forecast to take."""
        watch = self.watch
        if watch is None:
            return self

        def told(stage: str, progress: Progress) -> None:
            if stage == "search" and isinstance(progress, OfPopulation):
                progress = replace(progress, expected=seconds)
            watch(stage, progress)

        return replace(self, watch=told)


def train_networks(plan: CrossValidation, folder: RunFolder | None, means: Means) -> Networks:
    """Train the grid, choose by validation loss, and train what was chosen.

    In a limited time, designs are completed one after the other: the first network with one seed, all networks with
    one seed, then seed by seed. The last one that is complete stands: its numbers are, bit for bit, those of a
    comparison that asked for so many seeds and networks. How long things took decides, and no score does.

    Parameters
    ----------
    plan
        What was asked for.
    folder
        Where trained members are kept; None for nowhere.
    means
        With what.

    Raises
    ------
    TrainingError
        If it was interrupted; what is done is on disk by then.

    Examples
    --------
    >>> import time
    >>> from thalweg.data.problem import pose
    >>> from thalweg.select.crossval import cross_validation
    >>> from thalweg.select.settings import NetworkSetting
    >>> few = Settings(folds=2, seeds=2, epochs=2, networks=(NetworkSetting((4,)),))
    >>> plan = cross_validation(pose("example:wine"), few)
    >>> found = train_networks(plan, None, Means(1, limit=TimeLimit(1e-9, time.monotonic())))
    >>> found.plan.settings.members, found.early[:70]
    (0, 'The time limit of 0.0 s was over before one network was trained in eve')
    """
    work, limit = _Work(plan, folder, means), means.limit
    if limit is None:
        return replace(work.networks(plan) or _none(plan), work=work.done)
    reached = _none(plan)
    with ending_at(limit.moment):
        for seeds, count in _designs(plan.settings):
            found = work.networks(_smaller(plan, seeds, count))
            if found is None:
                ended = _early(reached.plan.settings, plan.settings)
                return replace(reached, work=work.done, early=limit.told(ended, kept=folder is not None))
            reached = found
    return replace(reached, work=work.done)


def _none(plan: CrossValidation) -> Networks:
    return Networks(_smaller(plan, plan.settings.seeds, 0), Trained([], []), [], None)


def _designs(settings: Settings) -> Iterator[tuple[int, int]]:
    """Yield seeds and networks of ever larger designs, the last of which is the one asked for."""
    grid = len(settings.networks)
    if grid > 1:
        yield 1, 1
    for seeds in range(1, settings.seeds + 1) if grid else ():
        yield seeds, grid


def _smaller(plan: CrossValidation, seeds: int, networks: int) -> CrossValidation:
    return replace(plan, settings=replace(plan.settings, seeds=seeds, networks=plan.settings.networks[:networks]))


def _early(reached: Settings, asked: Settings) -> str:
    if not reached.networks:
        return "was over before one network was trained in every fold: linear models stand alone."
    some, grid = len(reached.networks), len(asked.networks)
    parts = [f"{reached.seeds} of {asked.seeds} seeds"] if asked.seeds > 1 else []
    parts += [f"{some} of {grid} networks"] if some < grid else []
    return f"ended the comparison early: it is that of {' and '.join(parts)}."


class _Work:
    """Trains designs of one comparison, no network twice."""

    def __init__(self, plan: CrossValidation, folder: RunFolder | None, means: Means) -> None:
        self._plan, self._folder, self._means = plan, folder, means
        self._search, self._chosen = Kept(folder, "search"), Kept(folder, CHOSEN_EARLY)
        self._all_chosen, self._final = Kept(folder, "chosen"), set[int]()  # numbers among the chosen of all designs
        self._places = {_label(member): place for place, member in enumerate(plan.search_members())}

    @property
    def done(self) -> TrainedWork:
        """What was trained, no network counted twice."""
        early = {number: self._chosen.work[number] for number in self._chosen.work if number not in self._final}
        return total_work([*self._search.work.values(), *self._all_chosen.work.values(), *early.values()])

    def networks(self, plan: CrossValidation) -> Networks | None:
        """Return the networks of a design; None if the time was over before they were trained."""
        members = plan.search_members()
        if not members:
            return _none(plan)
        places = [self._places[_label(member)] for member in members]
        search = self._trained(self._search, members, "search", places)
        if search is None:
            return None
        choices = choose_networks(plan, search)
        members = plan.chosen_members(choices)
        numbers = [self._number(member) for member in members]
        if plan.settings != self._plan.settings:
            chosen = self._trained(self._chosen, members, "chosen", numbers)
        else:
            kept, self._final = self._all_chosen, set(numbers)
            for place, number in enumerate(numbers):
                if number in self._chosen.fits:
                    kept.add(replace(self._chosen.fits[number], number=place))
            chosen = self._trained(kept, members, "chosen", range(len(members)))
        if chosen is None:
            return None
        return Networks(plan, search, choices, chosen, [self._search.fits[place] for place in places])

    def _trained(self, kept: Kept, members: Sequence[Member], stage: str, numbers: Sequence[int]) -> Trained | None:
        workers, watch = self._means.workers, self._means.watch
        found = kept.train(self._plan.table, members, stage=stage, workers=workers, watch=watch, numbers=numbers)
        return None if found.interrupted else Trained(members, found.members)

    def _number(self, member: Member) -> int:
        """Return a number for a chosen network: designs of different sizes may choose differently."""
        fold, setting, seed = _label(member)
        settings = self._plan.settings
        sizes = (settings.epochs + 1, settings.folds + 1, len(settings.networks), settings.seeds)
        return int(np.ravel_multi_index((member.epochs, fold, setting, seed), sizes))


def _label(member: Member) -> tuple[int, int, int]:
    fold, setting, seed = (int(str(member.label[part])) for part in ("fold", "setting", "seed"))
    return fold, setting, seed
