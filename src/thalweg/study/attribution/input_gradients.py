"""Gradients of what networks say by what they are told, for a whole population in one pass."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.net.spec import Network
from thalweg.train.backend import backend_of
from thalweg.train.products.threads import one_thread

MOST_AT_ONCE: Final = 2**22  # numbers of a layer's signals


class InputGradients:
    """The slopes of one output by the inputs of every row, for the members of a population.

    Parameters
    ----------
    network, outputs
        The architecture.
    vectors
        Parameters of the members [Θ] each.
    inputs
        Number of features D.

    Examples
    --------
    >>> slopes = InputGradients(Network(), 1, [np.array([2.0, -3.0, 1.0])], 2)
    >>> slopes.at(np.ones((1, 2)), np.array([0])).tolist()
    [[[2.0, -3.0]]]
    """

    def __init__(self, network: Network, outputs: int, vectors: Sequence[FloatArray], inputs: int) -> None:
        modules = [backend_of(network).module(network, inputs, outputs, np.asarray(vector)) for vector in vectors]
        self._base = modules[0]
        self._parameters, self._buffers = stack_module_state(modules)
        self._count, self._inputs = len(modules), inputs

    def at(self, x: FloatArray, outcome: IntArray) -> FloatArray:
        """Return slopes [P N D] of output ``outcome`` of each row [N] by the features [N D]."""
        dtype = next(iter(self._parameters.values())).dtype
        size = max(1, MOST_AT_ONCE // (self._count * max(self._inputs, 32)))
        found = np.empty((self._count, *x.shape), dtype=np.float64)
        with one_thread():
            for first in range(0, len(x), size):
                rows = torch.from_numpy(np.ascontiguousarray(x[first : first + size])).to(dtype)
                which = torch.from_numpy(outcome[first : first + size])
                found[:, first : first + size] = self._slopes(rows, which).numpy()
        return found

    def _slopes(self, x: Tensor, which: Tensor) -> Tensor:
        several = x.expand(self._count, *x.shape).clone().requires_grad_()
        with torch.enable_grad():
            q = vmap(self._outputs)(self._parameters, self._buffers, several)
            one = q.gather(2, which.expand(self._count, -1)[:, :, None]).sum()
            (slopes,) = torch.autograd.grad(one, several)
        return slopes.detach()

    def _outputs(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], x: Tensor) -> Tensor:
        base: nn.Module = self._base
        found: Tensor = functional_call(base, (parameters, buffers), (x,))
        return found


def saliency(slopes: FloatArray, scale: FloatArray) -> FloatArray:
    """Return the mean absolute slope of every feature in standard deviations of it [P D].

    Parameters
    ----------
    slopes
        [P N D].
    scale
        Standard deviation of every feature [D].

    Examples
    --------
    >>> saliency(np.array([[[1.0, -2.0], [-1.0, 2.0]]]), np.array([1.0, 0.5])).tolist()
    [[1.0, 1.0]]
    """
    return np.asarray(np.abs(slopes).mean(axis=1) * scale)


def integrated_gradients(gradients: InputGradients, x: FloatArray, outcome: IntArray, steps: int = 16) -> FloatArray:
    """Return integrated gradients [P N D] from the mean row to every row.

    (x_j − x̄_j) times the mean slope on the way from x̄ to x; over j they add up to the difference of the outputs, up to
    the error of the midpoint rule (Sundararajan, Taly & Yan 2017, arXiv:1703.01365).

    Parameters
    ----------
    gradients
        Of the population.
    x, outcome
        Rows [N D] and the output that is explained, by row [N].
    steps
        Points on the way.

    Examples
    --------
    >>> slopes = InputGradients(Network(), 1, [np.array([2.0, 0.0])], 1)
    >>> integrated_gradients(slopes, np.array([[0.0], [4.0]]), np.array([0, 0])).tolist()
    [[[-4.0], [4.0]]]
    """
    base = x.mean(axis=0)
    away = x - base
    total = sum(gradients.at(base + (k + 0.5) / steps * away, outcome) for k in range(steps))
    return np.asarray(total / steps * away)
