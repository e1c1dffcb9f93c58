"""Planned networks: what the engine asks of a kind of network, answered by programs."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thalweg.base.contracts import Call, Loss, NetworkSpec, Optimizer
from thalweg.net.spec import Network, mlp
from thalweg.net.twin import to_module
from thalweg.train.native.fuse import fused
from thalweg.train.native.runner import Runner, runs_natively
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.steps.chunk import Chunk, without_native_form
from thalweg.train.steps.masks import POOL, MaskPool
from thalweg.train.steps.parameters import ParameterBlocks, Stretch, split_vector, state_size
from thalweg.train.steps.planner import StepPlanner, plan_step
from thalweg.train.steps.program import Program
from thalweg.train.steps.update import priced, rate_tensor

BLOCK = 128  # rows at once; fixed, so that a row's outputs never depend on how many are asked for
MOST_SLOTS = 16
MOST_KEPT = 8  # programs of prediction that a thread keeps
LARGEST_KEPT = 1 << 22  # parameters of a program that is kept


class PlannedBackend:
    """Trains networks whose layers are wired into a program; see :class:`thalweg.train.backend.Backend`.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> x, vector = np.array([[3.0]]), np.array([2.0, 1.0])
    >>> PlannedBackend().outputs(Network(), Squared(), [vector], x, 1, torch.float32).tolist()
    [[[7.0]]]
    """

    lockstep = True

    def chunk(self, crowd: Crowd, table: TrainingTable, slots: int, pool: MaskPool | None) -> Chunk:
        """Return an empty chunk."""
        return Chunk(crowd, table, slots, pool)

    def resting(self, crowd: Crowd) -> int:
        """Return the numbers of a slot, gradients and optimizer states included."""
        return state_size(crowd.network.parameters(crowd.inputs, crowd.outputs), crowd.states)

    def without_native_form(self, crowd: Crowd, member: Member, dtype: torch.dtype) -> str | None:
        """Return the first operation of programs and update that has no native form."""
        return without_native_form(crowd, dtype) or _update_without_form(member.optimizer, dtype)

    def program(self, crowd: Crowd, member: Member, table: TrainingTable) -> Program:
        """Return the program of a step of a member, written on torch's ``meta`` device."""
        shadow = table.to(torch.device("meta"))
        chunk = Chunk(crowd, shadow, 1, MaskPool(torch.empty(POOL, dtype=shadow.rows.dtype, device="meta"), {}))
        chunk.updater.regroup([member], [0])
        step = chunk.program(weighted=crowd.weighted)
        return replace(step, ops=(*step.ops, *chunk.updater.ops))

    def outputs(
        self,
        network: NetworkSpec,
        loss: Loss,
        vectors: Sequence[NDArray[np.floating]],
        x: NDArray[np.floating],
        classes: int,
        dtype: torch.dtype,
    ) -> NDArray[np.float64]:
        """Return outputs [P N C], some members at a time."""
        result = np.empty((len(vectors), len(x), loss.outputs(classes)))
        for first in range(0, len(vectors), MOST_SLOTS):
            some = vectors[first : first + MOST_SLOTS]
            result[first : first + len(some)] = _outputs(cast("Network", network), loss, some, x, classes, dtype)
        return result

    def module(self, network: NetworkSpec, inputs: int, outputs: int, vector: NDArray[np.floating]) -> nn.Module:
        """Return the torch twin."""
        return to_module(cast("Network", network), split_vector(network.parameters(inputs, outputs), vector)).eval()


class _Predictor:
    """A program that computes outputs of some members, written once and used again."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        vectors: Sequence[NDArray[np.floating]],
        columns: tuple[int, int],
        dtype: torch.dtype,
    ) -> None:
        inputs, classes = columns
        slots, outputs = len(vectors), loss.outputs(classes)
        self.vectors = [np.array(vector) for vector in vectors]
        blocks = ParameterBlocks(network.parameters(inputs, outputs), slots, None, dtype, torch.device("cpu"))
        for slot, vector in enumerate(self.vectors):
            blocks.load(slot, torch.from_numpy(vector))
        settings = {name: torch.zeros(slots, 1, 1, dtype=dtype) for name in network.settings(outputs)}
        planner = StepPlanner(blocks, settings, BLOCK, training=False, weighted=False, pool=None)
        self._program = plan_step(planner, network, loss, inputs, classes, inputs + 1 + classes)
        self._step = _forward(self._program, slots, dtype)
        self._rows, self._dtype, self._inputs = self._program.rows.view(slots, BLOCK, -1), dtype, inputs
        self._rows[:, :, inputs] = 1

    def is_of(self, vectors: Sequence[NDArray[np.floating]]) -> bool:
        """Return whether the members still have these parameters."""
        return all(map(np.array_equal, self.vectors, vectors))

    def outputs(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return outputs [P N C]."""
        slots = len(self._rows)
        result = np.empty((slots, len(x), self._program.outputs.shape[1]))
        features = torch.from_numpy(np.ascontiguousarray(x)).to(self._dtype)
        for start in range(0, len(x), BLOCK):
            block = features[start : start + BLOCK]
            self._rows[:, : len(block), : self._inputs] = block
            self._step()
            result[:, start : start + len(block)] = self._program.outputs[:, :, : len(block)].mT.numpy()
        return result


class _Kept(threading.local):
    """Predictors of this thread, the last used ones last; a program's buffers are for one caller at a time."""

    def __init__(self) -> None:
        self.found: OrderedDict[Hashable, _Predictor] = OrderedDict()


_KEPT = _Kept()


def _update_without_form(optimizer: Optimizer, dtype: torch.dtype) -> str | None:
    """Return the first operation of an optimizer that has no native form, on parameters without memory."""
    meta = torch.device("meta")
    blocks = ParameterBlocks(mlp(()).parameters(1, 1), 1, optimizer.states, dtype, meta)
    pieces = blocks.pieces(Stretch(0, 1, 0))
    ops = priced(optimizer, pieces, optimizer.wire(pieces, rate_tensor(meta), 1.0), [range(1)])
    return next((op.text for op in ops if op.native is None), None)


def _outputs(
    network: Network,
    loss: Loss,
    parameters: Sequence[NDArray[np.floating]],
    x: NDArray[np.floating],
    classes: int,
    dtype: torch.dtype,
) -> NDArray[np.float64]:
    key = (network, loss, x.shape[1], classes, dtype, tuple(map(id, parameters)))
    with torch.inference_mode():
        kept = _KEPT.found.pop(key, None)
        if kept is None or not kept.is_of(parameters):
            kept = _Predictor(network, loss, parameters, (x.shape[1], classes), dtype)
        _KEPT.found[key] = kept
        if len(_KEPT.found) > MOST_KEPT or sum(map(len, kept.vectors)) > LARGEST_KEPT:
            _KEPT.found.popitem(last=len(_KEPT.found) <= MOST_KEPT)
        return kept.outputs(x)


def _forward(program: Program, slots: int, dtype: torch.dtype) -> Call:
    """Return the call that computes outputs of the rows of a program."""
    if runs_natively(program.ops):
        runner = Runner(fused([form for op in program.ops for form in op.native or ()]), slots, dtype)
        return partial(runner.run, range(slots), range(1))

    def step() -> None:
        for op in program.ops:
            op.run()

    return step
