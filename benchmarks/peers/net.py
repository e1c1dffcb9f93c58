"""The three nets every tool trains, and the data they learn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
ROWS = 9_984  # 10,000 cut to whole batches of every net, so that all tools take the same steps


@dataclass(frozen=True, slots=True)
class Net:
    """A perceptron with rectifiers, trained by Adam on batches in an order of its own.

    Parameters
    ----------
    name
        A to E.
    inputs, hidden, outputs
        Widths.
    loss
        ``squared`` or ``softmax``.
    batch
        Rows of a batch B.
    """

    name: str
    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    loss: str
    batch: int

    @property
    def widths(self) -> tuple[int, ...]:
        """Widths from input to output."""
        return (self.inputs, *self.hidden, self.outputs)

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum((a + 1) * b for a, b in zip(self.widths, self.widths[1:], strict=False))

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return ROWS // self.batch

    @property
    def flops(self) -> int:
        """Floating-point operations of the matrix products of a step; the inputs need no gradient."""
        weights = [a * b for a, b in zip(self.widths, self.widths[1:], strict=False)]
        return self.batch * (6 * sum(weights) - 2 * weights[0])

    def data(self) -> tuple[Array, Array]:
        """Return x [N D] and y: [N 1], or class codes [N]."""
        stream = np.random.default_rng(1)
        x = stream.standard_normal((ROWS, self.inputs), dtype=np.float32)
        if self.loss == "softmax":
            return x, x[:, : 20 * self.outputs].reshape(ROWS, self.outputs, 20).sum(2).argmax(1)
        noise = stream.standard_normal(ROWS, dtype=np.float32)
        return x, (np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + np.float32(0.1) * noise)[:, None]

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch}, {self.loss} loss"


NETS = {
    net.name: net
    for net in (
        Net("A", 20, (64, 64), 1, "squared", 128),
        Net("B", 100, (256, 256), 1, "squared", 256),
        Net("C", 784, (128,), 10, "softmax", 64),
        Net("D", 10, (32, 32), 1, "squared", 64),
        Net("E", 3, (2, 2), 1, "squared", 32),
    )
}
