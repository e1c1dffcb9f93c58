"""Certificates of ridge-penalised fits: how far the reported coefficients are from the minimum of their own objective.

The Newton decrement of the penalised objective bounds the optimisation error of every contrast in standard errors
``√(c'H⁻¹c)`` with H the curvature of the penalised objective. They are smaller than those of the fit without a
penalty, so that the bound holds for these, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_number
from thalweg.base.errors import DataError
from thalweg.linear.certificate import Certificate, worst_error
from thalweg.linear.likelihoods.costs import SoftmaxCost
from thalweg.linear.likelihoods.families import FAMILIES, MultinomialFamily
from thalweg.linear.models import MODELS
from thalweg.linear.numerics.newton import Local, newton_step
from thalweg.linear.numerics.standardise import standard_design, standardise
from thalweg.linear.regression import named_rows
from thalweg.linear.ridge_classification import NEWTON_WORK
from thalweg.linear.rows import DesignRows

_ALL: Final = "the fitted values themselves separate the answers completely"
_FEW_CELLS: Final = 1 << 15  # up to here the linear program for separation takes less than a second


def certify_ridge(
    model: str,
    X: ArrayLike,
    y: ArrayLike,
    coefficients: ArrayLike,
    intercept: ArrayLike,
    ridge: float,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Certificate:
    """Certify coefficients that any program reports for a ridge on standardised columns.

    Parameters
    ----------
    model
        "ols" (``Σ w (y - η)² + ridge Σ β²``), "logistic", "poisson" or "softmax" (``Σ w loss + ½ ridge Σ β²``).
    X, y
        Design [N D], answers [N]: numbers, 0 and 1, or classes 0 … C - 1.
    coefficients, intercept
        The reported solution in the units of the columns: [D] and a number, or [D C] and [C].
    ridge
        Of columns divided by their standard deviation (divisor Σw); the intercept is not penalised.
    weights
        How often each row counts, shape [N].
    names
        Column names; those of ``X``, or x1 … xD, if None.

    Returns
    -------
    Certificate
        Its rank and condition are those of the columns without the penalty. Separation names what would carry the
        coefficients away without it; beyond 30,000 cells only whether the reported fit itself splits all rows.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If the model is unknown or the ridge negative.

    Examples
    --------
    >>> from thalweg.linear import fit_logistic
    >>> x, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    >>> fit = fit_logistic(x, y)
    >>> certify_ridge("logistic", x, y, fit.coefficients, fit.intercept, 1.0).verdict
    'exact'
    """
    check_choice("model", model, tuple(MODELS))
    check_number("ridge", ridge, low=0)
    rows, labels = named_rows(X, y, weights, names)
    reported = _reported(coefficients, intercept, rows.X.shape[1])
    problem = standard_design(rows)
    found = _found(model, rows, reported, float(ridge), labels)
    return Certificate(
        model=MODELS[model].name,
        rows=rows.total,
        columns=len(labels),
        rank=1 + len(problem.kept),
        condition=problem.condition,
        dropped=(),  # a ridge keeps every column
        decrement=found.decrement,
        worst=found.worst,
        worst_name=found.worst_name,
        gradient=found.gradient,
        separation=found.separation,
        ridge=float(ridge),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What depends on the model."""

    decrement: float
    worst: float
    worst_name: str
    gradient: float
    separation: str = "none"


def _reported(coefficients: ArrayLike, intercept: ArrayLike, width: int) -> FloatArray:
    """Return intercepts over coefficients, shape [1+D C]; an intercept of -inf stands for a class without rows."""
    constants = np.atleast_1d(np.asarray(intercept, dtype=np.float64))
    slopes = np.asarray(coefficients, dtype=np.float64)
    slopes = slopes.reshape(len(slopes), -1)
    if slopes.shape != (width, len(constants)):
        raise DataError(
            f"{width} columns and {len(constants)} intercepts need coefficients of that shape, got {slopes.shape}.",
            "Give one coefficient per column, and one intercept per class.",
        )
    if not np.isfinite(slopes).all() or np.isnan(constants).any():
        raise DataError("A reported coefficient is not finite.", "The program that reported it has failed.")
    return np.vstack([constants, slopes])


def _standard_parameters(
    rows: DesignRows, reported: FloatArray, ridge: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Design with its constant on standardised columns [N 1+D], parameters there [1+D C], penalty [1+D]."""
    scale = standardise(rows.X, rows.weights)
    A = np.column_stack([np.ones(len(rows.X)), scale.apply(rows.X)])
    constants = reported[0] + scale.mean @ reported[1:]
    penalty = np.full(A.shape[1], ridge)
    penalty[0] = 0.0
    return A, np.vstack([constants, reported[1:] * scale.deviation[:, None]]), penalty


def _found(model: str, rows: DesignRows, reported: FloatArray, ridge: float, labels: tuple[str, ...]) -> _Found:
    """Return the certificate's numbers and what separates the answers."""
    w = rows.weight_vector()
    family = FAMILIES[model].checked(rows.y, w, reported.shape[1])
    y, terms = rows.y, labels
    if isinstance(family, MultinomialFamily):  # of the classes, those that have rows
        present = np.flatnonzero(np.isfinite(reported[0]))
        terms = tuple(f"class {c}: {name}" for name in labels for c in present)
        y = np.searchsorted(present, y).astype(np.float64)
        family, reported = replace(family, outputs=len(present)), reported[:, present]
    A, theta, penalty = _standard_parameters(rows, reported, ridge)
    cost = family.cost(A, y, w, penalty)
    if isinstance(cost, SoftmaxCost) and cost.newton_work() > NEWTON_WORK:
        decrement = cost.decrement(theta)
        found = _Found(decrement, decrement, "some coefficient", float(np.abs(cost.gradient(theta)).max()))
    else:
        variance = 1.0 if family.separable else _variance(rows, A, theta)
        found = _newton(cost.look(theta.ravel()), terms, variance)
    seen = w > 0
    if family.splits(family.predictors(A[seen], theta.ravel()), y[seen]):
        return replace(found, separation=_ALL)
    told = family.separation(A[seen], y[seen]) if A.size * reported.shape[1] <= _FEW_CELLS else None
    return found if told is None else replace(found, separation=told.words(labels))


def _variance(rows: DesignRows, A: FloatArray, theta: FloatArray) -> float:
    """Residual variance, the unit of the likelihood of least squares."""
    w = rows.weight_vector()
    rounding = (100 * np.finfo(float).eps) ** 2 * float(np.average(rows.y**2, weights=w))  # a perfect fit
    variance = float(w @ (rows.y - A @ theta[:, 0]) ** 2) / max(1.0, rows.total - len(theta))
    return max(variance, rounding, float(np.finfo(float).tiny))


def _newton(local: Local, names: tuple[str, ...], variance: float = 1.0) -> _Found:
    """Decrement and worst coefficient of an objective whose unit of likelihood is the variance."""
    step = newton_step(local.hessian, local.gradient)
    errors = np.sqrt(variance * _inverse_diagonal(local.hessian))
    known = errors > 0  # a constant column has neither coefficient nor error
    worst, name = worst_error(step[known], errors[known], tuple(n for n, k in zip(names, known, strict=True) if k))
    decrement = float(np.sqrt(max(0.0, -float(local.gradient @ step)) / variance))
    return _Found(decrement, worst, name, float(np.abs(local.gradient).max() / variance))


def _inverse_diagonal(hessian: FloatArray) -> FloatArray:
    """Diagonal of the inverse, from a triangular factor; 0 where a constant column has no curvature."""
    scale = np.sqrt(np.diag(hessian))
    if scale.min() > 0:
        try:
            root = linalg.cholesky(hessian / np.outer(scale, scale), lower=True)
            inverse = linalg.solve_triangular(root, np.eye(len(root)), lower=True)
            return np.asarray(np.square(inverse).sum(axis=0) / scale**2)
        except linalg.LinAlgError:
            pass
    return np.asarray(np.diag(np.linalg.pinv(hessian, hermitian=True)))
