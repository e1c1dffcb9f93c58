"""Adam: momentum and mean squares, both corrected for their start at zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece


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

    def rate(self, scale: float) -> float:  # noqa: ARG002 - the step does not depend on the gradient's scale
        """Return α."""
        return self.learning_rate

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls of one step; a gradient that is too small by ``scale`` asks for ε / scale."""
        if self.epsilon_inside:
            return [call for piece in pieces for call in self._inside(piece, rate, scale)]
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

    def _inside(self, piece: Piece, rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the step with ε under the root, kernel by kernel; 1 − βᵗ cancels, so it is kept in float64."""
        w, g, (m, r, u) = piece.value, piece.gradient, piece.states
        beta2, epsilon, k = w.new_full((), self.beta2), w.new_full((), self.epsilon / scale**2), w.new_zeros(())
        c, one, b1, b2 = (torch.full_like(rate, value) for value in (0.0, 1.0, self.beta1, self.beta2))
        return [
            ("m = β₁ m + (1 − β₁) g", partial(m.lerp_, g, 1.0 - self.beta1)),
            ("r = β₂ r", partial(r.mul_, beta2)),
            ("r += (1 − β₂) g²", partial(r.addcmul_, g, g, value=1.0 - self.beta2)),
            ("c = t", partial(c.copy_, piece.step)),
            ("c = β₂ᶜ", partial(torch.pow, b2, c, out=c)),
            ("c = 1 − c", partial(torch.sub, one, c, out=c)),
            ("k = c", partial(k.copy_, c)),
            ("u = r / k", partial(torch.div, r, k, out=u)),
            ("u += ε", partial(u.add_, epsilon)),
            ("u = 1 / √u", u.rsqrt_),
            ("u = m u", partial(u.mul_, m)),
            ("c = t", partial(c.copy_, piece.step)),
            ("c = β₁ᶜ", partial(torch.pow, b1, c, out=c)),
            ("c = 1 − c", partial(torch.sub, one, c, out=c)),
            ("c = α / c", partial(torch.div, rate, c, out=c)),
            ("k = c", partial(k.copy_, c)),
            ("u = k u", partial(u.mul_, k)),
            ("w −= u", partial(w.sub_, u)),
        ]
