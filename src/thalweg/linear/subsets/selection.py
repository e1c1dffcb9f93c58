"""Subset selection (James et al. 2021, section 6.1), judged by Cp, AIC, BIC, adjusted R² or cross-validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import DataError, ThalwegError
from thalweg.base.seeds import stream
from thalweg.linear.estimates import Estimates
from thalweg.linear.folds import FoldMoments, Pairs, fold_splits, split_moments
from thalweg.linear.numerics.moments import Moments, moments, row_blocks
from thalweg.linear.regression import named_rows, regress
from thalweg.linear.rows import DesignRows, weighed_rows
from thalweg.linear.subsets.search import Models, backward, coefficients_of, every, forward

SEARCHES: Final[dict[str, Callable[[Moments, int], Models]]] = {
    "forward": forward,
    "backward": backward,
    "best-subset": every,
}


@dataclass(frozen=True, slots=True)
class SelectionPath:
    """The best model found of each size, and what each criterion says of it.

    Parameters
    ----------
    search
        "forward", "backward" or "best-subset".
    names
        Column names.
    models
        Columns of the model of each size 0, 1, ….
    rss
        Residual sum of squares of each, or the deviance of a likelihood, shape [M].
    criteria
        "Cp" (Mallows, by n), "AIC" and "BIC" (of the likelihood), "adjusted R²" and with folds "CV" (mean squared
        error, or mean loss): shape [M] each. Cp only if all columns fit; likelihoods have neither Cp nor R².
    errors
        Held-out error of each size, the columns chosen anew in every training set, shape [M F]; None without
        folds.
    """

    search: str
    names: tuple[str, ...]
    models: tuple[tuple[int, ...], ...]
    rss: FloatArray
    criteria: dict[str, FloatArray]
    errors: FloatArray | None

    @property
    def warning(self) -> str:
        """What every table of a selected model must say."""
        return (
            "The columns were chosen on these rows: usual standard errors and p-values of the chosen model "
            "are too optimistic. Use honest_regress, which chooses and estimates on different rows."
        )

    def size(self, criterion: str) -> int:
        """Return the size a criterion prefers.

        Raises
        ------
        SettingError
            If the criterion was not computed.
        """
        check_choice("criterion", criterion, tuple(self.criteria))
        values = self.criteria[criterion]
        return int(values.argmax() if criterion == "adjusted R²" else values.argmin())

    def columns(self, criterion: str) -> tuple[int, ...]:
        """Return the columns of the model a criterion prefers.

        Raises
        ------
        SettingError
            If the criterion was not computed.
        """
        return self.models[self.size(criterion)]


def select(
    X: ArrayLike,
    y: ArrayLike,
    *,
    search: str = "forward",
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    names: Sequence[str] | None = None,
    most: int | None = None,
    folds: int | ArrayLike | Pairs | None = None,
    repeats: int = 1,
    seed: int = 0,
) -> SelectionPath:
    """Search for the best model of every size and judge the sizes.

    Parameters
    ----------
    X, y, weights, names
        Design [N D], answers [N], weights of the rows [N], column names.
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    search
        "forward" (Algorithm 6.2: at each size, the added column with the smallest RSS), "backward", or
        "best-subset" (the best of all models, up to 30 columns; 18 if they are collinear).
    most
        Largest size; as many columns as the rows allow if None.
    folds, repeats, seed
        As :func:`~thalweg.linear.folds.fold_splits`; None does without cross-validation. The whole search is
        repeated in each training set.

    Raises
    ------
    DataError
        If the input is wrong, or backward search meets collinear columns.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 4))
    >>> path = select(X, 2 * X[:, 3] - X[:, 1], names=list("abcd"), folds=5)
    >>> path.models[2], path.size("BIC") >= 2
    ((3, 1), True)
    """
    check_choice("search", search, tuple(SEARCHES))
    rows, labels = named_rows(X, y, weights, names)
    rows, folds = weighed_rows(rows, weights_kind, folds)
    find = SEARCHES[search]
    width = rows.X.shape[1]
    limit = min(width, int(rows.total) - 2) if most is None else min(width, check_count("most", most))
    if folds is None:
        whole, splits = moments(rows), list[FoldMoments]()
    else:
        drawn = fold_splits(folds, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
        whole, splits = split_moments(rows, drawn)
        limit = min(limit, int(min(split.train.total for split in splits)) - 2)
    if whole.square[0] <= 1e-24 * whole.total * whole.mean_y[0] ** 2:
        raise DataError("The answers are all equal.", "There is nothing to explain; check the answer column.")
    models = find(whole, limit)
    paths = [find(split.train, limit) for split in splits]
    sizes = min(len(models), *(len(path) for path in paths)) if paths else len(models)
    models = models[:sizes]
    rss = _rss(rows, whole, models)
    criteria = _criteria(rss, whole, full=sizes == width + 1)
    errors = None
    if splits:
        errors = np.stack(
            [
                split.errors(coefficients_of(split.train, path[:sizes]))
                for split, path in zip(splits, paths, strict=True)
            ],
            axis=1,
        )
        criteria["CV"] = errors.mean(axis=1)
    return SelectionPath(search, labels[1:], tuple(models), rss, criteria, errors)


def honest_regress(
    X: ArrayLike,
    y: ArrayLike,
    choose: Callable[..., Sequence[int]],
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    names: Sequence[str] | None = None,
    share: float = 0.5,
    seed: int = 0,
    covariance: str = "HC1",
) -> Estimates:
    """Choose columns on some rows and estimate them on the others, so that the inference is valid.

    Parameters
    ----------
    X, y, names
        Design [N D], answers [N], column names.
    choose
        From a design, its answers and, if there are any, its weights to the chosen columns, such as
        ``lambda X, y: select(X, y).columns("BIC")``.
    weights, weights_kind
        Weights of the rows [N], and what they mean, as for :func:`~thalweg.linear.regression.regress`. Every row is on
        one side, whatever it weighs; one of weight 0 is on none.
    share
        Share of the rows to choose on.
    seed
        Of the split.
    covariance
        As :func:`~thalweg.linear.regression.regress`.

    Raises
    ------
    DataError
        If the input is wrong, or no column is chosen.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(200, 4))
    >>> y = X[:, 2] + np.random.default_rng(1).normal(size=200)
    >>> fit = honest_regress(X, y, lambda X, y: select(X, y).columns("BIC"))
    >>> list(fit.params.index), fit.nobs
    (['Intercept', 'x3', 'x4'], 100.0)

    Notes
    -----
    Sample splitting: Cox (1975, Biometrika 62, 441-444).
    """
    check_number("share", share, low=0, high=1, open_low=True, open_high=True)
    rows, labels = named_rows(X, y, weights, names)
    kept = np.flatnonzero(rows.weight_vector() > 0)
    order = kept[stream(seed, "split").permutation(len(kept))]
    cut = round(share * len(order))
    first, rest = order[:cut], order[cut:]
    try:
        chosen = sorted(choose(*(part[first] for part in (rows.X, rows.y, rows.weights) if part is not None)))
    except ThalwegError as error:
        raise error.at_rows(first.tolist()) from error
    if not chosen:
        raise DataError("No column was chosen.", "Report the mean, or choose with a weaker criterion.")
    named = [labels[1 + j] for j in chosen]
    try:
        return regress(
            rows.X[rest][:, chosen],
            rows.y[rest],
            names=named,
            covariance=covariance,
            weights=None if rows.weights is None else rows.weights[rest],
            weights_kind=weights_kind,
        )
    except ThalwegError as error:
        raise error.at_rows(rest.tolist()) from error


def _rss(rows: DesignRows, whole: Moments, models: Models) -> FloatArray:
    """Residual sums of squares, from the residuals themselves: no difference of large numbers."""
    coefficients = coefficients_of(whole, models)
    w = rows.weight_vector()
    rss = np.zeros(len(models))
    for block in row_blocks(len(rows.X), max(coefficients.shape)):
        fitted = (rows.X[block] - whole.mean_x) @ coefficients
        rss += w[block] @ ((rows.y[block] - whole.mean_y[0])[:, None] - fitted) ** 2
    return rss


def _criteria(rss: FloatArray, whole: Moments, *, full: bool) -> dict[str, FloatArray]:
    """Criteria of the models of sizes 0, 1, …."""
    n, d = whole.total, np.arange(len(rss))
    deviance = n * np.log(np.maximum(rss, np.finfo(float).tiny) / n)
    criteria = {
        "AIC": deviance + 2 * (d + 1),
        "BIC": deviance + np.log(n) * (d + 1),
        "adjusted R²": 1 - (rss / (n - d - 1)) / (rss[0] / (n - 1)),
    }
    if full and n > len(rss):
        variance = rss[-1] / (n - len(rss))
        criteria["Cp"] = (rss + 2 * d * variance) / n
    return criteria
