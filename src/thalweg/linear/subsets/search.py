"""Searches for subsets of columns, on cross products alone: forward, backward, and the best of all subsets."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.linear.numerics.moments import Moments
from thalweg.linear.subsets.best_subset import best_subsets

_COLLINEAR: Final = 1e-10  # share of a column's square that the columns before it leave over
_EVERY_SUBSET: Final = 18  # that are collinear: 2¹⁸ models take about a second, each further column doubles it
_MOST_SEARCHED: Final = 30  # of noise alone a second or two, the worst case; 40 take minutes
_BATCH: Final = 4096

Models = list[tuple[int, ...]]
Subsets = np.ndarray[tuple[int, int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Cross products of columns scaled to length 1."""

    gram: FloatArray
    cross: FloatArray
    length: FloatArray

    @staticmethod
    def of(total: Moments) -> "Scaled":
        """Scale the moments of one answer; a constant column keeps length 1 and correlates with nothing."""
        length = np.sqrt(np.maximum(np.diag(total.gram), 0.0))
        constant = length <= 1e-10 * np.sqrt(total.total) * np.abs(total.mean_x)
        length = np.where(constant, 1.0, length)
        keep = np.where(constant, 0.0, 1.0)
        gram = total.gram / np.outer(length, length) * np.outer(keep, keep)
        return Scaled(gram, total.cross[:, 0] / length * keep, length)


def forward(total: Moments, most: int) -> Models:
    """Return the models of sizes 0, 1, … of Algorithm 6.2: each adds the column that lowers the RSS most.

    Each step sweeps the chosen column out of the cross products (a Schur complement), so that the gain of
    column j is always ``c_j² / G_jj``.

    Parameters
    ----------
    total
        Moments of the rows.
    most
        Largest size; the path ends earlier where every column left is a combination of those chosen.

    Examples
    --------
    >>> from thalweg.linear.numerics.moments import moments
    >>> from thalweg.linear.rows import check_rows
    >>> forward(moments(check_rows([[1.0, 5.0], [2.0, 3.0], [3.0, 4.0]], [1.0, 2.0, 3.1])), 2)
    [(), (0,), (0, 1)]

    Notes
    -----
    James et al. (2021), An Introduction to Statistical Learning, Algorithm 6.2.
    """
    problem = Scaled.of(total)
    gram, cross = problem.gram.copy(), problem.cross.copy()
    open_columns = np.ones(len(cross), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < most:
        left = np.diag(gram)
        usable = open_columns & (left > _COLLINEAR)
        if not usable.any():
            break
        j = int(np.argmax(np.where(usable, cross**2 / np.where(usable, left, 1.0), -1.0)))
        chosen.append(j)
        open_columns[j] = False
        column = gram[j] / np.sqrt(gram[j, j])
        cross -= column * (cross[j] / column[j])
        gram -= column[:, None] * column
    return [tuple(chosen[:k]) for k in range(len(chosen) + 1)]


def backward(total: Moments, most: int) -> Models:
    """Return the models of sizes 0, 1, … left when each step drops the column that raises the RSS least.

    Parameters
    ----------
    total
        Moments of the rows; their columns must be independent.
    most
        Largest size returned.

    Raises
    ------
    DataError
        If the columns are collinear: the search has no full model to start from.

    Examples
    --------
    >>> from thalweg.linear.numerics.moments import moments
    >>> from thalweg.linear.rows import check_rows
    >>> backward(moments(check_rows([[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [5.0, 4.0]], [1.0, 2.0, 3.1, 5.0])), 2)
    [(), (0,), (0, 1)]
    """
    problem = Scaled.of(total)
    try:
        inverse = linalg.inv(linalg.cholesky(problem.gram, lower=True))
    except linalg.LinAlgError:
        raise DataError(
            "Backward selection starts from all columns, and these are collinear.",
            "Drop columns, or select forward.",
        ) from None
    inverse = inverse.T @ inverse
    beta = inverse @ problem.cross
    left = list(range(len(beta)))
    models = [tuple(left)]
    while left:
        here = np.array(left)
        j = int(here[np.argmin(beta[here] ** 2 / np.diag(inverse)[here])])
        column, pivot = inverse[:, j].copy(), inverse[j, j]
        beta = beta - column * (beta[j] / pivot)
        inverse = inverse - np.outer(column / pivot, column)
        left.remove(j)
        models.append(tuple(left))
    return [model for model in reversed(models) if len(model) <= most]


def every(total: Moments, most: int) -> Models:
    """Return the model of least RSS among all models of each size 0, 1, …, ``most``.

    By branch and bound (:func:`~thalweg.linear.subsets.best_subset.best_subsets`); where columns are collinear by
    trying every subset.

    Raises
    ------
    SettingError
        If there are more than 30 columns, or more than 18 that are collinear.

    Examples
    --------
    >>> from thalweg.linear.numerics.moments import moments
    >>> from thalweg.linear.rows import check_rows
    >>> every(moments(check_rows([[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [5.0, 4.0]], [1.0, 2.0, 3.1, 5.0])), 2)
    [(), (0,), (0, 1)]
    """
    problem = Scaled.of(total)
    width = len(problem.cross)
    independent = width < total.total and np.linalg.eigvalsh(problem.gram)[0] > _COLLINEAR
    limit = _MOST_SEARCHED if independent else _EVERY_SUBSET
    if width > limit:
        which = "independent" if independent else "collinear"
        raise SettingError(
            f"The best subset is searched for among up to {limit} {which} columns, got {width}.",
            f"Choose {setting('search')} 'forward', or leave columns out.",
        )
    if independent:
        return best_subsets(problem.gram, problem.cross, float(total.square[0]), min(most, width), forward(total, most))
    models: Models = [()]
    for size in range(1, most + 1):
        best: tuple[float, tuple[int, ...]] = (-np.inf, ())
        for subsets in _batches(width, size):
            independent = np.linalg.eigvalsh(_blocks(problem.gram, subsets))[:, 0] > _COLLINEAR
            batch = subsets[independent]
            if len(batch):
                gram, cross = _blocks(problem.gram, batch), problem.cross[batch]
                gain = np.einsum("bk,bk->b", cross, np.linalg.solve(gram, cross[:, :, None])[:, :, 0])
                top = int(gain.argmax())
                best = max(best, (float(gain[top]), tuple(batch[top].tolist())))
        if not best[1]:
            break
        models.append(best[1])
    return models


def _blocks(gram: FloatArray, subsets: Subsets) -> FloatArray:
    """DesignRows and columns of each subset, shape [B K K]."""
    return np.asarray(gram[subsets[:, :, None], subsets[:, None, :]])


def _batches(width: int, size: int) -> Iterator[Subsets]:
    """All subsets of one size, some thousands at a time."""
    subsets = itertools.combinations(range(width), size)
    while batch := list(itertools.islice(subsets, _BATCH)):
        yield np.array(batch)


def coefficients_of(total: Moments, models: Models) -> FloatArray:
    """Return the least-squares coefficients of each model, zeros elsewhere, shape [D M].

    Models that each extend the one before need one Cholesky factor for all: its inverse's rows add up to
    them.
    """
    problem = Scaled.of(total)
    table = np.zeros((len(problem.cross), len(models)))
    if all(set(a) < set(b) for a, b in itertools.pairwise(models)):
        order = [j for a, b in itertools.pairwise(models) for j in b if j not in a]
        root = linalg.cholesky(problem.gram[np.ix_(order, order)], lower=True)
        inverse = linalg.solve_triangular(root, np.eye(len(order)), lower=True)
        along = inverse @ problem.cross[order]
        table[order, 1:] = np.cumsum(inverse.T * along, axis=1)
    else:
        for m, model in enumerate(models):
            here = list(model)
            table[here, m] = linalg.solve(problem.gram[np.ix_(here, here)], problem.cross[here], assume_a="pos")
    return table / problem.length[:, None]
