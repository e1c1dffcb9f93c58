"""Successive halving inside a running population: members rest at rungs, the best go on where they were.

A rung is a barrier: every member still in the race trains up to it, its weights, optimizer state and losses are put on
a shelf that all workers share, and one judgement across members decides who goes on. Nobody trains an epoch twice, and
no process is started anew.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.errors import SettingError
from thalweg.train.backend import AnyChunk, backend_of
from thalweg.train.population import Crowd, Member, TrainingTable, crowds_of
from thalweg.train.result import DROPPED, FINISHED, MemberFit
from thalweg.train.running.stopping import Course
from thalweg.train.slots import choose_slots
from thalweg.train.steps.parameters import vector_size

WAIT = 0.001  # seconds between looks at whether the next stage has begun
HEAD = 7  # numbers before the losses of a shelf: epochs, validated epochs, best loss and epoch, passed ones, remembered

Judge = Callable[[int, Mapping[int, MemberFit]], Collection[int]]


@dataclass(frozen=True, slots=True, eq=False)
class Rungs:
    """Where a population is judged, and by whom.

    Parameters
    ----------
    epochs
        Epoch counts, ascending; members still in the race rest there. The last stage runs to the members' own end.
    judge
        Given the number of the rung and the members still in the race as they are then (those that ended before it
        included), returns the numbers of those that go on. Called in the parent process.
    passed
        Rungs judged before, in an interrupted run.
    racing
        Members that were left then; None for all.

    Raises
    ------
    SettingError
        If the epochs do not ascend.

    Examples
    --------
    >>> Rungs((2, 8), lambda rung, fits: sorted(fits, key=lambda n: fits[n].validation_loss[-1])[:2]).epochs
    (2, 8)
    """

    epochs: Sequence[int]
    judge: Judge
    passed: int = 0
    racing: Collection[int] | None = None

    def __post_init__(self) -> None:
        if list(self.epochs) != sorted(set(self.epochs)) or min(self.epochs, default=1) < 1:
            raise SettingError(f"Rungs must be ascending epoch counts, got {tuple(self.epochs)}.", "Give (5, 15, 45).")


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Where one member came to rest, on its way to another process.

    Parameters
    ----------
    marks
        The head of its notes, see :data:`HEAD`.
    training, validation
        Losses by epoch.
    states
        The vector it would keep, and all it trains with.
    """

    marks: NDArray[np.float64]
    training: NDArray[np.float64]
    validation: NDArray[np.float64]
    states: NDArray[np.floating]


class Shelf:
    """Resting members, in memory that parent and workers share.

    Parameters
    ----------
    table, members
        The population.
    rungs
        Where it rests.
    workers
        Processes among which a stage is shared.

    Notes
    -----
    A torch module's optimizer lives in autograd and is not kept: such a member begins anew in each stage and trains to
    the same numbers.
    """

    def __init__(self, table: TrainingTable, members: Sequence[Member], rungs: Rungs, workers: int) -> None:
        self.epochs, self.workers, self._table, self._members = tuple(rungs.epochs), workers, table, members
        self._stage: Any = RawValue("i", rungs.passed)
        self._racing: Any = RawArray("b", len(members))
        for number in range(len(members)) if rungs.racing is None else rungs.racing:
            self._racing[number] = 1
        self._kept, states = np.zeros((2, len(members)), dtype=np.int64)
        for crowd, numbers in crowds_of(members, table).items():
            self._kept[numbers] = vector_size(crowd.network.parameters(crowd.inputs, crowd.outputs))
            states[numbers] = backend_of(crowd.network).resting(crowd)
        self._places: NDArray[np.int64] = np.concatenate([[0], np.cumsum(self._kept + states)])
        self._longest = max(member.epochs for member in members)
        self._letter = "d" if table.rows.dtype == torch.float64 else "f"
        self._states: Any = RawArray(self._letter, int(self._places[-1]))
        self._notes: Any = RawArray("d", len(members) * (HEAD + 2 * self._longest))

    @property
    def stage(self) -> int:
        """Rungs passed."""
        return int(self._stage.value)

    def races(self, number: int) -> bool:
        """Whether a member has not been dropped and has not ended before the last rung."""
        return bool(self._racing[number])

    def rests(self, number: int) -> bool:
        """Whether a member has reached the next rung."""
        return self.stage < len(self.epochs) and self._note(number)[0] >= self.epochs[self.stage]

    def slots(self, crowd: Crowd, numbers: Sequence[int]) -> int:
        """Return how many of the members still in the race should train at once in each process."""
        racing = sum(map(self.races, numbers))
        return choose_slots(crowd, self._table.rows.dtype, racing, self.workers) if racing else 1

    def is_rung(self, progress: Course) -> bool:
        """Whether a member has reached the next rung."""
        return self.stage < len(self.epochs) and len(progress.training) >= self.epochs[self.stage]

    def put(self, progress: Course, chunk: AnyChunk, slot: int) -> None:
        """Let a member rest; killed in the middle of it, the member is one that has not begun."""
        number, notes = progress.number, self._note(progress.number)
        done, watched = len(progress.training), len(progress.validation)
        marks = progress.best, progress.best_epoch, progress.passed, progress.passed_epoch, progress.remembered
        notes[:HEAD] = 0, watched, *marks
        notes[HEAD : HEAD + done] = progress.training
        notes[HEAD + self._longest : HEAD + self._longest + watched] = progress.validation
        kept, state = self._state(number)
        kept.copy_(chunk.vector(slot, best=progress.remembered))
        state.copy_(chunk.state(slot))
        notes[0] = done

    def resume(self, progress: Course, chunk: AnyChunk, slot: int) -> None:
        """Put a member that has just taken a slot where it was when it came to rest; one that did not starts."""
        notes = self._note(progress.number)
        epochs, remembered = int(notes[0]), bool(notes[HEAD - 1])
        kept, state = self._state(progress.number)
        if epochs and chunk.restore(slot, epochs, state, kept if remembered else None):
            self._recall(progress, notes)

    def pack(self, number: int) -> Rest:
        """Return where a member rests."""
        notes, (first, last) = self._note(number), self._places[number : number + 2]
        done, watched = int(notes[0]), int(notes[1])
        later = HEAD + self._longest
        states = np.frombuffer(self._states, dtype=self._letter)[first:last]
        return Rest(
            notes[:HEAD].copy(), notes[HEAD : HEAD + done].copy(), notes[later : later + watched].copy(), states.copy()
        )

    def unpack(self, number: int, rest: Rest) -> None:
        """Put a member where it came to rest in another process."""
        notes, (first, last) = self._note(number), self._places[number : number + 2]
        later = HEAD + self._longest
        notes[HEAD : HEAD + len(rest.training)] = rest.training
        notes[later : later + len(rest.validation)] = rest.validation
        np.frombuffer(self._states, dtype=self._letter)[first:last] = rest.states
        notes[:HEAD] = rest.marks

    def snapshot(self, number: int) -> MemberFit:
        """Return a resting member as if it had been trained for as many epochs and no more."""
        progress = Course(number, self._members[number], 0.0)
        self._recall(progress, self._note(number))
        progress.status, progress.reason = FINISHED, f"finished {len(progress.training)} epochs"
        return progress.fit(self._state(number)[0].clone())

    def open(self, numbers: Collection[int]) -> None:
        """Begin the next stage with the members that go on."""
        for number in range(len(self._members)):
            self._racing[number] = number in numbers
        self._stage.value += 1

    def coming(self, leave: Callable[[], bool]) -> Iterator[int]:
        """Yield the number of this stage and of those to come, each as soon as it has begun."""
        for stage in range(self.stage, len(self.epochs) + 1):
            while self.stage < stage:
                if leave():
                    return
                time.sleep(WAIT)
            yield stage

    def _recall(self, progress: Course, notes: NDArray[np.float64]) -> None:
        done, watched, best, best_epoch, passed, passed_epoch, remembered = notes[:HEAD].tolist()
        progress.training = notes[HEAD : HEAD + int(done)].tolist()
        progress.validation = notes[HEAD + self._longest : HEAD + self._longest + int(watched)].tolist()
        progress.best, progress.best_epoch, progress.remembered = best, int(best_epoch), bool(remembered)
        progress.passed, progress.passed_epoch = passed, int(passed_epoch)

    def _note(self, number: int) -> NDArray[np.float64]:
        size = HEAD + 2 * self._longest
        return np.frombuffer(self._notes, dtype=np.float64)[number * size : (number + 1) * size]

    def _state(self, number: int) -> tuple[Tensor, Tensor]:
        """Return room for the vector a member would keep, and for all it trains with."""
        first, last = self._places[number : number + 2]
        room = torch.from_numpy(np.frombuffer(self._states, dtype=self._letter)[first:last])
        kept, state = torch.split(room, [int(self._kept[number]), len(room) - int(self._kept[number])])
        return kept, state


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """A population that is judged at rungs; the parent's side of the shelf.

    Parameters
    ----------
    rungs, shelf
        When and by whom, and where members rest.
    members
        How many there are.
    ended
        Members that trained to their end, filled by ``emit``.
    emit
        Receives members that are dropped.
    """

    rungs: Rungs
    shelf: Shelf
    members: int
    ended: Mapping[int, MemberFit]
    emit: Callable[[MemberFit], None]

    def climb(self) -> bool:
        """Judge those who rest and begin the next stage; False if the last one is over."""
        shelf, stage = self.shelf, self.shelf.stage
        if stage == len(shelf.epochs):
            return False
        resting = [n for n in range(self.members) if shelf.races(n) and n not in self.ended]
        fits = {n: fit for n, fit in self.ended.items() if fit.status != DROPPED}
        fits |= {n: shelf.snapshot(n) for n in resting}
        kept = set(self.rungs.judge(stage, {n: fits[n] for n in sorted(fits)})) if resting else set()
        reason = f"dropped at epoch {shelf.epochs[stage]}, by the judgement of rung {stage + 1} of {len(shelf.epochs)}"
        shelf.open([n for n in resting if n in kept])
        for number in resting:
            if number not in kept:
                self.emit(replace(fits[number], status=DROPPED, reason=reason))
        return True
