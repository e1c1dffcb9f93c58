"""How networks are trained, and how units are cut into folds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from thalweg.base.arrays import IntArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.seeds import stream
from thalweg.effects.experiment.experiment import Experiment, combination_label
from thalweg.train.progress import Progress

Watch = Callable[[Progress], None]
STEPS: Final = 25
LEAST_BATCH: Final = 16


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
    ridges
        λ₂ on the weights (:class:`~thalweg.loss.penalty.Penalty`), one or several: all are trained on the first
        split, and for every experiment and model the one with the least out-of-fold loss is used. Quiet outcomes want
        hardly any, noisy ones a thousandth.
    folds, repeats, seeds
        Folds of a split, splits, and networks per fold whose parameters are averaged.
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
    ridges: tuple[float, ...] = (5e-6, 1e-3)
    folds: int = 5
    repeats: int = 10
    seeds: int = 1
    workers: int | None = None

    def __post_init__(self) -> None:
        for name in ("hidden", "ridges"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise SettingError(
                    f"{setting(name)} must be a sequence of numbers, got {value!r}.", f"Write {name}=({value!r},)."
                )
            object.__setattr__(self, name, tuple(value))
        check_count("folds", self.folds, low=2)
        for name in ("epochs", "batch", "repeats", "seeds"):
            check_count(name, getattr(self, name))
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        if not self.ridges:
            raise SettingError(f"{setting('ridges')} must name at least one ridge, got none.", "Give ridges=(1e-3,).")
        for ridge in self.ridges:
            check_number("ridge", ridge, low=0.0)

    def batch_for(self, rows: int) -> int:
        """Return the rows of a batch for a network that learns from so many."""
        return min(self.batch, max(LEAST_BATCH, rows // STEPS))


def stratified_folds(experiment: Experiment, folds: int, seed: int) -> IntArray:
    """Return the part of every unit [N]: every cell in equal shares, no cluster cut.

    With two crossed sets of clusters, parts are pairs of folds, one of each set (Chiang, Kato, Ma & Sasaki 2022,
    Journal of Business & Economic Statistics 40, 1046); see :func:`learning_rows`.

    Raises
    ------
    DataError
        If a cell has fewer units than folds, or a training part would miss a cell.

    Examples
    --------
    >>> from thalweg.effects.experiment.simulate import simulate
    >>> experiment, _ = simulate(0, rows=600)
    >>> np.bincount(stratified_folds(experiment, 5, seed=0)).tolist()
    [120, 120, 120, 120, 120]
    """
    small = experiment.counts.argmin()
    if experiment.counts[small] < folds:
        raise DataError(
            f"Cell {combination_label(experiment.cells[small])} has {experiment.counts[small]} units, "
            f"{folds} folds need at least {folds}.",
            "Use fewer folds, or leave the cell out.",
        )
    state = int(stream(seed, "split").integers(2**31, 1)[0])
    if _crossed(experiment):
        assert experiment.clusters is not None
        first, second = (_cut(experiment, folds, state + way, experiment.clusters[:, way]) for way in range(2))
        numbers = first * folds + second
    else:
        numbers = _cut(experiment, folds, state, experiment.clusters)
    for number in range(part_count(experiment, folds)):
        learned = learning_rows(experiment, numbers, number, folds)
        missing = np.setdiff1d(experiment.received, experiment.received[learned])
        if len(missing):
            raise DataError(
                f"Without fold {number + 1} of {part_count(experiment, folds)} no unit of cell "
                f"{combination_label(experiment.cells[missing[0]])} is left to learn from.",
                "Use more folds, smaller clusters, or leave the cell out.",
            )
    return numbers


def part_count(experiment: Experiment, folds: int) -> int:
    """Return the number of parts: of folds, or of pairs of folds where two sets of clusters cross."""
    return folds * folds if _crossed(experiment) else folds


def learning_rows(experiment: Experiment, numbers: IntArray, part: int, folds: int) -> NDArray[np.bool_]:
    """Return which units the network of a part learns from [N]: those that share neither of its folds."""
    if _crossed(experiment):
        return np.asarray((numbers // folds != part // folds) & (numbers % folds != part % folds))
    return np.asarray(numbers != part)


def _crossed(experiment: Experiment) -> bool:
    return experiment.clusters is not None and experiment.clusters.ndim == 2


def _cut(experiment: Experiment, folds: int, state: int, clusters: IntArray | None) -> IntArray:
    """Return the fold of every unit [N]."""
    splitter: StratifiedKFold | StratifiedGroupKFold
    if clusters is None:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=state)
    else:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
    numbers = np.zeros(len(experiment), dtype=np.int64)
    for number, (_, test) in enumerate(splitter.split(numbers, experiment.received, clusters)):
        numbers[test] = number
    empty = np.setdiff1d(np.arange(folds), numbers)
    if len(empty):
        raise DataError(f"Fold {empty[0] + 1} of {folds} is empty.", "Use fewer folds, or smaller clusters.")
    return numbers
