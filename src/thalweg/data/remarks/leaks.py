"""Columns from which the outcome can be read off: equal to it, ordered as it is, missing exactly where it is so."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.wording import listed
from thalweg.data.dependence.order_in_time import tells_time
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note
from thalweg.data.remarks.chance import RARE, log_chance_of_classes, log_chance_of_order
from thalweg.data.remarks.functions import exact_functions

_PERFECT: Final = 1 - 1e-12
_MOST_STRETCHES: Final = 6  # of classes along a column that tells them
_UNEVEN: Final = 5.0  # from one working day to the next it is four times as far at Easter
_FEW: Final = 64  # rows that are looked at first; nearly all columns are cleared by them

Outcome = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """The outcome as leaks are looked for in it.

    Parameters
    ----------
    values
        Numbers [N], or codes of the classes.
    codes
        Place of each row's value among the different ones [N].
    labels
        How the different values are written; only the first two hundred.
    classes
        Whether the values are classes, which have no order.
    looked
        Logarithm of the number of columns.
    """

    values: Outcome
    codes: IntArray
    labels: tuple[str, ...]
    classes: bool
    looked: float

    def rare(self, log_chance: float) -> bool:
        """Whether a pattern is no accident, given how many columns were looked at."""
        return log_chance + self.looked < RARE

    @property
    def repeats(self) -> bool:
        """Whether values of the outcome occur twice or more on average."""
        return len(self.labels) < 200 and len(self.labels) <= len(self.values) / 2


def leaks(features: pd.DataFrame, outcome: Outcome, target: str, classes: tuple[str, ...]) -> list[Note]:
    """Return notes on columns that tell the outcome, alone or together.

    A column alone: correlation or rank correlation 1, one threshold that separates the classes, values that each go
    with one class, gaps exactly where the outcome is so; a total that grows from day to day does not make the day a
    leak. Together: see :mod:`thalweg.data.remarks.functions`. What chance would do among so many columns is no leak.

    Parameters
    ----------
    features
        Columns in canonical form.
    outcome
        Values, or codes of classes [N].
    target
        The outcome's name.
    classes
        The classes, none for regression.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=50)
    >>> leaks(pd.DataFrame({"x": np.exp(x)}), x, "y", ())[0].text[:56]
    "Column 'x' rises or falls with the target 'y' without ex"
    """
    codes, uniques = pd.factorize(outcome)
    if len(uniques) < 2:
        return []
    labels = [classes[int(code)] if classes else f"{code:g}" for code in uniques[:200]]
    question = Question(outcome, codes, tuple(labels), bool(classes), math.log(max(features.shape[1], 1)))
    found: dict[str, list[str]] = {}
    for name, column in features.items():
        how = _how(column, question, target)
        if how:
            found.setdefault(how, []).append(str(name))
    notes = [_note(how, names) for how, names in found.items()]
    told = {name for names in found.values() for name in names}
    rest = features[[name for name in features.columns if str(name) not in told]]
    for names, what in exact_functions(rest, outcome, codes, bool(classes)):
        text = f"The target {target!r} is an exact function of {listed(names)} ({what})"
        notes.append(Note("leakage", f"{text}: {_remedy(names)}", names, _doubt(names)))
    return notes


def _note(how: str, names: list[str]) -> Note:
    head = f"Column {names[0]!r} {how}" if len(names) == 1 else f"Columns {listed(names)}: each {how}"
    return Note("leakage", f"{head}: {_remedy(names)}", tuple(names), _doubt(names))


def _remedy(names: list[str] | tuple[str, ...]) -> str:
    if len(names) == 1:
        return "if it is not known before the outcome, leave it out (ignore)."
    return "if they are not known before the outcome, leave them out (ignore)."


def _doubt(names: list[str] | tuple[str, ...]) -> str:
    return f"{listed(names)} may be known only after the outcome"


def _how(column: pd.Series, question: Question, target: str) -> str:
    """Return how a column tells the outcome; nothing if it does not."""
    category = kind_of(column) == "categorical"
    numbers = column.cat.codes.to_numpy().astype(np.int64) if category else _numbers(column)
    missing = numbers < 0 if category else np.isnan(numbers)
    codes, values = question.codes, question.values
    if missing.any():
        gaps = _gaps(missing, question, target)
        if gaps:
            return gaps
        numbers, codes, values = numbers[~missing], codes[~missing], values[~missing]
    if category:
        return _by_levels(numbers.astype(np.int64), codes, question, target)
    if not question.classes and tells_time(column) and _is_calendar(numbers.astype(np.float64)):
        return ""  # that the rows of a growing total hang together is told elsewhere
    return next(filter(None, _by_numbers(numbers.astype(np.float64), values, codes, question, target)), "")


def _numbers(column: pd.Series) -> FloatArray:
    """Return a column as numbers, dates as microseconds."""
    if kind_of(column) != "date":
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    moments = column.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))


def _is_calendar(times: FloatArray) -> bool:
    """Whether times follow each other as days, working days or months do, and so were not made from an outcome."""
    steps = np.diff(np.unique(times))
    return bool(len(steps) and steps.max() <= _UNEVEN * steps.min())


def _gaps(missing: NDArray[np.bool_], question: Question, target: str) -> str:
    """Whether values are missing exactly where the outcome has one of its values, or lies on one side."""
    counts = np.bincount(question.codes)
    absent = np.bincount(question.codes[missing], minlength=len(counts))
    gone = np.array([missing.sum(), (~missing).sum()])
    if ((absent == 0) | (absent == counts)).all() and absent.any():
        where = np.flatnonzero(absent)
        ways = math.log(2) * len(counts) if question.classes else math.log(len(counts))
        if (question.classes or len(where) == 1) and question.rare(log_chance_of_classes(gone, ways)):
            if len(where) == 1 and where[0] < len(question.labels):
                return f"is missing exactly where the target {target!r} is {question.labels[where[0]]!r}"
            return f"is always or never missing in each class of the target {target!r}"
    if question.classes or not _ordered(missing.astype(np.float64), question.values.astype(np.float64)):
        return ""
    no_accident = question.rare(log_chance_of_order(missing, question.values))
    return f"is missing exactly where the target {target!r} is beyond one value" if no_accident else ""


def _by_levels(levels: IntArray, codes: IntArray, question: Question, target: str) -> str:
    """Whether every level goes with one value of the outcome."""
    if not question.repeats or not len(levels) or not _pure(levels, codes):
        return ""
    ways = math.log(len(question.labels)) * len(np.unique(levels))
    if not question.rare(log_chance_of_classes(np.bincount(codes), ways)):
        return ""
    one = len(np.unique(levels)) == len(np.unique(codes))
    return f"says one to one what is the target {target!r}" if one else f"has values of one target {target!r} each"


def _by_numbers(x: FloatArray, values: Outcome, codes: IntArray, question: Question, target: str) -> Iterator[str]:
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(values) == 0:
        return
    if not question.classes:
        y = values.astype(np.float64)
        if _correlation(x, y) >= _PERFECT:
            yield f"has correlation 1 with the target {target!r}"
        some = _some(len(x))
        if _ordered(x[some], y[some]) and _ordered(x, y) and question.rare(log_chance_of_order(x, y)):
            yield f"rises or falls with the target {target!r} without exception"
    elif _apart(x, codes) and question.rare(
        log_chance_of_classes(np.bincount(codes), math.lgamma(len(question.labels) + 1.0))
    ):
        two = len(question.labels) == 2
        yield (
            f"separates the classes of the target {target!r} by one threshold"
            if two
            else f"has a range of its own for each class of the target {target!r}"
        )
    yield from _by_few_values(x, codes, question, target)
    runs = _stretches_of_classes(x, codes) if question.classes else 0
    if runs and question.rare(_log_chance_of_runs(codes, runs)):
        yield f"says the class of the target {target!r} by {runs - 1} thresholds"


def _by_few_values(x: FloatArray, codes: IntArray, question: Question, target: str) -> Iterator[str]:
    """Tell of numbers that stand for the outcome, and of one number among others that does."""
    if not question.repeats:
        return
    some, counts = np.unique(x[_some(len(x))], return_counts=True)
    if len(some) <= _FEW / 2:
        distinct, levels = np.unique(x, return_inverse=True)
        if len(distinct) <= _FEW / 2:
            yield _by_levels(levels.astype(np.int64), codes, question, target)
    if question.classes and counts.max() > 2:
        special = x == some[counts.argmax()]
        rows = np.bincount(codes)
        share = np.bincount(codes[special], minlength=len(rows)) / np.maximum(rows, 1)
        if np.isin(share, (0.0, 1.0)).all() and (share == 1).sum() == 1:
            both = np.array([special.sum(), (~special).sum()])
            if question.rare(log_chance_of_classes(both, math.log(2) * len(share))):
                label = question.labels[int(share.argmax())]
                yield f"is {some[counts.argmax()]:g} exactly where the target {target!r} is {label!r}"


def _some(count: int) -> IntArray:
    """Return the places of some rows, evenly chosen."""
    return np.unique(np.linspace(0, count - 1, min(count, _FEW)).astype(np.int64))


def _ordered(x: FloatArray, y: FloatArray) -> bool:
    """Whether y never falls as x rises, or never rises; rows of equal x may have any order."""
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    starts = np.flatnonzero(np.concatenate([[True], x[1:] != x[:-1]]))
    least, most = y[starts], y[np.append(starts[1:], len(y)) - 1]
    return bool((most[:-1] <= least[1:]).all() or (least[:-1] >= most[1:]).all())


def _apart(x: FloatArray, codes: IntArray) -> bool:
    """Whether each class has a stretch of numbers to itself."""
    some = _some(len(x))
    return _stretches(x[some], codes[some]) and _stretches(x, codes)


def _stretches(x: FloatArray, codes: IntArray) -> bool:
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(codes[order]) > 0]))
    low, high = np.minimum.reduceat(x[order], starts), np.maximum.reduceat(x[order], starts)
    by_low = np.argsort(low)
    return bool((high[by_low][:-1] < low[by_low][1:]).all())


def _stretches_of_classes(x: FloatArray, codes: IntArray) -> int:
    """Return into how many stretches of one class each rows fall in order of x; 0 if into many, or equal x differ."""
    for rows in (_some(len(x)), np.arange(len(x))):
        order = np.lexsort((codes[rows], x[rows]))
        values, classes = x[rows][order], codes[rows][order]
        changes = classes[1:] != classes[:-1]
        runs = int(changes.sum()) + 1
        if runs > _MOST_STRETCHES or bool((changes & (values[1:] == values[:-1])).any()):
            return 0
    return runs


def _log_chance_of_runs(codes: IntArray, runs: int) -> float:
    """Return the bound on the chance that shuffled classes fall into so many stretches, or fewer."""
    counts = np.bincount(codes)
    counts = counts[counts > 0]
    cuts = math.lgamma(len(codes)) - math.lgamma(runs) - math.lgamma(len(codes) - runs + 1)  # where stretches end
    return log_chance_of_classes(counts, cuts + runs * math.log(len(counts)))


def _pure(levels: IntArray, codes: IntArray) -> bool:
    partner = np.full(levels.max() + 1, -1, dtype=np.int64)
    partner[levels] = codes
    return bool((partner[levels] == codes).all())


def _correlation(x: FloatArray, y: FloatArray) -> float:
    x, y = x - x.mean(), y - y.mean()
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    return float(abs(x @ y) / math.sqrt(float(x @ x) * float(y @ y)))
