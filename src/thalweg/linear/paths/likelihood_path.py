"""Ridge-penalised likelihoods for every penalty and fold at once: logistic, Poisson and multinomial regression."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, SettingError
from thalweg.linear.crowds.multinomial_population import multinomial_population
from thalweg.linear.crowds.population import likelihood_population
from thalweg.linear.families import BINOMIAL, POISSON, Family
from thalweg.linear.folds import Labels, choose, fold_labels
from thalweg.linear.ridge import check_penalties
from thalweg.linear.rows import Rows, check_rows

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LikelihoodPath:
    """One likelihood over a grid of ridges, with its cross-validation.

    Parameters
    ----------
    ridges
        Penalties ``½ ridge Σ β²`` on columns standardised over all rows, largest first, shape [L].
    coefficients
        In the units of the columns, shape [L D]; [L D C] for C classes, which sum to zero.
    intercepts
        Shape [L], or [L C].
    errors
        Mean held-out loss (negative log-likelihood without terms free of η), shape [L F].
    best, one_se
        Position of the smallest mean loss, and of the largest ridge within one standard error of it.
    status
        One word or sentence per member: each ridge on all rows, then fold by fold.
    labels
        Fold of each row, shape [R N].
    """

    ridges: FloatArray
    coefficients: FloatArray
    intercepts: FloatArray
    errors: FloatArray
    best: int
    one_se: int
    status: tuple[str, ...]
    labels: Labels


def fit_logistic_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LikelihoodPath:
    """Minimise ``Σ w (log(1 + exp η) - y η) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    The same ``C = 1 / ridge`` in every fold, as scikit-learn's ``LogisticRegressionCV``.

    Parameters
    ----------
    X, y
        Design [N D], answers 0 or 1 [N].
    weights
        How often each row counts, shape [N].
    ridges
        Positive, shape [L]; 10⁻⁴ … 10⁴ in 20 steps if None.
    folds, repeats, seed
        As :func:`~thalweg.linear.folds.fold_labels`.

    Raises
    ------
    DataError
        If the input is wrong, or a training set has one class only.
    SettingError
        If a ridge is not positive, or another setting is outside its range.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(200, 3))
    >>> y = X[:, 0] + random.logistic(size=200) > 0
    >>> path = fit_logistic_path(X, y, ridges=[1, 1000], folds=5)
    >>> path.errors.shape, path.best
    ((2, 5), 1)
    """
    return _path(_Family(BINOMIAL), X, y, weights, ridges=ridges, labelling=(folds, repeats, seed))


def fit_poisson_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LikelihoodPath:
    """Minimise ``Σ w (exp η - y η) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    Parameters
    ----------
    X, y
        Design [N D], counts or other non-negative numbers [N].
    weights, ridges, folds, repeats, seed
        As for :func:`fit_logistic_path`; ``ridge = Σw · alpha`` of scikit-learn's ``PoissonRegressor``.

    Raises
    ------
    DataError
        If the input is wrong, or a training set has zeros only.
    SettingError
        If a ridge is not positive, or another setting is outside its range.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(200, 3))
    >>> fit_poisson_path(X, random.poisson(np.exp(X[:, 0])), folds=5).errors.shape
    (20, 5)
    """
    return _path(_Family(POISSON), X, y, weights, ridges=ridges, labelling=(folds, repeats, seed))


def fit_multinomial_path(
    X: ArrayLike,
    codes: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LikelihoodPath:
    """Minimise ``Σ w (log Σ_c exp η_c - η_y) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    Parameters
    ----------
    X, codes
        Design [N D], classes 0 … C - 1 [N].
    weights, ridges, folds, repeats, seed
        As for :func:`fit_logistic_path`; every class has its own coefficients, as in :func:`fit_multinomial`.

    Raises
    ------
    DataError
        If the input is wrong, or a training set lacks a class.
    SettingError
        If a ridge is not positive, or another setting is outside its range.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(200, 2))
    >>> codes = (X @ [[1, 0, -1], [0, 1, 0]] + random.gumbel(size=(200, 3))).argmax(axis=1)
    >>> fit_multinomial_path(X, codes, folds=5).coefficients.shape
    (20, 2, 3)
    """
    return _path(_Classes(), X, codes, weights, ridges=ridges, labelling=(folds, repeats, seed))


class _Model(Protocol):
    """What a path needs to know of a likelihood."""

    def lacking(self, y: FloatArray, seen: Flags) -> str | None:
        """Return what no row of a training set has, None if all is there."""

    def fit(
        self, rows: Rows, weights: FloatArray, ridges: FloatArray
    ) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
        """Return intercepts [P ...], coefficients [P D ...] and status of every member."""

    def losses(self, intercepts: FloatArray, coefficients: FloatArray, X: FloatArray, y: FloatArray) -> FloatArray:
        """Return the loss of each row under each member, shape [P N]."""


@dataclass(frozen=True, slots=True)
class _Family:
    """Logistic or Poisson regression."""

    family: Family

    def lacking(self, y: FloatArray, seen: Flags) -> str | None:
        """Say that one class is left, or zeros alone."""
        if self.family is BINOMIAL:
            return "only one class is left" if y[seen].min() == y[seen].max() else None
        return None if y[seen].any() else "all counts are 0"

    def fit(
        self, rows: Rows, weights: FloatArray, ridges: FloatArray
    ) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
        """Every ridge and fold at once."""
        found = likelihood_population(self.family, rows.X, rows.y, weights, ridge=ridges, base=rows.weights)
        return found.intercepts, found.coefficients, found.status

    def losses(self, intercepts: FloatArray, coefficients: FloatArray, X: FloatArray, y: FloatArray) -> FloatArray:
        """Return negative log-likelihoods."""
        return self.family.loss(intercepts[:, None] + coefficients @ X.T, y)


class _Classes:
    """Multinomial regression."""

    def lacking(self, y: FloatArray, seen: Flags) -> str | None:
        """Name a class."""
        lost = np.setdiff1d(np.unique(y), y[seen])
        return f"class {lost[0]:g} has no rows" if len(lost) else None

    def fit(
        self, rows: Rows, weights: FloatArray, ridges: FloatArray
    ) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
        """Every ridge and fold at once."""
        found = multinomial_population(rows.X, rows.y, weights, ridge=ridges, base=rows.weights)
        return found.intercepts, found.coefficients, found.status

    def losses(self, intercepts: FloatArray, coefficients: FloatArray, X: FloatArray, y: FloatArray) -> FloatArray:
        """Return negative log probabilities of the classes that occurred."""
        logs = log_softmax(intercepts[:, None] + X @ coefficients, axis=2)
        return np.asarray(-logs[:, np.arange(len(y)), y.astype(np.int64)])


def _path(
    model: _Model,
    X: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None,
    *,
    ridges: ArrayLike | None,
    labelling: tuple[int | ArrayLike, int, int],
) -> LikelihoodPath:
    """Fit every ridge to all rows and to every training set, and judge it on the rows held out."""
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)), weights)
    grid = np.sort(np.logspace(-4, 4, 20) if ridges is None else check_penalties(ridges))[::-1]
    if grid[-1] <= 0:
        raise SettingError(f"ridges must be positive, got {grid[-1]:g}.", "Leave 0 out.")
    folds, repeats, seed = labelling
    labels = fold_labels(folds, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
    held = np.concatenate([row == np.arange(row.max() + 1)[:, None] for row in labels])  # [F N]
    base = rows.weight_vector()
    for f, out in enumerate(held):
        told = model.lacking(rows.y, ~out & (base > 0))
        if told is not None:
            raise DataError(f"Without fold {f} {told}.", "Stratify the folds by the answer.")
        if not base[out].any():
            raise DataError(f"Fold {f} has no row with a positive weight.", "Draw other folds.")
    members = (base * np.vstack([np.ones((1, len(base))), ~held])).repeat(len(grid), axis=0)
    intercepts, coefficients, status = model.fit(rows, members, np.tile(grid, 1 + len(held)))
    errors = np.empty((len(grid), len(held)))
    for f, out in enumerate(held):
        here = slice((f + 1) * len(grid), (f + 2) * len(grid))
        losses = model.losses(intercepts[here], coefficients[here], rows.X[out], rows.y[out])
        errors[:, f] = np.average(losses, axis=1, weights=base[out])
    (_, best), (_, one_se) = choose(errors[None])
    return LikelihoodPath(
        ridges=grid,
        coefficients=coefficients[: len(grid)],
        intercepts=intercepts[: len(grid)],
        errors=errors,
        best=best,
        one_se=one_se,
        status=status,
        labels=labels,
    )
