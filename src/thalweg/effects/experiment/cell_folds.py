"""How the units of an experiment are cut into folds."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from thalweg.base.arrays import IntArray
from thalweg.base.errors import DataError, setting
from thalweg.base.seeds import stream
from thalweg.effects.experiment.experiment import Experiment, combination_label


def stratified_folds(experiment: Experiment, folds: int, seed: int, gap: int = 0) -> IntArray:
    """Return the part of every unit [N]: every cell in equal shares, no cluster and no group cut.

    With two crossed sets of clusters, parts are pairs of folds, one of each set (Chiang, Kato, Ma & Sasaki 2022,
    Journal of Business & Economic Statistics 40, 1046); see :func:`learning_rows`. With times, parts are blocks of
    time, whatever cells they hold; where the first begins is drawn, and the last goes on at the beginning.

    Raises
    ------
    DataError
        If a cell has fewer units, or the experiment fewer clusters or times, than folds, or a training part would miss
        a cell.

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
            f"Use fewer {setting('folds')}, or leave the cell out.",
        )
    state = int(stream(seed, "split").integers(2**31, 1)[0])
    if experiment.time is not None:
        return _learnable(experiment, _blocks(experiment.time, folds, state / 2**31), folds, gap)
    uncut = experiment.clusters if experiment.groups is None else experiment.groups
    part = "clusters" if experiment.groups is None else "groups"
    ways = () if uncut is None else uncut.reshape(len(experiment), -1).T
    fewest = min((len(np.unique(way)) for way in ways), default=folds)
    if fewest < folds:
        raise DataError(
            f"{folds} folds need at least {folds} {part} that share no unit, there are {fewest}.",
            f"Set {setting('folds')} to {fewest} or fewer." if fewest > 1 else f"Name other {setting(part)}.",
        )
    if _crossed(experiment):
        assert experiment.clusters is not None
        first, second = (_cut(experiment, folds, state + way, experiment.clusters[:, way]) for way in range(2))
        numbers = first * folds + second
    else:
        numbers = _cut(experiment, folds, state, uncut)
    return _learnable(experiment, numbers, folds, gap)


def _learnable(experiment: Experiment, numbers: IntArray, folds: int, gap: int) -> IntArray:
    """Return the parts, or refuse them if without one of them no unit of some cell is left."""
    near = f"a smaller {setting('gap')}"
    for number in range(part_count(experiment, folds)):
        learned = learning_rows(experiment, numbers, number, folds, gap)
        missing = np.setdiff1d(experiment.received, experiment.received[learned])
        if len(missing):
            raise DataError(
                f"Without fold {number + 1} of {part_count(experiment, folds)} no unit of cell "
                f"{combination_label(experiment.cells[missing[0]])} is left to learn from.",
                f"Use more {setting('folds')}, {'smaller clusters' if experiment.time is None else near}, or leave the "
                "cell out.",
            )
    return numbers


def part_count(experiment: Experiment, folds: int) -> int:
    """Return the number of parts: of folds, or of pairs of folds where two sets of clusters cross."""
    return folds * folds if _crossed(experiment) else folds


def learning_rows(experiment: Experiment, numbers: IntArray, part: int, folds: int, gap: int = 0) -> NDArray[np.bool_]:
    """Return which units the network of a part learns from [N]: those that share neither of its folds.

    With times those within a gap of the part are left out on either side, so that what lasts for a while does not reach
    from one to the other (Semenova, Goldman, Chernozhukov & Taddy 2023, Quantitative Economics 14, 471-510).
    """
    if experiment.time is not None:
        near = np.zeros(int(experiment.time.max()) + 1, dtype=np.bool_)
        near[experiment.time[numbers == part]] = True
        return np.asarray(~(binary_dilation(near, iterations=gap) if gap else near)[experiment.time])
    if _crossed(experiment):
        return np.asarray((numbers // folds != part // folds) & (numbers % folds != part % folds))
    return np.asarray(numbers != part)


def _crossed(experiment: Experiment) -> bool:
    return experiment.time is None and experiment.clusters is not None and experiment.clusters.ndim == 2


def _blocks(time: IntArray, folds: int, start: float) -> IntArray:
    """Return the block of every unit [N]; together times have nearly equal numbers of units in each."""
    counts = np.bincount(time)
    if len(counts) < folds:
        raise DataError(
            f"{folds} folds in time order need at least {folds} different times, there are {len(counts)}.",
            f"Set {setting('folds')} to {max(2, len(counts))} or fewer.",
        )
    middle = (np.cumsum(counts) - counts / 2) / len(time)
    numbers = np.floor(middle * folds + start).astype(np.int64) % folds
    empty = np.setdiff1d(np.arange(folds), numbers)
    if len(empty):
        raise DataError(
            f"Block {empty[0] + 1} of {folds} in time order has no units: single times hold too many of them.",
            f"Set {setting('folds')} lower, or name finer times as {setting('time')}.",
        )
    return np.asarray(numbers[time])


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
        raise DataError(
            f"Fold {empty[0] + 1} of {folds} is empty.", f"Use fewer {setting('folds')}, or smaller clusters."
        )
    return numbers
