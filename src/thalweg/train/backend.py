"""What the engine asks of a kind of network, and the kinds there are: planned programs, and torch modules by autograd.

A further kind is a spec with the methods of :class:`~thalweg.base.contracts.NetworkSpec`, a :class:`Backend` and one
line for :func:`backend_of`; loop, halving, workers, devices, results and predictions know nothing else.
"""

from collections.abc import Sequence
from functools import singledispatch
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thalweg.base.contracts import Loss, NetworkSpec
from thalweg.train.module import ModuleNetwork
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.products.threads import Sharing
from thalweg.train.steps.masks import MaskPool
from thalweg.train.steps.module_chunk import ModuleBackend
from thalweg.train.steps.planned import PlannedBackend
from thalweg.train.steps.program import Program


class AnyChunk(Protocol):
    """S slots of one crowd that train epoch by epoch."""

    @property
    def crowd(self) -> Crowd:
        """What the members share."""
        ...

    @property
    def table(self) -> TrainingTable:
        """What they learn from."""
        ...

    @property
    def slots(self) -> int:
        """S."""
        ...

    @property
    def members(self) -> Sequence[Member | None]:
        """Who is in which slot."""
        ...

    @property
    def live(self) -> Sequence[int]:
        """Slots with a member."""
        ...

    def place(self, slots: Sequence[int], members: Sequence[Member]) -> None:
        """Let members start in slots."""
        ...

    def vacate(self, slots: Sequence[int]) -> None:
        """Empty slots."""
        ...

    def compact(self, slots: Sequence[int]) -> "AnyChunk":
        """Return a smaller chunk with the members of some slots, as far as they have come."""
        ...

    def run_epoch(self, sharing: Sharing | None = None) -> NDArray[np.float64]:
        """Train every member for one epoch and return the mean training loss of each slot [S]."""
        ...

    def finite_steps(self) -> Sequence[int]:
        """Return how many steps of the last epoch had finite outputs, per slot."""
        ...

    def weighted_losses(self, order: Tensor, weights: Tensor) -> Tensor:
        """Return Σ w ℓ of every slot [S], as when predicting, for blocks of table rows [T S·V] of weights [T S V].

        A slot's sum, in float64, never depends on its neighbours' rows; a row of weight 0 counts nothing.
        """
        ...

    def remember(self, slots: Sequence[int]) -> None:
        """Keep the present parameters of some slots, the best so far."""
        ...

    def vector(self, slot: int, *, best: bool = False) -> Tensor:
        """Return a member's parameters, or those remembered, as one vector [Θ]."""
        ...

    def state(self, slot: int, *, best: bool = False) -> Tensor:
        """Return all that a member trains with, with its parameters or those remembered, [:meth:`Backend.resting`]."""
        ...

    def restore(self, slot: int, epochs: int, state: Tensor, best: Tensor | None) -> bool:
        """Put a member that has just started where it was when :meth:`state` was taken; False if it must begin anew."""
        ...


class Backend(Protocol):
    """How one kind of network is trained, and what can be done with it afterwards."""

    @property
    def lockstep(self) -> bool:
        """Whether the slots of a chunk train side by side, so that several in one process cost less than one each."""
        ...

    def chunk(self, crowd: Crowd, table: TrainingTable, slots: int, pool: MaskPool | None) -> AnyChunk:
        """Return an empty chunk."""
        ...

    def resting(self, crowd: Crowd) -> int:
        """Return how many numbers :meth:`AnyChunk.state` returns."""
        ...

    def without_native_form(self, crowd: Crowd, member: Member, dtype: torch.dtype) -> str | None:
        """Return which planned operation of a member's training has no native form; None if none is missing."""
        ...

    def program(self, crowd: Crowd, member: Member, table: TrainingTable) -> Program:
        """Return the program of a step of a member, written without allocating anything.

        Raises
        ------
        TrainingError
            If this kind of network has none.
        """
        ...

    def outputs(
        self,
        network: NetworkSpec,
        loss: Loss,
        vectors: Sequence[NDArray[np.floating]],
        x: NDArray[np.floating],
        classes: int,
        dtype: torch.dtype,
    ) -> NDArray[np.float64]:
        """Return outputs [P N C] of members with parameters [Θ] for features [N D]."""
        ...

    def module(self, network: NetworkSpec, inputs: int, outputs: int, vector: NDArray[np.floating]) -> nn.Module:
        """Return a member as a torch module, ready to predict, in the precision of its vector."""
        ...


@singledispatch
def backend_of(network: NetworkSpec) -> Backend:  # noqa: ARG001 - a spec that is no other kind is planned
    """Return how a network is trained.

    Examples
    --------
    >>> from thalweg.net.spec import mlp
    >>> backend_of(mlp((8,))).lockstep, backend_of(ModuleNetwork(lambda: nn.Linear(2, 1))).lockstep
    (True, False)
    """
    return PlannedBackend()


@backend_of.register
def _(network: ModuleNetwork) -> Backend:  # noqa: ARG001 - the kind decides
    return ModuleBackend()
