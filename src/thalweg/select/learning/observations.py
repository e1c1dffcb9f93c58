"""Observations in canonical order, so that a fit depends on which rows there are and not on how they are written down.

A row is an observation, whatever it weighs; rows that are equal in features and outcome are one. Folds, rows set aside
for early stopping and bootstrap samples are drawn of observations, so that no copy is judged by a model that learned
from another.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import shown
from thalweg.base.elementary import ordered_sum
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.seeds import stream
from thalweg.base.weighing import FREQUENCY, common_weights, weights_kind_of, weights_remark
from thalweg.data.dependence.time_folds import read_time

MOST_UNITS = 1_000_000  # that frequencies are cut into where equal features have several outcomes


class InputError(DataError, ValueError):
    """Input that scikit-learn's contract answers with a ValueError."""


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Observations to learn from.

    Parameters
    ----------
    x
        Features [N D].
    y
        Outcomes [N C].
    weights
        How much each counts in a loss [N]; None if every one counts 1.
    origin
        Number of each in the table it came from [N]; of equal rows that of the first.
    places
        Observation that each row of that table is in, −1 for a row of weight 0; None if it is not known.
    count
        How many rows they stand for: those of the table that count, or the sum of frequency weights.
    remark
        What to tell a reader of the weights; None if nothing.
    groups
        Of each [N], 0 … G − 1, all that count; they are never cut. None where every one is a group of its own.
    time
        Place in time of each [N], 0, 1, …; None where rows may come in any order.
    """

    x: FloatArray
    y: FloatArray
    weights: FloatArray | None
    origin: IntArray
    places: IntArray | None = None
    count: float = 0.0
    remark: str | None = None
    groups: IntArray | None = None
    time: IntArray | None = None

    def __len__(self) -> int:
        return len(self.x)


def canonical_rows(
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray | None = None,
    *,
    kind: str | None = None,
    factors: FloatArray | None = None,
    strata: IntArray | None = None,
    folds: int = 0,
    groups: NDArray[Any] | None = None,
    time: pd.Series | None = None,
) -> Observations:
    """Drop rows of weight zero, join rows that are equal, and sort by content.

    Equal rows are one observation that weighs what they weigh together, unless they are a cell of several units, which
    stay apart: the same features come with another outcome too, or there would be too few observations for the folds,
    fewer than folds in all or one of all classes but the largest. Frequencies of such a cell are written out.

    Parameters
    ----------
    x, y
        Features [N D] and outcomes [N C].
    weights
        Non-negative weights [N]; None for 1.
    kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`. ``analytic`` and ``probability`` are
        divided by their mean; None takes weights as they are, of which only a penalty of fixed size sees the scale.
    factors
        Of each row's weight, such as that of its class [N]; they never count rows. None for 1.
    strata
        Class of every row [N]; None for one.
    folds
        How many there will be; 0 for none.
    groups
        Label of every row [N]: rows of several groups are never one observation, and no group is cut. None for none.
    time
        When every row was [N]: rows of several times are never one observation. None where they come in any order.

    Returns
    -------
    Observations
        The same for every order of the rows, unless two different rows have equal 64-bit hashes.

    Raises
    ------
    InputError
        If a weight is negative, or all are zero.
    DataError
        If a frequency is no whole number.
    SettingError
        If the kind is unknown, or there are groups and times.

    Examples
    --------
    >>> x = np.array([[3.0], [1.0], [2.0], [3.0]])
    >>> rows = canonical_rows(x, x, np.array([2.0, 0.0, 1.0, 5.0]))
    >>> dict(zip(rows.x[:, 0].tolist(), rows.weights.tolist())), rows.places.tolist()
    ({2.0: 1.0, 3.0: 7.0}, [1, -1, 0, 1])
    """
    found = weights_kind_of(kind)
    given = np.ones(len(x)) if weights is None else weights
    kept = _positive(given if factors is None else given * factors)
    remark = None if weights is None else weights_remark(given, kind)
    common = given if kind is None else common_weights(given, found)
    codes = None if groups is None else group_codes(groups, kept)
    when = None if time is None else _places_in_time(time, kept)
    if codes is not None and when is not None:
        raise SettingError(
            f"{setting('groups')} and {setting('time')} both say how folds are cut: no group can lie in one fold and "
            "have all its times in order.",
            "Give one of them.",
        )
    apart_by = codes if when is None else when
    content = np.concatenate([x[kept], y[kept]], axis=1)
    hashes, own = row_hash(content), np.zeros(len(kept), dtype=np.int64) if apart_by is None else apart_by[kept]
    order = np.lexsort((common[kept], own, hashes))
    rows, ends = kept[order], _ends(hashes[order], own[order])
    starts = np.concatenate([[0], ends[:-1]])
    first = rows[starts]
    same_features = _shared(row_hash(np.column_stack([x[first], own[order][starts]])))
    cells = same_features | _scarce(first, strata, folds if apart_by is None else 0)
    apart = np.repeat(cells, np.diff(ends, prepend=0))
    ends = _apart(ends, apart)
    starts = np.concatenate([[0], ends[:-1]])
    total = np.add.reduceat(common[rows], starts) if len(ends) < len(rows) else common[rows]
    number = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    parts = _parts(total, apart[starts]) if kind == FREQUENCY else None
    if parts is not None:
        begin = np.cumsum(parts) - parts
        number, starts, total = begin[number], np.repeat(starts, parts), np.repeat(total / parts, parts)
    origin = np.minimum.reduceat(rows, np.unique(starts))[np.unique(starts, return_inverse=True)[1]]
    places = np.full(len(x), -1, dtype=np.int64)
    places[rows] = number
    factor = None if factors is None else factors[origin]
    weighed = total if factor is None else total * factor
    return Observations(
        x[origin],
        y[origin],
        None if (weighed == 1.0).all() else weighed,
        origin,
        places,
        float(given[kept].sum()) if kind == FREQUENCY else float(len(kept)),
        remark,
        None if codes is None else codes[origin],
        None if when is None else when[origin],
    )


def group_codes(groups: NDArray[Any], kept: IntArray, *, name: str = "groups") -> IntArray:
    """Return the group of every row [N], 0 … G − 1 in order of labels; −1 for rows that do not count.

    Raises
    ------
    InputError
        If there is not one label per row, one is missing, or all are equal.

    Examples
    --------
    >>> group_codes(np.array(["b", "a", "b", "c"]), np.array([0, 1, 2])).tolist()
    [1, 0, 1, -1]
    """
    labels = pd.Series(np.asarray(groups)[kept])
    missing = np.flatnonzero(labels.isna())
    if len(missing):
        raise InputError(
            f"{setting(name)} is missing in row {row(int(kept[missing[0]]))}.",
            "Give every row a label, or leave such rows out.",
        )
    try:
        codes, names = pd.factorize(labels, sort=True)
    except TypeError:  # labels of several types have no order of their own
        codes, names = pd.factorize(labels.map(lambda label: f"{type(label).__name__} {label!r}"), sort=True)
    if len(names) < 2:
        raise InputError(
            f"{setting(name)} holds one label, {shown(names[0])}: there is no other to judge by.",
            f"Give others, or leave {setting(name)} out.",
        )
    found = np.full(len(groups), -1, dtype=np.int64)
    found[kept] = codes
    return found


def _places_in_time(time: pd.Series, kept: IntArray) -> IntArray:
    """Return the place in time of every row [N], 0, 1, … among those that count; −1 for the others."""
    found = np.full(len(time), -1, dtype=np.int64)
    found[kept] = read_time(time.iloc[kept])
    return found


def _ends(hashes: NDArray[np.uint64], groups: IntArray) -> IntArray:
    """Return where every run of equal hashes within a group ends."""
    new = (hashes[1:] != hashes[:-1]) | (groups[1:] != groups[:-1])
    return np.append(np.flatnonzero(new) + 1, len(hashes))


def _apart(ends: IntArray, apart: NDArray[np.bool_]) -> IntArray:
    """Return ends of runs, with a run of its own for every row that stays apart."""
    last = apart.copy()
    last[ends - 1] = True
    return np.flatnonzero(last) + 1


def _scarce(different: IntArray, strata: IntArray | None, folds: int) -> NDArray[np.bool_]:
    """Return which different rows are too few for folds if copies of them are joined."""
    if len(different) < folds or not folds or strata is None:
        return np.full(len(different), len(different) < folds)
    _, group, counts = np.unique(strata[different], return_inverse=True, return_counts=True)
    return np.asarray((counts[group] == 1) & (np.sort(counts)[:-1] == 1).all())


def _shared(features: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which hashes occur more than once."""
    _, group, counts = np.unique(features, return_inverse=True, return_counts=True)
    return np.asarray(counts[group] > 1)


def _parts(total: FloatArray, apart: NDArray[np.bool_]) -> IntArray | None:
    """Return into how many units every frequency is written out [N]: those that stay apart unit by unit."""
    if not apart.any():
        return None
    share = min(1.0, MOST_UNITS / float(total[apart].sum()))
    return np.where(apart, np.maximum(1, np.floor(total * share)), 1).astype(np.int64)


def _positive(weights: FloatArray) -> IntArray:
    """Return the rows that count."""
    if weights.min() < 0:
        place = int(weights.argmin())
        raise InputError(
            f"{setting('sample_weight')} of row {row(place)} is negative: {weights[place]:g}.",
            "Give weights of at least 0.",
        )
    kept = np.flatnonzero(weights > 0)
    if not len(kept):
        raise InputError(
            f"{setting('sample_weight')} is zero for every row.", "Give at least one row a positive weight."
        )
    return kept


def row_hash(table: FloatArray) -> NDArray[np.uint64]:
    """Return a 64-bit hash of the content of every row [N].

    Examples
    --------
    >>> first, second = row_hash(np.array([[0.0, 1.0], [-0.0, 1.0]]))
    >>> first == second
    np.True_
    """
    bits = np.ascontiguousarray(table + 0.0).view(np.uint64)
    factors = stream(0, "data", 1).bits(table.shape[1]) | np.uint64(1)
    mixed = (bits ^ (bits >> np.uint64(29))) * factors
    mixed ^= mixed >> np.uint64(32)
    total = (mixed * factors).sum(axis=1, dtype=np.uint64)
    hashes: NDArray[np.uint64] = total ^ (total >> np.uint64(31))
    return hashes


def check_weights(weights: object, count: int) -> FloatArray | None:
    """Return weights as float64 [N]; None stays None.

    Raises
    ------
    InputError
        If there is not one finite number per row.

    Examples
    --------
    >>> check_weights([1, 2], 2).tolist()
    [1.0, 2.0]
    """
    if weights is None:
        return None
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim == 0:
        array = np.full(count, float(array))
    if array.shape != (count,) or not np.isfinite(array).all():
        raise InputError(
            f"{setting('sample_weight')} must hold one finite number per row, {count} in all, got shape {array.shape}.",
            "Give one weight per row.",
        )
    return array


def check_groups(groups: object, count: int, *, name: str = "groups") -> NDArray[Any] | None:
    """Return labels of groups [N]; None stays None.

    Raises
    ------
    InputError
        If there is not one label per row.

    Examples
    --------
    >>> check_groups(["a", "b"], 2).tolist()
    ['a', 'b']
    """
    if groups is None:
        return None
    if isinstance(groups, str):
        raise InputError(
            f"{setting(name)} must hold one label per row, got the text {groups!r}.",
            f"Give the column itself, such as X[{groups!r}].",
        )
    array = np.asarray(groups)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (count,):
        raise InputError(
            f"{setting(name)} must hold one label per row, {count} in all, got shape {array.shape}.",
            "Give one column of labels.",
        )
    return array


def check_time(time: object, count: int) -> pd.Series | None:
    """Return times, one per row [N]; None stays None.

    Raises
    ------
    InputError
        If there is not one time per row.

    Examples
    --------
    >>> check_time([2021, 2020], 2).tolist()
    [2021, 2020]
    """
    if time is None:
        return None
    if isinstance(time, str):
        raise InputError(
            f"{setting('time')} must hold one time per row, got the text {time!r}.",
            f"Give the column itself, such as X[{time!r}].",
        )
    values = time if isinstance(time, pd.Series) else np.asarray(time)
    if values.shape != (count,):
        raise InputError(
            f"{setting('time')} must hold one time per row, {count} in all, got shape {values.shape}.",
            "Give one column of numbers or dates.",
        )
    return pd.Series(values).reset_index(drop=True).rename("time")


def filled_mean(x: FloatArray, weights: FloatArray | None) -> FloatArray:
    """Return the mean of the values that are there [D]; 0 where there is none.

    Parameters
    ----------
    x, weights
        Values [N D], NaN where missing, and weights [N]; None for 1.

    Examples
    --------
    >>> filled_mean(np.array([[1.0, np.nan], [3.0, np.nan]]), None).tolist()
    [2.0, 0.0]
    """
    missing = np.isnan(x)
    mass = ~missing * (1.0 if weights is None else weights[:, None])
    total = ordered_sum(mass)
    mean: FloatArray = ordered_sum(np.where(missing, 0.0, x) * mass) / np.where(total > 0, total, 1.0)
    return mean
