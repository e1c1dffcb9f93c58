"""How networks are trained."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from thalweg.base.checks import check_count, check_number, plain_value
from thalweg.base.errors import SettingError, setting
from thalweg.train.progress import Progress

if TYPE_CHECKING:  # settings are read without torch
    from thalweg.train.population import Member, TrainingTable
    from thalweg.train.result import Fit

Watch = Callable[[str, Progress], None]
Train = Callable[["TrainingTable", "Sequence[Member]"], "Fit"]
STAGE: Final = "effects"
STEPS: Final = 25
LEAST_BATCH: Final = 16
_MOST_NETWORKS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Training:
    """How the networks are trained.

    Parameters
    ----------
    hidden
        Widths of the hidden layers.
    activation
        Their activation; a smooth one fits the smooth parameters of an experiment better than a rectifier
        (docs/explanation/dedl.md).
    epochs, batch, learning_rate
        Adam with a cosine schedule, after a warm-up over 2 % of the steps; no rows are held out for stopping. A small
        experiment takes smaller batches, at least :data:`STEPS` to an epoch: otherwise it would learn too little.
    ridge
        λ₂ on the weights (:class:`~thalweg.loss.penalty.Penalty`), one or several: all are trained on the first
        split, and for every experiment and model the one with the least out-of-fold loss is used. Quiet outcomes want
        hardly any, noisy ones a thousandth.
    folds, repeats, seeds
        Folds of a split, splits, and networks per fold whose parameters are averaged.
    gap
        With folds in order of time, times left out on either side of a fold.
    workers
        Processes; None for one per core.

    Raises
    ------
    SettingError
        If a setting makes no sense.

    Examples
    --------
    >>> Training(folds=2).hidden
    (32,)
    """

    hidden: tuple[int, ...] = (32,)
    activation: str = "silu"
    epochs: int = 80
    batch: int = 128
    learning_rate: float = 0.05
    ridge: tuple[float, ...] = (5e-6, 1e-3)
    folds: int = 5
    gap: int = 0
    repeats: int = 10
    seeds: int = 1
    workers: int | None = None

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, plain_value(getattr(self, name)))  # the class is frozen
        for name in ("hidden", "ridge"):
            value = getattr(self, name)
            if name == "ridge" and isinstance(value, (int, float)):
                value = (value,)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise SettingError(
                    f"{setting(name)} must be a sequence of numbers, got {value!r}.", "Give one or several."
                )
            object.__setattr__(self, name, tuple(value))
        check_count("folds", self.folds, low=2)
        check_count("gap", self.gap, low=0)
        for name in ("epochs", "batch", "repeats", "seeds"):
            check_count(name, getattr(self, name))
        _refuse_many(self.folds * self.repeats * self.seeds)
        if self.workers is not None:
            check_count("workers", self.workers)
        for width in self.hidden:
            check_count("hidden", width)
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        if not self.ridge:
            raise SettingError(
                f"{setting('ridge')} must name at least one penalty, got none.",
                "Give 1e-3, for example.",
            )
        for penalty in self.ridge:
            check_number("ridge", penalty, low=0.0)

    def batch_for(self, rows: int) -> int:
        """Return the rows of a batch for a network that learns from so many."""
        return min(self.batch, max(LEAST_BATCH, rows // STEPS))


def _refuse_many(networks: int) -> None:
    """Refuse more networks than can be listed, before they are."""
    if networks > _MOST_NETWORKS:
        raise SettingError(
            f"{networks:,} networks are asked for; at most {_MOST_NETWORKS:,} can be listed.",
            f"Ask for fewer {setting('folds')}, {setting('repeats')} or {setting('seeds')}.",
        )
