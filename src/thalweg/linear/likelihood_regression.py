"""Logistic and Poisson regression with inference: Newton's method, separation said, every fit certified."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import rows_at
from thalweg.base.weighing import weights_kind_of
from thalweg.linear.certificate import Certificate, worst_error
from thalweg.linear.covariance import CLUSTERED, CovarianceTable, check_kind, cluster_ways, covariance_of
from thalweg.linear.estimates import Estimates, with_all_rows
from thalweg.linear.least_squares import solve
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.likelihoods.families import BINOMIAL, POISSON, mean_family
from thalweg.linear.likelihoods.optimum import (
    Coordinates,
    coordinates_of,
    distance_to_maximum,
    local_at,
    polished,
)
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.linear.numerics.newton import minimise
from thalweg.linear.numerics.score_sums import Fitted
from thalweg.linear.numerics.standardise import StandardDesign, standard_design
from thalweg.linear.numerics.tally import RowBatch, RowsInMemory
from thalweg.linear.regression import named_rows, reported_solution
from thalweg.linear.robust import Counted, robust_covariance
from thalweg.linear.rows import Clusters, DesignRows, counting_rows

_EXTREME_ETA = 12.0  # fitted probabilities this close to 0 or 1 are looked at for separation


def logistic_regression(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    answer: str = "y",
    covariance: str | None = None,
    clusters: Clusters | None = None,
    weights_kind: str | None = None,
) -> Estimates:
    """Estimate ``P(y = 1) = 1 / (1 + exp(-a - x'β))`` by maximum likelihood.

    Parameters
    ----------
    X
        Design, shape [N D], without a column of ones; a data frame gives its column names.
    y
        Answers 0 or 1, shape [N].
    weights
        Shape [N]; a row of weight 0 is no row.
    names
        Column names; those of ``X``, or x1 … xD, if None.
    answer
        Name of the answer.
    covariance
        "classical" (inverse information), "HC0", "HC1", "cluster" or "CR3"; None as for
        :func:`~thalweg.linear.regression.regress`. Tests use the normal distribution, for clusters
        Student's t with G - 1 degrees of freedom.
    clusters
        One label per row, for "cluster"; or an array or a data frame [N W] of W sets that cross, such as firms and
        years.
    weights_kind
        As for :func:`~thalweg.linear.regression.regress`.

    Raises
    ------
    DataError
        If the columns separate the classes (no finite maximum exists), or the input is wrong.
    SettingError
        If the covariance is unknown or not defined here.

    Examples
    --------
    >>> fit = logistic_regression([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 0, 1, 0, 1, 1])
    >>> fit.params.round(3).to_dict(), fit.certificate.verdict
    ({'Intercept': -3.035, 'x1': 1.214}, 'exact')
    """
    rows, labels = named_rows(X, y, weights, names)
    return _estimate(
        BINOMIAL, rows, labels, answer, covariance=covariance, clusters=clusters, weights_kind=weights_kind
    )


def poisson_regression(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    answer: str = "y",
    covariance: str | None = None,
    clusters: Clusters | None = None,
    weights_kind: str | None = None,
) -> Estimates:
    """Estimate ``E(y) = exp(a + x'β)`` by Poisson (quasi-)maximum likelihood.

    Parameters
    ----------
    X, weights, names, answer, covariance, clusters, weights_kind
        As for :func:`logistic_regression`. "HC0", "HC1" and "cluster" are valid for any non-negative answer
        with this mean; "classical" needs the variance to equal the mean.
    y
        Counts or other non-negative numbers, shape [N].

    Raises
    ------
    DataError
        If an answer is negative, all are 0, or the columns separate zeros (no finite maximum exists).
    SettingError
        If the covariance is unknown or not defined here.

    Examples
    --------
    >>> fit = poisson_regression([[0.0], [1.0], [2.0], [3.0]], [1, 2, 4, 8])
    >>> fit.params.round(3).to_dict()
    {'Intercept': 0.0, 'x1': 0.693}
    """
    rows, labels = named_rows(X, y, weights, names)
    return _estimate(POISSON, rows, labels, answer, covariance=covariance, clusters=clusters, weights_kind=weights_kind)


def certify_likelihood(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    coefficients: ArrayLike,
    intercept: float,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Certificate:
    """Certify coefficients that any program reports for an unpenalised model with a constant.

    Parameters
    ----------
    model
        "logistic" or "poisson".
    X, y, weights, names
        As for :func:`logistic_regression`.
    coefficients, intercept
        The reported solution, shape [D] and a number.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If the model is another.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 0, 1, 0, 1, 1]
    >>> print(certify_likelihood("logistic", x, y, [1.0], -2.5).sentence())
    Optimisation error at most 0.24 standard errors of any coefficient (visible).
    """
    family = mean_family(model)
    rows, labels = named_rows(X, y, weights, names)
    family.checked(rows.y, rows.weight_vector())
    reported = reported_solution(coefficients, intercept, rows.X.shape[1])
    problem = standard_design(rows)
    at = coordinates_of(problem, rows.weight_vector())
    return _certify(family, rows, labels, problem, at, _of_kept(rows, problem, reported))


def _estimate(
    family: MeanFamily,
    rows: DesignRows,
    labels: tuple[str, ...],
    answer: str,
    *,
    covariance: str | None,
    clusters: Clusters | None,
    weights_kind: str | None,
) -> Estimates:
    """Check what counts, and estimate from it."""
    kind, count = weights_kind_of(weights_kind), len(rows.X)
    rows, clusters, kept = counting_rows(rows, kind, clusters)
    covariance = covariance_of(covariance, kind, clusters)
    with rows_at(kept):
        family.checked(rows.y, rows.weight_vector())
        check_kind(covariance, clusters, len(rows.X))
        found = _maximum(family, rows, labels, answer, covariance=covariance, clusters=clusters, weights_kind=kind)
    return with_all_rows(found, kept, count)


def _maximum(
    family: MeanFamily,
    rows: DesignRows,
    labels: tuple[str, ...],
    answer: str,
    *,
    covariance: str,
    clusters: Clusters | None,
    weights_kind: str,
) -> Estimates:
    """Maximise the likelihood and gather what is known about the maximum."""
    problem = standard_design(rows)
    w = rows.weight_vector()
    at = coordinates_of(problem, w)
    start = np.zeros(at.A.shape[1])
    cost = family.cost(at.A, rows.y, w, np.zeros_like(start))
    start[0] = family.link(float(np.average(rows.y, weights=w)))
    found = minimise(cost, start)
    theta, _ = polished(family, rows, problem, at, at.T @ found.theta)
    certificate = _certify(family, rows, labels, problem, at, theta)
    if certificate.separation != "none":
        raise SeparatedError(certificate.separation, family.remedy)
    local, eta = local_at(family, rows, problem.kept, at, theta)
    bread = at.T @ np.linalg.pinv(local.hessian, hermitian=True) @ at.T.T
    spread = CovarianceTable(bread, math.inf)
    names = tuple(labels[j] for j in (0, *(1 + problem.kept)))
    if covariance != "classical":
        ways = () if clusters is None else cluster_ways(clusters, len(rows.X))
        fitted = Fitted(family, problem.kept, theta, intercept=True, mean=problem.mean)
        inner = np.linalg.solve(fitted.back(), at.T)
        centred = inner @ np.linalg.pinv(local.hessian, hermitian=True) @ inner.T
        counted = Counted(rows.total, tuple(int(way.max()) + 1 for way in ways), weights_kind, likelihood=True)
        spread = robust_covariance(RowsInMemory(RowBatch(rows, ways)), fitted, centred, covariance, counted)
    constant = float(w @ family.constant(rows.y))
    return Estimates(
        model=family.name,
        answer=answer,
        names=names,
        estimate=theta,
        covariance=spread.table,
        cov_type=covariance,
        df=spread.df if covariance in CLUSTERED else math.inf,
        undefined=tuple(names[j] for j in spread.undefined),
        nobs=rows.total,
        llf=-local.value - constant,
        llnull=-cost.value(start) - constant,
        certificate=certificate,
        weights_kind=None if rows.weights is None else weights_kind,
        columns=labels[1:],
        fitted=family.mean(eta),
        residuals=rows.y - family.mean(eta),
    )


def _of_kept(rows: DesignRows, problem: StandardDesign, reported: FloatArray) -> FloatArray:
    """Return coefficients of the kept columns alone with the same fitted values, shape [1+K].

    Columns that earlier ones already say may have coefficients too; their part is moved to those.
    """
    lost = np.setdiff1d(np.arange(rows.X.shape[1]), problem.kept)
    kept: FloatArray = reported[np.concatenate([[0], 1 + problem.kept])]
    if not np.any(reported[1 + lost]):
        return kept
    part = DesignRows(rows.X[:, problem.kept], rows.X[:, lost] @ reported[1 + lost], rows.weights)
    return np.asarray(kept + solve(part, intercept=True)[0][:, 0])


def _certify(
    family: MeanFamily,
    rows: DesignRows,
    labels: tuple[str, ...],
    problem: StandardDesign,
    at: Coordinates,
    theta: FloatArray,
) -> Certificate:
    """Certificate at original parameters θ of the constant and the kept columns."""
    names = tuple(labels[j] for j in (0, *(1 + problem.kept)))
    with np.errstate(over="ignore", invalid="ignore"):
        eta = theta[0] + rows.X[:, problem.kept] @ theta[1:]
    distance = distance_to_maximum(family, rows, problem, at, theta)
    worst, worst_name = worst_error(distance.step, distance.standard_errors, names)
    return Certificate(
        model=family.name,
        rows=rows.total,
        columns=len(labels),
        rank=len(names),
        condition=problem.condition,
        dropped=tuple(name for name in labels[1:] if name not in names),
        decrement=distance.decrement,
        worst=worst,
        worst_name=worst_name,
        gradient=distance.gradient,
        separation=_separation(family, rows, problem, eta, names=names, decrement=distance.decrement),
    )


def _separation(
    family: MeanFamily,
    rows: DesignRows,
    problem: StandardDesign,
    eta: FloatArray,
    *,
    names: tuple[str, ...],
    decrement: float,
) -> str:
    """Say what separates the answers; looked for only where fitted values are extreme."""
    if family.extreme(eta) < _EXTREME_ETA and decrement < 1.0:  # never true of NaN
        return "none"
    seen = rows.weight_vector() > 0
    found = family.separation(problem.A[seen], rows.y[seen])
    return "none" if found is None else found.words(names)
