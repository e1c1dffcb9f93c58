"""How predictions of held-out rows change with a column: accumulated local effects, slopes, and levels set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.reading.encodings import CategoryEncoding, NumericEncoding
from thalweg.select.crossval import CrossValidation
from thalweg.select.explaining.explanation import ColumnEffect
from thalweg.select.explaining.fold_models import FoldModel
from thalweg.select.explaining.importance import slots_of
from thalweg.select.explaining.rows_seen import RowsSeen

BINS: Final = 8  # of equally many rows, between whose ends a number is moved
_MOST_LEVELS: Final = 8  # of a category, the most frequent
_MOST_CLASSES: Final = 5  # of more than two, the most frequent
_BLOCK: Final = 2_000_000  # predictions at once, or those of one column


def column_effects(
    plan: CrossValidation, seen: RowsSeen, model: FoldModel, names: Sequence[str]
) -> tuple[ColumnEffect, ...]:
    """Return how predictions change with columns, once for every class of several; none for dates and constants.

    A number is moved only between the ends of its own eighth of the rows, so that no row gets a value unlike those it
    could have: with Δ̄_b the mean change in bin b, the accumulated local effect at its upper end is Σ_{a ≤ b} Δ̄_a less
    its mean over rows, and the slope is the mean over rows of the change per unit. A category is set to every level in
    all rows, and compared with the most frequent; a truth value with false.

    Parameters
    ----------
    plan
        The folds.
    seen
        The rows.
    model
        What is predicted in every fold.
    names
        The columns.

    References
    ----------
    Apley & Zhu (2020), JRSS B 82, 1059-1086, doi:10.1111/rssb.12377: accumulated local effects; Friedman (2001),
    Annals of Statistics 29, 1189-1232, section 8.2: partial dependence, which is what levels have.
    """
    moves = [move for name in names if (move := _move_of(plan, seen, name)) is not None]
    told: list[ColumnEffect] = []
    size = plan.settings.seeds * len(seen.places) * max(1, len(plan.problem.classes))
    while moves:
        count = 1
        while count < len(moves) and size * sum(len(move.values) for move in moves[: count + 1]) <= _BLOCK:
            count += 1
        for move, predicted in zip(moves[:count], _predicted(plan, seen, model, moves[:count]), strict=True):
            for code, outcome in _outcomes(plan).items():
                values = [_Values(one.own[:, :, code], one.common[:, :, code]) for one in predicted]
                told.append((_of_number if move.numbers else _of_levels)(seen, move, outcome, values))
        moves = moves[count:]
    return tuple(told)


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """What rows are predicted with one series of values, NaN of no use.

    Parameters
    ----------
    own
        By the models that held them out, [R n C], or [R n] for one outcome.
    common
        Rows common to all folds by the models of each, mean over seeds, [F m C] or [F m].
    """

    own: FloatArray
    common: FloatArray

    def minus(self, other: "_Values") -> "_Values":
        return _Values(self.own - other.own, self.common - other.common)


@dataclass(frozen=True, slots=True, eq=False)
class _Move:
    """Other values of one column for the rows.

    Parameters
    ----------
    name, place
        The column, and its number.
    values
        What it is set to, one series [n] after the other.
    numbers
        Of a number, the ends of bins; none of a category.
    levels
        Of a category, the levels that the values are; none of a number.
    bins
        Of a number, the bin of every row [n], −1 where it is missing.
    """

    name: str
    place: int
    values: tuple[pd.Series, ...]
    numbers: tuple[float, ...]
    levels: tuple[str, ...]
    bins: IntArray


def _move_of(plan: CrossValidation, seen: RowsSeen, name: str) -> _Move | None:
    encodings = plan.views[-1].encoder.columns
    place = [column.name for column in encodings].index(name)
    encoding, column = encodings[place], plan.problem.features[name].iloc[seen.places]
    if isinstance(encoding, CategoryEncoding):
        levels = _frequent(encoding, column)
        known = list(encoding.levels)
        values = [pd.Categorical([level], categories=known) for level in levels]
    elif not isinstance(encoding, NumericEncoding):
        return None
    elif encoding.kind == "boolean":
        levels, values = ["false", "true"], [pd.array([truth], dtype="boolean") for truth in (False, True)]
    else:
        return _move_of_number(name, place, column.to_numpy(dtype=np.float64, na_value=np.nan))
    if len(levels) < 2:
        return None
    first = np.zeros(len(column), dtype=np.int64)
    return _Move(name, place, tuple(pd.Series(one.take(first)) for one in values), (), tuple(levels), first)


def _move_of_number(name: str, place: int, values: FloatArray) -> _Move | None:
    present = np.isfinite(values)
    if not present.any():
        return None
    edges = np.unique(np.quantile(values[present], np.linspace(0, 1, BINS + 1), method="closest_observation"))
    if len(edges) < 2:
        return None
    bins = np.clip(np.searchsorted(edges, values), 1, len(edges) - 1) - 1
    moved = pd.Series(edges[bins]), pd.Series(edges[bins + 1])
    return _Move(name, place, moved, tuple(edges.tolist()), (), np.where(present, bins, -1))


def _predicted(plan: CrossValidation, seen: RowsSeen, model: FoldModel, moves: Sequence[_Move]) -> list[list[_Values]]:
    """Return predictions for every series of values of every move."""
    folds, outputs = plan.settings.folds, max(1, len(plan.problem.classes))
    own, common = (plan.settings.seeds, len(seen.places), outputs), (folds, len(seen.common), outputs)
    series = [(move, values) for move in moves for values in move.values]
    found = [_Values(np.full(own, np.nan), np.full(common, np.nan)) for _ in series]
    for number, part in enumerate(plan.views[:-1]):
        here, slots = seen.of_fold(number), slots_of(part.encoder)
        both = np.concatenate([here, seen.common])
        x = np.repeat(part.sample.x[seen.places[both]][None], len(series), axis=0)
        for copy, (move, values) in zip(x, series, strict=True):
            slot = slots[move.place]
            copy[:, slot] = 0.0
            part.encoder.columns[move.place].write(values.iloc[both], copy[:, slot])
        got = model(number, x.reshape(-1, x.shape[2]))
        usable = np.isfinite(got).all(axis=(1, 2))
        for mine, one in zip(np.split(got, len(series), axis=1), found, strict=True):
            one.own[: len(mine), here] = mine[:, : len(here)]
            if usable.any():
                one.common[number] = mine[usable, len(here) :].mean(axis=0)
    places = iter(found)
    return [[next(places) for _ in move.values] for move in moves]


def _outcomes(plan: CrossValidation) -> dict[int, str]:
    """Return the columns of predictions that are followed, and what they are."""
    problem = plan.problem
    if problem.task == "regression":
        return {0: problem.target}
    if problem.task == "binary":
        return {1: problem.classes[1]}
    counts = np.bincount(problem.outcome.astype(np.int64), minlength=len(problem.classes))
    kept = np.sort(np.argsort(-counts, kind="stable")[:_MOST_CLASSES]).tolist()
    return {code: problem.classes[code] for code in kept}


def _of_number(seen: RowsSeen, move: _Move, outcome: str, predicted: Sequence[_Values]) -> ColumnEffect:
    rise = predicted[1].minus(predicted[0])
    own = np.where(move.bins >= 0, rise.own, np.nan)
    bins, weights = np.maximum(move.bins, 0), seen.held_out.row_weights
    common = np.where(move.bins[seen.common] >= 0, rise.common, np.nan)
    width = np.diff(move.numbers)[bins]
    _, slopes = _over_seeds(common / width[seen.common], weights[seen.common])
    slope = seen.change(*_over_seeds(own / width, weights), slopes)
    curve = _accumulated(own, common, bins, seen.common, weights, len(move.numbers) - 1)
    return ColumnEffect(move.name, outcome, move.numbers, (), tuple(seen.change(*one) for one in curve), slope)


def _of_levels(seen: RowsSeen, move: _Move, outcome: str, predicted: Sequence[_Values]) -> ColumnEffect:
    weights, changes = seen.held_out.row_weights, []
    for one in predicted:
        away = one.minus(predicted[0])
        _, by_fold = _over_seeds(away.common, weights[seen.common])
        changes.append(seen.change(*_over_seeds(away.own, weights), by_fold))
    return ColumnEffect(move.name, outcome, (), move.levels, tuple(changes), None)


def _accumulated(
    own: FloatArray, common: FloatArray, bins: IntArray, shared: IntArray, weights: FloatArray, count: int
) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Return at every end of a bin the row values [n], and the effect by seed [R] and by fold [F], from rises."""
    usable = np.isfinite(own).any(axis=0)
    share = np.bincount(bins[usable], weights[usable], minlength=count)
    share = share / share.sum()
    centre = 1.0 - np.cumsum(share) + share / 2  # rows that lie beyond a bin, and half of its own
    rows, _ = _over_seeds(own, weights)
    mean = _by_bin(rows[None], bins, count, weights)[0]
    by_seed = _by_bin(own, bins, count, weights)
    by_fold = _by_bin(common, bins[shared], count, weights[shared])
    away = rows - mean[bins]
    middle = np.cumsum(mean) - mean / 2  # of the curve before it is centred, which rows by their places move too
    shift = middle[bins] - middle @ share
    found = []
    for end in range(count + 1):
        factor = (np.arange(count) < end) - centre
        moves = np.divide(factor, share, out=np.zeros(count), where=share > 0)
        found.append((float(factor @ mean) + away * moves[bins] - shift, by_seed @ factor, by_fold @ factor))
    return found


def _by_bin(rise: FloatArray, bins: IntArray, count: int, weights: FloatArray) -> FloatArray:
    """Return the mean rise in every bin [R B] of rises [R n]; 0 in a bin without rows, NaN without any."""
    found = np.full((len(rise), count), np.nan)
    for place, values in enumerate(rise):
        fine = np.isfinite(values)
        if fine.any():
            sums = np.bincount(bins[fine], (weights * values)[fine], minlength=count)
            mass = np.bincount(bins[fine], weights[fine], minlength=count)
            found[place] = np.divide(sums, mass, out=np.zeros(count), where=mass > 0)
    return found


def _over_seeds(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean over seeds [n] and over rows [R] of values [R n]; NaN where there is none."""
    fine = np.isfinite(values)
    filled = np.where(fine, values, 0.0)
    seeds, mass = fine.sum(axis=0), fine @ weights
    rows = np.divide(filled.sum(axis=0), seeds, out=np.full(len(seeds), np.nan), where=seeds > 0)
    single = np.divide(filled @ weights, mass, out=np.full(len(mass), np.nan), where=mass > 0)
    return rows, single


def _frequent(encoding: CategoryEncoding, column: pd.Series) -> list[str]:
    """Return the most frequent levels that have a column of their own and were seen, most frequent first."""
    own = [level for level, seen in zip(encoding.levels, encoding.seen, strict=False) if seen]
    counts = column.value_counts()
    return sorted((level for level in own if counts.get(level, 0)), key=lambda level: -counts[level])[:_MOST_LEVELS]
