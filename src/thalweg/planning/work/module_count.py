"""The operations of any torch module, counted on the meta device, where nothing is computed and nothing held."""

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final, TypeGuard

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.flop_counter import flop_registry

from thalweg.base.errors import SettingError, setting

_ATEN: Final = torch.ops.aten


@dataclass(frozen=True, slots=True)
class ModuleCount:
    """What one step of a module takes.

    Parameters
    ----------
    name
        Of its class.
    parameters
        Trained numbers.
    forward_flops, step_flops
        Operations of matrix products and convolutions of a forward pass, and of a whole step.
    launches
        Operations that compute or move numbers, one launch each on a GPU.
    bytes
        That these read and write if nothing stays in a cache.
    uncounted
        Operations that do more than work number by number and for which no formula is known, with how often they ran.

    Examples
    --------
    >>> ModuleCount("Linear", 6, 20, 40, 5, 300, ()).uncounted
    ()
    """

    name: str
    parameters: int
    forward_flops: int
    step_flops: int
    launches: int
    bytes: int
    uncounted: tuple[str, ...]


def count_module(module: nn.Module, sample: Sequence[object]) -> ModuleCount:
    """Count the operations of one step, forward and backward, on a batch.

    A copy of the module is put on the ``meta`` device, in training mode, with gradients: torch then says which
    operations it would run on which shapes. A multiplication and an addition are two operations; what works number by
    number is not counted. Formulas are torch's (``torch.utils.flop_counter``), and ours for products it leaves out.

    Parameters
    ----------
    module
        Any module whose outputs hold at least one tensor of floating-point numbers.
    sample
        Its inputs: tensors or arrays with the rows of a batch.

    Raises
    ------
    SettingError
        If it has nothing to train or sizes that are not known yet, or it cannot run on the meta device: it looks at
        numbers to decide what to compute, or the sample does not fit.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
    >>> count_module(net, [torch.zeros(128, 20)]).step_flops
    2252800
    """
    if any(map(is_lazy, module.parameters())):
        raise SettingError(
            f"{type(module).__name__} has layers whose sizes follow from their inputs.",
            "Call it once on a batch first.",
        )
    size = sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    if not size:
        raise SettingError(f"{type(module).__name__} has no parameter to train.", "Let some require gradients.")
    counting = _Counting()
    try:
        shadow = copy.deepcopy(module).to("meta").train()
        inputs = [tree_map(_on_meta, part) for part in sample]
        with counting:
            total = sum(part.sum() for part in numbers_of(shadow(*inputs)))
            forward = counting.flops
            if not isinstance(total, Tensor):
                raise SettingError("The module returns no tensor of floating-point numbers.", "Return its outputs.")
            torch.autograd.backward(total)
    except SettingError:
        raise
    except Exception as error:  # the reader's own code fails in its own ways
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise SettingError(
            f"{type(module).__name__} could not be counted on torch's meta device with this {setting('sample')}: "
            f"{reason}.",
            "Give inputs it accepts; a module that looks at numbers to decide what to compute can only be timed.",
        ) from error
    return ModuleCount(
        type(module).__name__, size, forward, counting.flops, counting.launches, counting.bytes, counting.uncounted
    )


def _on_meta(part: object) -> object:
    if isinstance(part, np.ndarray):
        part = torch.from_numpy(part)
        part = part.float() if part.is_floating_point() else part
    return part.to("meta") if isinstance(part, Tensor) else part


def numbers_of(outputs: object) -> Iterator[Tensor]:
    """Yield the tensors of floating-point numbers in what a module returned, however they are nested.

    Examples
    --------
    >>> [part.shape for part in numbers_of({"logits": torch.zeros(2, 3), "length": 2})]
    [torch.Size([2, 3])]
    """
    leaves = tree_leaves(dict(outputs) if isinstance(outputs, Mapping) else outputs)
    return (part for part in leaves if isinstance(part, Tensor) and part.is_floating_point())


def _product(a: Tensor, b: Tensor) -> int:
    return 2 * prod(a.shape) * b.shape[-1]


_OURS: Final[Mapping[Any, Callable[..., int]]] = {
    _ATEN.addmm_: lambda _, a, b, **_rest: _product(a, b),
    _ATEN.baddbmm_: lambda _, a, b, **_rest: _product(a, b),
    _ATEN.addbmm: lambda _, a, b, **_rest: _product(a, b),
    _ATEN.mv: lambda a, x: 2 * prod(a.shape),  # noqa: ARG005 - called like the operation
    _ATEN.addmv: lambda _, a, x, **_rest: 2 * prod(a.shape),  # noqa: ARG005 - called like the operation
    _ATEN.dot: lambda a, b: 2 * prod(a.shape),  # noqa: ARG005 - called like the operation
    _ATEN.ger: lambda a, b: prod(a.shape) * prod(b.shape),
}
"""Operations by what torch calls them, for products that its own counter takes for none."""

_LIGHT: Final = (
    *("empty", "zeros", "ones", "full", "arange", "new_", "scalar_tensor", "lift", "detach"),
    *("clone", "copy", "to_copy", "cat", "stack", "unsafe_view", "unsafe_split", "split", "repeat", "roll", "flip"),
    *("select", "slice", "index", "gather", "scatter", "take", "embedding", "constant_pad", "masked", "fill", "tril"),
    *("triu", "where", "sum", "mean", "amax", "amin", "max", "min", "std", "var", "logsumexp", "any", "all", "norm"),
    *("softmax", "safe_softmax", "log_softmax", "native_batch_norm", "native_layer_norm", "native_group_norm"),
    *("batch_norm", "layer_norm", "cudnn_batch_norm", "bernoulli", "native_dropout", "rand", "normal", "uniform"),
    *("avg_pool", "adaptive_avg_pool", "adaptive_max_pool", "mean_dim", "nll_loss", "upsample", "argmax", "cumsum"),
)
"""Beginnings of names of operations that move numbers, or add up, scale and draw them: work number by number."""


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Counts what is run inside."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.flops = self.launches = self.bytes = 0
        self._unknown: Counter[str] = Counter()

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Names with how often each ran."""
        return tuple(f"{name} ({times})" for name, times in sorted(self._unknown.items()))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        found = func(*args, **kwargs)
        packet = func.overloadpacket
        if not func.is_view:
            self.launches += 1
            self.bytes += sum(x.numel() * x.element_size() for x in tree_leaves((args, kwargs, found)) if _held(x))
        if packet in flop_registry:
            self.flops += flop_registry[packet](*args, **kwargs, out_val=found)
        elif packet in _OURS:
            self.flops += _OURS[packet](*args, **kwargs)
        elif _is_heavy(func):
            self._unknown[str(packet)] += 1
        return found


def _held(part: object) -> TypeGuard[Tensor]:
    return isinstance(part, Tensor)


def _is_heavy(func: Any) -> bool:
    name = func.overloadpacket.__name__.strip("_")
    return not (torch.Tag.pointwise in func.tags or func.is_view or name.startswith(_LIGHT))
