"""Activations a = φ(z), each rule with its derivative on the next line.

Rules whose derivative can be read off the output a (sigmoid, tanh, the rectifiers) work in place where nobody else
needs z; the others keep z. The kernels are torch's own, forward and backward.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from thalweg.base.checks import check_choice
from thalweg.base.contracts import Backward, ParameterSpec, Planner, Signal

Kernel = Callable[..., object]
_aten = torch.ops.aten


def _kernel(overload: Any) -> Kernel:
    """Skip the Python wrapper around an operator overload, which costs a microsecond a call."""
    kernel: Kernel = getattr(overload, "_op", overload)
    return kernel


@dataclass(frozen=True, slots=True)
class Rule:
    """One activation: how a follows from z, and ∂z from ∂a and what was kept (a or z)."""

    formula: str
    forward: Callable[[Tensor, Tensor], tuple[Kernel, tuple[Any, ...]]]  # (z, a) -> what to call
    slope: str
    backward: Kernel
    before: tuple[Any, ...] = ()  # arguments between ∂a and what was kept
    after: tuple[Any, ...] = ()  # arguments behind it
    keeps_input: bool = False
    zero_where_off: bool = False
    flops: int = 1


def _in_place(method: str) -> Callable[[Tensor, Tensor], tuple[Kernel, tuple[Any, ...]]]:
    """Prefer ``z.method_()`` when a is z: a method call is issued faster than one with ``out=``."""
    function = getattr(torch, method)

    def forward(z: Tensor, a: Tensor) -> tuple[Kernel, tuple[Any, ...]]:
        return (getattr(z, f"{method}_"), ()) if a is z else (function, (z,))

    return forward


def _call(overload: Any, *arguments: Any) -> Callable[[Tensor, Tensor], tuple[Kernel, tuple[Any, ...]]]:
    kernel = _kernel(overload)
    return lambda z, a: (kernel, (z, *arguments))  # noqa: ARG005 - a arrives as out=


LEAK: Final = 0.01
RULES: Final[dict[str, Rule]] = {
    "relu": Rule(
        "a = max(z, 0)",
        _call(_aten.clamp_min.out, 0),
        "dz = da · 1[a > 0]",
        _kernel(_aten.threshold_backward.grad_input),
        after=(0,),
        zero_where_off=True,
    ),
    "tanh": Rule("a = tanh z", _in_place("tanh"), "dz = da (1 − a²)", _kernel(_aten.tanh_backward.grad_input), flops=4),
    "sigmoid": Rule(
        "a = 1 / (1 + exp(−z))",
        _in_place("sigmoid"),
        "dz = da a (1 − a)",
        _kernel(_aten.sigmoid_backward.grad_input),
        flops=4,
    ),
    "leaky_relu": Rule(
        "a = max(z, 0.01 z)",
        _call(_aten.leaky_relu.out, LEAK),
        "dz = da · (1 if a > 0 else 0.01)",
        _kernel(_aten.leaky_relu_backward.grad_input),
        after=(LEAK, True),
    ),
    "elu": Rule(
        "a = z if z > 0 else exp(z) − 1",
        _call(_aten.elu.out, 1.0, 1.0, 1.0),
        "dz = da · (1 if a > 0 else a + 1)",
        _kernel(_aten.elu_backward.grad_input),
        before=(1.0, 1.0, 1.0, True),
        flops=4,
    ),
    "gelu": Rule(
        "a = z Φ(z)",
        _call(_aten.gelu.out),
        "dz = da (Φ(z) + z φ(z))",
        _kernel(_aten.gelu_backward.grad_input),
        keeps_input=True,
        flops=8,
    ),
    "silu": Rule(
        "a = z σ(z)",
        _call(_aten.silu.out),
        "dz = da σ(z) (1 + z (1 − σ(z)))",
        _kernel(_aten.silu_backward.grad_input),
        keeps_input=True,
        flops=6,
    ),
}


@dataclass(frozen=True, slots=True)
class Activation:
    """Elementwise nonlinearity a = φ(z) [S B H].

    Parameters
    ----------
    name
        One of ``relu``, ``tanh``, ``sigmoid``, ``leaky_relu`` (slope 0.01), ``elu`` (α = 1; Clevert, Unterthiner &
        Hochreiter 2015, arXiv:1511.07289), ``gelu`` (exact, with Φ; Hendrycks & Gimpel 2016, arXiv:1606.08415),
        ``silu`` (Ramachandran, Zoph & Le 2017, arXiv:1710.05941).

    Raises
    ------
    SettingError
        If the name is unknown.

    Examples
    --------
    >>> Activation("tanh").width(3)
    3
    """

    name: str

    def __post_init__(self) -> None:
        check_choice("activation", self.name, list(RULES))

    def width(self, inputs: int) -> int:
        """Return the width that entered."""
        return inputs

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:  # noqa: ARG002 - has none
        """Return no parameters."""
        return {}

    def settings(self) -> Mapping[str, float]:
        """Return no settings."""
        return {}

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan a = φ(z) [S B H] and ∂z = ∂a φ'(z)."""
        rule, z = RULES[self.name], x.features
        own = rule.keeps_input or not x.overwritable
        a = planner.buffer(*z.shape) if own else z
        _plan_forward(planner, rule, z, a)
        kept = z if rule.keeps_input else a

        def backward(da: Tensor, wanted: bool) -> Tensor | None:  # noqa: ARG001 - in place, it costs nothing more
            _plan_backward(planner, rule, da, kept)
            if own:
                planner.release(a)
            return da

        return Signal(a, zero_where_off=rule.zero_where_off), backward


def _plan_forward(planner: Planner, rule: Rule, z: Tensor, a: Tensor) -> None:
    flops = rule.flops * z.numel()
    function, arguments = rule.forward(z, a)
    out: dict[str, Any] = {} if _owner(function) is z else {"out": a}
    planner.op(rule.formula, function, *arguments, flops=flops, **out)


def _plan_backward(planner: Planner, rule: Rule, da: Tensor, kept: Tensor) -> None:
    flops = (rule.flops + 1) * da.numel()
    planner.op(rule.slope, rule.backward, da, *rule.before, kept, *rule.after, flops=flops, grad_input=da)


def _owner(function: Kernel) -> object:
    """Return the tensor a method belongs to."""
    return getattr(function, "__self__", None)
