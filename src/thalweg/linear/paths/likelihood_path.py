"""Ridge-penalised likelihoods for every penalty and fold at once: logistic, Poisson and multinomial regression."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.linear.crowds.any_model import fit_members
from thalweg.linear.folds import Labels, Pairs, choose, fold_splits
from thalweg.linear.likelihoods.families import FAMILIES
from thalweg.linear.ridge import check_penalties
from thalweg.linear.rows import check_rows, weighed_rows


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
    weights_kind: str | None = None,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LikelihoodPath:
    """Minimise ``Σ w (log(1 + exp η) - y η) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    The same ``C = 1 / ridge`` in every fold, as scikit-learn's ``LogisticRegressionCV``.

    Parameters
    ----------
    X, y
        Design [N D], answers 0 or 1 [N].
    weights, weights_kind
        Weights of the rows [N], and what they mean: ``frequency``, ``analytic`` or ``probability``.
    ridges
        Positive, shape [L]; 10⁻⁴ … 10⁴ in 20 steps if None.
    folds, repeats, seed
        As :func:`~thalweg.linear.folds.fold_splits`.

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
    return likelihood_path("logistic", X, y, weights, weights_kind, ridges=ridges, labelling=(folds, repeats, seed))


def fit_poisson_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LikelihoodPath:
    """Minimise ``Σ w (exp η - y η) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    Parameters
    ----------
    X, y
        Design [N D], counts or other non-negative numbers [N].
    weights, weights_kind, ridges, folds, repeats, seed
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
    return likelihood_path("poisson", X, y, weights, weights_kind, ridges=ridges, labelling=(folds, repeats, seed))


def fit_multinomial_path(
    X: ArrayLike,
    codes: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    ridges: ArrayLike | None = None,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
) -> LikelihoodPath:
    """Minimise ``Σ w (log Σ_c exp η_c - η_y) + ½ ridge Σ β²`` for every ridge, with and without each fold.

    Parameters
    ----------
    X, codes
        Design [N D], classes 0 … C - 1 [N].
    weights, weights_kind, ridges, folds, repeats, seed
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
    return likelihood_path("softmax", X, codes, weights, weights_kind, ridges=ridges, labelling=(folds, repeats, seed))


def likelihood_path(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None,
    weights_kind: str | None,
    *,
    ridges: ArrayLike | None,
    labelling: tuple[int | ArrayLike | Pairs, int, int],
) -> LikelihoodPath:
    """Fit every ridge to all rows and to every training set, and judge it on the rows held out.

    Parameters
    ----------
    model
        "logistic", "poisson" or "softmax".
    X, y, weights, ridges
        As for :func:`fit_logistic_path`.
    labelling
        Folds, repeats and seed, as there.

    Raises
    ------
    DataError
        If the input is wrong, or a training set lacks what the likelihood needs.
    SettingError
        If a ridge is not positive, or another setting is outside its range.

    Examples
    --------
    >>> X, y = np.arange(20.0)[:, None], np.arange(20) % 4 > 1
    >>> likelihood_path("logistic", X, y, None, None, ridges=[1.0], labelling=(2, 1, 0)).errors.shape
    (1, 2)
    """
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)), weights)
    rows, labelled = weighed_rows(rows, weights_kind, labelling[0])
    grid = np.sort(np.logspace(-4, 4, 20) if ridges is None else check_penalties(ridges))[::-1]
    if grid[-1] <= 0:
        raise SettingError(f"{setting('ridges')} must be positive, got {grid[-1]:g}.", "Leave 0 out.")
    _, repeats, seed = labelling
    family = FAMILIES[model].checked(rows.y, rows.weight_vector())
    splits = fold_splits(labelled, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
    held = splits.held_out
    base = rows.weight_vector()
    for f in range(len(held)):
        told = family.lacking(rows.y, rows.y[splits.learned[f]])
        if told is not None:
            raise DataError(f"Without fold {f} {told}.", "Stratify the folds by the answer.")
    members = (base * np.vstack([np.ones((1, len(base))), splits.learned])).repeat(len(grid), axis=0)
    found = fit_members(model, rows, members, ridge=np.tile(grid, 1 + len(held)))
    errors = np.empty((len(grid), len(held)))
    for f, out in enumerate(held):
        here = slice((f + 1) * len(grid), (f + 2) * len(grid))
        losses = family.loss(found.predictors(rows.X[out], here), rows.y[out])
        errors[:, f] = np.average(losses, axis=1, weights=base[out])
    (_, best), (_, one_se) = choose(errors[None])
    return LikelihoodPath(
        ridges=grid,
        coefficients=found.coefficients[: len(grid)],
        intercepts=found.intercepts[: len(grid)],
        errors=errors,
        best=best,
        one_se=one_se,
        status=found.status,
        labels=splits.labels,
    )
