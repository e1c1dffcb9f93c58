"""Stretches of a step that several optimizers share, as calls on lists of tensors."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from thalweg.base.contracts import Call, Piece

Calls = list[tuple[str, Call]]


def columns(pieces: Sequence[Piece]) -> tuple[list[Tensor], ...]:
    """Return the values of all pieces, their gradients, their first states, their second states, and so on."""
    return tuple(map(list, zip(*((p.value, p.gradient, *p.states) for p in pieces), strict=True)))


def step_over_root(
    w: list[Tensor], g: list[Tensor], s: list[Tensor], u: list[Tensor], rate: Tensor, epsilon: float
) -> Calls:
    """Return the calls of w ← w − α g / (√s + ε), by way of u."""
    step, floor = w[0].new_zeros(()), w[0].new_full((), epsilon)
    return [
        ("u = s", partial(torch._foreach_copy_, u, s)),
        ("u = √u", partial(torch._foreach_sqrt_, u)),
        ("u += ε", partial(torch._foreach_add_, u, [floor] * len(u))),
        ("u = 1 / u", partial(torch._foreach_reciprocal_, u)),
        ("u = g u", partial(torch._foreach_mul_, u, g)),
        ("a = α", partial(step.copy_, rate)),
        ("u = a u", partial(torch._foreach_mul_, u, step)),
        ("w −= u", partial(torch._foreach_sub_, w, u)),
    ]


def start_correction(symbol: str, beta: float, step: Tensor, out: Tensor, rate: Tensor | None = None) -> Calls:
    """Return the calls of k = 1 − βᵗ, or k = α / (1 − βᵗ) with a rate; in float64, since 1 − βᵗ cancels."""
    c, one, base = (out.new_full((), value, dtype=torch.float64) for value in (0.0, 1.0, beta))
    calls: Calls = [
        ("c = t", partial(c.copy_, step)),
        (f"c = {symbol}ᶜ", partial(torch.pow, base, c, out=c)),
        ("c = 1 − c", partial(torch.sub, one, c, out=c)),
    ]
    if rate is not None:
        calls.append(("c = α / c", partial(torch.div, rate, c, out=c)))
    return [*calls, ("k = c", partial(out.copy_, c))]
