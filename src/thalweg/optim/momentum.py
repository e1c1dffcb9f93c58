"""Momentum: v ← μ v + g, w ← w − α v."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece


@dataclass(frozen=True, slots=True)
class Momentum:
    """Gradient descent with momentum, v ← μ v + g, w ← w − α v (Polyak 1964; the form of ``torch.optim.SGD``).

    With ``nesterov`` the step is w ← w − α (g + μ v), torch's rearrangement of Nesterov (1983). The other form in
    use, v ← μ v − α g with w ← w + v, equals this one for a constant α only.

    Parameters
    ----------
    learning_rate
        α > 0.
    momentum
        μ in [0, 1).
    nesterov
        Look ahead.

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> Momentum(0.1, momentum=0.9).states
    1
    """

    learning_rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        check_number("momentum", self.momentum, low=0.0, high=1.0, open_high=True)

    @property
    def states(self) -> int:
        """The velocity v."""
        return 1

    @property
    def flops(self) -> int:
        """Two each for the velocity and the step, and two to look ahead."""
        return 6 if self.nesterov else 4

    def rate(self, scale: float) -> float:
        """Return α · scale: v is kept in units of the unscaled gradient."""
        return self.learning_rate * scale

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:  # noqa: ARG002 - in the rate
        """Return the one fused call."""
        values, gradients = [p.value for p in pieces], [p.gradient for p in pieces]
        call = partial(
            torch._fused_sgd_,
            values,
            gradients,
            [p.states[0] for p in pieces],
            weight_decay=0.0,
            momentum=self.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self.nesterov,
            maximize=False,
            is_first_step=False,
        )
        formula = "v = μ v + g, w −= α (g + μ v)" if self.nesterov else "v = μ v + g, w −= α v"
        return [(formula, call)]
