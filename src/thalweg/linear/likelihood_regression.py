"""Logistic and Poisson regression with inference: Newton's method, separation said, every fit certified."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError
from thalweg.linear.certificate import Certificate, worst_error
from thalweg.linear.covariance import check_kind, sandwich
from thalweg.linear.estimates import Estimates
from thalweg.linear.factor import factor_gram, factor_rows
from thalweg.linear.families import BINOMIAL, POISSON, Family
from thalweg.linear.logistic_solver import check_binary
from thalweg.linear.moments import moments
from thalweg.linear.newton import Local, look_at, minimise, newton_step, value_of
from thalweg.linear.regression import named_rows, reported_solution
from thalweg.linear.rows import Rows
from thalweg.linear.separation import SeparatedError, separation_of

_EXTREME_ETA = 12.0  # fitted probabilities this close to 0 or 1 are looked at for separation


def logistic_regression(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    answer: str = "y",
    covariance: str = "classical",
    clusters: Sequence[Hashable] | None = None,
) -> Estimates:
    """Estimate ``P(y = 1) = 1 / (1 + exp(-a - x'β))`` by maximum likelihood.

    Parameters
    ----------
    X
        Design, shape [N D], without a column of ones; a data frame gives its column names.
    y
        Answers 0 or 1, shape [N].
    weights
        How often each row counts, shape [N].
    names
        Column names; those of ``X``, or x1 … xD, if None.
    answer
        Name of the answer.
    covariance
        "classical" (inverse information), "HC0", "HC1" or "cluster"; tests use the normal distribution.
    clusters
        One label per row, for "cluster".

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
    check_binary(rows.y, rows.weight_vector())
    check_kind(covariance, clusters, len(rows.X))
    return _estimate(BINOMIAL, rows, labels, answer, covariance=covariance, clusters=clusters)


def poisson_regression(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    answer: str = "y",
    covariance: str = "classical",
    clusters: Sequence[Hashable] | None = None,
) -> Estimates:
    """Estimate ``E(y) = exp(a + x'β)`` by Poisson (quasi-)maximum likelihood.

    Parameters
    ----------
    X, weights, names, answer, covariance, clusters
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
    check_counts(rows.y, rows.weight_vector())
    check_kind(covariance, clusters, len(rows.X))
    return _estimate(POISSON, rows, labels, answer, covariance=covariance, clusters=clusters)


def certify_likelihood(
    family: Family,
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
    family
        :data:`thalweg.linear.families.BINOMIAL` or :data:`~thalweg.linear.families.POISSON`.
    X, y, weights, names
        As for :func:`logistic_regression`.
    coefficients, intercept
        The reported solution, shape [D] and a number.

    Raises
    ------
    DataError
        If the input is wrong.

    Examples
    --------
    >>> x, y = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 0, 1, 0, 1, 1]
    >>> print(certify_likelihood(BINOMIAL, x, y, [1.0], -2.5).sentence())
    Optimisation error at most 0.24 standard errors of any coefficient (visible).
    """
    rows, labels = named_rows(X, y, weights, names)
    (check_binary if family is BINOMIAL else check_counts)(rows.y, rows.weight_vector())
    reported = reported_solution(coefficients, intercept, rows.X.shape[1])
    problem = standard_problem(rows)
    phi = problem.standard(reported[1:], reported[0])
    local = look_at(family, problem.A, rows.y, rows.weight_vector(), np.zeros(len(phi)))(phi)
    return _certify(family, rows, labels, problem, phi=phi, local=local)


def check_counts(y: FloatArray, weights: FloatArray) -> None:
    """Refuse answers that cannot be Poisson means.

    Raises
    ------
    DataError
        Naming the first negative answer, or that all are 0.
    """
    wrong = np.flatnonzero(y < 0)
    if len(wrong):
        raise DataError(
            f"Counts must not be negative, got {y[wrong[0]]:g} in row {wrong[0]}.",
            "Use least squares, or shift.",
        )
    if not y[weights > 0].any():
        raise DataError("All counts are 0.", "There is nothing to explain; check the answer column.")


@dataclass(frozen=True, slots=True)
class StandardProblem:
    """The kept columns, standardised, behind a column of ones.

    Parameters
    ----------
    A
        Shape [N 1+K].
    kept
        Positions of the K columns in the design.
    mean, deviation
        Of the kept columns, shape [K].
    condition
        Condition number of the centred, scaled columns.
    """

    A: FloatArray
    kept: np.ndarray[tuple[int], np.dtype[np.int64]]
    mean: FloatArray
    deviation: FloatArray
    condition: float

    def standard(self, slopes: FloatArray, intercept: float) -> FloatArray:
        """Return the parameters of A with the same η as these of the design (dropped columns must have 0)."""
        kept = slopes[self.kept]
        return np.concatenate([[intercept + self.mean @ kept], kept * self.deviation])

    def transform(self) -> FloatArray:
        """Return T, shape [1+K 1+K], with original parameters = T standard ones."""
        T = np.diag(np.concatenate([[1.0], 1 / self.deviation]))
        T[0, 1:] = -self.mean / self.deviation
        return T


def standard_problem(rows: Rows) -> StandardProblem:
    """Standardise the independent columns of the rows."""
    factor = factor_gram(rows, moments(rows), intercept=True) or factor_rows(rows, intercept=True)[0]
    deviation = factor.scale / np.sqrt(rows.total)
    Z = (rows.X[:, factor.kept] - factor.mean) / deviation
    A = np.column_stack([np.ones(len(Z)), Z])
    return StandardProblem(A, factor.kept, factor.mean, deviation, factor.condition)


def _estimate(
    family: Family,
    rows: Rows,
    labels: tuple[str, ...],
    answer: str,
    *,
    covariance: str,
    clusters: Sequence[Hashable] | None,
) -> Estimates:
    """Maximise the likelihood and gather what is known about the maximum."""
    problem = standard_problem(rows)
    w = rows.weight_vector()
    free = np.zeros(problem.A.shape[1])
    mean = float(np.average(rows.y, weights=w))
    start = free.copy()
    start[0] = np.log(mean / (1 - mean)) if family is BINOMIAL else np.log(mean)
    settings = (family, problem.A, rows.y, w, free)
    found = minimise(look_at(*settings), value_of(*settings), start)
    certificate = _certify(family, rows, labels, problem, phi=found.theta, local=found.local)
    if certificate.separation != "none":
        raise SeparatedError(
            certificate.separation,
            "Drop that column, or predict with fit_logistic, whose ridge keeps coefficients finite."
            if family is BINOMIAL
            else "Drop that column, or the rows it separates.",
        )
    T = problem.transform()
    bread = T @ np.linalg.inv(found.local.hessian) @ T.T
    table = bread
    if covariance != "classical":
        surprise = rows.y - family.mean(problem.A @ found.theta)
        original = problem.A @ np.linalg.inv(T)
        table, _ = sandwich(bread, original * surprise[:, None], w, covariance, clusters=clusters)
    constant = float(w @ family.constant(rows.y))
    return Estimates(
        model=family.name,
        answer=answer,
        names=tuple(labels[j] for j in (0, *(1 + problem.kept))),
        estimate=T @ found.theta,
        covariance=table,
        cov_type=covariance,
        nobs=rows.total,
        llf=-found.local.value - constant,
        llnull=-value_of(*settings)(start) - constant,
        certificate=certificate,
    )


def _certify(
    family: Family, rows: Rows, labels: tuple[str, ...], problem: StandardProblem, *, phi: FloatArray, local: Local
) -> Certificate:
    """Certificate at standard parameters φ."""
    T = problem.transform()
    step = newton_step(local.hessian, local.gradient)
    errors = np.sqrt(np.diag(T @ np.linalg.pinv(local.hessian, hermitian=True) @ T.T))
    names = tuple(labels[j] for j in (0, *(1 + problem.kept)))
    decrement = float(np.sqrt(max(0.0, -float(local.gradient @ step))))
    worst, worst_name = worst_error(T @ step, errors, names)
    return Certificate(
        model=family.name,
        rows=rows.total,
        columns=len(labels),
        rank=len(names),
        condition=problem.condition,
        dropped=tuple(name for name in labels[1:] if name not in names),
        decrement=decrement,
        worst=worst,
        worst_name=worst_name,
        gradient=float(np.abs(local.gradient).max()),
        separation=_separation(family, rows, problem, problem.A @ phi, names=names, decrement=decrement),
    )


def _separation(
    family: Family,
    rows: Rows,
    problem: StandardProblem,
    eta: FloatArray,
    *,
    names: tuple[str, ...],
    decrement: float,
) -> str:
    """Say what separates the answers; looked for only where fitted values are extreme."""
    A = problem.A
    extreme = np.abs(eta).max() if family is BINOMIAL else -eta.min()
    if extreme < _EXTREME_ETA and decrement < 1.0:
        return "none"
    seen = rows.weight_vector() > 0
    found = separation_of(family is BINOMIAL, A[seen], rows.y[seen])
    return "none" if found is None else found.words(names)
