"""Which rows each part of the population learns from: all of them, all but a fold, a bootstrap sample."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import setting
from thalweg.base.seeds import derived_seed, stream
from thalweg.data.dependence.time_folds import TimeFold
from thalweg.select.learning.observations import InputError, Observations, row_hash

ALL, FOLD, BOOTSTRAP = "all", "fold", "bootstrap"
PARTS = (ALL, FOLD, BOOTSTRAP)


class Splitter(Protocol):
    """What scikit-learn's splitters offer."""

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterable[tuple[IntArray, IntArray]]:
        """Yield training and held-out rows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The rows one part of the population sees.

    Parameters
    ----------
    part, number
        All rows, or which fold or bootstrap sample.
    rows
        Places in :class:`~thalweg.select.learning.observations.Observations`, repeats allowed.
    held_out
        Places that are not among them; in time order those of the next block alone.
    """

    part: str
    number: int
    rows: IntArray
    held_out: IntArray

    def seed(self, base: int, number: int) -> int:
        """Return the seed of a member; different places of the design get unrelated seeds."""
        return derived_seed(base, "split", PARTS.index(self.part), self.number, number)


def resample(
    rows: Observations,
    *,
    folds: int | Splitter | None,
    bootstrap: int | None,
    seed: int,
    strata: IntArray | None = None,
) -> list[View]:
    """Lay out the views of a population: all rows first, then folds, then bootstrap samples.

    Parameters
    ----------
    rows
        The observations.
    folds
        Number of folds, or a splitter whose held-out parts cover every row once, applied to the rows in the order the
        user gave them; None for no folds. No fold cuts a group.
    bootstrap
        Number of samples of N rows with replacement (Efron 1979), or of G whole groups; None for none.
    seed
        Names the randomness.
    strata
        Class of every row [N]: random folds hold equal shares, and samples hold at least two classes.

    Returns
    -------
    list of View
        At least one.

    Raises
    ------
    InputError, SettingError
        If there are fewer rows or groups than folds, or a splitter leaves rows out or cuts groups.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(6.0)[:, None]
    >>> views = resample(canonical_rows(x, x), folds=3, bootstrap=2, seed=0)
    >>> [(view.part, len(view.rows)) for view in views]
    [('all', 6), ('fold', 4), ('fold', 4), ('fold', 4), ('bootstrap', 6), ('bootstrap', 6)]
    """
    everything = np.arange(len(rows))
    views = [View(ALL, 0, everything, everything[:0])]
    if folds is not None:
        views += fold_views(
            _given_folds(rows, folds)
            if not isinstance(folds, int)
            else _random_folds(len(rows), folds, seed, strata)
            if rows.groups is None
            else _group_folds(rows.groups, folds, seed, strata)
        )
    if bootstrap is not None:
        check_count("bootstrap", bootstrap, low=2)
        for k in range(bootstrap):
            drawn = _drawn(rows, seed, k, strata)
            views.append(View(BOOTSTRAP, k, drawn, np.setdiff1d(everything, drawn)))
    return views


def fold_views(number: IntArray) -> list[View]:
    """Return one view per fold, given the fold in which each row is held out [N].

    Examples
    --------
    >>> [view.rows.tolist() for view in fold_views(np.array([0, 1, 1]))]
    [[1, 2], [0]]
    """
    folds = range(int(number.max()) + 1)
    return [View(FOLD, k, np.flatnonzero(number != k), np.flatnonzero(number == k)) for k in folds]


def time_views(folds: Sequence[TimeFold]) -> list[View]:
    """Return one view per fold in time order; rows before the first fold and in gaps are in some views of neither part.

    Examples
    --------
    >>> from thalweg.data.dependence.time_folds import time_folds
    >>> [(view.rows.tolist(), view.held_out.tolist()) for view in time_views(time_folds(np.arange(6), 2))]
    [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])]
    """
    return [View(FOLD, k, fold.learned, fold.held_out) for k, fold in enumerate(folds)]


def held_out_in(held_out: Sequence[IntArray], count: int) -> IntArray:
    """Return the fold in which each row is held out [N], given the rows of every fold.

    Examples
    --------
    >>> held_out_in([np.array([0]), np.array([1, 2])], 3).tolist()
    [0, 1, 1]
    """
    number = np.full(count, -1, dtype=np.int64)
    for fold, rows in enumerate(held_out):
        number[rows] = fold
    return number


def strata_of(y: FloatArray, task: str) -> IntArray | None:
    """Return the class of every row [N] of outcomes [N C]; None for outcomes that are not classes."""
    if task == "multiclass":
        return np.asarray(y.argmax(axis=1))
    return y[:, 0].astype(np.int64) if task == "binary" else None


def _random_folds(count: int, folds: int, seed: int, strata: IntArray | None) -> IntArray:
    """Return the fold in which each row is held out [N], sizes differing by at most one."""
    check_count("folds", folds, low=2)
    if folds > count:
        raise InputError(f"{folds} folds need at least as many rows, got {count} samples.", "Use fewer folds.")
    order = stream(seed, "split").permutation(count)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    number = np.empty(count, dtype=np.int64)
    number[order] = np.arange(count) % folds
    return number


def _given_folds(rows: Observations, splitter: Splitter) -> IntArray:
    """Return the fold of each row as a splitter cuts the rows of the user."""
    places = np.arange(int(rows.origin.max()) + 1) if rows.places is None else rows.places
    size, present = len(places), places >= 0
    x, y = np.zeros((size, rows.x.shape[1])), np.zeros(size)
    outcomes = rows.y[:, 0] if rows.y.shape[1] == 1 else rows.y.argmax(axis=1)
    x[present], y[present] = rows.x[places[present]], outcomes[places[present]]
    groups = None
    if rows.groups is not None:
        groups = np.full(size, -1)
        groups[present] = rows.groups[places[present]]
    number = np.full(size, -1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The groups parameter is ignored")  # unless it cuts them, see below
        parts = list(splitter.split(x, y, groups))
    for k, (_, held_out) in enumerate(parts):
        if (number[held_out] >= 0).any():
            raise InputError(f"{splitter!r} holds rows out more than once.", "Give a splitter of disjoint parts.")
        number[held_out] = k
    if (number[rows.origin] < 0).any():
        raise InputError(f"{splitter!r} leaves rows that are never held out.", "Give a splitter that covers all rows.")
    found: IntArray = np.unique(number[rows.origin], return_inverse=True)[1]
    if rows.groups is not None:
        pairs = np.unique(np.column_stack([rows.groups, found]), axis=0)
        if len(pairs) > rows.groups.max() + 1:
            raise InputError(
                f"{splitter!r} cuts groups.", f"Set {setting('folds')} to a number, or to GroupKFold(5), for example."
            )
    return found


def _group_folds(groups: IntArray, folds: int, seed: int, strata: IntArray | None) -> IntArray:
    """Return the fold in which each row is held out [N]; no group is cut, classes have nearly equal shares."""
    check_count("folds", folds, low=2)
    count = int(groups.max()) + 1
    if folds > count:
        raise InputError(
            f"{folds} folds need at least {folds} groups, got {count}.", f"Set {setting('folds')} to {count} or fewer."
        )
    state = derived_seed(seed, "split", bits=32)
    splitter = (GroupKFold if strata is None else StratifiedGroupKFold)(folds, shuffle=True, random_state=state)
    number = np.empty(len(groups), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class with fewer rows than folds is in none of some
        try:
            for k, (_, held_out) in enumerate(splitter.split(groups, strata, groups)):
                number[held_out] = k
        except ValueError as error:
            raise InputError(
                f"{folds} folds are more than the rows of every class.", f"Set {setting('folds')} lower."
            ) from error
    if len(np.unique(number)) < folds:
        raise InputError(
            f"{count} groups are too unequal for {folds} folds: one would be empty.", f"Set {setting('folds')} lower."
        )
    return number


def _drawn(rows: Observations, seed: int, number: int, strata: IntArray | None) -> IntArray:
    """Draw a bootstrap sample of rows, or of whole groups; one of a single class or group is drawn again."""
    everything = np.arange(len(rows))
    codes = everything if rows.groups is None else rows.groups
    count, attempt = int(codes.max()) + 1, 0
    while True:
        units = stream(seed, "bootstrap", number, attempt).integers(count, count)
        drawn = np.repeat(everything, np.bincount(units, minlength=count)[codes])
        several = rows.groups is None or units.min() < units.max()
        if several and (strata is None or strata[drawn].min() < strata[drawn].max()):
            return drawn
        attempt += 1


def poisson_views(rows: Observations, bootstrap: int, seed: int) -> list[View]:
    """Return bootstrap samples of rows that come in parts: each row is in a sample Poisson(1) times.

    How often is a function of the row's content, of how many equal rows stand before it in this part, and of the sample
    alone: another pass over the same part sees the same samples, and a new part needs nothing of those before.

    Parameters
    ----------
    rows
        The part at hand.
    bootstrap
        Number of samples.
    seed
        Names the randomness.

    Returns
    -------
    list of View
        A sample without any row has all of them held out.

    References
    ----------
    Oza & Russell (2001), Online bagging and boosting, section 2; Owen & Eckles (2012), doi:10.1214/12-AOAS547.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(1000.0)[:, None]
    >>> views = poisson_views(canonical_rows(x, x), 2, seed=0)
    >>> [len(view.rows) for view in views], [len(view.held_out) for view in views]
    ([1033, 990], [348, 385])
    """
    check_count("bootstrap", bootstrap, low=2)
    hashes = row_hash(np.concatenate([rows.x, rows.y], axis=1))
    order = np.argsort(hashes, kind="stable")
    _, first, group = np.unique(hashes[order], return_index=True, return_inverse=True)
    places = hashes.copy()
    places[order] += (np.arange(len(rows)) - first[group]).astype(np.uint64)  # equal rows take neighbouring places
    views = []
    for number in range(bootstrap):
        words = stream(seed, "bootstrap", number).bits_at(places)
        counts = poisson.ppf((words >> np.uint64(11)) * 2.0**-53, 1.0).clip(0).astype(np.int64)
        views.append(View(BOOTSTRAP, number, np.repeat(np.arange(len(rows)), counts), np.flatnonzero(counts == 0)))
    return views


def bag_counts(views: Sequence[View], count: int) -> NDArray[np.int32]:
    """Return how often each bootstrap sample holds each row [B N]."""
    counts = [np.bincount(view.rows, minlength=count) for view in views]
    return np.array(counts, dtype=np.int32).reshape(len(views), count)
