"""By how much predictions of held-out rows worsen where a column is shuffled among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.seeds import derived_seed, stream
from thalweg.data.encode import Encoder
from thalweg.select.crossval import CrossValidation
from thalweg.select.explaining.explanation import Importance
from thalweg.select.explaining.fold_models import FoldModel, averaged
from thalweg.select.explaining.rows_seen import RowsSeen
from thalweg.select.scoring.metrics import Metric

SHUFFLES: Final = 2  # of every column
_BLOCK: Final = 2_000_000  # encoded numbers predicted with at once
_RIDGE: Final = 1e-6  # beside correlations, whose inverse indicators that add up to 1 would not have
_MOST_ROWS: Final = 5_000  # that correlations are taken from


def slots_of(encoder: Encoder) -> list[slice]:
    """Return where each column of a table stands among the encoded ones.

    Examples
    --------
    >>> import pandas as pd
    >>> from thalweg.data.encode import fit_encoder
    >>> frame = pd.DataFrame({"ward": pd.Categorical(["a", "b"]), "age": [20.0, 40.0]})
    >>> slots_of(fit_encoder(frame, np.array([0, 1])))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    ends = np.cumsum([0, *(len(column.feature_names) for column in encoder.columns)]).tolist()
    return [slice(start, end) for start, end in pairwise(ends)]


def lenders(weights: FloatArray, shuffle: int, seed: int) -> IntArray:
    """Return for every row the row whose value it gets [n], each as often as its weight says; with equal ones no own.

    Examples
    --------
    >>> sorted(lenders(np.ones(4), 0, 0).tolist())
    [0, 1, 2, 3]
    """
    count = len(weights)
    order = stream(seed, "split").permutation(count)
    ranked = order[np.argsort(weights[order], kind="stable")]
    mass = np.cumsum(weights[ranked])
    places = np.searchsorted(mass, (np.arange(count) + 0.5) / count * mass[-1])
    lent = np.bincount(ranked[places], minlength=count)
    found = np.empty(count, dtype=np.int64)
    found[order] = np.roll(np.repeat(order, lent[order]), max(1, (shuffle + 1) * count // (SHUFFLES + 1)))
    return found


def importances(
    plan: CrossValidation, seen: RowsSeen, name: str, model: FoldModel, metric: Metric
) -> tuple[Importance, ...]:
    """Return by how much a metric worsens where each column is shuffled, most important first.

    In every fold, with ℓ(a, b) the metric's value of row a that got its column from row b, both held out: the rise is
    the mean of ℓ(a, b) − ℓ(a, a) over pairs of different rows, of which two per row are taken. Its row values are those
    of a as the row that is predicted plus those of b as the row that lends, minus their mean (Hoeffding's projection),
    so that the interval knows both. All encoded columns of a column are shuffled together.

    Parameters
    ----------
    plan
        The folds.
    seen
        The rows.
    name, model
        The model, and what it predicts in every fold.
    metric
        The primary one.

    References
    ----------
    Breiman (2001), Machine Learning 45, 5-32; Fisher, Rudin & Dominici (2019), JMLR 20(177), for pairs of rows;
    Hoeffding (1948), Annals of Mathematical Statistics 19, 293-325.
    """
    columns, folds, seeds = plan.views[0].encoder.columns, plan.settings.folds, plan.settings.seeds
    rows = np.full((len(columns), len(seen.places)), np.nan)
    by_seed, by_fold = np.full((folds, len(columns), seeds), np.nan), np.full((len(columns), folds), np.nan)
    for number, part in enumerate(plan.views[:-1]):
        here = seen.of_fold(number)
        own, common = (_Judged(seen, which, name, metric) for which in (here, seen.common))
        x = part.sample.x[seen.places[np.concatenate([here, seen.common])]]
        cut = len(here)
        plain = model(number, x)
        first, shared = own.values(plain[:, :cut]), common.values(plain[:, cut:])
        if first is None or shared is None:
            continue
        rows[:, here], by_seed[number, :, : len(first[1])], by_fold[:, number] = 0.0, 0.0, 0.0
        for shuffle in range(SHUFFLES):
            path = derived_seed(plan.settings.seed, "split", 31, number, shuffle)
            lent = lenders(own.weights, shuffle, path)
            together = lenders(common.weights, shuffle, derived_seed(plan.settings.seed, "split", 32, shuffle))
            both = np.concatenate([lent, cut + together])
            for column, got in _shuffled(x, both, slots_of(part.encoder), number, model):
                found, beside = own.values(got[:, :cut]), common.values(got[:, cut:])
                assert found is not None, "what predicts some rows predicts others"
                assert beside is not None, "the same"
                risen = found[0] - first[0]
                rows[column, here] += (risen + own.as_lender(risen, lent)) / SHUFFLES
                by_seed[number, column, : len(found[1])] += (found[1] - first[1]) / SHUFFLES
                by_fold[column, number] += common.mean(beside[0] - shared[0]) / SHUFFLES
    sign = -1.0 if metric.higher_is_better else 1.0
    last = plan.views[-1]
    some = seen.places[:: max(1, len(seen.places) // _MOST_ROWS)]
    redundant = redundancy(last.sample.x[some], slots_of(last.encoder))
    masses = np.array([seen.held_out.row_weights[seen.of_fold(number)].sum() for number in range(folds)])
    single = np.tensordot(masses / masses.sum(), by_seed, axes=1)
    told = [
        Importance(column.name, seen.change(sign * rows[j], single[j], by_fold[j]), float(redundant[j]))
        for j, column in enumerate(columns)
    ]
    return tuple(sorted(told, key=lambda one: (np.isnan(one.rise.value), -one.rise.value)))


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Some rows, and how a model is judged on them."""

    seen: RowsSeen
    which: IntArray
    name: str
    metric: Metric

    @property
    def weights(self) -> FloatArray:
        weights: FloatArray = self.seen.held_out.row_weights[self.which]
        return weights

    def mean(self, values: FloatArray) -> float:
        return float(values @ self.weights / self.weights.sum())

    def values(self, predicted: FloatArray) -> tuple[FloatArray, FloatArray] | None:
        """Return row values of the metric [n], and the metric of each seed [R], NaN of no use; None if none is."""
        usable = np.isfinite(predicted).all(axis=(1, 2))
        if not usable.any():
            return None
        outcome = self.seen.held_out.outcome[self.which].astype(np.float64)
        together = self.metric.rows(averaged(self.name, predicted[usable]), outcome, self.weights).mean(axis=0)
        singles = np.full(len(predicted), np.nan)
        singles[usable] = self.metric.rows(predicted[usable], outcome, self.weights) @ self.weights / self.weights.sum()
        return together, singles

    def as_lender(self, risen: FloatArray, lent: IntArray) -> FloatArray:
        """Return what each row changes as the one that lends its value [n], of weighted mean 0."""
        away = self.weights * (risen - self.mean(risen))
        found: FloatArray = np.bincount(lent, away, minlength=len(lent)) / self.weights
        return found


def _shuffled(
    x: FloatArray, lent: IntArray, slots: Sequence[slice], number: int, model: FoldModel
) -> Iterator[tuple[int, FloatArray]]:
    """Predict rows with each column shuffled, as many columns at once as fit."""
    together = max(1, _BLOCK // max(1, x.size))
    for start in range(0, len(slots), together):
        block = slots[start : start + together]
        moved = np.repeat(x[None], len(block), axis=0)
        for copy, slot in zip(moved, block, strict=True):
            copy[:, slot] = x[lent, slot]
        got = model(number, moved.reshape(-1, x.shape[1]))
        for place in range(len(block)):
            yield start + place, got[:, place * len(x) : (place + 1) * len(x)]


def redundancy(x: FloatArray, slots: Sequence[slice]) -> FloatArray:
    """Return how well the other columns explain each linearly, R² [K], by the inverse of their correlations.

    Examples
    --------
    >>> a, b = np.random.default_rng(0).standard_normal((2, 500))
    >>> redundancy(np.column_stack([a, b, a]), [slice(0, 1), slice(1, 2), slice(2, 3)]).round(2).tolist()
    [1.0, 0.0, 1.0]
    """
    centred = x - x.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0))
    z = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
    together = z.T @ z / len(z)
    inverse = np.linalg.inv(together + _RIDGE * np.eye(len(together)))
    found = np.zeros(len(slots))
    for place, slot in enumerate(slots):
        total = float(np.trace(together[slot, slot]))
        left = float(np.trace(np.linalg.inv(inverse[slot, slot])))
        found[place] = min(max(1.0 - left / total, 0.0), 1.0) if total > 0 else 0.0
    return found
