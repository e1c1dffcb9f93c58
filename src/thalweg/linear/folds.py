"""Moments of every training set of a cross-validation, from one pass over each fold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.seeds import stream
from thalweg.linear.numerics.moments import Moments, moments
from thalweg.linear.rows import DesignRows, check_design

Labels = NDArray[np.int64]
Pairs = Sequence[tuple[IntArray, IntArray]]
Place = TypeVar("Place", int, tuple[int, int])


@dataclass(frozen=True, slots=True)
class FoldMoments:
    """One training set and the rows held out from it, both as moments about their own means."""

    train: Moments
    test: Moments

    def errors(self, coefficients: FloatArray, m: int = 0) -> FloatArray:
        """Return the mean squared error on the held-out rows, shape [L], for coefficients of shape [D L].

        The constant is the one that centres the training rows: ``mean_y - mean_x'β``.
        """
        off = (self.test.mean_y[m] - self.train.mean_y[m]) - (self.test.mean_x - self.train.mean_x) @ coefficients
        bent = np.einsum("dl,dl->l", coefficients, self.test.gram @ coefficients)
        sse = self.test.square[m] - 2 * (self.test.cross[:, m] @ coefficients) + bent
        return np.asarray(sse / self.test.total + off**2)


def fold_labels(folds: int | ArrayLike, count: int, *, repeats: int = 1, seed: int = 0) -> Labels:
    """Return the fold of each row, shape [R N].

    Parameters
    ----------
    folds
        How many folds of nearly equal size to draw, or labels you made, shape [N] or [R N].
    count
        N.
    repeats
        R, how often to draw them.
    seed
        Of the drawing.

    Raises
    ------
    SettingError
        If there are fewer than two folds, or more than rows.
    DataError
        If labels do not fit the rows.

    Examples
    --------
    >>> np.bincount(fold_labels(3, 10)[0])
    array([4, 3, 3])
    """
    if isinstance(folds, (int, np.integer)):
        if not 2 <= folds <= count:
            raise SettingError(
                f"{setting('folds')} must lie between 2 and {count} rows, got {folds}.", "Choose 5 or 10."
            )
        labels = np.empty((repeats, count), dtype=np.int64)
        for r in range(repeats):
            labels[r, stream(seed, "split", r).permutation(count)] = np.arange(count) % folds
        return labels
    given = np.atleast_2d(np.asarray(folds))
    if given.ndim != 2 or given.shape[1] != count:
        raise DataError(f"Fold labels for {count} rows are needed, got shape {list(given.shape)}.", "One per row.")
    lost = np.argwhere(given != given)  # noqa: PLR0124 - a missing number differs from itself
    if len(lost):
        raise DataError(f"Every row needs a fold, that of row {row(int(lost[0, 1]))} is missing.", "Label it.")
    labels = np.stack([np.unique(one, return_inverse=True)[1].reshape(-1) for one in given])
    if labels.max(axis=1).min() < 1:
        raise DataError("At least two folds are needed, all labels are equal.", "Label two folds or more.")
    return labels


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """What is learned from and what is held out, split after split.

    Parameters
    ----------
    labels
        Fold that holds each row out, shape [R N]; -1 for rows that are never held out.
    learned, held_out
        Which rows they are, shape [F N], folds of all repeats.
    """

    labels: Labels
    learned: NDArray[np.bool_]
    held_out: NDArray[np.bool_]


def fold_splits(folds: int | ArrayLike | Pairs, count: int, *, repeats: int = 1, seed: int = 0) -> Splits:
    """Return the training set and the rows held out of every fold.

    Parameters
    ----------
    folds
        As for :func:`fold_labels`; or pairs of rows to learn from and rows held out, as scikit-learn's splitters give
        them, for sets that are not each other's complement: folds in order of time.
    count, repeats, seed
        As there.

    Raises
    ------
    SettingError, DataError
        As there.

    Examples
    --------
    >>> fold_splits([(np.array([0]), np.array([1, 2])), (np.array([0, 1, 2]), np.array([3]))], 4).labels
    array([[-1,  0,  0,  1]])
    """
    if not (isinstance(folds, Sequence) and folds and all(isinstance(pair, tuple) for pair in folds)):
        labels = fold_labels(cast("int | ArrayLike", folds), count, repeats=repeats, seed=seed)
        held = np.concatenate([drawn == np.arange(drawn.max() + 1)[:, None] for drawn in labels])
        return Splits(labels, ~held, held)
    labels = np.full((1, count), -1, dtype=np.int64)
    learned, held = (np.zeros((len(folds), count), dtype=np.bool_) for _ in range(2))
    for fold, (rows, out) in enumerate(cast("Pairs", folds)):
        labels[0, out], learned[fold, rows], held[fold, out] = fold, True, True
    return Splits(labels, learned, held)


def fold_error(errors: FloatArray) -> FloatArray:
    """Return the standard error of the mean over folds, the last axis: standard deviation by the root of their number.

    Examples
    --------
    >>> fold_error(np.array([1.0, 2.0, 3.0])).round(3)
    np.float64(0.577)
    """
    return np.asarray(errors.std(axis=-1, ddof=1) / np.sqrt(errors.shape[-1]))[()]


def predict_chosen(X: ArrayLike, intercept: float, coefficients: FloatArray) -> FloatArray:
    """Return ``intercept + X β`` for the coefficients chosen along a path, shape [N].

    Examples
    --------
    >>> predict_chosen([[1.0], [2.0]], 0.5, np.array([2.0]))
    array([2.5, 4.5])
    """
    return np.asarray(intercept + check_design(X, len(coefficients)) @ coefficients)


def rule_place(rule: str, best: Place, one_se: Place) -> Place:
    """Return one of two places on a path.

    Raises
    ------
    SettingError
        If the rule is neither "best" nor "one_se".

    Examples
    --------
    >>> rule_place("one_se", 7, 4)
    4
    """
    check_choice("rule", rule, ("best", "one_se"))
    return best if rule == "best" else one_se


def split_moments(rows: DesignRows, splits: Splits) -> tuple[Moments, list[FoldMoments]]:
    """Return the moments of all rows and of each split, repeats after one another.

    ``S_all = S_train + S_test + (n_train n_test / n) d d'`` with d the difference of their means: training
    moments need no pass of their own where all other rows are learned from.

    Parameters
    ----------
    rows
        Design [N D], answers [N] or [N M].
    splits
        F training sets and the rows held out from them.

    Raises
    ------
    DataError
        If a fold, or what is learned from, has no row with a positive weight.

    Examples
    --------
    >>> rows = DesignRows(np.arange(6.0)[:, None], np.arange(6.0), None)
    >>> whole, parts = split_moments(rows, fold_splits([0, 0, 0, 1, 1, 1], 6))
    >>> whole.total, [part.train.total for part in parts]
    (6.0, [3.0, 3.0])
    """
    whole = moments(rows)
    found = []
    for fold, (learned, held) in enumerate(zip(splits.learned, splits.held_out, strict=True)):
        test = moments(_part(rows, held, f"Fold {fold}"))
        others = bool((learned != held).all())
        found.append(
            FoldMoments(
                _without(whole, test) if others else moments(_part(rows, learned, f"What fold {fold} is learned from")),
                test,
            )
        )
    return whole, found


def _part(rows: DesignRows, here: NDArray[np.bool_], name: str) -> DesignRows:
    weights = None if rows.weights is None else rows.weights[here]
    if weights is not None and weights.max(initial=0.0) <= 0:
        raise DataError(f"{name} has no row with a positive weight.", "Draw other folds.")
    return DesignRows(rows.X[here], rows.y[here], weights)


def _without(whole: Moments, part: Moments) -> Moments:
    """Moments of the rows that are not in ``part``."""
    left = whole.total - part.total
    mean_x = (whole.total * whole.mean_x - part.total * part.mean_x) / left
    mean_y = (whole.total * whole.mean_y - part.total * part.mean_y) / left
    factor = left * part.total / whole.total
    dx, dy = mean_x - part.mean_x, mean_y - part.mean_y
    return Moments(
        total=left,
        mean_x=mean_x,
        mean_y=mean_y,
        gram=whole.gram - part.gram - factor * np.outer(dx, dx),
        cross=whole.cross - part.cross - factor * np.outer(dx, dy),
        square=whole.square - part.square - factor * dy**2,
    )


def choose(errors: FloatArray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where the mean error is smallest, and the first of that row within one standard error.

    Parameters
    ----------
    errors
        Shape [Q L F], the simplest model of each row first.

    Examples
    --------
    >>> choose(np.array([[[3.0, 3.2], [1.1, 1.3], [1.0, 1.2], [2.0, 2.2]]]))
    ((0, 2), (0, 1))

    Notes
    -----
    The one-standard-error rule: Breiman, Friedman, Olshen & Stone (1984, Classification and Regression Trees,
    3.4.3).
    """
    mean = errors.mean(axis=2)
    q, best = map(int, np.unravel_index(mean.argmin(), mean.shape))
    reach = mean[q, best] + fold_error(errors[q, best])
    return (q, best), (q, int(np.flatnonzero(mean[q] <= reach)[0]))
