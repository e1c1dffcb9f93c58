"""What the cores can do at most, measured: matrix products and Adam, in as many processes as cores at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import torch

from peers.host import Train, crew
from peers.net import NETS, Net

SECONDS = 0.5
LARGE = (8, 256, 256, 256)
Shape = tuple[int, int, int, int]  # S B D H


@dataclass(frozen=True, slots=True)
class Roofline:
    """Least time of a step of one member on all cores.

    Parameters
    ----------
    peak
        Matrix products at their best, GFLOP/s of one core while all are busy: large ones, by torch's own library, by
        oneDNN or by NumPy's, whichever is faster here (the first is slow on processors its maker did not build).
    own
        The net's own products by NumPy's library.
    update
        Nanoseconds per parameter of fused Adam on one core.
    at_peak, at_own
        Microseconds per step and member of all cores: products at either rate, plus Adam.
    """

    peak: float
    own: float
    update: float
    at_peak: float
    at_own: float


def prepare(kind: str, name: str, slots: int, number: int) -> Train:  # noqa: ARG001 - each process has one
    """Return repetitions of the products of a step, of Adam, or of a large product by either library."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    net = NETS[name]
    if kind == "update":
        work = [_adam(slots * net.parameters)]
    elif kind == "own":
        work = _products(net, slots)
    else:
        large = {"torch": _torch_product, "onednn": _onednn_products, "numpy": _numpy_product}
        work = large[kind](LARGE)

    def train(repetitions: int) -> int:
        with torch.inference_mode():
            for _ in range(repetitions):
                for call in work:
                    call()
        return repetitions

    return train


def _products(net: Net, slots: int) -> list[Callable[[], object]]:
    """All products of a step: forward, gradient of the weights, gradient of the inputs but for the first layer."""
    calls = []
    for layer, (inputs, width) in enumerate(zip(net.widths, net.widths[1:], strict=False)):
        shape = (slots, net.batch, inputs, width)
        calls += [_product(shape, way) for way in ("forward", "weights", "inputs")[: 3 if layer else 2]]
    return calls


def _product(shape: Shape, way: str) -> Callable[[], object]:
    S, B, D, H = shape
    x, w, d = torch.randn(S, B, D), torch.randn(S, D, H), torch.randn(S, B, H)
    if way == "forward":
        return by_numpy(x, w, torch.empty(S, B, H))
    if way == "weights":
        return by_numpy(x.mT, d, torch.empty(S, D, H))
    return by_numpy(d, w.mT, torch.empty(S, B, D))


def by_numpy(a: torch.Tensor, b: torch.Tensor, out: torch.Tensor) -> partial[object]:
    """Return the call for out = a b by the library NumPy has."""
    return partial(np.matmul, a.numpy(), b.numpy(), out=out.numpy())


def _numpy_product(shape: Shape) -> list[Callable[[], object]]:
    return [_product(shape, "forward")]


def _torch_product(shape: Shape) -> list[Callable[[], object]]:
    S, B, D, H = shape
    return [partial(torch.bmm, torch.randn(S, B, D), torch.randn(S, D, H), out=torch.empty(S, B, H))]


def _onednn_products(shape: Shape) -> list[Callable[[], object]]:
    S, B, D, H = shape
    linear = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 - no public call reaches this kernel
    return [partial(linear, torch.randn(B, D), torch.randn(H, D), None, "none", [], "") for _ in range(S)]


def _adam(size: int) -> partial[None]:
    value, gradient, mean, square = (torch.rand(size) for _ in range(4))
    count = torch.tensor(10.0)
    settings = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8}
    arguments = ([value], [gradient], [mean], [square], [], [count])
    return partial(torch._fused_adam_, *arguments, **settings, amsgrad=False, maximize=False)


@cache
def _peak(cores: int) -> float:
    """Return the rate of large products on one core while all are busy, by the faster library."""
    S, B, D, H = LARGE
    kinds = ["torch", "numpy", *(["onednn"] if torch.backends.mkldnn.is_available() else [])]
    return 2 * S * B * D * H / min(_seconds(kind, NETS["A"], 1, cores) for kind in kinds)


def _seconds(kind: str, net: Net, slots: int, cores: int) -> float:
    """Return the seconds of one repetition while all cores do the same; the median of three."""
    train = crew(prepare, (kind, net.name, slots), {"OMP_NUM_THREADS": "1"}, cores)
    train(3)
    amount = max(3, round(3 * SECONDS / _timed(train, 3)))
    return sorted(_timed(train, amount) for _ in range(3))[1] / amount


def _timed(train: Train, amount: int) -> float:
    started = time.perf_counter()
    train(amount)
    return time.perf_counter() - started


def roofline(net: Net, slots: int, cores: int) -> Roofline:
    """Measure the roofline of a net.

    Parameters
    ----------
    net
        Which.
    slots
        Members in one chunk, as the engine chose.
    cores
        How many work at once.
    """
    peak = _peak(cores)
    own = slots * net.flops / _seconds("own", net, slots, cores)
    update = _seconds("update", net, slots, cores) / slots / net.parameters
    adam = update * net.parameters
    at_peak, at_own = ((net.flops / rate + adam) / cores * 1e6 for rate in (peak, own))
    return Roofline(peak / 1e9, own / 1e9, update * 1e9, at_peak, at_own)
