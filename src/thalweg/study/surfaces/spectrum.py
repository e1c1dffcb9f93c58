"""Curvature of the loss at a point: largest and smallest eigenvalues and trace of the Hessian, from exact products."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from thalweg.base.arrays import FloatArray
from thalweg.base.contracts import Loss
from thalweg.base.seeds import stream
from thalweg.net.spec import Network
from thalweg.train.backend import backend_of

Product = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Curvature:
    """What Lanczos' method and random vectors tell of a Hessian.

    Parameters
    ----------
    top
        Largest eigenvalues, descending.
    lowest
        An upper bound on the smallest eigenvalue; the small end is resolved last.
    residual
        ``‖Hv − λv‖`` of the largest pair, which bounds the distance to an eigenvalue.
    trace, trace_error
        Hutchinson's estimate of the trace, and its standard error.
    products
        Hessian-vector products that were made.
    """

    top: FloatArray
    lowest: float
    residual: float
    trace: float
    trace_error: float
    products: int

    @property
    def ratio(self) -> float:
        """``|λ_min / λ_max|``, 0 where the loss curves upwards in every direction that was found."""
        return max(-self.lowest, 0.0) / float(self.top[0]) if self.top[0] > 0 else float("inf")


def spectrum_of(
    product: Product, size: int, seed: int = 0, *, steps: int = 40, probes: int = 16, most: int = 5
) -> Curvature:
    """Return the ends of a symmetric matrix's spectrum, and its trace.

    Lanczos' method with two rounds of reorthogonalisation; Hutchinson's estimate with signs (1990, Communications in
    Statistics 19, 433-450).

    Parameters
    ----------
    product
        From a vector [K] to the matrix times it.
    size
        K.
    seed
        Of the start and of the signs.
    steps
        Of Lanczos' method; K steps are exact.
    probes
        Random vectors of the trace.
    most
        Largest eigenvalues to return.

    Examples
    --------
    >>> found = spectrum_of(lambda v: np.array([9.0, 4.0, 1.0]) * v, 3)
    >>> found.top.round(9).tolist(), round(found.trace, 9)
    ([9.0, 4.0, 1.0], 14.0)
    """
    q = stream(seed, "init", 15).normal(size)
    q /= np.linalg.norm(q)
    basis: list[FloatArray] = []
    diagonal: list[float] = []
    beside: list[float] = []
    for _ in range(min(steps, size)):
        basis.append(q)
        w = product(q)
        diagonal.append(float(q @ w))
        for _ in range(2):
            for known in basis:
                w = w - (known @ w) * known
        rest = float(np.linalg.norm(w))
        beside.append(rest)
        if rest <= 1e-10 * max(map(abs, diagonal)):
            break
        q = w / rest
    count = len(diagonal)
    small = np.diag(diagonal) + np.diag(beside[: count - 1], 1) + np.diag(beside[: count - 1], -1)
    values, vectors = np.linalg.eigh(small)
    signs = np.where(stream(seed, "init", 16).uniform(probes * size) < 0.5, -1.0, 1.0).reshape(probes, size)
    traces = np.array([v @ product(v) for v in signs])
    return Curvature(
        values[::-1][:most].copy(),
        float(values[0]),
        float(beside[-1] * abs(vectors[-1, -1])),
        float(traces.mean()),
        float(traces.std(ddof=1) / np.sqrt(probes)),
        count + probes,
    )


def hessian_product(
    network: Network, loss: Loss, vector: FloatArray, x: FloatArray, y: FloatArray
) -> tuple[Product, int]:
    """Return the product with the Hessian of the mean loss, exact to rounding, and its size.

    The gradient is differentiated once more, along a direction (Pearlmutter 1994, Neural Computation 6, 147-160), in
    float64; its graph is made once. Differences of gradients would step over kinks of rectifiers, which have no part
    in this Hessian.

    Parameters
    ----------
    network, loss
        What is computed; a batch normalisation has the statistics of the vector.
    vector
        The parameters [Θ].
    x, y
        Rows [N D] and outcomes [N C].

    Examples
    --------
    >>> from thalweg.loss.squared import Squared
    >>> x, y = np.array([[3.0]]), np.array([[1.0]])
    >>> product, size = hessian_product(Network(), Squared(), np.array([1.0, 0.0]), x, y)
    >>> product(np.array([1.0, 0.0])).tolist()
    [18.0, 6.0]
    """
    outputs = loss.outputs(y.shape[1])
    module = backend_of(network).module(network, x.shape[1], outputs, np.asarray(vector, dtype=np.float64)).eval()
    free = list(module.parameters())
    rows, outcome = torch.from_numpy(np.asarray(x)), torch.from_numpy(np.asarray(y)).T[None]
    value = loss.rows(module(rows).T[None], outcome).mean()
    gradient = torch.autograd.grad(value, free, create_graph=True)
    sizes = [p.numel() for p in free]

    def product(v: FloatArray) -> FloatArray:
        parts = [part.view_as(p) for part, p in zip(torch.split(torch.from_numpy(v), sizes), free, strict=True)]
        found = torch.autograd.grad(gradient, free, parts, retain_graph=True, materialize_grads=True)
        return np.concatenate([part.numpy().ravel() for part in found])

    return product, sum(sizes)
