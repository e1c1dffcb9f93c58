"""Native forms of operations: which loop of steps.c does what a call of torch says.

Layers, losses and optimizers write their operations as calls of torch. Those that have a loop in steps.c are known
here by name; a program of which every operation has one runs natively.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor

from thalweg.base.contracts import Native

_aten = torch.ops.aten
Form = tuple[str, tuple[Any, ...], tuple[float, ...]]  # loop, what is read, numbers


def _plus(sign: float) -> Callable[..., Form]:
    return lambda x, y, alpha=1.0: ("add", (x, y), (sign * alpha,))


def _times(x: Tensor, y: Tensor | float) -> Form:
    return ("multiply_each", (x, y), ()) if isinstance(y, Tensor) else ("scale", (x,), (y,))


def _addcmul(x: Tensor, y: Tensor, z: Tensor, value: float = 1.0) -> Form:
    return "multiply_add", (x, y, z), (value,)


def _lerp(x: Tensor, end: Tensor, weight: Tensor | float) -> Form:
    if isinstance(weight, Tensor):
        return "approach", (x, end, weight), ()
    return "approach_by", (x, end), (weight,)


def _clamp(x: Tensor, low: Any, high: Any) -> Form:
    return ("clamp", (x, low, high), ()) if isinstance(low, Tensor) else ("clamp_by", (x,), (low, high))


def _clamp_min(x: Tensor, low: Any) -> Form:
    if isinstance(low, Tensor):
        return "clamp", (x, low, x.new_full((), torch.inf)), ()
    return ("rectify", (x,), ()) if low == 0 else ("clamp_by", (x,), (low, torch.inf))


def _each(loop: str, *numbers: float) -> Callable[..., Form]:
    return lambda x: (loop, (x,), numbers)


def _back(loop: str, *numbers: float) -> Callable[..., Form]:
    """Return the form of a slope: the gradient first, then what was kept."""
    return lambda gradient, *others: (loop, (gradient, next(x for x in others if isinstance(x, Tensor))), numbers)


NAMED: Final[dict[str, Callable[..., Form]]] = {
    "copy": lambda into, x: ("copy", (x,), ()),  # noqa: ARG005 - written, not read
    "abs": _each("magnitude_each"),
    "maximum": lambda x, y: ("larger", (x, y), ()),
    "zero": lambda into: ("fill", (into,), (0.0,)),
    "fill": lambda into, value: ("fill", (into,), (value,)),
    "add": _plus(1.0),
    "sub": _plus(-1.0),
    "mul": _times,
    "div": lambda x, y: ("divide", (x, y), ()),
    "neg": lambda x: ("scale", (x,), (-1.0,)),
    "square": lambda x: ("multiply_each", (x, x), ()),
    "addcmul": _addcmul,
    "lerp": _lerp,
    "clamp": _clamp,
    "clamp_min": _clamp_min,
    "ge": lambda x, y: ("at_least", (x, y), ()),
    "sign": _each("sign"),
    "sqrt": _each("root"),
    "rsqrt": _each("inverse_root"),
    "reciprocal": _each("reciprocal"),
    "exp": _each("exponential_each"),
    "tanh": _each("tanh_each"),
    "sigmoid": _each("sigmoid_each"),
}
"""Elementwise methods and functions of torch by name, without the underscore of those that work in place."""

_OVERLOADS: Final[dict[Any, Callable[..., Form]]] = {
    _aten.clamp_min.out: _clamp_min,
    _aten.softplus.out: _each("softplus_each"),
    _aten.leaky_relu.out: lambda z, slope: ("leaky", (z,), (slope,)),
    _aten.elu.out: lambda z, *ones: ("elu", (z,), ()),  # noqa: ARG005 - α = 1
    _aten.silu.out: _each("silu"),
    _aten.gelu.out: _each("gelu"),
    _aten.threshold_backward.grad_input: _back("rectify_back"),
    _aten.tanh_backward.grad_input: _back("tanh_back"),
    _aten.sigmoid_backward.grad_input: _back("sigmoid_back"),
    _aten.leaky_relu_backward.grad_input: lambda da, a, slope, result: ("leaky_back", (da, a), (slope,)),  # noqa: ARG005
    _aten.elu_backward.grad_input: _back("elu_back"),
    _aten.silu_backward.grad_input: _back("silu_back"),
    _aten.gelu_backward.grad_input: _back("gelu_back"),
}
KERNELS: Final = {getattr(overload, "_op", overload): form for overload, form in _OVERLOADS.items()} | _OVERLOADS
"""Operator overloads, also without their Python wrapper."""


def native_forms(
    function: Callable[..., object], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[Native, ...] | None:
    """Return what a call of torch is natively; None where no loop does the same.

    Parameters
    ----------
    function, arguments, keywords
        The call: a function with ``out`` or ``grad_input`` among the keywords, or a method that works in place.

    Examples
    --------
    >>> x = torch.ones(1, 2, 3)
    >>> [(form.loop, form.numbers) for form in native_forms(x.sub_, [x], {"alpha": 0.5})]
    [('add', (-0.5,))]
    >>> native_forms(torch.erfinv, [x], {"out": x}) is None
    True
    """
    named = dict(keywords)
    owner = getattr(function, "__self__", None)
    owner = owner if isinstance(owner, Tensor) else None
    out = named.pop("out", named.pop("grad_input", owner))
    everything = list(arguments) if owner is None else [owner, *arguments]
    name = getattr(function, "__name__", "").removesuffix("_")
    if name in _WHOLE and owner is None:
        return _WHOLE[name](out, *everything, **named)
    if name == "scatter_add" and owner is not None:
        return _add_rows(owner, *arguments)
    form = NAMED.get(name) if function not in KERNELS else KERNELS[function]
    if form is None:
        return None
    try:
        loop, reads, numbers = form(*everything, **named)
    except TypeError:  # a signature no loop knows
        return None
    return _elementwise(loop, out, reads, numbers)


def _elementwise(loop: str, out: Tensor, reads: Sequence[Any], numbers: Sequence[float]) -> tuple[Native, ...] | None:
    """Return one form for up to three axes, the first that of the slots; more axes are cut into matrices."""
    if not all(isinstance(x, Tensor) for x in reads):
        return None
    if any(x.dtype != out.dtype for x in reads):
        return (Native("codes", out, tuple(reads)),) if loop == "copy" and out.dtype == torch.int64 else None
    wide = [x.broadcast_to(out.shape) for x in reads]
    if out.ndim <= 3:
        return (Native(loop, out, tuple(wide), tuple(numbers)),)
    parts: list[Native] = []
    for place in range(out.shape[1]):
        cut = _elementwise(loop, out[:, place], [x[:, place] for x in wide], numbers)
        if cut is None:
            return None
        parts += cut
    return tuple(parts)


def _sum(out: Tensor, x: Tensor, axis: int, *, keepdim: bool = False) -> tuple[Native, ...] | None:
    """Return the sum over rows (axis 1) or columns (axis 2) of every matrix [S M N]."""
    if x.ndim == 4:  # a long batch in parts: what stays of the axes is cut
        if axis == 1:
            return tuple(Native("sum_rows", out[:, g : g + 1], (x[:, :, g],)) for g in range(x.shape[2]))
        return tuple(Native("sum_rows", out[:, c : c + 1], (x[:, c],)) for c in range(x.shape[1]))
    if x.ndim != 3 or not keepdim:
        return None
    return (Native("sum_rows" if axis == 1 else "sum_columns", out, (x,)),)


def _log_softmax(out: Tensor, q: Tensor, axis: int) -> tuple[Native, ...] | None:
    return (Native("log_softmax", out, (q,)),) if q.ndim == 3 and axis == 1 else None


def _gather(out: Tensor, source: Tensor, axis: int, index: Tensor) -> tuple[Native, ...] | None:
    """Return the gathering of one row for every slot, as of dropout masks."""
    if axis != 0 or out.ndim != 2 or len(index) != len(out) or index.dtype != torch.int32:
        return None
    return (Native("gather", out.unsqueeze(1), (source, index)),)


def _look_up(out: Tensor, table: Tensor, axis: int, codes: Tensor) -> tuple[Native, ...] | None:
    return (Native("look_up", out, (table, codes)),) if axis == 1 and _one_a_row(codes) else None


def _add_rows(out: Tensor, axis: int, codes: Tensor, x: Tensor) -> tuple[Native, ...] | None:
    return (Native("add_rows", out, (x, codes)),) if axis == 1 and _one_a_row(codes) else None


def _one_a_row(codes: Tensor) -> bool:
    return codes.ndim == 3 and (codes.stride(2) == 0 or codes.shape[2] == 1)


_WHOLE: Final[dict[str, Callable[..., tuple[Native, ...] | None]]] = {
    "sum": _sum,
    "log_softmax": _log_softmax,
    "index_select": _gather,
    "gather": _look_up,
}


def product_forms(a: Tensor, b: Tensor, out: Tensor, start: Tensor | None) -> tuple[Native, ...] | None:
    """Return the product out = start + a b natively, [S M K] times [S K N]; ``start`` has one number per row."""
    if start is not None and start.shape[2] != 1:
        return None
    if 1 not in (*a.shape[1:], *a.stride()[1:]) or 1 not in (out.stride(2), out.shape[2]):
        return None
    return (Native("product", out, (a, b, start, None), (0.0, 0.0)),)


def update_forms(call: Callable[..., object], slots: Sequence[range]) -> tuple[Native, ...] | None:
    """Return an optimizer's call natively, one form for every run of slots whose numbers lie together.

    Parameters
    ----------
    call
        The call, on lists with one flat tensor per run.
    slots
        The slots of every run.
    """
    if not isinstance(call, partial):
        return None
    name = getattr(call.func, "__name__", "")
    if name in _UPDATES:
        return _UPDATES[name](slots, *call.args, **call.keywords)
    if name.startswith("_foreach_"):
        return _of_lists(name.removeprefix("_foreach_").removesuffix("_"), slots, *call.args)
    return _of_the_group(call, name, slots)


def _of_lists(name: str, slots: Sequence[range], *arguments: Any) -> tuple[Native, ...] | None:
    """Return an elementwise call on the tensors of lists, one after the other."""
    forms: list[Native] = []
    for place, some in enumerate(slots):
        lane = [x[place] if isinstance(x, list) else x for x in arguments]
        lane = [_rows(x, some) if isinstance(x, Tensor) and x.ndim else x for x in lane]
        if name not in NAMED:
            return None
        found = _elementwise(NAMED[name](*lane)[0], lane[0], *NAMED[name](*lane)[1:])
        if found is None:
            return None
        forms += [form._replace(slots=some) for form in found]
    return tuple(forms)


def _of_the_group(call: partial[object], name: str, slots: Sequence[range]) -> tuple[Native, ...] | None:
    """Return a call on numbers that stand for a whole group of slots, such as 1 − βᵗ."""
    owner = getattr(call.func, "__self__", None)
    if isinstance(owner, Tensor):
        (x,) = call.args
        kinds = (owner.dtype, x.dtype)
        loop = {(torch.float64, torch.float32): "count", (torch.float32, torch.float64): "rounded"}.get(kinds, "copy")
        return tuple(Native(loop, owner, (x,), (), some) for some in slots) if name == "copy_" else None
    known = {"pow": "power", "sub": "double_subtract", "div": "double_divide"}
    if name not in known:
        return None
    return tuple(Native(known[name], call.keywords["out"], call.args, (), some) for some in slots)


def _rows(flat: Tensor, slots: range) -> Tensor:
    return flat.view(len(slots), 1, -1)


def _adam(slots: Sequence[range], *lists: Sequence[Tensor], **settings: Any) -> tuple[Native, ...]:
    numbers = (settings["beta1"], settings["beta2"], settings["eps"])
    return tuple(
        Native("adam", _rows(w, s), (_rows(g, s), _rows(m, s), _rows(r, s), settings["lr"]), numbers, s)
        for s, w, g, m, r in zip(slots, *lists[:4], strict=True)
    )


def _descent(slots: Sequence[range], *lists: Sequence[Tensor], **settings: Any) -> tuple[Native, ...]:
    values, gradients, velocities = lists
    if not velocities:
        return tuple(
            Native("descend", _rows(w, s), (_rows(g, s), None, None, settings["lr"]), (), s)
            for s, w, g in zip(slots, values, gradients, strict=True)
        )
    numbers = (settings["momentum"], float(settings["nesterov"]))
    return tuple(
        Native("descend_with_momentum", _rows(w, s), (_rows(g, s), _rows(v, s), None, settings["lr"]), numbers, s)
        for s, w, g, v in zip(slots, values, gradients, velocities, strict=True)
    )


_UPDATES: Final[dict[str, Callable[..., tuple[Native, ...]]]] = {"_fused_adam_": _adam, "_fused_sgd_": _descent}
