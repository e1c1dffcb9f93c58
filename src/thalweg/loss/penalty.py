"""Penalties on the weights, never on biases: ridge, lasso and decay."""

from dataclasses import dataclass

from thalweg.base.checks import check_number


@dataclass(frozen=True, slots=True)
class Penalty:
    """What is added to the mean loss, or taken from the weights, at every step.

    Parameters
    ----------
    ridge
        λ₂ ≥ 0: adds λ₂ Σ w² to the loss, gradient 2 λ₂ w (``weight_decay = 2 λ₂`` of ``torch.optim.Adam``).
    decay
        δ ≥ 0: w ← (1 − α δ) w before the step, not through the gradient (AdamW; Loshchilov & Hutter 2017,
        arXiv:1711.05101, Algorithm 2).
    lasso
        λ₁ ≥ 0 on the first layer's weights: w ← sign(w) max(|w| − α λ₁, 0) after the step, the proximal step of
        λ₁ Σ |w|, so that weights of useless inputs become exactly zero.

    Raises
    ------
    SettingError
        If a number is negative.

    Examples
    --------
    >>> Penalty(ridge=1e-3).decay
    0.0
    """

    ridge: float = 0.0
    decay: float = 0.0
    lasso: float = 0.0

    def __post_init__(self) -> None:
        for name in ("ridge", "decay", "lasso"):
            check_number(name, getattr(self, name), low=0.0)
