"""Slots that train torch modules by autograd, with the interface of :class:`thalweg.train.steps.chunk.Chunk`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from thalweg.base.contracts import Call, Loss, NetworkSpec, Piece
from thalweg.base.errors import SettingError, TrainingError
from thalweg.base.seeds import stream
from thalweg.train.module import ModuleNetwork, floating_state, load_state, pieces_of, restore, weights_of
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.products.threads import Sharing
from thalweg.train.steps.masks import MaskPool
from thalweg.train.steps.measure import summed_losses
from thalweg.train.steps.order import epoch_order, row_weights
from thalweg.train.steps.planned import BLOCK
from thalweg.train.steps.program import Program
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
    pieces: Sequence[Piece]
    epoch: int = 0
    finite: int = 0
    best: Tensor | None = None


class ModuleChunk:
    """S slots of one crowd of torch modules, trained one after the other, epoch by epoch.

    Parameters
    ----------
    crowd, table, slots
        As for :class:`thalweg.train.steps.chunk.Chunk`.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.train.population import crowd_of, training_table
    >>> table = training_table(np.zeros((10, 2)), np.zeros(10))
    >>> network = ModuleNetwork(lambda: nn.Linear(2, 1))
    >>> member = Member(network, Squared(), np.arange(10, dtype=np.int32), batch=4)
    >>> chunk = ModuleChunk(crowd_of(member, table), table, slots=1)
    >>> chunk.place([0], [member])
    >>> chunk.run_epoch().shape
    (1,)
    """

    def __init__(self, crowd: Crowd, table: TrainingTable, slots: int) -> None:
        self.crowd, self.table, self.slots, self.network = crowd, table, slots, cast("ModuleNetwork", crowd.network)
        self.device, self.dtype = table.rows.device, table.rows.dtype
        self._held: list[_Slot | None] = [None] * slots

    @property
    def members(self) -> list[Member | None]:
        """Who is in which slot."""
        return [None if slot is None else slot.member for slot in self._held]

    @property
    def live(self) -> list[int]:
        """Slots with a member."""
        return [number for number, slot in enumerate(self._held) if slot is not None]

    def place(self, slots: Sequence[int], members: Sequence[Member]) -> None:
        """Let members start in slots."""
        for slot, member in zip(slots, members, strict=True):
            self._held[slot] = self._start(member)

    def vacate(self, slots: Sequence[int]) -> None:
        """Empty slots."""
        for slot in slots:
            self._held[slot] = None

    def compact(self, slots: Sequence[int]) -> "ModuleChunk":
        """Return a smaller chunk with the members of some slots."""
        smaller = ModuleChunk(self.crowd, self.table, len(slots))
        smaller._held = [self._held[slot] for slot in slots]
        return smaller

    def run_epoch(self, sharing: Sharing | None = None) -> NDArray[np.float64]:  # noqa: ARG002 - modules use one thread
        """Train every member for one epoch and return the mean training loss of each slot [S]."""
        losses = np.zeros(self.slots)
        with torch.inference_mode(mode=False), torch.enable_grad():
            for number in self.live:
                losses[number] = self._train(self._slot(number))
        return losses

    def finite_steps(self) -> list[int]:
        """Return how many steps of the last epoch had a finite loss, per slot."""
        return [0 if slot is None else slot.finite for slot in self._held]

    def outputs(self, order: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and outcomes [S C V] of table rows [S·V]; zeros for empty slots."""
        rows = self.table.rows[order.view(self.slots, -1)]  # [S V X]
        y = rows[:, :, self.crowd.inputs + 1 :].mT
        q = torch.zeros(self.slots, self.crowd.outputs, rows.shape[1], dtype=self.dtype, device=self.device)
        for number in self.live:
            module = self._slot(number).module.eval()
            q[number] = self.network.forward(module, rows[number, :, : self.crowd.inputs])[0]
        return q, y

    def weighted_losses(self, order: Tensor, weights: Tensor) -> Tensor:
        """Return Σ w ℓ of every slot [S], for blocks of table rows [T S·V] of weights [T S V]."""
        return summed_losses(self.crowd.loss, self.outputs, order, weights)

    def remember(self, slots: Sequence[int]) -> None:
        """Keep the present states of some slots."""
        for number in slots:
            self._slot(number).best = self.vector(number)

    def vector(self, slot: int, *, best: bool = False) -> Tensor:
        """Return a member's state, or the best so far, as one vector [Θ]."""
        found = self._slot(slot)
        if best and found.best is not None:
            return found.best
        return torch.cat([value.detach().reshape(-1) for value in floating_state(found.module).values()])

    def state(self, slot: int, *, best: bool = False) -> Tensor:
        """Return all a module trains with: its state, the optimizer's, and the steps taken."""
        found = self._slot(slot)
        kept = [state for piece in found.pieces for state in piece.states]
        return torch.cat([self.vector(slot, best=best), *kept, found.step.view(1).to(self.dtype)])

    def restore(self, slot: int, epochs: int, state: Tensor, best: Tensor | None) -> bool:
        """Put a module where it was when :meth:`state` was taken, after so many epochs; it goes on from there."""
        found = self._slot(slot)
        with torch.inference_mode(mode=False), torch.no_grad():
            own = [value.view(-1) for value in floating_state(found.module).values()]
            parts = [*own, *(kept for piece in found.pieces for kept in piece.states), found.step.view(1)]
            for part, values in zip(parts, torch.split(state, [part.numel() for part in parts]), strict=True):
                part.copy_(values)
        found.epoch, found.best = epochs, best
        return True

    def _slot(self, number: int) -> _Slot:
        found = self._held[number]
        assert found is not None, "only slots with a member are asked for"
        return found

    def _start(self, member: Member) -> _Slot:
        if member.penalty.lasso:
            raise SettingError("The lasso acts on a planned network's first layer, not on a module.", "Use ridge.")
        with torch.inference_mode(mode=False):
            module = self.network.made(member.seed, self.dtype)
            if member.start is not None:
                load_state(module, member.start)
            module = module.to(self.device)
            step, rate = torch.zeros((), device=self.device), rate_tensor(self.device)
            pieces = pieces_of(module, member.optimizer.states, step)
            calls = [call for _, call in member.optimizer.wire(pieces, rate, 1.0)]
            calls.append(partial(torch._foreach_zero_, [piece.gradient for piece in pieces]))
        return _Slot(member, module, step, rate, weights_of(module), calls, pieces)

    def _train(self, slot: _Slot) -> float:
        """Train one member for one epoch, as many steps as rows give; return its mean loss."""
        member = slot.member
        order, places = epoch_order(self.crowd, member, slot.epoch, self.table.count)
        rows = torch.from_numpy(order).to(self.device)
        weights = torch.from_numpy(row_weights(self.crowd, member, places)).to(self.device, self.dtype)
        slot.module.train()
        norms = [part for part in slot.module.modules() if isinstance(part, _BatchNorm)]
        slot.finite, total = 0, 0.0
        with torch.random.fork_rng(devices=[] if self.device.type == "cpu" else [self.device]):
            torch.manual_seed(stream(member.seed, "dropout", slot.epoch).key >> 1)
            for number, size in enumerate((places >= 0).sum(1).tolist()):
                for norm in norms:
                    norm.train(size > 1)  # one row has no spread: it is measured by the running statistics
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


class ModuleBackend:
    """Trains torch modules by autograd; see :class:`thalweg.train.backend.Backend`.

    Examples
    --------
    >>> def build():
    ...     return nn.Linear(1, 1)
    >>> network = ModuleNetwork(build)
    >>> ModuleBackend().module(network, 1, 1, np.array([2.0, 3.0]))(torch.ones(1, 1).double()).item()
    5.0
    """

    lockstep = False

    def chunk(self, crowd: Crowd, table: TrainingTable, slots: int, pool: MaskPool | None) -> ModuleChunk:  # noqa: ARG002 - modules drop units by torch's generator
        """Return an empty chunk."""
        return ModuleChunk(crowd, table, slots)

    def resting(self, crowd: Crowd) -> int:
        """Return the size of a module's state, the optimizer's states and the count of steps."""
        specs = crowd.network.parameters(crowd.inputs, crowd.outputs).values()
        sizes = [(math.prod(spec.shape), spec.trained) for spec in specs]
        return sum(size * (1 + trained * crowd.states) for size, trained in sizes) + 1

    def without_native_form(self, crowd: Crowd, member: Member, dtype: torch.dtype) -> str | None:  # noqa: ARG002 - nothing is planned
        """Return None: autograd plans nothing."""
        return None

    def program(self, crowd: Crowd, member: Member, table: TrainingTable) -> Program:  # noqa: ARG002 - there is none
        """Refuse.

        Raises
        ------
        TrainingError
            Always.
        """
        raise TrainingError(
            "A torch module trains by autograd and has no planned program.",
            "Adopt it with thalweg.net.adopt.from_module if it is a plain stack of known layers.",
        )

    def outputs(
        self,
        network: NetworkSpec,
        loss: Loss,  # noqa: ARG002 - the module knows how many outputs it has
        vectors: Sequence[NDArray[np.floating]],
        x: NDArray[np.floating],
        classes: int,  # noqa: ARG002 - as above
        dtype: torch.dtype,
    ) -> NDArray[np.float64]:
        """Return outputs [P N C], one member after the other."""
        spec, found = cast("ModuleNetwork", network), []
        features = torch.from_numpy(np.ascontiguousarray(x)).to(dtype)
        with torch.inference_mode():
            for vector in vectors:
                module = restore(spec, vector, dtype)
                blocks = [spec.forward(module, block)[0].mT for block in torch.split(features, BLOCK)]
                found.append(torch.cat(blocks).double().numpy())
        return np.stack(found)

    def module(self, network: NetworkSpec, inputs: int, outputs: int, vector: NDArray[np.floating]) -> nn.Module:  # noqa: ARG002 - the module knows
        """Return the module with a member's parameters."""
        return restore(cast("ModuleNetwork", network), vector, torch.from_numpy(vector[:0]).dtype)
