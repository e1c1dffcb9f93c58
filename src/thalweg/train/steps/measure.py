"""Weighted losses of table rows: natively all blocks by one call, by torch block by block."""

from collections.abc import Callable

import torch
from torch import Tensor

from thalweg.base.contracts import Loss
from thalweg.train.native.epoch_calls import WeighedSum
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
    >>> import numpy as np
    >>> from thalweg.loss.squared import Squared
    >>> from thalweg.net.spec import mlp
    >>> from thalweg.train.population import Member, crowd_of, training_table
    >>> from thalweg.train.steps.chunk import Chunk
    >>> table = training_table(np.zeros((4, 1)), np.full(4, 3.0))
    >>> member = Member(mlp((2,)), Squared(), np.arange(4), validation=np.arange(4))
    >>> crowd = crowd_of(member, table)
    >>> order = torch.full((1, crowd.validation_block), table.count, dtype=torch.int32)
    >>> order[0, :4] = torch.arange(4)  # the rest is the row of zeros
    >>> weights = (order[:, None] < 4) / torch.tensor(4.0, dtype=torch.float64)
    >>> program = Chunk(crowd, table, 1, None).program(training=False, measured=True)
    >>> Meter(program, table, [0], order, weights).sums()[0, 0].item()
    9.0
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
        self._weigh = WeighedSum(next(by_block for by_block, kept in pairs if kept is program.loss_total), weights)

    def sums(self) -> Tensor:
        """Return Σ w ℓ of every slot in the first place of [S C 1], and zeros."""
        for by_block in self._gathered:
            by_block.zero_()
        self._stepper.run(self._plan, self._steps, None)
        return self._weigh()


def summed_losses(
    loss: Loss, outputs: Callable[[Tensor], tuple[Tensor, Tensor]], order: Tensor, weights: Tensor
) -> Tensor:
    """Return Σ w ℓ of every slot [S] in float64; a row of weight 0 counts nothing, whatever it holds.

    Parameters
    ----------
    loss
        ℓ.
    outputs
        Returns outputs and outcomes [S C V] of a block of table rows [S·V].
    order, weights
        Blocks of table rows [T S·V], and their weights [T S V].

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> rows = torch.tensor([[[3.0, 5.0]]])
    >>> order, weights = torch.zeros(1, 2, dtype=torch.int32), torch.tensor([[[1.0, 0.0]]]).double()
    >>> summed_losses(Squared(), lambda _: (rows, torch.zeros_like(rows)), order, weights).item()
    9.0
    """
    total = torch.zeros(weights.shape[1], dtype=torch.float64, device=weights.device)
    for rows, shares in zip(order, weights, strict=True):
        losses = loss.rows(*outputs(rows)).double()  # [S V]
        total += torch.where(shares > 0, losses * shares, 0.0).sum(1)
    return total
