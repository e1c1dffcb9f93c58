"""Steps of the engine's optimizers on a function of numpy vectors: one stretch of float64 parameters, no schedule."""

from collections.abc import Callable

import numpy as np
import torch

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Optimizer, Piece


def optimizer_steps(optimizer: Optimizer, start: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return the function from a gradient at the current iterate to the next iterate.

    Parameters
    ----------
    optimizer
        Any of :mod:`thalweg.optim`; its constants and states in float64.
    start
        x0, shape [K].

    Examples
    --------
    >>> from thalweg.optim.momentum import Momentum
    >>> step = optimizer_steps(Momentum(0.5, momentum=0.5), np.array([1.0]))
    >>> step(np.array([1.0])), step(np.array([1.0]))
    (array([0.5]), array([-0.25]))
    """
    value, gradient = torch.tensor(start, dtype=torch.float64), torch.zeros(len(start), dtype=torch.float64)
    states = tuple(torch.zeros_like(value) for _ in range(optimizer.states))
    count = torch.zeros(())
    calls = optimizer.wire(
        [Piece(value, gradient, states, count)], torch.tensor(optimizer.rate(1.0), dtype=torch.float64), 1.0
    )

    def step(slope: FloatArray) -> FloatArray:
        gradient.copy_(torch.from_numpy(slope))
        count.add_(1)
        for _, call in calls:
            call()
        return np.array(value.numpy(), dtype=np.float64)

    return step
