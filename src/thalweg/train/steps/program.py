"""The program of one step: a flat list of operations on buffers allocated when it was written."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from thalweg.base.contracts import Call, Op
from thalweg.train.native.fuse import folded


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What one step does, for all slots of a chunk at once.

    Parameters
    ----------
    ops
        The operations in order.
    rows
        Where the gathered table rows are put [S·B X].
    outputs
        Outputs of the network [S C B]; after a training step their gradient.
    outcome
        Outcomes of the gathered rows [S C B].
    weight
        Weight of every row [S 1 B]; None if all are 1.
    masks
        For every dropout layer: name of its rate, length of a mask, where each slot's mask starts [S].
    accumulators
        Buffers that gather losses over an epoch.
    loss_total
        The loss's own accumulator; None when predicting.
    buffer_bytes
        Memory of the intermediate numbers.

    Examples
    --------
    Printed, a program reads like the derivation on a blackboard; see ``docs/explanation/engine.md``.
    """

    ops: tuple[Op, ...]
    rows: Tensor
    outputs: Tensor
    outcome: Tensor
    weight: Tensor | None
    masks: tuple[tuple[str, int, Tensor], ...]
    accumulators: tuple[Tensor, ...]
    loss_total: Tensor | None
    buffer_bytes: int

    @property
    def calls(self) -> list[Call]:
        """The calls alone, what the loop runs."""
        return [op.run for op in self.ops]

    @property
    def flops(self) -> int:
        """Floating-point operations of one step, all slots together."""
        return sum(op.flops for op in self.ops)

    @property
    def product_flops(self) -> int:
        """Floating-point operations of the matrix products alone.

        For a perceptron they are 6 B Σ w − 2 B w₁ per slot, over the layers' numbers of weights w: three products a
        layer, but the first one, with w₁ weights, needs no gradient of its inputs.
        """
        return sum(op.flops for op in self.ops if op.product)

    @property
    def bytes(self) -> int:
        """Bytes read and written by one step if nothing stayed in a cache."""
        return sum(op.bytes for op in self.ops)

    @property
    def bytes_held(self) -> int:
        """Bytes allocated for the program: buffers, gathered rows, accumulators, row weights."""
        others = [*self.accumulators, *([] if self.weight is None else [self.weight])]
        return self.buffer_bytes + sum(t.numel() * t.element_size() for t in others)

    def __str__(self) -> str:
        return format_ops(folded(self.ops))


def format_ops(ops: Sequence[Op]) -> str:
    """Write operations as a table: formula, shape, operations, bytes, buffer.

    Parameters
    ----------
    ops
        The operations in order.

    Returns
    -------
    str
        One line each, and a last line with the sums; equal buffers share memory.

    Examples
    --------
    >>> print(format_ops([Op("z = x W", print, (4, 8, 2), 128, 96, "b0", True)]))
    operation                                       shape                     flop         bytes  buffer
    z = x W                                         [4 8 2]                    128            96  b0
    total                                                                      128            96
    """
    lines = [f"{'operation':<48}{'shape':<16}{'flop':>14}{'bytes':>14}  buffer"]
    for op in ops:
        shape = f"[{' '.join(map(str, op.shape))}]"
        lines.append(f"{op.text:<48}{shape:<16}{op.flops:>14,}{op.bytes:>14,}  {op.target}")
    flops, moved = sum(op.flops for op in ops), sum(op.bytes for op in ops)
    lines.append(f"{'total':<64}{flops:>14,}{moved:>14,}")
    return "\n".join(lines)
