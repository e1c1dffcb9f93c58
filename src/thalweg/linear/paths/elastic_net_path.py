"""Lasso and elastic net: whole paths for every fold, from fold moments and scikit-learn's coordinate descent.

Penalties are on scikit-learn's scale: ``1/(2n) RSS + α (r Σ|β| + (1 - r)/2 Σβ²)``. :func:`rss_penalties`
converts to the scale of the residual sum of squares (James et al. 2021, equations 6.5 and 6.7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.linear.certificate import NEGLIGIBLE
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
from thalweg.linear.paths.elastic_net import CoordinateDescent, ElasticNetProblem, PathSolver, penalty_grid
from thalweg.linear.paths.working_sets import ColumnProblem, outgrows_products, wide_rows
from thalweg.linear.rows import check_rows, weighed_rows

COORDINATE_DESCENT: Final = CoordinateDescent()
_LEAST: Final = 1e-3  # of the largest useful penalty
_LEAST_WIDE: Final = 1e-2  # with more columns than rows: below it the columns explain all rows anyway
_TINY: Final = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class ElasticNetFit:
    """Paths of Q mixings and L penalties, with their cross-validation.

    Parameters
    ----------
    mixing
        Share of the absolute penalty, shape [Q]: 1 is the lasso.
    penalties
        α, largest first, shape [Q L].
    coefficients
        In the units of the columns, shape [Q L D].
    intercepts
        Shape [Q L].
    errors
        Mean squared error on each held-out fold, shape [Q L F]; folds of all repeats.
    gaps
        Duality gap of each fit on all rows, relative to the variance of y, shape [Q L].
    fold_gap
        Largest such gap in any fold.
    decrement
        Bound on the optimisation error of every contrast, in its least-squares standard errors, shape [Q L]:
        ``√(2 n gap / σ²)``, as the objective exceeds its minimum by at least ``½ (β - β̂)'X'X(β - β̂) / n``;
        σ² is the smallest held-out error.
    error
        The same at ``best`` as estimated by the Newton step on the coefficients that are not zero: what the
        error is if their signs are right, where ``decrement`` is what it can be at most.
    best
        Positions (q, l) of the smallest mean error.
    one_se
        Positions of the largest penalty, same mixing, within one standard error of the smallest mean error.
    standardised
        Whether the penalty applies to columns divided by their standard deviation, anew in each training set.
    labels
        Fold of each row, shape [R N].
    """

    mixing: FloatArray
    penalties: FloatArray
    coefficients: FloatArray
    intercepts: FloatArray
    errors: FloatArray
    gaps: FloatArray
    fold_gap: float
    decrement: FloatArray
    error: float
    best: tuple[int, int]
    one_se: tuple[int, int]
    standardised: bool
    labels: Labels

    @property
    def mean_error(self) -> FloatArray:
        """Mean over folds, shape [Q L]."""
        return np.asarray(self.errors.mean(axis=2))

    @property
    def standard_error(self) -> FloatArray:
        """Of the mean over folds, shape [Q L]."""
        return fold_error(self.errors)

    @property
    def nonzero(self) -> Labels:
        """How many coefficients are not zero, shape [Q L]."""
        return np.asarray((self.coefficients != 0).sum(axis=2))

    def sentence(self) -> str:
        """Return the certificate of the chosen fit in plain words."""
        most = float(self.decrement[self.best])
        about = "" if most < NEGLIGIBLE else f"about {self.error:.2g} and "
        return f"Optimisation error {about}at most {most:.2g} standard errors of any coefficient."

    def predict(self, X: ArrayLike, *, rule: str = "best") -> FloatArray:
        """Return predictions at the chosen penalty, shape [N].

        Parameters
        ----------
        X
            Design, shape [N D].
        rule
            "best" (smallest error) or "one_se" (simplest within one standard error of it).

        Raises
        ------
        SettingError
            If the rule is neither.
        DataError
            If the design has another width, or a value that is not finite.
        """
        chosen = rule_place(rule, self.best, self.one_se)
        return predict_chosen(X, float(self.intercepts[chosen]), self.coefficients[chosen])


def fit_lasso(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    penalties: int | ArrayLike = 100,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
    standardise: bool = True,
    tolerance: float = 1e-4,
    solver: PathSolver = COORDINATE_DESCENT,
) -> ElasticNetFit:
    """Fit the lasso path and choose its penalty by cross-validation: :func:`fit_elastic_net` with mixing 1.

    Parameters
    ----------
    X, y, weights
        Design [N D], answers [N], weights of the rows [N].
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    penalties
        How many α of ``1/(2n) RSS + α Σ|β|`` to spread logarithmically below the smallest that sets every coefficient
        to zero, or the α themselves, shape [L].
    folds, repeats, seed
        As :func:`~thalweg.linear.folds.fold_splits`.
    standardise
        Divide each column by its standard deviation (divisor Σw), anew in each training set.
    tolerance
        Stop when the duality gap is below this share of ``Σ w (y - mean)²``.
    solver
        :class:`~thalweg.linear.paths.elastic_net.CoordinateDescent` or
        :class:`~thalweg.linear.paths.elastic_net.Fista`.

    Returns
    -------
    ElasticNetFit
        One mixing: Q = 1.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 8))
    >>> fit_lasso(X, 3 * X[:, 2], folds=5).nonzero[0, 50]
    np.int64(1)
    """
    return fit_elastic_net(
        X,
        y,
        mixing=1.0,
        weights=weights,
        weights_kind=weights_kind,
        penalties=penalties,
        folds=folds,
        repeats=repeats,
        seed=seed,
        standardise=standardise,
        tolerance=tolerance,
        solver=solver,
    )


def fit_elastic_net(
    X: ArrayLike,
    y: ArrayLike,
    *,
    mixing: float | Sequence[float] = 0.5,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    penalties: int | ArrayLike = 100,
    folds: int | ArrayLike | Pairs = 10,
    repeats: int = 1,
    seed: int = 0,
    standardise: bool = True,
    tolerance: float = 1e-4,
    solver: PathSolver = COORDINATE_DESCENT,
) -> ElasticNetFit:
    """Minimise ``1/(2n) Σ w (y - a - z'β)² + α (r Σ|β| + (1 - r)/2 Σβ²)`` for every α, r and fold.

    Parameters
    ----------
    X
        Design, shape [N D], or a sparse matrix of scipy. Sparse columns, and more than twice as many columns as rows,
        are solved by working sets in the memory of the data.
    y
        Answers, shape [N].
    mixing
        One or several r in (0, 1]; 1 is the lasso. Pure ridge: :func:`~thalweg.linear.ridge.fit_ridge`.
    weights
        Weights of the rows, shape [N].
    weights_kind
        What they mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`; None is ``analytic``.
    penalties
        How many α to spread logarithmically from the smallest that sets every coefficient to zero down to a
        thousandth of it (a hundredth where working sets meet more columns than rows), or the α themselves, shape [L].
    folds, repeats, seed
        As :func:`~thalweg.linear.folds.fold_splits`. α is the same in every fold, as in scikit-learn.
    standardise
        Divide each column by its standard deviation (divisor Σw), anew in each training set. Without it, and
        with the same folds, the answers are those of scikit-learn's ``ElasticNetCV`` and ``LassoCV``.
    tolerance
        Stop when the duality gap is below this share of ``Σ w (y - mean)²``.
    solver
        :class:`~thalweg.linear.paths.elastic_net.CoordinateDescent` or
        :class:`~thalweg.linear.paths.elastic_net.Fista`.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 8))
    >>> fit = fit_elastic_net(X, 3 * X[:, 2], mixing=[0.5, 1.0], folds=5)
    >>> fit.penalties.shape, fit.errors.shape
    ((2, 100), (2, 100, 5))
    """
    check_number("tolerance", tolerance, low=0, open_low=True)
    ratios = np.atleast_1d(np.asarray(mixing, dtype=np.float64))
    for ratio in ratios:
        check_number("mixing", float(ratio), low=0, high=1, open_low=True)
    if outgrows_products(X) and isinstance(solver, CoordinateDescent):
        settings: dict[str, Any] = {"penalties": penalties, "folds": folds, "repeats": repeats, "seed": seed}
        told: dict[str, Any] = {"standardise": standardise, "tolerance": tolerance}
        return _wide(X, y, ratios, weights, weights_kind, **settings, **told)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)), weights)
    rows, folds = weighed_rows(rows, weights_kind, folds)
    drawn = fold_splits(folds, len(rows.X), repeats=check_count("repeats", repeats), seed=seed)
    whole, splits = split_moments(rows, drawn)
    problems = [ElasticNetProblem.of(m, standardise=standardise) for m in (whole, *(s.train for s in splits))]
    grids = np.stack([penalty_grid(problems[0], ratio, penalties) for ratio in ratios])
    solved = solver.solve(problems, grids, ratios, tolerance=tolerance)
    gaps = [
        np.stack([problem.relative_gap(W[q], grids[q], ratio) for q, ratio in enumerate(ratios)])
        for problem, W in zip(problems, solved, strict=True)
    ]
    original = [W / problem.deviation[:, None] for problem, W in zip(problems, solved, strict=True)]
    coefficients = np.swapaxes(original[0], 1, 2)
    errors = np.stack(
        [
            np.stack([split.errors(B[q]) for split, B in zip(splits, original[1:], strict=True)], axis=1)
            for q in range(len(ratios))
        ]
    )
    best, one_se = choose(errors)
    noise = max(float(errors.mean(axis=2)[best]), _TINY)
    alpha, ratio = float(grids[best]), float(ratios[best[0]])
    active = problems[0].active_error(solved[0][best[0]][:, best[1]], alpha * ratio, alpha * (1 - ratio))
    return ElasticNetFit(
        mixing=ratios,
        penalties=grids,
        coefficients=coefficients,
        intercepts=whole.mean_y[0] - coefficients @ whole.mean_x,
        errors=errors,
        gaps=gaps[0],
        fold_gap=float(max(g.max() for g in gaps[1:])),
        decrement=np.sqrt(2 * whole.total * gaps[0] * problems[0].square / noise),
        error=float(np.sqrt(whole.total / noise)) * active,
        best=best,
        one_se=one_se,
        standardised=standardise,
        labels=drawn.labels,
    )


def _wide(
    X: Any,
    y: ArrayLike,
    ratios: FloatArray,
    weights: ArrayLike | None,
    weights_kind: str | None,
    *,
    penalties: int | ArrayLike,
    folds: int | ArrayLike | Pairs,
    repeats: int,
    seed: int,
    standardise: bool,
    tolerance: float,
) -> ElasticNetFit:
    """Solve paths of many columns by working sets, without cross products of all of them."""
    design, answers, w, folds = wide_rows(X, y, weights, weights_kind, folds)
    drawn = fold_splits(folds, len(answers), repeats=check_count("repeats", repeats), seed=seed)
    whole = ColumnProblem.of(design, answers, w, standardise=standardise)
    least = _LEAST_WIDE if len(whole.cross) > len(answers) else _LEAST
    grids = np.stack([penalty_grid(whole, ratio, penalties, least) for ratio in ratios])
    solved = [whole.path(grids[q], float(ratio), tolerance=tolerance) for q, ratio in enumerate(ratios)]
    gaps = np.stack([gap for _, gap in solved])
    coefficients = np.stack([W.T / whole.deviation for W, _ in solved])
    errors = np.zeros((*grids.shape, len(drawn.learned)))
    fold_gap = 0.0
    for f, (learned, held) in enumerate(zip(drawn.learned, drawn.held_out, strict=True)):
        part = ColumnProblem.of(design[learned], answers[learned], w[learned], standardise=standardise)
        for q, ratio in enumerate(ratios):
            W, gap = part.path(grids[q], float(ratio), tolerance=tolerance)
            fold_gap = max(fold_gap, float(gap.max()))
            errors[q, :, f] = part.held_out_errors(W, design[held], answers[held], w[held])
    best, one_se = choose(errors)
    noise = max(float(errors.mean(axis=2)[best]), _TINY)
    alpha, ratio = float(grids[best]), float(ratios[best[0]])
    active = whole.active_error(solved[best[0]][0][:, best[1]], alpha * ratio, alpha * (1 - ratio))
    return ElasticNetFit(
        mixing=ratios,
        penalties=grids,
        coefficients=coefficients,
        intercepts=whole.mean_y - coefficients @ whole.mean,
        errors=errors,
        gaps=gaps,
        fold_gap=fold_gap,
        decrement=np.sqrt(2 * whole.total * gaps * whole.square / noise),
        error=float(np.sqrt(whole.total / noise)) * active,
        best=best,
        one_se=one_se,
        standardised=standardise,
        labels=drawn.labels,
    )


def rss_penalties(alpha: float, mixing: float, rows: float) -> tuple[float, float]:
    """Return the factors of ``Σ|β|`` and ``Σβ²`` that α and r put beside the residual sum of squares.

    Parameters
    ----------
    alpha, mixing
        α and r of :func:`fit_elastic_net`.
    rows
        n, or the sum of the row weights.

    Returns
    -------
    tuple
        2nαr and nα(1 - r), λ of James et al. (2021), equations 6.7 and 6.5.

    Examples
    --------
    >>> rss_penalties(0.1, 1.0, 50)
    (10.0, 0.0)
    """
    return 2 * rows * alpha * mixing, rows * alpha * (1 - mixing)
