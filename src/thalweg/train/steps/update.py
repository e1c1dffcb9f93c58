"""What happens behind the backward pass: penalties, the optimizers of all slots, the proximal step of the lasso."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from thalweg.base.contracts import Call, Op, Optimizer, Piece
from thalweg.optim.schedule import Constant
from thalweg.train.native.forms import native_forms, update_forms
from thalweg.train.native.library import native_here
from thalweg.train.population import Member
from thalweg.train.steps.parameters import ParameterBlocks, Stretch, stretches_of


def rate_tensor(device: torch.device) -> Tensor:
    """Return room for a learning rate: float64, but float32 on a GPU, where torch's fused kernels read no other."""
    return torch.zeros((), dtype=torch.float32 if device.type == "cuda" else torch.float64, device=device)


@dataclass(frozen=True, slots=True, eq=False)
class UpdateGroup:
    """Slots that one optimizer call updates: equal settings, equal progress."""

    member: Member  # stands for all
    slots: tuple[int, ...]
    rate: Tensor  # what the optimizer multiplies with, rewritten by the schedule
    ops: tuple[Op, ...]

    @property
    def scheduled(self) -> bool:
        """Whether the learning rate moves."""
        return not isinstance(self.member.schedule, Constant)


class Updater:
    """The update of a chunk's parameters, regrouped whenever a member enters or leaves.

    Parameters
    ----------
    blocks
        Parameters of all slots.
    scale
        Constant the gradients in the blocks are to be multiplied by.
    steps
        Steps of an epoch.

    Examples
    --------
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.optim.gradient import GradientDescent
    >>> blocks = ParameterBlocks(mlp(()).parameters(2, 1), 1, 0, torch.float64, torch.device("cpu"))
    >>> updater = Updater(blocks, scale=1.0, steps=1)
    >>> updater.regroup([Member(mlp(()), Squared(), np.arange(4), optimizer=GradientDescent(0.5))], [0])
    >>> blocks.parameter("0.weight").gradient.fill_(2.0).shape
    torch.Size([1, 1, 3])
    >>> for op in updater.ops:
    ...     op.run()
    >>> blocks.vector(0).tolist()
    [-1.0, -1.0, -1.0]
    """

    def __init__(self, blocks: ParameterBlocks, scale: float, steps: int) -> None:
        self._blocks, self._scale, self._steps = blocks, scale, steps
        shape = (blocks.slots, 1, 1)
        self._ridge, self._keep, self._threshold, self._minus = (
            torch.zeros(shape, dtype=blocks.dtype, device=blocks.device) for _ in range(4)
        )
        self._members: Sequence[Member | None] = []
        self._written: list[Hashable] = []  # what the operations were written for, slot by slot
        self.groups: list[UpdateGroup] = []
        self.ops: list[Op] = []

    def regroup(self, members: Sequence[Member | None], epochs: Sequence[int]) -> None:
        """Gather slots of equal settings and progress, and write the operations anew."""
        self._members, self._written = list(members), self._needs(members, epochs)
        keys = [self._key(member, epoch) for member, epoch in zip(members, epochs, strict=True)]
        stretches: dict[Hashable, list[Stretch]] = {}
        for key, stretch in stretches_of(keys):
            stretches.setdefault(key, []).append(stretch)
        self.groups = [self._group(members, found) for found in stretches.values()]
        self._keep.fill_(1.0)
        for penalty in (self._ridge, self._threshold, self._minus):
            penalty.zero_()
        for slot, member in enumerate(members):
            if member is not None and member.penalty.ridge:
                self._ridge[slot] = 2.0 * member.penalty.ridge / self._scale
        for group in self.groups:
            self._set_rate(group, epochs[group.slots[0]], 0)
        before, after = self._penalties()
        self.ops = [*before, *(op for group in self.groups for op in group.ops), *after]

    def serves(self, members: Sequence[Member | None], epochs: Sequence[int]) -> bool:
        """Say whether the operations written last do for other members too: their settings and progress are equal."""
        return bool(self.groups) and not self.scheduled and self._needs(members, epochs) == self._written

    def _needs(self, members: Sequence[Member | None], epochs: Sequence[int]) -> list[Hashable]:
        pairs = zip(members, epochs, strict=True)
        return [None if member is None else (self._key(member, epoch), member.penalty) for member, epoch in pairs]

    def advance(self, epochs: Sequence[int], step: int) -> None:
        """Let the schedules set the learning rates of a step of the epoch."""
        for group in self.groups:
            if group.scheduled:
                self._set_rate(group, epochs[group.slots[0]], step)

    @property
    def moving(self) -> list[Tensor]:
        """What the schedules set at every step."""
        rates = [group.rate for group in self.groups if group.scheduled]
        return [*rates, self._keep, self._threshold, self._minus] if rates else []

    @property
    def scheduled(self) -> bool:
        """Whether any learning rate moves."""
        return any(group.scheduled for group in self.groups)

    def _key(self, member: Member | None, epoch: int) -> Hashable | None:
        if member is None:
            return None
        horizon = None if isinstance(member.schedule, Constant) else member.epochs
        return (member.optimizer, member.schedule, horizon, epoch)

    def _group(self, members: Sequence[Member | None], stretches: Sequence[Stretch]) -> UpdateGroup:
        member = members[stretches[0].witness]
        assert member is not None
        rate = rate_tensor(self._blocks.device)
        pieces = [piece for stretch in stretches for piece in self._blocks.pieces(stretch)]
        together = [range(stretch.first, stretch.last) for stretch in stretches]
        ops = priced(member.optimizer, pieces, member.optimizer.wire(pieces, rate, self._scale), together)
        slots = tuple(s for some in together for s in some if members[s] is not None)
        return UpdateGroup(member, slots, rate, ops)

    def _set_rate(self, group: UpdateGroup, epoch: int, step: int) -> None:
        member = group.member
        factor = member.schedule.factor(epoch * self._steps + step, epoch, self._steps, member.epochs)
        group.rate.fill_(member.optimizer.rate(self._scale) * factor)
        rate = member.optimizer.rate(1.0) * factor
        for slot in group.slots:
            owner = self._members[slot]
            assert owner is not None
            if owner.penalty.decay:
                self._keep[slot].fill_(1.0 - rate * owner.penalty.decay)
            if owner.penalty.lasso:
                self._threshold[slot].fill_(rate * owner.penalty.lasso)
                self._minus[slot].fill_(-rate * owner.penalty.lasso)

    def _penalties(self) -> tuple[list[Op], list[Op]]:
        """Return the operations before and after the optimizer; a penalty nobody has costs nothing."""
        penalties = [member.penalty for member in self._members if member is not None]
        weights = [self._penalised(name) for name, spec in self._blocks.specs.items() if spec.penalised is not None]
        before, after = list[Op](), list[Op]()
        if any(p.ridge for p in penalties):
            before += [_op("g += 2 λ₂ w", partial(g.addcmul_, w, self._ridge), g, 2, 3) for w, g in weights]
        if any(p.decay for p in penalties):
            before += [_op("w −= α δ w", partial(w.mul_, self._keep), w, 1, 2) for w, _ in weights]
        if any(p.lasso for p in penalties):
            name = next(n for n, s in self._blocks.specs.items() if s.penalised is not None and not s.lookup)
            first, _ = self._penalised(name)
            inside = torch.zeros_like(first)
            clip = partial(torch.clamp, first, self._minus, self._threshold, out=inside)
            after += [_op("u = w clipped to ±α λ₁", clip, inside, 2, 2)]
            after += [_op("w −= u", partial(first.sub_, inside), first, 1, 3)]
        return before, after

    def _penalised(self, name: str) -> tuple[Tensor, Tensor]:
        index = self._blocks.specs[name].penalised
        assert index is not None
        parameter = self._blocks.parameter(name)
        return parameter.value[(slice(None), *index)], parameter.gradient[(slice(None), *index)]


def priced(
    optimizer: Optimizer, pieces: Sequence[Piece], calls: Sequence[tuple[str, Call]], together: Sequence[range] = ()
) -> tuple[Op, ...]:
    """Return an optimizer's calls with what they cost, shared evenly between them, and their native forms.

    ``together`` are the slots of every piece.

    Every parameter, gradient and state is read once and all but the gradient are written, as by one fused kernel.
    """
    size = sum(piece.value.numel() for piece in pieces)
    flops, moved = optimizer.flops * size, (3 + 2 * optimizer.states) * size * pieces[0].value.element_size()
    shares = (flops // len(calls), moved // len(calls))
    chosen = native_here(pieces[0].value.dtype, pieces[0].value.device)
    return tuple(
        Op(text, call, (size,), *shares, "weights", native=update_forms(call, together) if chosen else None)
        for text, call in calls
    )


def _op(text: str, call: partial[Any], target: Tensor, flops: int, touched: int) -> Op:
    """Return an elementwise operation that needs some flops per number and reads and writes some numbers per number."""
    size = target.numel()
    native = native_forms(call.func, call.args, call.keywords) if native_here(target.dtype, target.device) else None
    moved = touched * size * target.element_size()
    return Op(text, call, tuple(target.shape), flops * size, moved, "weights", native=native)
