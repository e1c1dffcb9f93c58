"""The best model of every size by branch and bound: subsets that cannot win are never looked at.

A model's residual sum of squares is at most that of any model within it. So where a set of columns is already worse
than the best model known of some size, so is every subset of that size. Sets are taken apart column by column, the
weightiest first, some hundreds of them at a time.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError

_BATCH: Final = 512
_TIE: Final = 1e-12  # of the sum of squares


@dataclass(frozen=True, slots=True)
class _Sets:
    """Sets of K columns of which the first ``fixed`` stay and the others may still be dropped; B of them.

    ``columns`` [B K], ``inverse`` of their cross products [B K K], ``beta`` [B K], ``rss`` [B], ``fixed`` [B].
    """

    columns: IntArray
    inverse: FloatArray
    beta: FloatArray
    rss: FloatArray
    fixed: IntArray

    def part(self, start: int) -> "_Sets":
        """Return those from some place on."""
        return _Sets(*(getattr(self, name)[start:] for name in self.__slots__))

    def without(self, start: int) -> "_Sets":
        """Return those before it."""
        return _Sets(*(getattr(self, name)[:start] for name in self.__slots__))

    def sorted(self) -> "_Sets":
        """Return them with their free columns in the order of what dropping one costs, dearest first."""
        places = np.arange(self.columns.shape[1])
        cost = self.beta**2 / np.einsum("bkk->bk", self.inverse)
        key = np.where(places < self.fixed[:, None], np.inf, cost)
        order = np.argsort(-key, axis=1, kind="stable")
        rows = np.arange(len(order))[:, None]
        inverse = self.inverse[rows[:, :, None], order[:, :, None], order[:, None, :]]
        return _Sets(self.columns[rows, order], inverse, self.beta[rows, order], self.rss, self.fixed)

    def dropped(self, which: IntArray, place: IntArray, rss: FloatArray) -> "_Sets":
        """Return the sets that are left when one column is dropped from each; those before it are fixed."""
        width = self.columns.shape[1]
        left = np.arange(width - 1)[None] + (np.arange(width - 1)[None] >= place[:, None])
        column = self.inverse[which, place]
        pivot = column[np.arange(len(which)), place]
        near = np.take_along_axis(column, left, axis=1)
        inverse = self.inverse[which[:, None, None], left[:, :, None], left[:, None, :]]
        inverse = inverse - near[:, :, None] * (near / pivot[:, None])[:, None, :]
        beta = self.beta[which[:, None], left] - near * (self.beta[which, place] / pivot)[:, None]
        return _Sets(self.columns[which[:, None], left], inverse, beta, rss, place)


def best_subsets(
    gram: FloatArray, cross: FloatArray, square: float, most: int, start: list[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Return the models of least RSS of sizes 0, 1, …, ``most``.

    Parameters
    ----------
    gram, cross, square
        ``X'X`` [D D] of independent columns of length 1, ``X'y`` [D] and ``y'y`` of centred answers.
    most
        Largest size.
    start
        Good models of sizes 0, 1, …, such as those of a forward search: the better they are, the less is looked at.

    Raises
    ------
    DataError
        If the columns are not independent.

    Examples
    --------
    >>> best_subsets(np.eye(3), np.array([1.0, 3.0, 2.0]), 20.0, 2, [(), (0,), (0, 1)])
    [(), (1,), (1, 2)]

    Notes
    -----
    Furnival & Wilson (1974, Technometrics 16, 499-511).
    """
    width = len(cross)
    try:
        root = linalg.cho_factor(gram, lower=True)
    except linalg.LinAlgError:
        raise DataError(
            "Branch and bound starts from all columns, and these are collinear.", "Drop columns, or select forward."
        ) from None
    inverse = linalg.cho_solve(root, np.eye(width))
    beta = inverse @ cross
    models = [*start[: most + 1], *([()] * (most + 1 - len(start)))]
    best = np.array([_rss(gram, cross, square, model) for model in models])
    best[len(start) :] = np.inf
    whole = max(square - float(cross @ beta), 0.0)
    if most >= width:
        models[width], best[width] = tuple(range(width)), whole
    everything = np.arange(width)[None]
    waiting: dict[int, list[_Sets]] = {
        width: [_Sets(everything, inverse[None], beta[None], np.array([whole]), np.zeros(1, dtype=np.int64))]
    }
    while waiting:
        size = min(waiting)
        sets = waiting[size].pop()
        if len(sets.rss) > _BATCH:
            waiting[size].append(sets.without(len(sets.rss) - _BATCH))
            sets = sets.part(len(sets.rss) - _BATCH)
        if not waiting[size]:
            del waiting[size]
        found = _taken_apart(sets, best, models, square)
        if found is not None:
            waiting.setdefault(size - 1, []).append(found)
    return models


def _taken_apart(sets: _Sets, best: FloatArray, models: list[tuple[int, ...]], square: float) -> _Sets | None:
    """Drop every free column in turn, keep the best model of that size, and return the sets worth taking apart."""
    size = sets.columns.shape[1]
    sets = sets.sorted()
    rss = sets.rss[:, None] + sets.beta**2 / np.einsum("bkk->bk", sets.inverse)
    places = np.arange(size)
    free = places >= sets.fixed[:, None]
    rss = np.where(free, rss, np.inf)
    if size - 1 < len(best):
        which, place = divmod(int(rss.argmin()), size)
        if rss[which, place] < best[size - 1] - _TIE * square:
            best[size - 1] = rss[which, place]
            models[size - 1] = tuple(np.delete(sets.columns[which], place).tolist())
    reach = np.full(size, -np.inf)  # the RSS to beat of the smallest model within a child
    last = min(size - 1, len(best))
    reach[:last] = best[:last] - _TIE * square
    which, place = np.nonzero(free & (rss < reach) & (places < size - 1))
    return sets.dropped(which, place, rss[which, place]) if len(which) else None


def _rss(gram: FloatArray, cross: FloatArray, square: float, model: tuple[int, ...]) -> float:
    """Residual sum of squares of one model."""
    here = list(model)
    if not here:
        return square
    return square - float(cross[here] @ np.linalg.solve(gram[np.ix_(here, here)], cross[here]))
