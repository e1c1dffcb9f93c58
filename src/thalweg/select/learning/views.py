"""Which rows each part of the population learns from: all of them, all but a fold, a bootstrap sample."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_count
from thalweg.base.errors import SettingError, row, setting
from thalweg.base.machine.free_memory import refuse_oversized
from thalweg.base.seeds import derived_seed, stream
from thalweg.data.dependence.time_folds import TimeFold, time_folds
from thalweg.select.learning.observations import InputError, Observations, row_hash

ALL, FOLD, BOOTSTRAP = "all", "fold", "bootstrap"
PARTS = (ALL, FOLD, BOOTSTRAP)
_ENTRY: Final = 26  # bytes of an entry of a sample, with its scaled copies; measured with 5 folds and 5 samples


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
        Places that are not among them; in time order those of the next block alone, of a splitter those it names.
    """

    part: str
    number: int
    rows: IntArray
    held_out: IntArray

    def seed(self, base: int, number: int) -> int:
        """Return the seed of a member; different places of the design get unrelated seeds."""
        return derived_seed(base, "split", PARTS.index(self.part), self.number, number)


def refuse_oversized_views(views: Sequence[View], columns: int) -> None:
    """Refuse a population whose samples of rows do not fit into memory, before they are cut.

    Parameters
    ----------
    views
        What it sees.
    columns
        Features and outcomes.

    Raises
    ------
    SettingError
        If they do not fit; the message says what they need.

    Examples
    --------
    >>> refuse_oversized_views([View(ALL, 0, np.arange(4), np.arange(0))], columns=2)
    """
    rows = sum(np.unique(view.rows).size for view in views)
    refuse_oversized(
        {f"{len(views):,} samples of {rows:,} rows of {columns:,} columns in all": rows * columns * _ENTRY},
        f"Give fewer rows or columns, or ask for fewer {setting('folds')} or {setting('bootstrap')} samples.",
    )


def resample(
    rows: Observations,
    *,
    folds: int | Splitter | None,
    bootstrap: int | None,
    seed: int,
    strata: IntArray | None = None,
    gap: int = 0,
) -> list[View]:
    """Lay out the views of a population: all rows first, then folds, then bootstrap samples.

    Parameters
    ----------
    rows
        The observations.
    folds
        Number of folds, or a splitter that holds no row out twice, applied to the rows in the order the user gave them,
        such as KFold or TimeSeriesSplit; None for no folds. No fold cuts a group. Where rows have times, a number of
        folds is of blocks in time order, each held out from what came before.
    bootstrap
        Number of samples of N rows with replacement (Efron 1979), or of G whole groups; None for none.
    seed
        Names the randomness.
    strata
        Class of every row [N]: random folds hold equal shares, and samples hold at least two classes.
    gap
        Times between the rows a fold in time order learns from and those it holds out.

    Returns
    -------
    list of View
        At least one.

    Raises
    ------
    InputError, SettingError
        If there are fewer rows, groups or times than folds, a splitter cuts groups or learns from what came later, or
        samples are asked for of rows with times, or a gap of rows without.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(6.0)[:, None]
    >>> views = resample(canonical_rows(x, x), folds=3, bootstrap=2, seed=0)
    >>> [(view.part, len(view.rows)) for view in views]
    [('all', 6), ('fold', 4), ('fold', 4), ('fold', 4), ('bootstrap', 6), ('bootstrap', 6)]
    """
    everything = np.arange(len(rows))
    if gap and rows.time is None:
        raise SettingError(
            f"{setting('gap')} is between times, but no {setting('time')} is given.", f"Give {setting('time')} to fit."
        )
    views = [View(ALL, 0, everything, everything[:0])]
    if folds is not None:
        views += _folds(rows, folds, seed, strata, gap)
    if bootstrap is not None:
        check_count("bootstrap", bootstrap, low=2)
        if rows.time is not None:
            raise SettingError(
                f"{setting('bootstrap')} samples take rows as drawn in any order, and these have a {setting('time')}.",
                f"Set {setting('bootstrap')}=None, or leave {setting('time')} out and give longer periods as "
                f"{setting('groups')}.",
            )
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


def _folds(rows: Observations, folds: int | Splitter, seed: int, strata: IntArray | None, gap: int) -> list[View]:
    if not isinstance(folds, int):
        return _given_views(rows, folds)
    if rows.time is not None:
        return _views_in_time(rows, rows.time, folds, gap, strata)
    if rows.groups is not None:
        return fold_views(_group_folds(rows.groups, folds, seed, strata))
    return fold_views(_random_folds(len(rows), folds, seed, strata))


def _views_in_time(rows: Observations, time: IntArray, folds: int, gap: int, strata: IntArray | None) -> list[View]:
    """Return folds in time order, none of which holds out a class that it never learned."""
    views = time_views(time_folds(time, folds, gap))
    if strata is None:
        return views
    for view in views:
        missing = np.setdiff1d(strata, strata[view.rows])
        if missing.size:
            place = int(rows.origin[np.flatnonzero(strata == missing[0])].min())
            raise InputError(
                f"The class of row {row(place)} has no row before fold {view.number + 1} of {folds}, so that its "
                "training never sees the class.",
                f"Set {setting('folds')} lower, or leave the class out.",
            )
    return views


def _given_views(rows: Observations, splitter: Splitter) -> list[View]:
    """Return what a splitter makes of the rows of the user: what each fold learns from, and what it holds out."""
    number, learned = np.full(_size(rows), -1), []
    for k, (train, held_out) in enumerate(_split(rows, splitter)):
        if (number[held_out] >= 0).any():
            raise InputError(f"{splitter!r} holds rows out more than once.", "Give a splitter of disjoint parts.")
        number[held_out] = k
        inside = np.zeros(len(number), dtype=np.bool_)
        inside[train] = True
        learned.append(inside[rows.origin])
    fold = number[rows.origin]
    pairs = [(np.flatnonzero(part & (fold != k)), np.flatnonzero(fold == k)) for k, part in enumerate(learned)]
    views = [View(FOLD, k, *pair) for k, pair in enumerate(pair for pair in pairs if len(pair[1]))]
    for view in views:
        if not len(view.rows):
            raise InputError(
                f"Fold {view.number + 1} of {splitter!r} has no rows to learn from.", "Give another splitter."
            )
        if rows.groups is not None and np.isin(rows.groups[view.held_out], rows.groups[view.rows]).any():
            raise InputError(
                f"{splitter!r} cuts groups.", f"Set {setting('folds')} to a number, or to GroupKFold(5), for example."
            )
        if rows.time is not None and rows.time[view.rows].max() >= rows.time[view.held_out].min():
            raise InputError(
                f"Fold {view.number + 1} of {splitter!r} learns from rows that are not earlier than all it holds out.",
                f"Set {setting('folds')} to a number: folds are then in order of {setting('time')}.",
            )
    return views


def _size(rows: Observations) -> int:
    """Return how many rows the user gave, as far as that is known."""
    return int(rows.origin.max()) + 1 if rows.places is None else len(rows.places)


def _split(rows: Observations, splitter: Splitter) -> list[tuple[IntArray, IntArray]]:
    """Let a splitter cut the rows in the order the user gave them; of rows of weight 0 it sees zeros."""
    size = _size(rows)
    places = np.arange(size) if rows.places is None else rows.places
    present = places >= 0
    x, y = np.zeros((size, rows.x.shape[1])), np.zeros(size)
    outcomes = rows.y[:, 0] if rows.y.shape[1] == 1 else rows.y.argmax(axis=1)
    x[present], y[present] = rows.x[places[present]], outcomes[places[present]]
    groups = None
    if rows.groups is not None:
        groups = np.full(size, -1)
        groups[present] = rows.groups[places[present]]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The groups parameter is ignored")  # unless it cuts them, see above
        parts: list[tuple[IntArray, IntArray]] = list(splitter.split(x, y, groups))
    return parts


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
