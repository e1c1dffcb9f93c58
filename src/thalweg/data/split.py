"""Folds and validation rows: stratified by class, never cutting a group, fixed by a seed and by nothing else.

scikit-learn does the splitting; its random state is drawn from the counter-based stream of the seed.
"""

import warnings
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from thalweg.base.arrays import IntArray
from thalweg.base.checks import check_count, check_number
from thalweg.base.errors import DataError, setting
from thalweg.base.seeds import derived_seed
from thalweg.data.dependence.time_folds import TimeFold, latest_rows, time_folds
from thalweg.data.notes import counted
from thalweg.data.problem import Problem

_FOLDS: Final = 0
_VALIDATION: Final = 1


def fold_numbers(problem: Problem, folds: int, seed: int) -> IntArray:
    """Return the fold in which each row is tested.

    Classes have equal shares in all folds (classification); a group lies in one fold (if there are groups).

    Parameters
    ----------
    problem
        The problem.
    folds
        F, at least 2.
    seed
        Decides the folds; nothing else does.

    Returns
    -------
    numpy.ndarray
        int64 [N], 0 … F − 1, none of them empty.

    Raises
    ------
    DataError
        If there are fewer rows, groups, or rows of some class than folds, or a training part would miss a class.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> numbers = fold_numbers(pose("example:iris"), folds=5, seed=0)
    >>> np.bincount(numbers)
    array([30, 30, 30, 30, 30])
    """
    check_count("folds", folds, low=2)
    _check_enough(problem, folds)
    state = derived_seed(seed, "split", _FOLDS, bits=32)
    splitter: StratifiedGroupKFold | StratifiedKFold | GroupKFold | KFold
    if problem.groups is not None:
        kind = StratifiedGroupKFold if problem.classes else GroupKFold
        splitter = kind(folds, shuffle=True, random_state=state)
    else:
        splitter = (StratifiedKFold if problem.classes else KFold)(folds, shuffle=True, random_state=state)
    numbers = np.full(len(problem), -1, dtype=np.int64)
    parts: Iterator[tuple[IntArray, IntArray]] = splitter.split(numbers, problem.outcome, problem.groups)
    for number, (_, test) in enumerate(parts):
        numbers[test] = number
    _check_folds(problem, numbers, folds)
    return numbers


def folds_in_time(problem: Problem, folds: int, gap: int = 0) -> list[TimeFold]:
    """Return the folds of a problem in time order.

    Parameters
    ----------
    problem
        One with times.
    folds
        F, at least 2.
    gap
        Times between the rows learned from and those held out.

    Raises
    ------
    DataError
        If there are too few times, or a class is not seen before a fold.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> problem = pose({"day": range(12), "x": range(12), "y": [0.5, 1.0] * 6}, target="y", time="day")
    >>> [len(fold.learned) for fold in folds_in_time(problem, 3)]
    [3, 6, 9]
    """
    assert problem.time is not None
    found = time_folds(problem.time, folds, gap)
    for number, fold in enumerate(found):
        missing = np.setdiff1d(np.arange(len(problem.classes)), problem.outcome[fold.learned])
        if missing.size:
            raise DataError(
                f"Class {problem.classes[missing[0]]!r} has no row before fold {number + 1} of {folds}, so that its "
                "training never sees the class.",
                f"Set {setting('folds')} lower, or leave the class out by a query.",
            )
    return found


def validation_rows(
    problem: Problem, rows: IntArray, share: float, seed: int, *, gap: int = 0
) -> tuple[IntArray, IntArray]:
    """Hold out part of the training rows to watch training by.

    Classes keep their shares and groups stay whole, as in :func:`fold_numbers`. A class with a single row in ``rows``
    stays in training. In time order the latest rows are held out, whatever the seed.

    Parameters
    ----------
    problem
        The problem.
    rows
        The training rows of a fold; no other row is ever returned.
    share
        The share to hold out, between 0 and 1; with groups and classes it is rounded to one in a whole number.
    seed
        Decides which; use the fold's own.
    gap
        Times between the two parts, if they are in time order.

    Returns
    -------
    tuple
        The rows to train on and the rows to validate on, each in ascending order; together they are ``rows``, but for
        those in the gap.

    Raises
    ------
    DataError
        If there are too few rows or groups for both parts.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> train, validation = validation_rows(pose("example:iris"), np.arange(100), share=0.2, seed=0)
    >>> len(train), len(validation)
    (80, 20)
    """
    check_number("share", share, low=0, high=1, open_low=True, open_high=True)
    rows = np.sort(np.asarray(rows, dtype=np.int64))
    if len(rows) < 2:
        raise DataError(
            "Validation rows need at least 2 training rows to choose from.", "Train without early stopping."
        )
    if problem.time is not None:
        return latest_rows(problem.time, rows, share, gap)
    state = derived_seed(seed, "split", _VALIDATION, bits=32)
    if problem.groups is not None:
        held = _held_groups(problem, rows, problem.groups[rows], share, state)
    elif problem.classes:
        held = _held_stratified(rows, problem.outcome[rows], share, state)
    else:
        held = rows[next(ShuffleSplit(1, test_size=_size(share, len(rows)), random_state=state).split(rows))[1]]
    return np.setdiff1d(rows, held), np.sort(held)


def _size(share: float, count: int) -> int:
    return min(count - 1, max(1, round(share * count)))


def _held_stratified(rows: IntArray, codes: NDArray[np.generic], share: float, state: int) -> IntArray:
    _, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    choice = np.flatnonzero(counts[place] > 1)
    classes = int((counts > 1).sum())
    size = max(_size(share, len(choice)) if len(choice) > 1 else 0, classes)
    if classes == 0 or len(choice) - size < classes:
        raise DataError(
            f"{counted(len(rows), 'training row')} of {len(counts)} classes are too few to hold out {share:g} of them.",
            "Train without early stopping, or with fewer folds.",
        )
    splitter = StratifiedShuffleSplit(1, test_size=size, random_state=state)
    held: IntArray = rows[choice[next(splitter.split(choice, codes[choice]))[1]]]
    return held


def _held_groups(problem: Problem, rows: IntArray, groups: IntArray, share: float, state: int) -> IntArray:
    count = len(np.unique(groups))
    if count < 2:
        raise DataError(
            f"The {counted(len(rows), 'training row')} belong to one group, which cannot be cut for validation.",
            "Train without early stopping, or with fewer folds.",
        )
    splitter: StratifiedGroupKFold | GroupShuffleSplit
    if problem.classes:
        most = int(np.bincount(problem.outcome[rows].astype(np.int64)).max())
        parts = max(2, min(round(1 / share), count, most))
        splitter = StratifiedGroupKFold(parts, shuffle=True, random_state=state)
    else:
        splitter = GroupShuffleSplit(1, test_size=_size(share, count), random_state=state)
    with warnings.catch_warnings():
        # A class with fewer rows than parts is missing from some of them, which early stopping can bear.
        warnings.filterwarnings("ignore", message="The least populated class")
        tests = [test for _, test in splitter.split(rows, problem.outcome[rows], groups)]
    held: IntArray = rows[next(test for test in tests if len(test))]
    return held


def _check_enough(problem: Problem, folds: int) -> None:
    fewer = f"Set {setting('folds')} to {max(2, len(problem) // 2)} or fewer."
    if folds > len(problem):
        raise DataError(f"{folds} folds need at least {folds} rows, the table has {len(problem)}.", fewer)
    if problem.groups is not None and problem.groups.max() + 1 < folds:
        count = int(problem.groups.max()) + 1
        remedy = (
            f"Set {setting('folds')} to {count} or fewer."
            if count > 1
            else f"Name another column as {setting('groups')}, or none."
        )
        raise DataError(f"{folds} folds need at least {folds} groups, the table has {count}.", remedy)
    if problem.classes:
        counts = np.bincount(problem.outcome.astype(np.int64), minlength=len(problem.classes))
        least = int(counts.argmin())
        if counts[least] < folds:
            raise DataError(
                f"Class {problem.classes[least]!r} of {problem.target!r} has {counted(int(counts[least]), 'row')}, "
                f"fewer than {folds} folds.",
                "Use fewer folds, or join or leave out rare classes by a query.",
            )


def _check_folds(problem: Problem, numbers: IntArray, folds: int) -> None:
    for fold in range(folds):
        test = numbers == fold
        if not test.any():
            raise DataError(f"Fold {fold + 1} of {folds} has no rows: the groups are too unequal.", "Use fewer folds.")
        missing = np.setdiff1d(np.arange(len(problem.classes)), problem.outcome[~test])
        if missing.size:
            raise DataError(
                f"All rows of class {problem.classes[missing[0]]!r} lie in groups of one fold, so that training "
                "without it never sees the class.",
                "Use other groups, more groups, or leave the class out by a query.",
            )
