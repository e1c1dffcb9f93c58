"""RMSProp: like AdaGrad, but the squares are forgotten exponentially."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece
from thalweg.optim.kernels import columns, step_over_root


@dataclass(frozen=True, slots=True)
class RMSProp:
    """Root mean square propagation, r ← ρ r + (1 − ρ) g², w ← w − α g / (√r + ε); the form of ``torch.optim.RMSprop``.

    Tieleman & Hinton (2012), *Lecture 6.5*, Coursera; ε outside the root, no bias correction, no centring.

    Parameters
    ----------
    learning_rate
        α > 0.
    rho
        ρ in [0, 1), weight of the past.
    epsilon
        ε > 0, outside the root.

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> RMSProp(0.01).rho
    0.99
    """

    learning_rate: float = 0.01
    rho: float = 0.99
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        check_number("rho", self.rho, low=0.0, high=1.0, open_high=True)
        check_number("epsilon", self.epsilon, low=0.0, open_low=True)

    @property
    def states(self) -> int:
        """The mean square r, and room for the step."""
        return 2

    @property
    def flops(self) -> int:
        """Four for the mean square, six for the step."""
        return 10

    def rate(self, scale: float) -> float:  # noqa: ARG002 - the step does not depend on the gradient's scale
        """Return α."""
        return self.learning_rate

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls of one step."""
        w, g, r, u = columns(pieces)
        return [
            ("r = ρ r", partial(torch._foreach_mul_, r, w[0].new_full((), self.rho))),
            ("r += (1 − ρ) g²", partial(torch._foreach_addcmul_, r, g, g, 1.0 - self.rho)),
            *step_over_root(w, g, r, u, rate, self.epsilon / scale),
        ]
