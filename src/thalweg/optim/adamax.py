"""AdaMax: Adam with the largest recent gradient in place of the root mean square."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece


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

    def rate(self, scale: float) -> float:  # noqa: ARG002 - the step does not depend on the gradient's scale
        """Return α."""
        return self.learning_rate

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls of one step."""
        return [call for piece in pieces for call in self._step(piece, rate, scale)]

    def _step(self, piece: Piece, rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        w, g, (m, u, t) = piece.value, piece.gradient, piece.states
        beta2, epsilon, k = w.new_full((), self.beta2), w.new_full((), self.epsilon / scale), w.new_zeros(())
        c, one, b1 = (torch.full_like(rate, value) for value in (0.0, 1.0, self.beta1))
        return [
            ("m = β₁ m + (1 − β₁) g", partial(m.lerp_, g, 1.0 - self.beta1)),
            ("u = β₂ u", partial(u.mul_, beta2)),
            ("t = |g|", partial(torch.abs, g, out=t)),
            ("t += ε", partial(t.add_, epsilon)),
            ("u = max(u, t)", partial(torch.maximum, u, t, out=u)),
            ("t = m / u", partial(torch.div, m, u, out=t)),
            ("c = number of steps", partial(c.copy_, piece.step)),
            ("c = β₁ᶜ", partial(torch.pow, b1, c, out=c)),
            ("c = 1 − c", partial(torch.sub, one, c, out=c)),
            ("c = α / c", partial(torch.div, rate, c, out=c)),
            ("k = c", partial(k.copy_, c)),
            ("t = k t", partial(t.mul_, k)),
            ("w −= t", partial(w.sub_, t)),
        ]
