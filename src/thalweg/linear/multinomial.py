"""Multinomial logistic regression with inference: how each class compares with the first."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from thalweg.base.arrays import FloatArray
from thalweg.base.errors import DataError, rows_at
from thalweg.base.weighing import weights_kind_of
from thalweg.linear.certificate import Certificate, worst_error
from thalweg.linear.covariance import CLUSTERED, CovarianceTable, check_kind, covariance_of, sandwich
from thalweg.linear.estimates import Estimates, with_all_rows
from thalweg.linear.likelihoods.families import MULTINOMIAL
from thalweg.linear.likelihoods.optimum import REACH
from thalweg.linear.likelihoods.separation import SeparatedError
from thalweg.linear.numerics.newton import minimise
from thalweg.linear.numerics.standardise import standard_design
from thalweg.linear.regression import named_rows
from thalweg.linear.rows import Clusters, DesignRows, counting_rows

_EXTREME_SHARE = 1e-6  # a fitted probability below this is looked at for separation


def multinomial_regression(
    X: ArrayLike,
    codes: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    answer: str = "y",
    covariance: str | None = None,
    clusters: Clusters | None = None,
    weights_kind: str | None = None,
) -> Estimates:
    """Estimate ``log(P(y = c) / P(y = 0)) = a_c + x'β_c`` by maximum likelihood.

    Parameters
    ----------
    X
        Design, shape [N D], without a column of ones; a data frame gives its column names.
    codes
        Classes 0 … C - 1, shape [N]; class 0 is the reference.
    weights
        Shape [N]; a row of weight 0 is no row.
    names
        Column names; those of ``X``, or x1 … xD, if None.
    classes
        C names; 0 … C - 1 if None. Coefficients are named "class: column".
    answer
        Name of the answer.
    covariance
        "classical" (inverse information), "HC0", "HC1" or "cluster"; None as for
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
        If a class has no rows, the columns separate classes (no finite maximum exists), or the input is
        wrong.
    SettingError
        If the covariance is unknown or not defined here.

    Examples
    --------
    >>> x = [[0.0], [1.0], [2.0], [0.5], [1.5], [2.5], [1.0], [2.0], [3.0]]
    >>> multinomial_regression(x, [0, 0, 0, 1, 1, 1, 2, 2, 2]).params.round(2).to_dict()
    {'1: Intercept': -0.89, '1: x1': 0.71, '2: Intercept': -2.14, '2: x1': 1.43}
    """
    rows, labels = named_rows(X, codes, weights, names)
    kind = weights_kind_of(weights_kind)
    count = len(rows.X)
    rows, clusters, kept = counting_rows(rows, kind, clusters)
    covariance = covariance_of(covariance, kind, clusters)
    with rows_at(kept):
        check_kind(covariance, clusters, len(rows.X))
        found = _maximum(rows, labels, classes, answer, covariance=covariance, clusters=clusters, weights_kind=kind)
    return with_all_rows(found, kept, count)


def _maximum(
    rows: DesignRows,
    labels: tuple[str, ...],
    classes: Sequence[str] | None,
    answer: str,
    *,
    covariance: str,
    clusters: Clusters | None,
    weights_kind: str,
) -> Estimates:
    """Maximise the likelihood of rows that count, with weights that sum to n."""
    w = rows.weight_vector()
    family = MULTINOMIAL.checked(rows.y, w, None if classes is None else len(classes))
    count = family.outputs
    Y = family.indicators(rows.y)
    empty = np.flatnonzero(w @ Y == 0)
    if len(empty):
        raise DataError(f"Class {empty[0]} has no rows.", "Leave it out and number the classes from 0.")
    problem = standard_design(rows)
    width = problem.A.shape[1]
    cost = family.cost(problem.A, rows.y, w, np.zeros(width))
    start = np.zeros((width, count))
    start[0] = np.log(w @ Y)
    found = minimise(cost, start.ravel())
    P = softmax(problem.A @ found.theta.reshape(width, count), axis=1)
    kept = (labels[0], *(labels[1 + j] for j in problem.kept))
    if P.min() < _EXTREME_SHARE or not found.converged:
        separation = family.separation(problem.A[w > 0], rows.y[w > 0])
        if separation is not None:
            raise SeparatedError(separation.words(kept), family.remedy)
    contrast = np.kron(problem.transform(), np.hstack([-np.ones((count - 1, 1)), np.eye(count - 1)]))
    contrast = contrast[np.arange(len(contrast)).reshape(width, count - 1).T.ravel()]  # class by class
    bread = contrast @ np.linalg.pinv(found.local.hessian, hermitian=True) @ contrast.T
    class_names = [str(c) for c in range(count)] if classes is None else list(classes)
    listed = tuple(f"{c}: {name}" for c in class_names[1:] for name in kept)
    far = not np.abs(problem.A @ found.step.reshape(width, count)).max() <= REACH
    worst, worst_name = worst_error(contrast @ found.step, np.sqrt(np.diag(bread)), listed)
    spread = CovarianceTable(bread, math.inf)
    if covariance != "classical":
        A = np.column_stack([np.ones(len(w)), rows.X[:, problem.kept]])
        scores = _scores(A, (Y - P)[:, 1:])
        spread = sandwich(bread, scores, w, covariance, clusters=clusters, weights_kind=weights_kind, likelihood=True)
    return Estimates(
        model=family.name,
        answer=answer,
        names=listed,
        estimate=contrast @ found.theta,
        covariance=spread.table,
        cov_type=covariance,
        df=spread.df if covariance in CLUSTERED else math.inf,
        nobs=rows.total,
        llf=-found.local.value,
        llnull=-cost.value(start),
        certificate=Certificate(
            model=family.name,
            rows=rows.total,
            columns=len(labels) * (count - 1),
            rank=len(listed),
            condition=problem.condition,
            dropped=tuple(name for name in labels if name not in kept),
            decrement=math.inf if far else found.decrement,
            worst=worst,
            worst_name=worst_name,
            gradient=float(np.abs(found.local.gradient).max()),
        ),
        weights_kind=None if rows.weights is None else weights_kind,
        columns=labels[1:],
        fitted=P,
        reference=class_names[0],
    )


def _scores(A: FloatArray, surprise: FloatArray) -> FloatArray:
    """Gradient of each row's log-likelihood, class by class, shape [N (C-1)(1+K)]."""
    return np.asarray((surprise[:, :, None] * A[:, None, :]).reshape(len(A), -1))
