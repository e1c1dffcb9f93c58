"""Gradient descent: w ← w − α g. With mini-batches it is stochastic gradient descent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Call, Piece


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """Gradient descent, w ← w − α g; ``torch.optim.SGD`` without momentum.

    Parameters
    ----------
    learning_rate
        α > 0.

    Raises
    ------
    SettingError
        If the learning rate is not positive.

    Examples
    --------
    >>> GradientDescent(0.1).rate(scale=2.0)
    0.2
    """

    learning_rate: float = 0.01

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)

    @property
    def states(self) -> int:
        """Nothing is kept."""
        return 0

    @property
    def flops(self) -> int:
        """Multiply and subtract."""
        return 2

    def rate(self, scale: float) -> float:
        """Return α · scale: the constant of the loss rides on the step size."""
        return self.learning_rate * scale

    def wire(self, pieces: Sequence[Piece], rate: Tensor, scale: float) -> Sequence[tuple[str, Call]]:  # noqa: ARG002 - in the rate
        """Return the one fused call."""
        values, gradients = [p.value for p in pieces], [p.gradient for p in pieces]
        call = partial(
            torch._fused_sgd_,
            values,
            gradients,
            [],
            weight_decay=0.0,
            momentum=0.0,
            lr=rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
        )
        return [("w −= α g", call)]
