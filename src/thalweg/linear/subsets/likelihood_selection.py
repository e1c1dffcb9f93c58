"""Stepwise selection for likelihoods: at each size the added or dropped column with the best log-likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count
from thalweg.linear.folds import Pairs, fold_splits
from thalweg.linear.likelihoods.contract import Family
from thalweg.linear.likelihoods.families import FAMILIES
from thalweg.linear.numerics.newton import NewtonFit, minimise
from thalweg.linear.numerics.standardise import standard_design
from thalweg.linear.regression import named_rows
from thalweg.linear.rows import weighed_rows
from thalweg.linear.subsets.selection import SelectionPath

SEARCHES: Final = ("forward", "backward")
_EFFORT: Final = 1e-4  # Newton decrement, in standard errors, at which a candidate is known well enough

Columns = tuple[int, ...]


def select_likelihood(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    *,
    search: str = "forward",
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    names: Sequence[str] | None = None,
    most: int | None = None,
    folds: int | ArrayLike | Pairs | None = None,
    seed: int = 0,
) -> SelectionPath:
    """Search for the best logistic, Poisson or multinomial model of every size and judge the sizes.

    Parameters
    ----------
    model
        "logistic", "poisson" or "softmax".
    X, y, weights, names
        Design [N D], answers [N], weights of the rows [N], column names.
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    search
        "forward" or "backward". Every candidate is fitted: D²/2 fits, and as many in each training set.
    most
        Largest size; all independent columns if None.
    folds, seed
        As :func:`~thalweg.linear.folds.fold_splits`; the whole search is repeated in each training set.

    Returns
    -------
    SelectionPath
        Judged by AIC, BIC and with folds "CV", the mean held-out loss; ``rss`` holds deviances, -2 log-likelihood
        without terms free of η.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(300, 3))
    >>> path = select_likelihood("logistic", X, X[:, 1] + random.logistic(size=300) > 0, names=list("abc"))
    >>> path.models[1], path.size("BIC")
    ((1,), 1)
    """
    check_choice("search", search, SEARCHES)
    check_choice("model", model, tuple(key for key, family in FAMILIES.items() if family.separable))
    rows, labels = named_rows(X, y, weights, names)
    rows, folds = weighed_rows(rows, weights_kind, folds)
    problem = standard_design(rows)
    family = FAMILIES[model].checked(rows.y, rows.weight_vector())
    w, width = rows.weight_vector(), len(problem.kept)
    limit = width if most is None else min(width, check_count("most", most))
    find = _forward if search == "forward" else _backward
    models, fits = find(_Data(family, problem.A, rows.y, w), limit)
    deviance = 2 * np.array([fit.local.value for fit in fits])
    free = family.free * (np.arange(len(models)) + 1)
    criteria = {"AIC": deviance + 2 * free, "BIC": deviance + np.log(rows.total) * free}
    errors = None
    if folds is not None:
        splits = fold_splits(folds, len(rows.X), seed=seed)
        errors = np.empty((len(models), len(splits.held_out)))
        for f, (learned, out) in enumerate(zip(splits.learned, splits.held_out, strict=True)):
            here, found = find(_Data(family, problem.A[learned], rows.y[learned], w[learned]), limit)
            for m, (columns, fit) in enumerate(zip(here, found, strict=True)):
                eta = family.predictors(_design(problem.A[out], columns), fit.theta)
                errors[m, f] = np.average(family.loss(eta, rows.y[out]), weights=w[out])
        criteria["CV"] = errors.mean(axis=1)
    named = tuple(tuple(int(problem.kept[j]) for j in columns) for columns in models)
    return SelectionPath(search, labels[1:], named, deviance, criteria, errors)


@dataclass(frozen=True, slots=True)
class _Data:
    """One set of rows to search on."""

    family: Family
    A: FloatArray
    y: FloatArray
    w: FloatArray

    def fit(self, columns: Columns, start: FloatArray) -> NewtonFit:
        """Fit the constant and some columns."""
        A = _design(self.A, columns)
        return minimise(self.family.cost(A, self.y, self.w, np.zeros(A.shape[1])), start, tolerance=_EFFORT)

    @property
    def step(self) -> int:
        """Parameters of one column."""
        return self.family.outputs


def _design(A: FloatArray, columns: Columns) -> FloatArray:
    """Constant and some columns."""
    return A[:, [0, *(1 + j for j in columns)]]


def _forward(data: _Data, limit: int) -> tuple[list[Columns], list[NewtonFit]]:
    """Models of sizes 0 to ``limit``, each the last and its best further column."""
    models: list[Columns] = [()]
    fits = [data.fit((), np.zeros(data.step))]
    for _ in range(limit):
        start = np.append(fits[-1].theta, np.zeros(data.step))
        rest = [j for j in range(data.A.shape[1] - 1) if j not in models[-1]]
        tried = [(*models[-1], j) for j in rest]
        found = [data.fit(columns, start) for columns in tried]
        best = int(np.argmin([fit.local.value for fit in found]))
        models.append(tried[best])
        fits.append(found[best])
    return models, fits


def _backward(data: _Data, limit: int) -> tuple[list[Columns], list[NewtonFit]]:
    """Models of sizes 0 to ``limit``, each the next without the column it misses least."""
    columns = tuple(range(data.A.shape[1] - 1))
    fit = data.fit(columns, np.zeros(data.A.shape[1] * data.step))
    models, fits = [columns], [fit]
    while models[-1]:
        tried = [tuple(j for j in models[-1] if j != gone) for gone in models[-1]]
        table = fits[-1].theta.reshape(-1, data.step)
        starts = [np.delete(table, 1 + k, axis=0).ravel() for k in range(len(models[-1]))]
        found = [data.fit(one, start) for one, start in zip(tried, starts, strict=True)]
        best = int(np.argmin([one.local.value for one in found]))
        models.append(tried[best])
        fits.append(found[best])
    return models[::-1][: limit + 1], fits[::-1][: limit + 1]
