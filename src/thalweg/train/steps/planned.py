"""Planned networks: what the engine asks of a kind of network, answered by programs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thalweg.base.contracts import Call, Loss, NetworkSpec
from thalweg.net.spec import Network
from thalweg.net.twin import to_module
from thalweg.train.native.runner import Runner, runs_natively
from thalweg.train.population import Crowd, Member, TrainingTable
from thalweg.train.steps.chunk import Chunk
from thalweg.train.steps.masks import POOL, MaskPool
from thalweg.train.steps.parameters import ParameterBlocks, split_vector, state_size
from thalweg.train.steps.planner import StepPlanner, plan_step
from thalweg.train.steps.program import Program

BLOCK = 128  # rows at once; fixed, so that a row's outputs never depend on how many are asked for
MOST_SLOTS = 16


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

    def program(self, crowd: Crowd, member: Member, table: TrainingTable) -> Program:
        """Return the program of a step of a member, written on torch's ``meta`` device."""
        shadow = table.to(torch.device("meta"))
        chunk = Chunk(crowd, shadow, 1, MaskPool(torch.empty(POOL, dtype=shadow.rows.dtype, device="meta"), {}))
        chunk.updater.regroup([member], [0])
        step = chunk.program(weighted=chunk.weighted)
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


def _outputs(
    network: Network,
    loss: Loss,
    parameters: Sequence[NDArray[np.floating]],
    x: NDArray[np.floating],
    classes: int,
    dtype: torch.dtype,
) -> NDArray[np.float64]:
    count, inputs = x.shape
    outputs, device = loss.outputs(classes), torch.device("cpu")
    with torch.inference_mode():
        blocks = ParameterBlocks(network.parameters(inputs, outputs), len(parameters), None, dtype, device)
        for slot, vector in enumerate(parameters):
            blocks.load(slot, torch.from_numpy(np.asarray(vector)))
        settings = {name: torch.zeros(len(parameters), 1, 1, dtype=dtype) for name in network.settings(outputs)}
        planner = StepPlanner(blocks, settings, BLOCK, training=False, weighted=False, pool=None)
        program = plan_step(planner, network, loss, inputs, classes, inputs + 1 + classes)
        step, rows = _forward(program, len(parameters), dtype), program.rows.view(len(parameters), BLOCK, -1)
        rows[:, :, inputs] = 1
        features = torch.from_numpy(np.ascontiguousarray(x)).to(dtype)
        result = np.empty((len(parameters), count, outputs))
        for start in range(0, count, BLOCK):
            block = features[start : start + BLOCK]
            rows[:, : len(block), :inputs] = block
            step()
            result[:, start : start + len(block)] = program.outputs[:, :, : len(block)].mT.numpy()
    return result


def _forward(program: Program, slots: int, dtype: torch.dtype) -> Call:
    """Return the call that computes outputs of the rows of a program."""
    if runs_natively(program.ops, dtype, program.outputs.device):
        runner = Runner([form for op in program.ops for form in op.native or ()], slots, dtype)
        return partial(runner.run, range(slots), range(1))

    def step() -> None:
        for op in program.ops:
            op.run()

    return step
