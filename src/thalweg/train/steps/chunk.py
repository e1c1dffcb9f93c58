"""A chunk: S slots that train S members of one crowd in lockstep, epoch by epoch."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.contracts import Call, Native
from thalweg.net.spec import Network
from thalweg.train.native.epoch_calls import NativePlanner
from thalweg.train.native.library import native_here
from thalweg.train.native.runner import runs_natively
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.products.threads import Sharing
from thalweg.train.steps.epoch import DevicePlanner, EpochPlan, plan_masks, plan_on_host
from thalweg.train.steps.masks import POOL, MaskPool, with_scales
from thalweg.train.steps.measure import Meter, summed_losses
from thalweg.train.steps.parameters import ParameterBlocks
from thalweg.train.steps.planner import StepPlanner, plan_step
from thalweg.train.steps.program import Program
from thalweg.train.steps.stepper import GraphStepper, HostStepper, NativeStepper
from thalweg.train.steps.update import Updater

Stepper = NativeStepper | HostStepper | GraphStepper


class Chunk:
    """S slots of one crowd, with all memory their steps need.

    Parameters
    ----------
    crowd
        What the members share.
    table
        The rows they learn from.
    slots
        S.
    pool
        Dropout masks of every rate that may come; None without dropout.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> member = Member(mlp((8,)), Squared(), np.arange(10, dtype=np.int32), batch=4, epochs=2)
    >>> chunk = Chunk(crowd_of(member, table), table, slots=2)
    >>> chunk.place([1], [member])
    >>> chunk.live, chunk.run_epoch().shape
    ([1], (2,))
    """

    def __init__(self, crowd: Crowd, table: TrainingTable, slots: int, pool: MaskPool | None = None) -> None:
        self.crowd, self.table, self.slots, self.pool = crowd, table, slots, pool
        self.dtype, self.device = table.rows.dtype, table.rows.device
        specs = crowd.network.parameters(crowd.inputs, crowd.outputs)
        self.blocks = ParameterBlocks(specs, slots, crowd.states, self.dtype, self.device)
        self.members: list[Member | None] = [None] * slots
        self.epochs = [0] * slots
        self.updater = Updater(self.blocks, crowd.loss.scale(crowd.outputs) / crowd.batch, crowd.steps)
        names = with_scales(crowd.network.settings(crowd.outputs))
        self._settings = {name: torch.zeros(slots, 1, 1, dtype=self.dtype, device=self.device) for name in names}
        self._programs: dict[tuple[bool, bool, bool], Program] = {}
        self._stale = True
        self._native = False
        self._steppers: dict[bool, Stepper] = {}
        self._meter: Meter | None = None
        self._planner: DevicePlanner | NativePlanner | None = None
        self._one = torch.ones((), device=self.device)
        self._zero = torch.zeros((), dtype=self.dtype, device=self.device)
        self._finite, self._difference = (torch.zeros(slots, dtype=self.dtype, device=self.device) for _ in range(2))

    def place(self, slots: Sequence[int], members: Sequence[Member]) -> None:
        """Let members start in slots."""
        crowd = self.crowd
        specs = [member.network.parameters(crowd.inputs, crowd.outputs) for member in members]
        self.blocks.start(slots, specs, [member.seed for member in members])
        for slot, member in zip(slots, members, strict=True):
            if member.start is not None:
                self.blocks.load(slot, torch.from_numpy(member.start).to(self.device))
            self._occupy(slot, member, 0)

    def vacate(self, slots: Sequence[int]) -> None:
        """Empty slots; their numbers are cleared, so that nothing of a diverged member stays.

        A graph on a GPU is not written anew for that: the slots go on with rows of zeros.
        """
        self.blocks.clear(slots)
        for slot in slots:
            self.members[slot] = None
        self._planner = None
        self._stale = self._stale or self.device.type == "cpu" or self.updater.scheduled

    def compact(self, slots: Sequence[int]) -> "Chunk":
        """Return a smaller chunk with the members of some slots, as far as they have come."""
        smaller = Chunk(self.crowd, self.table, len(slots), self.pool)
        smaller.blocks.move(self.blocks, slots)
        for new, old in enumerate(slots):
            member = self.members[old]
            assert member is not None
            smaller._occupy(new, member, self.epochs[old])
        return smaller

    def _occupy(self, slot: int, member: Member, epoch: int) -> None:
        self.members[slot], self.epochs[slot], self._stale = member, epoch, True
        for name, value in with_scales(member.network.settings(self.crowd.outputs)).items():
            self._settings[name][slot] = value

    @property
    def live(self) -> list[int]:
        """Slots with a member."""
        return [slot for slot, member in enumerate(self.members) if member is not None]

    def program(self, *, training: bool = True, weighted: bool = False, measured: bool = False) -> Program:
        """Return the program of a step, written when it is first needed; measured ones write the loss of every row."""
        key = (training, weighted, measured)
        if key not in self._programs:
            crowd = self.crowd
            network = cast("Network", crowd.network)  # others have a backend of their own
            planner = StepPlanner(
                self.blocks,
                self._settings,
                crowd.batch if training else crowd.validation_block,
                training=training,
                weighted=weighted,
                pool=self.pool,
            )
            columns = self.table.rows.shape[1]
            self._programs[key] = plan_step(
                planner, network, crowd.loss, crowd.inputs, crowd.classes, columns, measured=measured
            )
        return self._programs[key]

    def planned_bytes(self, *, validating: bool) -> int:
        """Return the bytes of parameters, states, programs and an epoch's plan; nothing is run for it."""
        crowd, width = self.crowd, self.table.rows.element_size()
        carrying = crowd.steps if crowd.weighted else int(crowd.partial)
        programs = [self.program(weighted=True)] if carrying else []
        programs += [] if crowd.weighted else [self.program()]
        measuring = validating and self._has_native_programs
        programs += [self.program(training=False, measured=measuring)] if validating else []
        held = sum(program.bytes_held for program in programs)
        plan = self.slots * crowd.batch * (4 * crowd.steps + width * carrying)
        best = self.blocks.value_bytes if validating else 0
        rows = self.slots * crowd.validation_block  # with their numbers and weights, also while others come
        measured = rows * (24 + crowd.outputs * width) if measuring else 0
        return self.blocks.bytes + best + held + plan + measured

    def run_epoch(self, sharing: Sharing | None = None) -> NDArray[np.float64]:
        """Train every member for one epoch and return the mean training loss of each slot [S].

        The loss of a slot is not finite if its member diverged; :meth:`finite_steps` says when. ``sharing`` chooses
        how many threads share each native step.
        """
        self._regroup()
        plan, steps = self._plan_epoch(), self.crowd.steps
        self._finite.zero_()
        plain = 0 if self.crowd.weighted else steps - int(self.crowd.partial)
        before = partial(self.updater.advance, self.epochs) if self.updater.scheduled else None
        for weighted, some in ((False, range(plain)), (True, range(plain, steps))):
            if some:
                stepper = self._stepper(weighted=weighted)
                if isinstance(stepper, NativeStepper):
                    stepper.run(plan, some, before, sharing)
                else:
                    stepper.run(plan, some, before)
        if sharing is not None and self._native:
            sharing.pause()
        for slot in self.live:
            self.epochs[slot] += 1
        return self._collect_losses()

    def weighted_losses(self, order: Tensor, weights: Tensor) -> Tensor:
        """Return Σ w ℓ of every slot [S], for blocks of table rows [T S·V] of weights [T S V]."""
        if not self.native:
            return summed_losses(self.crowd.loss, self.outputs, order, weights)
        if self._meter is None or self._meter.order is not order:
            program, self._meter = self.program(training=False, measured=True), None  # two would need twice the memory
            self._meter = Meter(program, self.table, self.live, order, weights)
        return self.crowd.loss.accumulated(self._meter.sums())

    def outputs(self, order: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and outcomes [S C V] of table rows [S·V], as when predicting; overwritten by the next call."""
        program = self.program(training=False)
        torch.index_select(self.table.rows, 0, order, out=program.rows)
        for call in program.calls:
            call()
        return program.outputs, program.outcome

    def remember(self, slots: Sequence[int]) -> None:
        """Keep the present parameters of some slots, the best so far."""
        self.blocks.remember(slots)

    def vector(self, slot: int, *, best: bool = False) -> Tensor:
        """Return a member's parameters, or those remembered, as one vector [Θ]."""
        return self.blocks.vector(slot, best=best)

    def state(self, slot: int, *, best: bool = False) -> Tensor:
        """Return all a slot trains with, optimizer states and steps included."""
        return self.blocks.state(slot, best=best)

    def restore(self, slot: int, epochs: int, state: Tensor, best: Tensor | None) -> bool:
        """Put a member where it was when :meth:`state` was taken, after so many epochs; it goes on from there."""
        self.blocks.restore(slot, state, best)
        self.epochs[slot] = epochs
        return True

    def finite_steps(self) -> list[int]:
        """Return how many steps of the last epoch had finite outputs, per slot."""
        return [int(count) for count in self._finite.tolist()]

    def _regroup(self) -> None:
        """Write the update anew after others have come; a slot that was left trains on, on rows of zeros."""
        if self._stale:
            if self.device.type != "cpu" or not self.updater.serves(self.members, self.epochs):
                self.updater.regroup(self.members, self.epochs)
                self._native = runs_natively(self.updater.ops) and self._has_native_programs
                self._steppers.clear()
            self._meter = None
            self._planner = None
            self._stale = False

    def _stepper(self, *, weighted: bool) -> Stepper:
        if weighted not in self._steppers:
            self._steppers[weighted] = self._new_stepper(self.program(weighted=weighted))
        return self._steppers[weighted]

    @property
    def native(self) -> bool:
        """Whether all that is done for the members now here is done natively; never a part of it."""
        self._regroup()
        return self._native

    @property
    def _has_native_programs(self) -> bool:
        if not native_here(self.dtype, self.device):
            return False
        return without_native_form(self.crowd, self.dtype) is None

    def _new_stepper(self, program: Program) -> Stepper:
        rows, updater = self.table.rows, self.updater
        if self.native:
            forms = [form for op in (*program.ops, *updater.ops) for form in op.native or ()]
            forms.append(Native("count_finite", self._finite, (self._finite, program.outputs[:, 0, 0])))
            return NativeStepper(program, forms, rows, self.live, self.blocks.steps, updater.moving)
        kind = GraphStepper if self.device.type == "cuda" else HostStepper
        return kind(program, self._calls(program), rows)

    def _plan_epoch(self) -> EpochPlan:
        crowd = self.crowd
        carrying = crowd.steps if crowd.weighted else int(crowd.partial)
        if self._planner is None and self.device.type != "cpu":
            self._planner = DevicePlanner(crowd, self.members, self.table, carrying)
        elif self._planner is None and self.native:
            self._planner = NativePlanner(crowd, self.members, self.table.count, self.dtype, carrying)
        if isinstance(self._planner, NativePlanner):
            self._planner.fill(self.epochs)
            plan = EpochPlan(self._planner.order, self._planner.weights, None)
        elif self._planner is not None:
            plan = self._planner.plan(self.epochs)
        else:
            plan = plan_on_host(crowd, self.members, self.epochs, self.table.count, carrying, self.dtype)
        masks = self.program(weighted=crowd.weighted).masks
        starts = plan_masks(crowd, self.members, self.epochs, masks, self.pool)
        return plan if starts is None else replace(plan, starts=starts.to(self.device))

    def _calls(self, program: Program) -> list[Call]:
        """Return all calls of a step; the last three count the steps whose outputs were finite."""
        first = program.outputs[:, 0, 0]
        return [
            partial(self.blocks.steps.add_, self._one),
            *program.calls,
            *(op.run for op in self.updater.ops),
            partial(torch.sub, first, first, out=self._difference),
            partial(self._difference.eq_, self._zero),
            partial(self._finite.add_, self._difference),
        ]

    def _collect_losses(self) -> NDArray[np.float64]:
        """Return the mean loss over the steps of the epoch [S]; the accumulators start again."""
        total = torch.zeros(self.slots, dtype=torch.float64)
        for weighted, stepper in self._steppers.items():
            program = self.program(weighted=weighted)
            assert program.loss_total is not None
            losses = stepper.losses() if isinstance(stepper, NativeStepper) else program.loss_total
            total += self.crowd.loss.accumulated(losses).double().cpu()
            for accumulator in program.accumulators:
                accumulator.zero_()
        means: NDArray[np.float64] = (total / (self.crowd.steps * self.crowd.batch)).numpy()
        return means


@cache
def without_native_form(crowd: Crowd, dtype: torch.dtype) -> str | None:
    """Return the first operation of a crowd's programs that has no native form; they are written without memory."""
    meta, columns = torch.device("meta"), crowd.inputs + 1 + crowd.classes
    table = TrainingTable(torch.empty(1, columns, dtype=dtype, device=meta), crowd.inputs, crowd.classes)
    chunk = Chunk(crowd, table, 1, MaskPool(torch.empty(POOL, dtype=dtype, device=meta), {}))
    programs = [chunk.program(weighted=some) for some in {crowd.weighted, crowd.weighted or crowd.partial}]
    programs.append(chunk.program(training=False, measured=True))
    return next((op.text for program in programs for op in program.ops if op.native is None), None)
