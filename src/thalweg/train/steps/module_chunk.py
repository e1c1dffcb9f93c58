"""Slots that train torch modules by autograd, with the interface of :class:`thalweg.train.steps.chunk.Chunk`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thalweg.base.contracts import Call
from thalweg.base.errors import SettingError
from thalweg.base.seeds import stream
from thalweg.train.module import ModuleNetwork, floating_state, pieces_of, weights_of
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.steps.order import epoch_order, row_weights
from thalweg.train.steps.update import rate_tensor


@dataclass(slots=True, eq=False)
class _Slot:
    """One member while it trains."""

    member: Member
    module: nn.Module
    step: Tensor
    rate: Tensor
    weights: Sequence[nn.Parameter]  # what penalties act on
    calls: list[Call]  # the optimizer, and zeros for the next gradients
    epoch: int = 0
    finite: int = 0
    best: Tensor | None = None


@dataclass(slots=True, eq=False)
class _Vectors:
    """What the loop asks of parameters."""

    slots: list[_Slot | None] = field(default_factory=list)

    def vector(self, slot: int, *, best: bool = False) -> Tensor:
        """Return a member's state, or the best so far, as one vector [Θ]."""
        found = self.slots[slot]
        assert found is not None
        if best and found.best is not None:
            return found.best
        return torch.cat([value.detach().reshape(-1) for value in floating_state(found.module).values()])

    def remember(self, slots: Sequence[int]) -> None:
        """Keep the present states of some slots."""
        for slot in slots:
            found = self.slots[slot]
            assert found is not None
            found.best = self.vector(slot)


class ModuleChunk:
    """S slots of one crowd of torch modules, trained one after the other, epoch by epoch.

    Parameters
    ----------
    crowd, table, slots
        As for :class:`thalweg.train.steps.chunk.Chunk`.

    Examples
    --------
    See ``tests/train/test_module.py``.
    """

    def __init__(self, crowd: Crowd, table: TrainingTable, slots: int) -> None:
        assert isinstance(crowd.network, ModuleNetwork)
        self.crowd, self.table, self.slots, self.network = crowd, table, slots, crowd.network
        self.device, self.dtype = table.rows.device, table.rows.dtype
        self.blocks = _Vectors([None] * slots)

    @property
    def members(self) -> list[Member | None]:
        """Who is in which slot."""
        return [None if slot is None else slot.member for slot in self.blocks.slots]

    @property
    def live(self) -> list[int]:
        """Slots with a member."""
        return [number for number, slot in enumerate(self.blocks.slots) if slot is not None]

    def place(self, slots: Sequence[int], members: Sequence[Member]) -> None:
        """Let members start in slots."""
        for slot, member in zip(slots, members, strict=True):
            self.blocks.slots[slot] = self._start(member)

    def vacate(self, slots: Sequence[int]) -> None:
        """Empty slots."""
        for slot in slots:
            self.blocks.slots[slot] = None

    def compact(self, slots: Sequence[int]) -> "ModuleChunk":
        """Return a smaller chunk with the members of some slots."""
        smaller = ModuleChunk(self.crowd, self.table, len(slots))
        smaller.blocks.slots = [self.blocks.slots[slot] for slot in slots]
        return smaller

    def run_epoch(self, between: Call | None = None) -> NDArray[np.float64]:  # noqa: ARG002 - modules use one thread
        """Train every member for one epoch and return the mean training loss of each slot [S]."""
        losses = np.zeros(self.slots)
        with torch.inference_mode(mode=False), torch.enable_grad():
            for number in self.live:
                slot = self.blocks.slots[number]
                assert slot is not None
                losses[number] = self._train(slot)
        return losses

    def finite_steps(self) -> list[int]:
        """Return how many steps of the last epoch had a finite loss, per slot."""
        return [0 if slot is None else slot.finite for slot in self.blocks.slots]

    def outputs(self, order: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and outcomes [S C V] of table rows [S·V]; zeros for empty slots."""
        rows = self.table.rows[order.view(self.slots, -1)]  # [S V X]
        y = rows[:, :, self.crowd.inputs + 1 :].mT
        q = torch.zeros(self.slots, self.crowd.outputs, rows.shape[1], dtype=self.dtype, device=self.device)
        for number in self.live:
            slot = self.blocks.slots[number]
            assert slot is not None
            slot.module.eval()
            q[number] = self.network.forward(slot.module, rows[number, :, : self.crowd.inputs])[0]
        return q, y

    def _start(self, member: Member) -> _Slot:
        if member.penalty.lasso:
            raise SettingError("The lasso acts on a planned network's first layer, not on a module.", "Use ridge.")
        with torch.inference_mode(mode=False):
            module = self.network.made(member.seed, self.dtype).to(self.device)
            step, rate = torch.zeros((), device=self.device), rate_tensor(self.device)
            pieces = pieces_of(module, member.optimizer.states, step)
            calls = [call for _, call in member.optimizer.wire(pieces, rate, 1.0)]
            calls.append(partial(torch._foreach_zero_, [piece.gradient for piece in pieces]))
        return _Slot(member, module, step, rate, weights_of(module), calls)

    def _train(self, slot: _Slot) -> float:
        """Train one member for one epoch, as many steps as rows give; return its mean loss."""
        member = slot.member
        order, places = epoch_order(self.crowd, member, slot.epoch, self.table.count)
        rows = torch.from_numpy(order).to(self.device)
        weights = torch.from_numpy(row_weights(self.crowd, member, places)).to(self.device, self.dtype)
        slot.module.train()
        slot.finite, total = 0, 0.0
        with torch.random.fork_rng(devices=[] if self.device.type == "cpu" else [self.device]):
            torch.manual_seed(stream(member.seed, "dropout", slot.epoch).key >> 1)
            for number, size in enumerate((places >= 0).sum(1).tolist()):
                loss = self._step(slot, rows[number, :size], weights[number, :size], number)
                slot.finite += int(np.isfinite(loss))
                total += loss
        slot.epoch += 1
        return total / self.crowd.steps

    def _step(self, slot: _Slot, rows: Tensor, weights: Tensor, number: int) -> float:
        member, crowd = slot.member, self.crowd
        batch = self.table.rows.index_select(0, rows)  # [b X]
        q = self.network.forward(slot.module, batch[:, : crowd.inputs])
        y = batch[:, crowd.inputs + 1 :].mT[None]
        loss = (crowd.loss.rows(q, y)[0] * weights).sum() / crowd.batch
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        done = slot.epoch * crowd.steps + number
        rate = member.optimizer.rate(1.0) * member.schedule.factor(done, slot.epoch, crowd.steps, member.epochs)
        with torch.no_grad():
            for weight in slot.weights:
                if member.penalty.ridge and weight.grad is not None:
                    weight.grad.add_(weight, alpha=2.0 * member.penalty.ridge)
                if member.penalty.decay:
                    weight.mul_(1.0 - rate * member.penalty.decay)
            slot.step.add_(1)
            slot.rate.fill_(rate)
            for call in slot.calls:
                call()
        return float(loss.detach())
