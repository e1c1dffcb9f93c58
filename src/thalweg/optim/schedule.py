"""Schedules: the factor on the learning rate as time goes by."""

from dataclasses import dataclass

from thalweg.base.checks import check_count, check_number
from thalweg.base.elementary import cosine_of_half_turns, raised


@dataclass(frozen=True, slots=True)
class Constant:
    """Factor 1 at all times.

    Examples
    --------
    >>> Constant().factor(0, 0, 10, 5)
    1.0
    """

    def factor(self, step: int, epoch: int, steps_per_epoch: int, epochs: int) -> float:  # noqa: ARG002 - constant
        """Return 1."""
        return 1.0


@dataclass(frozen=True, slots=True)
class StepDecay:
    """Factor γ^⌊epoch / every⌋, as ``torch.optim.lr_scheduler.StepLR``.

    Parameters
    ----------
    every
        Epochs between drops.
    gamma
        γ in (0, 1].

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> StepDecay(10, 0.5).factor(0, epoch=25, steps_per_epoch=1, epochs=30)
    0.25
    """

    every: int = 10
    gamma: float = 0.1

    def __post_init__(self) -> None:
        check_count("every", self.every)
        check_number("gamma", self.gamma, low=0.0, high=1.0, open_low=True)

    def factor(self, step: int, epoch: int, steps_per_epoch: int, epochs: int) -> float:  # noqa: ARG002 - by epoch
        """Return γ^⌊epoch / every⌋."""
        return raised(self.gamma, epoch // self.every)


@dataclass(frozen=True, slots=True)
class Cosine:
    """Half a cosine from 1 towards ``floor`` over the planned epochs, after an optional linear warm-up.

    factor = floor + (1 − floor) (1 + cos(π s / S)) / 2 for step s = 0, …, S − 1 (Loshchilov & Hutter 2016,
    arXiv:1608.03983, equation 5, one cycle, changed at every step). With a warm-up of R = ``warmup`` · (all steps),
    step s of the first R has the factor (s + 1) / (R + 1), and the cosine takes the steps that are left.

    Parameters
    ----------
    warmup
        Share of all steps, in [0, 1).
    floor
        Factor the cosine would reach one step after the last, in [0, 1].

    Raises
    ------
    SettingError
        If a number is outside its range.

    Examples
    --------
    >>> Cosine().factor(50, epoch=5, steps_per_epoch=10, epochs=10)
    0.5
    """

    warmup: float = 0.0
    floor: float = 0.0

    def __post_init__(self) -> None:
        check_number("warmup", self.warmup, low=0.0, high=1.0, open_high=True)
        check_number("floor", self.floor, low=0.0, high=1.0)

    def factor(self, step: int, epoch: int, steps_per_epoch: int, epochs: int) -> float:  # noqa: ARG002 - by step
        """Return the factor at a step."""
        total = steps_per_epoch * epochs
        rising = self.warmup * total
        if step < rising:
            return (step + 1) / (rising + 1)
        done = (step - rising) / max(total - rising, 1.0)
        return self.floor + (1.0 - self.floor) * (1.0 + cosine_of_half_turns(done)) / 2.0


@dataclass(frozen=True, slots=True)
class Warmup:
    """Linear from 1/(steps + 1) to 1 over the first steps, then constant.

    Parameters
    ----------
    steps
        Number of steps that rise.

    Raises
    ------
    SettingError
        If it is not a positive whole number.

    Examples
    --------
    >>> Warmup(3).factor(0, 0, 10, 5)
    0.25
    """

    steps: int = 100

    def __post_init__(self) -> None:
        check_count("steps", self.steps)

    def factor(self, step: int, epoch: int, steps_per_epoch: int, epochs: int) -> float:  # noqa: ARG002 - by step
        """Return min(1, (step + 1) / (steps + 1))."""
        return min(1.0, (step + 1) / (self.steps + 1))


@dataclass(frozen=True, slots=True)
class InverseTime:
    """Factor 1 / (1 + epoch · decay): the summable-square steps of Robbins & Monro (1951).

    Parameters
    ----------
    decay
        How fast, per epoch, at least 0.

    Raises
    ------
    SettingError
        If it is negative.

    Examples
    --------
    >>> InverseTime(1.0).factor(0, epoch=3, steps_per_epoch=1, epochs=10)
    0.25
    """

    decay: float = 1.0

    def __post_init__(self) -> None:
        check_number("decay", self.decay, low=0.0)

    def factor(self, step: int, epoch: int, steps_per_epoch: int, epochs: int) -> float:  # noqa: ARG002 - by epoch
        """Return 1 / (1 + epoch · decay)."""
        return 1.0 / (1.0 + epoch * self.decay)
