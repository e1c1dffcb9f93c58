"""Ridge and principal-components regression, every fold and setting: one eigendecomposition per fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.linear.folds import (
    Labels,
    Pairs,
    choose,
    fold_error,
    fold_splits,
    predict_chosen,
    rule_place,
    split_moments,
)
from thalweg.linear.numerics.moments import Moments
from thalweg.linear.ridge import Spectrum, check_penalties, default_penalties
from thalweg.linear.rows import check_rows, weighed_rows


@dataclass(frozen=True, slots=True)
class SpectralPath:
    """Models along the eigenvectors of the design, with their cross-validation.

    Parameters
    ----------
    model
        "ridge" or "principal components".
    settings
        Ridge: λ on the scale of the residual sum of squares, largest first. Components: 0, 1, …, M. Shape
        [L].
    coefficients
        In the units of the columns, shape [L D].
    intercepts
        Shape [L].
    degrees
        Effective degrees of freedom without the constant, shape [L].
    errors
        Mean squared error on each held-out fold, shape [L F].
    best, one_se
        Position of the smallest mean error, and of the simplest model within one standard error of it.
    variances
        Variance of each principal component, largest first, shape [D].
    standardised
        Whether columns were divided by their standard deviation, anew in each training set.
    labels
        Fold of each row, shape [R N].
    """

    model: str
    settings: FloatArray
    coefficients: FloatArray
    intercepts: FloatArray
    degrees: FloatArray
    errors: FloatArray
    best: int
    one_se: int
    variances: FloatArray
    standardised: bool
    labels: Labels

    @property
    def mean_error(self) -> FloatArray:
        """Mean over folds, shape [L]."""
        return np.asarray(self.errors.mean(axis=1))

    @property
    def standard_error(self) -> FloatArray:
        """Of the mean over folds, shape [L]."""
        return fold_error(self.errors)

    def predict(self, X: ArrayLike, *, rule: str = "best") -> FloatArray:
        """Return predictions of the chosen model, shape [N].

        Raises
        ------
        SettingError
            If the rule is neither "best" nor "one_se".
        DataError
            If the design has another width, or a value that is not finite.
        """
        chosen = rule_place(rule, self.best, self.one_se)
        return predict_chosen(X, float(self.intercepts[chosen]), self.coefficients[chosen])


def fit_ridge_path(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    penalties: ArrayLike | None = None,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
    standardise: bool = True,
) -> SpectralPath:
    """Minimise ``Σ w (y - a - z'β)² + λ Σ β²`` for every λ and fold.

    λ is scikit-learn's ``Ridge(alpha=λ)`` and the same number in every fold, as in ``GridSearchCV``.

    Parameters
    ----------
    X, y, weights
        Design [N D], answers [N], weights of the rows [N].
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    penalties
        Shape [L]; :func:`~thalweg.linear.ridge.default_penalties` if None.
    folds, repeats, seed
        As :func:`~thalweg.linear.folds.fold_splits`.
    standardise
        Divide each column by its standard deviation (divisor Σw), anew in each training set.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 3))
    >>> fit_ridge_path(X, X[:, 0], penalties=[1.0, 100.0], folds=5).coefficients[:, 0].round(2)
    array([0.33, 0.98])
    """
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)), weights)
    rows, folds = weighed_rows(rows, weights_kind, folds)
    grid = default_penalties(rows.total) if penalties is None else check_penalties(penalties)
    grid = np.sort(grid)[::-1]
    drawn = fold_splits(folds, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
    whole, splits = split_moments(rows, drawn)

    def solve(total: Moments) -> FloatArray:
        spectrum = Spectrum.of(total, standardise=standardise)
        return spectrum.back(spectrum.gains(grid))

    spectrum = Spectrum.of(whole, standardise=standardise)
    return _gather(
        "ridge",
        grid,
        whole,
        solve(whole),
        errors=np.stack([split.errors(solve(split.train)) for split in splits], axis=1),
        degrees=(spectrum.values[:, None] * spectrum.gains(grid)).sum(axis=0),
        variances=spectrum.values / whole.total,
        standardised=standardise,
        labels=drawn.labels,
    )


def fit_components(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    components: int | None = None,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
    standardise: bool = True,
) -> SpectralPath:
    """Regress y on the first M principal components of the design, for every M and fold.

    James et al. (2021), section 6.3.1. With all components it is least
    squares.

    Parameters
    ----------
    X, y, weights
        Design [N D], answers [N], weights of the rows [N].
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    components
        Largest M; as many as every training set allows if None.
    folds, repeats, seed, standardise
        As :func:`fit_ridge_path`. Components are found anew in each training set.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 3)) * [10, 1, 1]
    >>> fit_components(X, X[:, 0], folds=5, standardise=False).best
    3
    """
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)), weights)
    rows, folds = weighed_rows(rows, weights_kind, folds)
    drawn = fold_splits(folds, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
    whole, splits = split_moments(rows, drawn)
    spectra = [Spectrum.of(m, standardise=standardise) for m in (whole, *(s.train for s in splits))]
    allowed = min(int((s.values > s.values[0] * 1e-12).sum()) for s in spectra)
    most = allowed if components is None else min(allowed, check_count("components", components))

    def solve(spectrum: Spectrum) -> FloatArray:
        inverse = np.zeros((len(spectrum.values), most + 1))
        for m in range(1, most + 1):
            inverse[:m, m] = 1 / spectrum.values[:m]
        return spectrum.back(inverse)

    return _gather(
        "principal components",
        np.arange(most + 1, dtype=np.float64),
        whole,
        solve(spectra[0]),
        errors=np.stack([split.errors(solve(s)) for split, s in zip(splits, spectra[1:], strict=True)], axis=1),
        degrees=np.arange(most + 1, dtype=np.float64),
        variances=spectra[0].values / whole.total,
        standardised=standardise,
        labels=drawn.labels,
    )


def _gather(
    model: str,
    settings: FloatArray,
    whole: Moments,
    coefficients: FloatArray,
    *,
    errors: FloatArray,
    degrees: FloatArray,
    variances: FloatArray,
    standardised: bool,
    labels: Labels,
) -> SpectralPath:
    """Choose among the models and keep them all."""
    (_, best), (_, one_se) = choose(errors[None])
    return SpectralPath(
        model=model,
        settings=settings,
        coefficients=coefficients.T,
        intercepts=whole.mean_y[0] - whole.mean_x @ coefficients,
        degrees=degrees,
        errors=errors,
        best=best,
        one_se=one_se,
        variances=variances,
        standardised=standardised,
        labels=labels,
    )
