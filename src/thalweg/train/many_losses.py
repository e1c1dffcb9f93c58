"""Losses of many parameter vectors of one network on one table, by a single program that is planned once."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Loss
from thalweg.net.spec import Network
from thalweg.train.native.fuse import fused
from thalweg.train.native.runner import Runner, runs_natively
from thalweg.train.population import TrainingTable
from thalweg.train.products.threads import one_thread
from thalweg.train.steps.parameters import ParameterBlocks, vector_size
from thalweg.train.steps.planner import StepPlanner, plan_step

MOST_SLOTS: Final = 32
MOST_ROWS: Final = 512  # of a block; larger ones leave the cache


class ManyLosses:
    """The loss of a network on all rows of a table, for any number of parameter vectors at once.

    Parameters
    ----------
    network, loss
        What is computed; running statistics of a batch normalisation are those of the vectors.
    table
        The rows.

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.train.population import training_table
    >>> table = training_table(np.array([[1.0], [2.0]]), np.array([1.0, 2.0]))
    >>> ManyLosses(Network(), Squared(), table).losses(np.array([[1.0, 0.0], [0.0, 0.0]])).tolist()
    [0.0, 2.5]
    """

    def __init__(self, network: Network, loss: Loss, table: TrainingTable) -> None:
        self._loss, self._table = loss, table
        inputs, classes, dtype = table.inputs, table.classes, table.rows.dtype
        self._block = min(-(-table.count // 32) * 32, MOST_ROWS)
        outputs = loss.outputs(classes)
        specs = network.parameters(inputs, outputs)
        self._blocks = ParameterBlocks(specs, MOST_SLOTS, None, dtype, torch.device("cpu"))
        self._size = vector_size(specs)
        settings = {name: torch.zeros(MOST_SLOTS, 1, 1, dtype=dtype) for name in network.settings(outputs)}
        planner = StepPlanner(self._blocks, settings, self._block, training=False, weighted=False, pool=None)
        self._program = plan_step(planner, network, loss, inputs, classes, inputs + 1 + classes)
        self._runner = None
        if runs_natively(self._program.ops):
            forms = [form for op in self._program.ops for form in op.native or ()]
            self._runner = Runner(fused(forms), MOST_SLOTS, dtype)

    def losses(self, vectors: NDArray[np.floating], x: NDArray[np.floating] | None = None) -> FloatArray:
        """Return the mean loss of every parameter vector [P].

        Parameters
        ----------
        vectors
            Parameters [P Θ].
        x
            Features in place of the table's [N D], beside the same outcomes.
        """
        rows = self._table.rows
        if x is not None:
            rows = rows.clone()
            rows[:-1, : self._table.inputs] = torch.from_numpy(np.ascontiguousarray(x))
        given = torch.from_numpy(np.ascontiguousarray(vectors)).to(self._table.rows.dtype)
        if given.shape[1:] != (self._size,):
            raise ValueError(f"expected vectors of {self._size} numbers, got {tuple(given.shape)}")
        total = torch.zeros(len(given), dtype=torch.float64)
        with torch.inference_mode(), one_thread():
            for start in range(0, self._table.count, self._block):
                there = self._fill(rows, start)
                for first in range(0, len(given), MOST_SLOTS):
                    some = given[first : first + MOST_SLOTS]
                    total[first : first + len(some)] += self._sums(some, there)
        return np.asarray((total / self._table.count).numpy())

    def _fill(self, given: Tensor, start: int) -> int:
        """Put a block of rows before every slot; return how many there are."""
        some = given[start : min(start + self._block, self._table.count)]
        rows = self._program.rows.view(MOST_SLOTS, self._block, -1)
        rows[:, : len(some)] = some
        rows[:, len(some) :] = 0
        return len(some)

    def _sums(self, vectors: Tensor, there: int) -> Tensor:
        """Return the summed loss of the rows of the block for some vectors."""
        count, place = len(vectors), 0
        for value in self._blocks.values.values():
            size = value[0].numel()
            value[:count].copy_(vectors[:, place : place + size].view(count, *value.shape[1:]))
            place += size
        if self._runner is not None:
            self._runner.run(range(count), range(1))
        else:
            for op in self._program.ops:
                op.run()
        program = self._program
        rows = self._loss.rows(program.outputs[:count, :, :there], program.outcome[:count, :, :there])
        return rows.double().sum(1)
