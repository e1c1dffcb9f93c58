"""A chunk: S slots that train S members of one crowd in lockstep, epoch by epoch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.contracts import Call, Op
from thalweg.train.masks import MaskPool
from thalweg.train.order import epoch_order, mask_starts, row_weights
from thalweg.train.parameters import ParameterBlocks
from thalweg.train.planner import StepPlanner, plan_step
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.program import Program
from thalweg.train.update import Updater


@dataclass(frozen=True, slots=True, eq=False)
class EpochPlan:
    """Row numbers, weights and masks of one epoch for all slots."""

    order: Tensor  # [T S·B]
    weights: Tensor | None  # [T S 1 B], or [1 S 1 B] for a partial last step
    starts: Tensor | None  # [T L S]


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
    See ``docs/explanation/engine.md``; :func:`thalweg.train.fit.fit_population` is the door for users.
    """

    def __init__(self, crowd: Crowd, table: TrainingTable, slots: int, pool: MaskPool | None = None) -> None:
        self.crowd, self.table, self.slots, self.pool = crowd, table, slots, pool
        self.dtype, self.device = table.rows.dtype, table.rows.device
        specs = crowd.network.parameters(crowd.inputs, crowd.outputs)
        self.blocks = ParameterBlocks(specs, slots, crowd.states, self.dtype, self.device)
        self.members: list[Member | None] = [None] * slots
        self.epochs = [0] * slots
        self.updater = Updater(self.blocks, crowd.loss.scale(crowd.outputs) / crowd.batch, crowd.steps)
        names = crowd.network.settings(crowd.outputs)
        self._settings = {name: torch.zeros(slots, 1, 1, dtype=self.dtype, device=self.device) for name in names}
        self._programs: dict[tuple[bool, bool], Program] = {}
        self._stale = True
        self._one = torch.ones((), device=self.device)
        self._zero = torch.zeros((), dtype=self.dtype, device=self.device)
        self._finite, self._difference = (torch.zeros(slots, dtype=self.dtype, device=self.device) for _ in range(2))

    def place(self, slot: int, member: Member) -> None:
        """Let a member start in a slot."""
        specs = member.network.parameters(self.crowd.inputs, self.crowd.outputs)
        self.blocks.start(slot, specs, member.seed)
        self._occupy(slot, member, 0)

    def vacate(self, slot: int) -> None:
        """Empty a slot; its numbers are cleared, so that nothing of a diverged member stays."""
        self.blocks.clear(slot)
        self.members[slot], self._stale = None, True

    def compact(self, slots: Sequence[int]) -> "Chunk":
        """Return a smaller chunk with the members of some slots, as far as they have come."""
        smaller = Chunk(self.crowd, self.table, len(slots), self.pool)
        for new, old in enumerate(slots):
            member = self.members[old]
            assert member is not None
            smaller.blocks.move(self.blocks, old, new)
            smaller._occupy(new, member, self.epochs[old])
        return smaller

    def _occupy(self, slot: int, member: Member, epoch: int) -> None:
        self.members[slot], self.epochs[slot], self._stale = member, epoch, True
        for name, value in member.network.settings(self.crowd.outputs).items():
            self._settings[name][slot] = value

    @property
    def live(self) -> list[int]:
        """Slots with a member."""
        return [slot for slot, member in enumerate(self.members) if member is not None]

    def program(self, *, training: bool = True, weighted: bool = False) -> Program:
        """Return the program of a step, written when it is first needed."""
        key = (training, weighted)
        if key not in self._programs:
            crowd = self.crowd
            planner = StepPlanner(
                self.blocks,
                self._settings,
                crowd.padded if training else crowd.validation_block,
                training=training,
                weighted=weighted,
                pool=self.pool,
            )
            columns = self.table.rows.shape[1]
            self._programs[key] = plan_step(planner, crowd.network, crowd.loss, crowd.inputs, crowd.classes, columns)
        return self._programs[key]

    @property
    def weighted(self) -> bool:
        """Whether every step carries row weights, because members have them or the batch is padded."""
        return self.crowd.weighted or self.crowd.padded != self.crowd.batch

    def update_ops(self) -> list[Op]:
        """Return the operations behind the backward pass, for printing and pricing."""
        self._regroup()
        size = sum(self.blocks.values[name].numel() for name, spec in self.blocks.specs.items() if spec.trained)
        moved = (3 + 2 * self.crowd.states) * size * self.table.rows.element_size()
        return [Op(text, call, (size,), 12 * size, moved, "weights") for text, call in self.updater.calls]

    def run_epoch(self) -> NDArray[np.float64]:
        """Train every member for one epoch and return the mean training loss of each slot [S].

        The loss of a slot is not finite if its member diverged; :meth:`finite_steps` says when.
        """
        plan, steps = self._plan_epoch(), self.crowd.steps
        self._regroup()
        self._finite.zero_()
        plain = 0 if self.weighted else steps - int(self.crowd.partial)
        if plain:
            self._run(self.program(), plan, range(plain))
        if plain < steps:
            self._run(self.program(weighted=True), plan, range(plain, steps))
        for slot in self.live:
            self.epochs[slot] += 1
        return self._collect_losses()

    def finite_steps(self) -> list[int]:
        """Return how many steps of the last epoch had finite outputs, per slot."""
        return [int(count) for count in self._finite.tolist()]

    def _regroup(self) -> None:
        if self._stale:
            self.updater.regroup(self.members, self.epochs)
            self._stale = False

    def _plan_epoch(self) -> EpochPlan:
        crowd, null = self.crowd, self.table.count
        order = np.full((crowd.steps, self.slots, crowd.padded), null, dtype=np.int32)
        carrying = crowd.steps if self.weighted else int(crowd.partial)
        weights = np.zeros((carrying, self.slots, 1, crowd.padded))
        for slot in self.live:
            member = self.members[slot]
            assert member is not None
            order[:, slot], places = epoch_order(crowd, member, self.epochs[slot], null)
            if carrying:
                weights[:, slot, 0] = row_weights(crowd, member, places[-carrying:])
        return EpochPlan(
            order=torch.from_numpy(order).view(crowd.steps, -1).to(self.device),
            weights=torch.from_numpy(weights).to(self.device, self.dtype) if carrying else None,
            starts=self._plan_masks(),
        )

    def _plan_masks(self) -> Tensor | None:
        masks = self.program(weighted=self.weighted).masks
        if not masks or self.pool is None:
            return None
        starts = np.zeros((self.crowd.steps, len(masks), self.slots), dtype=np.int32)
        for slot in self.live:
            member = self.members[slot]
            assert member is not None
            settings = member.network.settings(self.crowd.outputs)
            wanted = [(settings[name], length) for name, length, _ in masks]
            starts[:, :, slot] = mask_starts(self.pool, wanted, member, self.epochs[slot], self.crowd.steps)
        return torch.from_numpy(starts).to(self.device)

    def _run(self, program: Program, plan: EpochPlan, steps: Iterable[int]) -> None:
        """Run steps of the epoch; everything is written into memory allocated before."""
        calls, rows, table, order = self._calls(program), program.rows, self.table.rows, plan.order
        skipped = 0 if plan.weights is None else self.crowd.steps - len(plan.weights)
        for step in steps:
            torch.index_select(table, 0, order[step], out=rows)
            if program.weight is not None and plan.weights is not None:
                program.weight.copy_(plan.weights[step - skipped])
            if plan.starts is not None:
                for (_, _, start), value in zip(program.masks, plan.starts[step], strict=True):
                    start.copy_(value)
            if self.updater.scheduled:
                self.updater.advance(self.epochs, step)
            for call in calls:
                call()

    def _calls(self, program: Program) -> list[Call]:
        """Return all calls of a step; the last three count the steps whose outputs were finite."""
        first = program.outputs[:, 0, 0]
        return [
            partial(self.blocks.steps.add_, self._one),
            *program.calls,
            *(call for _, call in self.updater.calls),
            partial(torch.sub, first, first, out=self._difference),
            partial(self._difference.eq_, self._zero),
            partial(self._finite.add_, self._difference),
        ]

    def _collect_losses(self) -> NDArray[np.float64]:
        """Return the mean loss over the steps of the epoch [S]; the accumulators start again."""
        total = torch.zeros(self.slots, dtype=torch.float64)
        for program in self._programs.values():
            if program.loss_total is not None:
                total += self.crowd.loss.accumulated(program.loss_total).double().cpu()
                for accumulator in program.accumulators:
                    accumulator.zero_()
        losses: NDArray[np.float64] = (total / (self.crowd.steps * self.crowd.batch)).numpy()
        return losses
