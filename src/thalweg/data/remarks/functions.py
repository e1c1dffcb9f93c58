"""Outcomes that two or more columns determine exactly: sums and products, comparisons, pairs of levels."""

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.kinds import kind_of
from thalweg.data.remarks.chance import RARE, log_chance_of_classes

_EXACT: Final = 1e-6  # of the outcome's spread: sums that were rounded to cents are meant, too
_PART: Final = 1e-4  # a column counts as a part of a sum if it moves it by as much of the outcome's spread
_NEAR_POWER: Final = 1e-3  # by which rounding moves a power
_LARGEST_LOG: Final = 300.0
_LEAST_SHARE: Final = 0.02  # of rows in which the outcome is a certain number
_MOST_SUMMED: Final = 500
_MOST_COMPARED: Final = 100
_MOST_PAIRED: Final = 60
_MOST_LEVELS: Final = 20
_FEW_ROWS: Final = 200  # that nearly all pairs fail in

Found = tuple[tuple[str, ...], str]


def exact_functions(
    features: pd.DataFrame, outcome: NDArray[np.float64] | NDArray[np.int64], codes: IntArray, classes: bool
) -> Iterator[Found]:
    """Yield columns that together determine the outcome, and by which kind of function; at most one of each kind.

    Numbers: a sum with weights, a product of powers, in every row one of two numbers. Classes: which of two numbers is
    larger. Both: a pair of columns with few values each. Of very many columns the first are looked at.

    Parameters
    ----------
    features
        Columns in canonical form, none of which determines the outcome alone.
    outcome, codes
        Values and their codes [N].
    classes
        Whether they are classes.

    Examples
    --------
    >>> table = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=["a", "b", "c"])
    >>> y = (table.a - table.c).to_numpy()
    >>> list(exact_functions(table, y, np.arange(30), classes=False))
    [(('a', 'c'), 'a sum with weights')]
    """
    whole = features.notna().all().to_numpy()
    kinds = [kind_of(column) for _, column in features.items()]
    numbers = [name for name, kind, all_ in zip(features, kinds, whole, strict=True) if kind == "numeric" and all_]
    if not classes and len(numbers) > 1:
        X = features[numbers[:_MOST_SUMMED]].to_numpy(dtype=np.float64)
        y = outcome.astype(np.float64)
        found = _sum_of(X, y) or _product_of(X, y) or _one_of_two(X, y)
        if found is not None:
            places, what = found
            yield tuple(str(numbers[place]) for place in places), what
            return
    if classes:
        yield from _comparison(features[numbers[:_MOST_COMPARED]], codes)
    yield from _pair_of_levels(features, codes)


def _sum_of(X: FloatArray, y: FloatArray) -> tuple[list[int], str] | None:
    places = _linear(X, y)
    return None if places is None else (places, "a sum with weights")


def _product_of(X: FloatArray, y: FloatArray) -> tuple[list[int], str] | None:
    """Whether |y| is a product of powers of numbers, none of which is 0 in most rows."""
    usable = np.flatnonzero((X != 0).mean(axis=0) > 0.9)
    rows = (y != 0) & (X[:, usable] != 0).all(axis=1)
    if len(usable) < 2 or rows.sum() < len(y) / 2:
        return None
    logs, magnitude = np.log(np.abs(X[np.ix_(rows, usable)])), np.abs(y[rows])
    places = _linear(logs, np.log(magnitude)) or _rounded_product(logs, magnitude)
    return None if not places else ([int(usable[place]) for place in places], "a product of powers")


def _rounded_product(logs: FloatArray, magnitude: FloatArray) -> list[int]:
    """Return the columns of which numbers are a product of whole and half powers, but for rounding; else none."""
    count, width = logs.shape
    if count < 2 * (width + 1) + 10:
        return []
    some = np.linspace(0, count - 1, min(count, 4 * (width + 1) + 20)).astype(np.int64)
    design = np.column_stack([np.ones(len(some)), logs[some]])
    weights, *_ = np.linalg.lstsq(design, np.log(magnitude[some]), rcond=1e-10)
    powers = np.round(2 * weights[1:]) / 2
    if np.abs(powers - weights[1:]).max() > _NEAR_POWER or not np.abs(logs @ powers).max() < _LARGEST_LOG:
        return []
    product = np.exp(logs @ powers)
    scale = float(np.median(magnitude / product))
    exact = bool((np.abs(magnitude - scale * product) <= _EXACT * max(float(magnitude.std()), 1e-300)).all())
    parts = np.flatnonzero(powers)
    return [int(part) for part in parts] if exact and len(parts) > 1 else []


def _one_of_two(X: FloatArray, y: FloatArray) -> tuple[list[int], str] | None:
    """Whether the outcome is in every row one of two numbers, as the larger of them; few of its values may repeat."""
    if len(np.unique(y)) < len(y) / 2:
        return None
    some = np.linspace(0, len(y) - 1, min(len(y), _FEW_ROWS)).astype(np.int64)
    often = np.flatnonzero((y[some, None] == X[some]).sum(axis=0) > max(2, _LEAST_SHARE * len(some)))
    equal = {place: y == X[:, place] for place in often.tolist()}
    pairs = combinations(often.tolist(), 2)
    found = next(([i, j] for i, j in pairs if (equal[i] | equal[j]).all()), None)
    return None if found is None else (found, "in every row one of them")


def _linear(X: FloatArray, y: FloatArray) -> list[int] | None:
    """Return the columns of which y is an exact linear function; None if it is none or rows are too few to tell."""
    count, width = X.shape
    if count < 2 * (width + 1) + 10 or np.ptp(y) == 0:
        return None
    some = np.linspace(0, count - 1, min(count, 2 * (width + 1) + 10)).astype(np.int64)
    centre, spread = X[some].mean(axis=0), X[some].std(axis=0)
    Z = (X - centre) / np.where(spread > 0, spread, np.inf)
    unit = float(y.std())
    weights, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(some)), Z[some]]), y[some], rcond=1e-10)
    if not (np.abs(y[some] - weights[0] - Z[some] @ weights[1:]) <= _EXACT * unit).all():
        return None
    if not (np.abs(y - weights[0] - Z @ weights[1:]) <= _EXACT * unit).all():
        return None
    parts = np.flatnonzero(np.abs(weights[1:]) > _PART * unit)
    return [int(part) for part in parts] if len(parts) > 1 else None


def _comparison(numbers: pd.DataFrame, codes: IntArray) -> Iterator[Found]:
    """Tell whether the larger of two numbers, or their being equal, says the class."""
    X = numbers.to_numpy(dtype=np.float64)
    pairs = list(combinations(range(X.shape[1]), 2))
    for i, j in pairs:
        some = slice(0, _FEW_ROWS)
        if _tells(np.sign(X[some, i] - X[some, j]).astype(np.int64) + 1, codes[some]) and _determined(
            np.sign(X[:, i] - X[:, j]).astype(np.int64) + 1, codes, len(pairs)
        ):
            yield (str(numbers.columns[i]), str(numbers.columns[j])), "which of the two is larger"
            return


def _pair_of_levels(features: pd.DataFrame, codes: IntArray) -> Iterator[Found]:
    """Tell whether two columns with few values each say the outcome together."""
    if codes.max() >= len(codes) / 2:
        return
    coded = {}
    for name, column in features.items():
        levels = _levels(column)
        if levels is not None:
            coded[str(name)] = levels
        if len(coded) == _MOST_PAIRED:
            break
    pairs = list(combinations(coded, 2))
    for one, other in pairs:
        both = coded[one] * _MOST_LEVELS + coded[other]
        if _tells(both[:_FEW_ROWS], codes[:_FEW_ROWS]) and _determined(both, codes, len(pairs)):
            yield (one, other), "every pair of their values goes with one"
            return


def _levels(column: pd.Series) -> IntArray | None:
    """Return codes of a column with few values, missing being one of them; None if it has many."""
    if kind_of(column) == "numeric" and len(np.unique(column.to_numpy()[:_FEW_ROWS])) > _MOST_LEVELS:
        return None
    codes, uniques = pd.factorize(column, use_na_sentinel=False)
    return codes if 1 < len(uniques) <= _MOST_LEVELS else None


def _tells(levels: IntArray, codes: IntArray) -> bool:
    partner = np.full(levels.max() + 1, -1, dtype=np.int64)
    partner[levels] = codes
    return bool((partner[levels] == codes).all())


def _determined(levels: IntArray, codes: IntArray, looked: int) -> bool:
    """Whether levels say the outcome, and not by accident among so many pairs."""
    if not _tells(levels, codes):
        return False
    counts = np.bincount(codes)
    ways = math.log(len(counts)) * len(np.unique(levels))
    return log_chance_of_classes(counts, ways) + math.log(looked) < RARE
