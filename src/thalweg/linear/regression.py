"""Least squares with inference: robust and clustered errors, absorbed effects, intervals, and a certificate."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, SettingError, rows_at, setting
from thalweg.base.weighing import common_weights, weights_kind_of
from thalweg.linear.certificate import Certificate, certify_residuals
from thalweg.linear.covariance import (
    CLUSTERED,
    CovarianceTable,
    check_kind,
    cluster_codes,
    cluster_ways,
    covariance_of,
    sandwich,
)
from thalweg.linear.estimates import Estimates, with_all_rows
from thalweg.linear.least_squares import solve
from thalweg.linear.likelihoods.families import GAUSSIAN
from thalweg.linear.numerics.absorb import absorbed, effects_of, is_nested, not_single
from thalweg.linear.numerics.extended import cross_pair, residual_pair, round_pair
from thalweg.linear.numerics.factor import Factor
from thalweg.linear.numerics.score_sums import Fitted
from thalweg.linear.numerics.tally import RowBatch, RowsInMemory
from thalweg.linear.robust import Counted, robust_covariance
from thalweg.linear.rows import LARGEST, Clusters, DesignRows, check_rows, counting_rows, dense_codes, pick

PERFECT = 100 * float(np.finfo(float).eps)  # of the answers
_SAID = 1e-9  # of a column's length: the rest of a column that effects explain
_EXTENDED_CELLS = 1 << 22  # up to here residuals in 32 digits take less than a second


class UndeterminedError(DataError):
    """There are at least as many coefficients as rows, so that least squares has no single answer."""


def regress(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    intercept: bool = True,
    names: Sequence[str] | None = None,
    answer: str = "y",
    covariance: str | None = None,
    clusters: Clusters | None = None,
    weights_kind: str | None = None,
    absorb: Mapping[str, Sequence[Hashable] | NDArray[np.generic]] | None = None,
) -> Estimates:
    """Estimate ``y = a + x'β + e`` by least squares and say how uncertain the coefficients are.

    Parameters
    ----------
    X
        Design, shape [N D], without a column of ones; a data frame gives its column names.
    y
        Answers, shape [N].
    weights
        Shape [N]; a row of weight 0 is no row.
    intercept
        Whether to fit a constant, reported first as "Intercept".
    names
        Column names; those of ``X``, or x1 … xD, if None.
    answer
        Name of the answer.
    covariance
        "classical" (variances inversely proportional to analytic weights, else equal), "HC0", "HC1", "HC2", "HC3",
        "cluster" (CR1), "CR2" (each coefficient with its own degrees of freedom) or "CR3" (leave-one-cluster-out, which
        holds best with few or unequal clusters); None is "cluster" if there are clusters, "HC1" for probability
        weights, else "classical". Tests use Student's t with n - k degrees of freedom, G - 1 for G clusters.
    clusters
        One label per row, for "cluster"; or an array or a data frame [N W] of W sets that cross, such as firms and
        years.
    weights_kind
        "frequency" (n is the sum of the weights), "analytic" or "probability" (n is the number of rows, and only ratios
        of weights matter); None is "analytic".

    absorb
        Effects of many levels, such as firms and years, by name: one label per row. Their dummies take the place of the
        constant and are never written down; rows alone in a level are left out. Those nested in the clusters take no
        degrees of freedom of clustered errors, as in fixest and Stata.

    Returns
    -------
    Estimates
        Collinear columns are left out and named in the certificate.

    Raises
    ------
    DataError
        If a shape does not fit, a number is not finite, or no degree of freedom is left.
    SettingError
        If the covariance is unknown.

    Examples
    --------
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> fit.params.round(2).to_dict(), fit.certificate.verdict
    ({'Intercept': 0.15, 'price': 0.94}, 'exact')
    """
    given_rows, labels = named_rows(X, y, weights, names)
    kind = weights_kind_of(weights_kind)
    rows, clusters, kept = counting_rows(given_rows, kind, clusters)
    covariance = covariance_of(covariance, kind, clusters)
    with rows_at(kept):
        check_kind(covariance, clusters, len(rows.X))
        if not absorb:
            found = _regress(rows, labels, kind, answer, covariance, clusters, intercept=intercept)
        else:
            codes = {name: cluster_codes(pick(given, kept), len(kept)) for name, given in absorb.items()}
            found = _regress_within(rows, labels, kind, answer, covariance, clusters, codes)
    return with_all_rows(found, kept, len(given_rows.X))


def _regress(
    rows: DesignRows,
    labels: tuple[str, ...],
    weights_kind: str,
    answer: str,
    covariance: str,
    clusters: Clusters | None,
    *,
    intercept: bool = False,
    within: "_Within | None" = None,
) -> Estimates:
    """Estimate from rows that count, with weights that sum to n."""
    solution, factor, _ = solve(rows, intercept=intercept)
    kept = np.concatenate([[0], 1 + factor.kept]) if intercept else 1 + factor.kept
    theta = solution[kept, 0]
    if not len(theta):
        raise DataError(
            "No column is left to explain by: every one is constant, or the effects say all of it.", "Give others."
        )
    taken = len(theta) + (0 if within is None else within.levels)
    if rows.total <= taken:
        raise UndeterminedError(
            f"{taken:,} coefficients ({rows.X.shape[1]:,} columns were given) need more than {taken:,} rows, got "
            f"{rows.total:g}.",
            "Use fewer columns; or predict by ridge regression, which fit compares with others (hidden=0).",
        )
    w = rows.weight_vector()
    residuals, gradient = _residuals(rows, solution[:, 0])
    answers = rows.y if within is None else within.y
    centre = float(np.average(answers, weights=w)) if intercept or within is not None else 0.0
    tss = float(w @ (answers - centre) ** 2)
    if tss <= 1e-24 * rows.total * centre**2:
        raise DataError("The answers are all equal.", "There is nothing to explain; check the answer column.")
    if float(w @ residuals**2) <= PERFECT**2 * float(w @ answers**2):
        residuals = np.zeros_like(residuals)  # what is left is rounding, and no variance can be told from it
    rss = float(w @ residuals**2)
    df = rows.total - taken
    bread = factor.inverse()
    spread = CovarianceTable(bread * rss / df, df)
    beside = 0 if within is None else within.counted(covariance)
    if covariance in {"CR2", "CR3"} or (covariance != "classical" and rss == 0):
        A = np.column_stack([np.ones(len(rows.X)), rows.X])[:, kept]
        scores, design = A * residuals[:, None], A * np.sqrt(w)[:, None]
        settings: dict[str, Any] = {"clusters": clusters, "weights_kind": weights_kind, "beside": beside}
        spread = sandwich(bread, scores, w, covariance, design=design, **settings)
    elif covariance != "classical":
        ways = () if clusters is None else cluster_ways(clusters, len(rows.X))
        fitted = Fitted(GAUSSIAN, factor.kept, theta, intercept=intercept, mean=factor.mean)
        counted = Counted(rows.total, tuple(int(way.max()) + 1 for way in ways), weights_kind, beside)
        held = RowsInMemory(RowBatch(rows, ways))
        spread = robust_covariance(held, fitted, factor.centred_inverse(), covariance, counted)
    names = tuple(labels[j] for j in kept)
    return Estimates(
        model="least squares",
        answer=answer,
        names=names,
        estimate=theta,
        covariance=spread.table,
        cov_type=covariance,
        df=spread.df,
        each_df=spread.each,
        undefined=tuple(names[j] for j in spread.undefined),
        nobs=rows.total,
        llf=gaussian_likelihood(rss, rows.total),
        llnull=gaussian_likelihood(tss, rows.total),
        rsquared=1 - rss / tss,
        centred=intercept or within is not None,
        absorbed={} if within is None else within.sizes,
        absorbed_levels=0 if within is None else within.levels,
        singletons=0 if within is None else within.singletons,
        certificate=_certify(rows, factor, labels, gradient[kept], residuals=residuals),
        weights_kind=None if rows.weights is None else weights_kind,
        columns=labels[1:],
        scale=rss / df,
        fitted=answers - residuals,
        residuals=residuals,
    )


@dataclass(frozen=True, slots=True)
class _Within:
    """What a regression within absorbed effects needs besides its projected rows.

    ``y`` are the answers before the projection, ``sizes`` levels by name, ``nested`` those that lie within clusters.
    """

    y: FloatArray
    sizes: dict[str, int]
    nested: frozenset[str]
    singletons: int

    @property
    def levels(self) -> int:
        """Independent dummies, the constant among them: levels of every set less one, and one."""
        return 1 + sum(size - 1 for size in self.sizes.values())

    def counted(self, covariance: str) -> int:
        """Dummies that take degrees of freedom: of clustered errors those that are not nested in the clusters."""
        if covariance not in CLUSTERED:
            return self.levels
        return 1 + sum(size - 1 for name, size in self.sizes.items() if name not in self.nested)


def _regress_within(
    rows: DesignRows,
    labels: tuple[str, ...],
    weights_kind: str,
    answer: str,
    covariance: str,
    clusters: Clusters | None,
    codes: dict[str, IntArray],
) -> Estimates:
    """Project the rows off the effects and estimate what is left."""
    kept = not_single(codes)
    if len(kept) < 2:
        raise DataError("Every row is alone in a level of the absorbed effects.", "Absorb fewer effects.")
    weights = None if rows.weights is None else common_weights(rows.weights[kept], weights_kind)
    rows = DesignRows(rows.X[kept], rows.y[kept], weights)
    clusters = None if clusters is None else pick(clusters, kept)
    there = {name: dense_codes(one[kept]) for name, one in codes.items()}
    effects = effects_of(there, rows.weight_vector())
    sizes = {name: int(one.max()) + 1 for name, one in there.items()}
    ways = () if clusters is None else cluster_ways(clusters, len(kept))
    nested = frozenset(name for name, one in there.items() if any(is_nested(one, way) for way in ways))
    if covariance == "CR3" and nested != sizes.keys():
        raise SettingError(
            f"{setting('covariance')} 'CR3' needs absorbed effects that are nested in the clusters.",
            "Choose 'cluster', or absorb those alone.",
        )
    w = rows.weight_vector()
    projected = absorbed(effects, np.column_stack([rows.y, rows.X]))
    X = projected[:, 1:]
    with np.errstate(invalid="ignore"):
        said = w @ X**2 <= _SAID**2 * (w @ (rows.X - np.average(rows.X, axis=0, weights=w)) ** 2)
    X[:, said] = 0.0  # an effect says all of it, and what is left is rounding
    within = _Within(rows.y, sizes, nested, len(next(iter(codes.values()))) - len(kept))
    inner = DesignRows(X, projected[:, 0], rows.weights)
    found = _regress(inner, labels, weights_kind, answer, covariance, clusters, within=within)
    return with_all_rows(found, kept, len(next(iter(codes.values()))))


def certify_least_squares(
    X: ArrayLike,
    y: ArrayLike,
    coefficients: ArrayLike,
    intercept: float,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Certificate:
    """Certify coefficients that any program reports for a regression with a constant.

    Parameters
    ----------
    X, y, weights
        As for :func:`regress`.
    coefficients, intercept
        The reported solution, shape [D] and a number.
    names
        Column names.

    Raises
    ------
    DataError
        If a shape does not fit or a number is not finite.

    Examples
    --------
    >>> certify_least_squares([[1.0], [2.0], [3.0]], [1, 2, 4], [1.5], 0.0).verdict
    'not converged'
    """
    rows, labels = named_rows(X, y, weights, names)
    reported = reported_solution(coefficients, intercept, rows.X.shape[1])
    solution, factor, _ = solve(rows, intercept=True)
    residuals, gradient = _residuals(rows, reported)
    best, _ = _residuals(rows, solution[:, 0])
    kept = np.concatenate([[0], 1 + factor.kept])
    return _certify(rows, factor, labels, gradient[kept], residuals=residuals, best=best)


def reported_solution(coefficients: ArrayLike, intercept: float, width: int) -> FloatArray:
    """Return a reported solution as one vector, constant first, shape [1 + D].

    Raises
    ------
    DataError
        If there are not D coefficients, or one is not finite.

    Examples
    --------
    >>> reported_solution([2.0, 3.0], 1.0, 2)
    array([1., 2., 3.])
    """
    slopes = np.asarray(coefficients, dtype=np.float64).ravel()
    if len(slopes) != width:
        raise DataError(f"{width} coefficients are needed, got {len(slopes)}.", "Give one per column.")
    reported = np.append(np.float64(intercept), slopes)
    if not (np.abs(reported) < LARGEST).all():
        raise DataError(
            f"A reported coefficient is not finite and below {LARGEST:g}.", "The program that reported it has failed."
        )
    return reported


def named_rows(
    X: ArrayLike, y: ArrayLike, weights: ArrayLike | None, names: Sequence[str] | None
) -> tuple[DesignRows, tuple[str, ...]]:
    """Return the rows and the names of the constant and the columns.

    Raises
    ------
    DataError
        If a shape does not fit, or there are not as many names as columns.

    Examples
    --------
    >>> named_rows([[0.0, 1.0], [2.0, 3.0]], [0, 1], None, None)[1]
    ('Intercept', 'x1', 'x2')
    """
    rows = check_rows(X, y, weights)
    if rows.y.ndim != 1:
        raise DataError(f"One answer per row is needed, got {rows.y.shape[1]}.", "Fit one answer at a time.")
    width = rows.X.shape[1]
    labels = names if names is not None else getattr(X, "columns", [f"x{j + 1}" for j in range(width)])
    if len(labels) != width:
        raise DataError(f"{width} column names are needed, got {len(labels)}.", "Give one name per column.")
    return rows, ("Intercept", *map(str, labels))


def _residuals(rows: DesignRows, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals [N] and the gradient -A'Wr [1 + D], in 32 digits where that is affordable."""
    w = rows.weight_vector()
    if rows.X.size > _EXTENDED_CELLS:
        r = rows.y - theta[0] - rows.X @ theta[1:]
        return r, -np.concatenate([[w @ r], (w * r) @ rows.X])
    A = np.column_stack([np.ones(len(rows.X)), rows.X])
    pair = residual_pair(A, (theta, np.zeros_like(theta)), rows.y)
    return round_pair(pair), -cross_pair(A, (w * pair[0], w * pair[1]))


def gaussian_likelihood(rss: float, count: float) -> float:
    """Return the Gaussian log-likelihood at its own variance; infinite for a perfect fit.

    Examples
    --------
    >>> round(gaussian_likelihood(2.0, 4.0), 3)
    -4.289
    """
    return -count / 2 * (float(np.log(2 * np.pi * rss / count)) + 1) if rss > 0 else float("inf")


def _certify(
    rows: DesignRows,
    factor: Factor,
    labels: tuple[str, ...],
    gradient: FloatArray,
    *,
    residuals: FloatArray,
    best: FloatArray | None = None,
) -> Certificate:
    """Certificate of residuals whose gradient is -A'Wr; ``best`` are the residuals at the optimum."""
    w = rows.weight_vector()
    rounding = PERFECT**2 * float(np.average(rows.y**2, weights=w))  # a perfect fit
    rss = float(w @ residuals**2)
    smallest = rss if best is None else float(w @ best**2)
    return certify_residuals(factor, labels, gradient, rss=rss, best=smallest, floor=rounding)
