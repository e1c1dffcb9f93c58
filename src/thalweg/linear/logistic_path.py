"""Ridge-penalised logistic regression for every penalty and fold at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, SettingError
from thalweg.linear.families import BINOMIAL
from thalweg.linear.folds import Labels, fold_labels
from thalweg.linear.population import likelihood_population
from thalweg.linear.ridge import check_penalties
from thalweg.linear.rows import Array, check_rows
from thalweg.linear.shrinkage import choose


@dataclass(frozen=True, slots=True)
class LogisticPath:
    """Logistic regressions over a grid of ridges, with their cross-validation.

    Parameters
    ----------
    ridges
        Penalties ``½ ridge Σ β²`` on columns standardised over all rows, largest first, shape [L].
    coefficients
        In the units of the columns, shape [L D].
    intercepts
        Shape [L].
    errors
        Mean held-out log loss, shape [L F].
    best, one_se
        Position of the smallest mean loss, and of the largest ridge within one standard error of it.
    status
        One word per member: each ridge on all rows, then fold by fold.
    labels
        Fold of each row, shape [R N].
    """

    ridges: Array
    coefficients: Array
    intercepts: Array
    errors: Array
    best: int
    one_se: int
    status: tuple[str, ...]
    labels: Labels


def fit_logistic_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LogisticPath:
    """Minimise ``Σ (log(1 + exp η) - y η) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    The same ``C = 1 / ridge`` in every fold, as scikit-learn's ``LogisticRegressionCV``.

    Parameters
    ----------
    X, y
        Design [N D], answers 0 or 1 [N].
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
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    grid = np.sort(np.logspace(-4, 4, 20) if ridges is None else check_penalties(ridges))[::-1]
    if grid[-1] <= 0:
        raise SettingError(f"ridges must be positive, got {grid[-1]:g}.", "Leave 0 out.")
    labels = fold_labels(folds, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
    held = np.concatenate([row == np.arange(row.max() + 1)[:, None] for row in labels])  # [F N]
    for f, out in enumerate(held):
        if rows.y[~out].min() == rows.y[~out].max():
            raise DataError(f"Without fold {f} only one class is left.", "Stratify the folds by the answer.")
    weights = np.vstack([np.ones((1, len(rows.X))), ~held]).repeat(len(grid), axis=0)
    members = likelihood_population(BINOMIAL, rows.X, rows.y, weights, ridge=np.tile(grid, 1 + len(held)))
    count = len(grid)
    errors = np.empty((count, len(held)))
    for f, out in enumerate(held):
        here = slice((f + 1) * count, (f + 2) * count)
        eta = members.intercepts[here, None] + members.coefficients[here] @ rows.X[out].T
        errors[:, f] = BINOMIAL.loss(eta, rows.y[out]).mean(axis=1)
    (_, best), (_, one_se) = choose(errors[None])
    return LogisticPath(
        ridges=grid,
        coefficients=members.coefficients[:count],
        intercepts=members.intercepts[:count],
        errors=errors,
        best=best,
        one_se=one_se,
        status=members.status,
        labels=labels,
    )
