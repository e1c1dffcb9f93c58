"""Adam: momentum and mean squares, both corrected for their start at zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece
from thalweg.optim.kernels import columns, start_correction


@dataclass(frozen=True, slots=True)
class Adam:
    """Adaptive moments, Kingma & Ba (2014), arXiv:1412.6980, Algorithm 1.

    m ← β₁ m + (1 − β₁) g, r ← β₂ r + (1 − β₂) g², m̂ = m / (1 − β₁ᵗ), r̂ = r / (1 − β₂ᵗ), and
    w ← w − α m̂ / (√r̂ + ε), the form of ``torch.optim.Adam``. With ``epsilon_inside`` the last line is
    w ← w − α m̂ / √(r̂ + ε), the form often seen on slides: there a floor of √ε = 10⁻⁴ on the root makes small
    gradients move far less.

    Parameters
    ----------
    learning_rate
        α > 0.
    beta1, beta2
        β₁, β₂ in [0, 1).
    epsilon
        ε > 0.
    epsilon_inside
        Put ε under the root.

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> Adam(1e-3).rate(scale=2.0)
    0.001
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    epsilon_inside: bool = False

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        check_number("beta1", self.beta1, low=0.0, high=1.0, open_high=True)
        check_number("beta2", self.beta2, low=0.0, high=1.0, open_high=True)
        check_number("epsilon", self.epsilon, low=0.0, open_low=True)

    @property
    def states(self) -> int:
        """The moments m and r, and room for the step when it is not one fused call."""
        return 3 if self.epsilon_inside else 2

    @property
    def flops(self) -> int:
        """Three for m, four for r, six for the step."""
        return 13

    def rate(self, scale: float) -> float:  # noqa: ARG002 - the step does not depend on the gradient's scale
        """Return α."""
        return self.learning_rate

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls of one step; a gradient that is too small by ``scale`` asks for ε / scale."""
        if self.epsilon_inside:
            return self._inside(pieces, rate, scale)
        call = partial(
            torch._fused_adam_,
            [p.value for p in pieces],
            [p.gradient for p in pieces],
            [p.states[0] for p in pieces],
            [p.states[1] for p in pieces],
            [],
            [p.step for p in pieces],
            lr=rate,
            beta1=self.beta1,
            beta2=self.beta2,
            weight_decay=0.0,
            eps=self.epsilon / scale,
            amsgrad=False,
            maximize=False,
        )
        return [("m, r = moments of g, w −= α m̂ / (√r̂ + ε)", call)]

    def _inside(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the step with ε under the root, kernel by kernel."""
        w, g, m, r, u = columns(pieces)
        beta2, epsilon, k = (w[0].new_full((), value) for value in (self.beta2, self.epsilon / scale**2, 0.0))
        return [
            ("m = β₁ m + (1 − β₁) g", partial(torch._foreach_lerp_, m, g, 1.0 - self.beta1)),
            ("r = β₂ r", partial(torch._foreach_mul_, r, beta2)),
            ("r += (1 − β₂) g²", partial(torch._foreach_addcmul_, r, g, g, 1.0 - self.beta2)),
            *start_correction("β₂", self.beta2, pieces[0].step, k),
            ("u = r", partial(torch._foreach_copy_, u, r)),
            ("u = u / k", partial(torch._foreach_div_, u, k)),
            ("u += ε", partial(torch._foreach_add_, u, [epsilon] * len(u))),
            ("u = 1 / √u", partial(torch._foreach_rsqrt_, u)),
            ("u = m u", partial(torch._foreach_mul_, u, m)),
            *start_correction("β₁", self.beta1, pieces[0].step, k, rate),
            ("u = k u", partial(torch._foreach_mul_, u, k)),
            ("w −= u", partial(torch._foreach_sub_, w, u)),
        ]
