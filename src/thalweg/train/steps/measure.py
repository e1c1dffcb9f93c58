"""Weighted losses of table rows, natively: all blocks of rows by one call."""

import torch
from torch import Tensor

from thalweg.train.native.epoch import Scale
from thalweg.train.population import TrainingTable
from thalweg.train.steps.epoch import EpochPlan
from thalweg.train.steps.program import Program
from thalweg.train.steps.stepper import NativeStepper


class Meter:
    """Measures the same rows again and again.

    The loss writes all rows of all blocks, and what it gathers starts anew in every block.

    Parameters
    ----------
    program
        Writes the loss of every row.
    table, live
        The rows, and the slots that are measured.
    order, weights
        Blocks of table rows [T S·V], and their weights [T S V].

    Examples
    --------
    See :func:`thalweg.train.running.validation.validation_losses`.
    """

    def __init__(self, program: Program, table: TrainingTable, live: list[int], order: Tensor, weights: Tensor) -> None:
        assert program.loss_total is not None
        forms = [form for op in program.ops for form in op.native or ()]
        self.order, self._steps = order, range(len(order))
        self._stepper, self._plan = NativeStepper(program, forms, table.rows, live), EpochPlan(order, None, None)
        self._gathered = [torch.zeros(len(order), *kept.shape, dtype=kept.dtype) for kept in program.accumulators]
        for kept, by_block in zip(program.accumulators, self._gathered, strict=True):
            self._stepper.feed(kept, by_block)
        pairs = zip(self._gathered, program.accumulators, strict=True)
        self._weigh = Scale(next(by_block for by_block, kept in pairs if kept is program.loss_total), weights)

    def sums(self) -> Tensor:
        """Return Σ w ℓ of every slot in the first place of [S C 1], and zeros."""
        for by_block in self._gathered:
            by_block.zero_()
        self._stepper.run(self._plan, self._steps, None)
        return self._weigh()
