"""How networks are trained, and how units are cut into folds."""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import DataError, SettingError
from thalweg.base.seeds import stream
from thalweg.effects.experiment import Experiment, IntArray, combination_label


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
        Adam with a cosine schedule, after a warm-up over 2 % of the steps; no rows are held out for stopping.
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
    batch: int = 64
    learning_rate: float = 0.03
    ridges: tuple[float, ...] = (5e-6, 1e-3)
    folds: int = 5
    repeats: int = 10
    seeds: int = 1
    workers: int | None = None

    def __post_init__(self) -> None:
        check_count("folds", self.folds, low=2)
        for name in ("epochs", "batch", "repeats", "seeds"):
            check_count(name, getattr(self, name))
        check_number("learning_rate", self.learning_rate, low=0.0, open_low=True)
        if not self.ridges:
            raise SettingError("ridges must name at least one ridge, got none.", "Give ridges=(1e-3,).")
        for ridge in self.ridges:
            check_number("ridge", ridge, low=0.0)


def stratified_folds(experiment: Experiment, folds: int, seed: int) -> IntArray:
    """Return the fold of every unit [N]: every cell in equal shares, no cluster cut.

    Raises
    ------
    DataError
        If a cell has fewer units than folds, or a training part would miss a cell.

    Examples
    --------
    >>> from thalweg.effects.simulate import simulate
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
    splitter: StratifiedKFold | StratifiedGroupKFold
    if experiment.clusters is None:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=state)
    else:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
    numbers = np.zeros(len(experiment), dtype=np.int64)
    parts = splitter.split(numbers, experiment.received, experiment.clusters)
    for number, (_, test) in enumerate(parts):
        numbers[test] = number
    for number in range(folds):
        missing = np.setdiff1d(experiment.received, experiment.received[numbers != number])
        if len(missing) or not (numbers == number).any():
            cell = combination_label(experiment.cells[missing[0]]) if len(missing) else "of some kind"
            raise DataError(
                f"Without fold {number + 1} of {folds} no unit of cell {cell} is left to learn from.",
                "Use more folds, smaller clusters, or leave the cell out.",
            )
    return numbers
