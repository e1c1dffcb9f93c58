"""AdaGrad: w ← w − α g / (√Σ g² + ε)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece
from thalweg.optim.kernels import columns, step_over_root


@dataclass(frozen=True, slots=True)
class AdaGrad:
    """Adaptive gradient, s ← s + g², w ← w − α g / (√s + ε); the form of ``torch.optim.Adagrad``.

    Duchi, Hazan & Singer (2011), JMLR 12, the diagonal version; ε, which the paper leaves out, keeps 0/0 away where a
    gradient has always been zero.

    Parameters
    ----------
    learning_rate
        α > 0.
    epsilon
        ε > 0, outside the root.

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> AdaGrad(0.1).states
    2
    """

    learning_rate: float = 0.01
    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        check_number("epsilon", self.epsilon, low=0.0, open_low=True)

    @property
    def states(self) -> int:
        """The sum of squares s, and room for the step."""
        return 2

    @property
    def flops(self) -> int:
        """Two for the sum of squares, six for the step."""
        return 8

    def rate(self, scale: float) -> float:  # noqa: ARG002 - the step does not depend on the gradient's scale
        """Return α."""
        return self.learning_rate

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:
        """Return the calls of one step."""
        w, g, s, u = columns(pieces)
        return [
            ("s += g²", partial(torch._foreach_addcmul_, s, g, g)),
            *step_over_root(w, g, s, u, rate, self.epsilon / scale),
        ]
