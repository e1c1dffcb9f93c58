"""AdaMax: Adam with the largest recent gradient in place of the root mean square."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece
from thalweg.optim.kernels import columns, start_correction


@dataclass(frozen=True, slots=True)
class AdaMax:
    """Adam in the infinity norm, Kingma & Ba (2014), arXiv:1412.6980, Algorithm 2, as in ``torch.optim.Adamax``.

    m ← β₁ m + (1 − β₁) g, u ← max(β₂ u, |g| + ε), w ← w − α m / ((1 − β₁ᵗ) u). The paper has no ε; torch adds it
    to keep 0/0 away.

    Parameters
    ----------
    learning_rate
        α > 0.
    beta1, beta2
        β₁, β₂ in [0, 1).
    epsilon
        ε > 0.

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> AdaMax().learning_rate
    0.002
    """

    learning_rate: float = 2e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        check_number("beta1", self.beta1, low=0.0, high=1.0, open_high=True)
        check_number("beta2", self.beta2, low=0.0, high=1.0, open_high=True)
        check_number("epsilon", self.epsilon, low=0.0, open_low=True)

    @property
    def states(self) -> int:
        """The moment m, the norm u, and room for the step."""
        return 3

    @property
    def flops(self) -> int:
        """Three for m, four for u, three for the step."""
        return 10

    def rate(self, scale: float) -> float:  # noqa: ARG002 - the step does not depend on the gradient's scale
        """Return α."""
        return self.learning_rate

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls of one step."""
        w, g, m, u, t = columns(pieces)
        beta2, epsilon, k = (w[0].new_full((), value) for value in (self.beta2, self.epsilon / scale, 0.0))
        return [
            ("m = β₁ m + (1 − β₁) g", partial(torch._foreach_lerp_, m, g, 1.0 - self.beta1)),
            ("u = β₂ u", partial(torch._foreach_mul_, u, beta2)),
            ("t = g", partial(torch._foreach_copy_, t, g)),
            ("t = |t|", partial(torch._foreach_abs_, t)),
            ("t += ε", partial(torch._foreach_add_, t, [epsilon] * len(t))),
            ("u = max(u, t)", partial(torch._foreach_maximum_, u, t)),
            ("t = m", partial(torch._foreach_copy_, t, m)),
            ("t = t / u", partial(torch._foreach_div_, t, u)),
            *start_correction("β₁", self.beta1, pieces[0].step, k, rate),
            ("t = k t", partial(torch._foreach_mul_, t, k)),
            ("w −= t", partial(torch._foreach_sub_, w, t)),
        ]
