"""Dropout: noise on the activations, a' = a m / (1 − p) with m ~ Bernoulli(1 − p)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from thalweg.base.checks import check_number
from thalweg.base.contracts import Backward, MaskRate, ParameterSpec, Planner, Signal


@dataclass(frozen=True, slots=True)
class Dropout:
    """Set each activation to zero with probability p, and scale the others by 1 / (1 − p).

    Nothing happens when predicting. Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov (2014), JMLR 15, in
    the "inverted" form, so that no rescaling is needed later.

    Parameters
    ----------
    rate
        p, in [0, 1); a setting, members may differ.

    Raises
    ------
    SettingError
        If the rate is outside [0, 1).

    Notes
    -----
    Behind a rectifier the zeros of a' already say which units were off, so the way back only scales and the mask's
    memory is free at once.

    Examples
    --------
    >>> Dropout(0.2).settings()
    {'rate': 0.2, 'keep_scale': 1.25}
    """

    rate: float = field(compare=False)

    def __post_init__(self) -> None:
        check_number("dropout", self.rate, low=0.0, high=1.0, open_high=True)

    def width(self, inputs: int) -> int:
        """Return the width that entered."""
        return inputs

    def parameters(self, inputs: int, has_ones: bool) -> Mapping[str, ParameterSpec]:  # noqa: ARG002 - has none
        """Return no parameters."""
        return {}

    def settings(self) -> Mapping[str, float]:
        """Return the rate p and the scale 1 / (1 − p) of what is kept."""
        return {"rate": MaskRate(self.rate), "keep_scale": 1.0 / (1.0 - self.rate)}

    def wire(self, planner: Planner, x: Signal) -> tuple[Signal, Backward]:
        """Plan a' = a ∘ m [S B H] and ∂a = ∂a' ∘ m."""
        if not planner.training:
            return Signal(x.features, overwritable=x.overwritable), lambda da, wanted: da  # noqa: ARG005 - the identity
        a = x.features
        mask = planner.mask("rate", a.shape[2])  # [S B H], values 0 and 1 / (1 − p)
        if x.zero_where_off:
            return self._behind_rectifier(planner, x, mask)
        noisy = planner.buffer(*a.shape)
        planner.op("a' = a ∘ m", torch.mul, a, mask, out=noisy, flops=a.numel())

        def backward(da: Tensor, wanted: bool) -> Tensor | None:  # noqa: ARG001 - in place
            planner.op("da = da' ∘ m", da.mul_, mask, flops=da.numel())
            planner.release(mask)
            planner.release(noisy)
            return da

        return Signal(noisy), backward

    def _behind_rectifier(self, planner: Planner, x: Signal, mask: Tensor) -> tuple[Signal, Backward]:
        planner.op("a' = a ∘ m", x.value.mul_, mask, flops=mask.numel())
        planner.release(mask)
        scale = planner.setting("keep_scale")  # [S 1 1]

        def backward(da: Tensor, wanted: bool) -> Tensor | None:  # noqa: ARG001 - in place
            planner.op("da = da' / (1 − p)", da.mul_, scale, flops=da.numel())
            return da

        return Signal(x.value, zero_where_off=True), backward
