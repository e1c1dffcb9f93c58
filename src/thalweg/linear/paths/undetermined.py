"""What can still be estimated where least squares has more coefficients than rows: coefficients with a ridge."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.weighing import weights_kind_of
from thalweg.linear.estimates import Estimates
from thalweg.linear.regression import named_rows
from thalweg.linear.ridge import fit_ridge
from thalweg.linear.ridge_certificate import certify_ridge
from thalweg.linear.rows import counting_rows


def undetermined_estimates(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
    names: Sequence[str] | None = None,
    answer: str = "y",
) -> Estimates:
    """Minimise ``Σ w (y - a - z'β)² + λ Σ β²`` over standardised columns, at the λ of the smallest leave-one-out error.

    Many coefficients fit the rows equally well where columns are as many as rows; the penalty chooses among them. So
    they have no standard errors.

    Parameters
    ----------
    X, y, weights, weights_kind, names, answer
        As for :func:`~thalweg.linear.regression.regress`.

    Returns
    -------
    Estimates
        ``cov_type`` is "none", and the covariance NaN.

    Raises
    ------
    DataError
        If the input is wrong.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(6, 9))
    >>> fit = undetermined_estimates(X, X[:, 0])
    >>> len(fit.names), fit.cov_type, fit.certificate.verdict
    (10, 'none', 'exact')

    Notes
    -----
    Hoerl & Kennard (1970, Technometrics 12, 55-67); leave-one-out as in :func:`~thalweg.linear.ridge.fit_ridge`.
    """
    rows, labels = named_rows(X, y, weights, names)
    kind = weights_kind_of(weights_kind)
    rows, _, _ = counting_rows(rows, kind, None)
    found = fit_ridge(rows.X, rows.y, weights=rows.weights, weights_kind=kind)
    penalty, intercept = float(found.penalty), float(found.intercept)
    roles: dict[str, Any] = {"weights": rows.weights, "names": labels[1:]}
    told = certify_ridge("ols", rows.X, rows.y, found.coefficients, intercept, penalty, **roles)
    return Estimates(
        model=f"least squares, ridge {penalty:.3g}",
        answer=answer,
        names=labels,
        estimate=np.append(intercept, found.coefficients),
        covariance=np.full((len(labels), len(labels)), np.nan),
        cov_type="none",
        nobs=rows.total,
        llf=np.nan,
        llnull=np.nan,
        certificate=told,
        weights_kind=None if rows.weights is None else kind,
        columns=labels[1:],
    )
