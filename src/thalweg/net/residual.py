"""Residual blocks: what a few layers make of x is added to x."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thalweg.base.contracts import Backward, Layer, ParameterSpec, Planner, Signal
from thalweg.base.errors import SettingError
from thalweg.net.spec import input_check, named_parameters, named_settings


@dataclass(frozen=True, slots=True)
class Residual:
    """Skip connection y = x + f(x), f a few layers that return the width that entered.

    He, Zhang, Ren & Sun (2015), arXiv:1512.03385, equation 1, the identity shortcut. Parameters of f are named
    ``body.0.weight`` and so on.

    Parameters
    ----------
    body
        The layers of f, at least one.

    Raises
    ------
    SettingError
        If the body is empty, or when it is used on a width it does not return.

    Notes
    -----
    Backward: ∂x = ∂y + f'(x)ᵀ ∂y.

    Examples
    --------
    >>> from thalweg.net.dense import Dense
    >>> list(Residual((Dense(8),)).parameters(8, has_ones=False))
    ['body.0.weight', 'body.0.bias']
    """

    body: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.body:
            raise SettingError("A residual block needs at least one layer, got none.", "Give body=(Dense(8), ...).")

    def width(self, inputs: int) -> int:
        """Return the width that entered.

        Raises
        ------
        SettingError
            If the body returns another width.
        """
        leaving = inputs
        for layer in self.body:
            leaving = layer.width(leaving)
        if leaving != inputs:
            raise SettingError(
                f"A residual block must return the {inputs} units that enter, its body returns {leaving}.",
                f"End the body with Dense({inputs}).",
            )
        return inputs

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:
        """Return the parameters of the body."""
        self.width(inputs)
        return dict(named_parameters(self.body, inputs, has_ones=has_ones, prefix="body."))

    def settings(self) -> Mapping[str, float]:
        """Return the settings of the body."""
        return dict(named_settings(self.body, "body."))

    def check(self, x: NDArray[np.floating]) -> None:
        """Let the body's first layer check features [N D]."""
        check = input_check(self.body)
        if check is not None:
            check(x)

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan y = x + f(x) [S B H] and its way back."""
        inside, body_backward = planner.sequence(self.body, Signal(x.value, has_ones=x.has_ones), prefix="body.")
        f = inside.features
        own = not inside.overwritable
        y = planner.buffer(*f.shape) if own else f
        planner.op("y = x + f(x)", torch.add, x.features, f, out=y, flops=y.numel())

        def backward(dy: Tensor, wanted: bool) -> Tensor | None:
            if own:
                planner.release(y)
            if not wanted:
                return body_backward(dy, False)
            skipped = planner.buffer(*dy.shape)
            planner.op("k = dy", skipped.copy_, dy)
            dx = body_backward(dy, True)
            assert dx is not None, "a body returns the gradient that is wanted"
            planner.op("dx += k", dx.add_, skipped, flops=dx.numel())
            planner.release(skipped)
            return dx

        return Signal(y, overwritable=True), backward
