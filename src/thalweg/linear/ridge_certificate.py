"""Certificates of ridge-penalised fits: how far the reported coefficients are from the minimum of their own objective.

The Newton decrement of the penalised objective bounds the optimisation error of every contrast in standard errors
``√(c'H⁻¹c)`` with H the curvature of the penalised objective. They are smaller than those of the fit without a
penalty, so that the bound holds for these, too.
"""

import math
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
from thalweg.linear.likelihoods.contract import LikelihoodCost
from thalweg.linear.likelihoods.costs import SoftmaxCost
from thalweg.linear.likelihoods.families import FAMILIES, MultinomialFamily
from thalweg.linear.likelihoods.optimum import REACH
from thalweg.linear.models import MODELS
from thalweg.linear.numerics.newton import minimise, newton_decrement, newton_step
from thalweg.linear.numerics.rotation import is_wide, rotate
from thalweg.linear.numerics.standardise import standard_design, standardise
from thalweg.linear.regression import named_rows
from thalweg.linear.ridge_classification import NEWTON_WORK
from thalweg.linear.rows import LARGEST, DesignRows

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
    scaled: bool = True,
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
    scaled
        Whether the ridge is of columns divided by their standard deviation, rather than of the columns as they are.

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
    rank, condition = _rank(rows)
    found = _found(model, rows, reported, float(ridge), labels, scaled=scaled)
    return Certificate(
        model=MODELS[model].name,
        rows=rows.total,
        columns=len(labels),
        rank=1 + rank,
        condition=condition,
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
    if not (np.abs(slopes) < LARGEST).all() or np.isnan(constants).any() or not (constants < LARGEST).all():
        raise DataError(
            f"A reported coefficient is not finite and below {LARGEST:g}.", "The program that reported it has failed."
        )
    return np.vstack([constants, slopes])


def _rank(rows: DesignRows) -> tuple[int, float]:
    """Rank and condition number of the centred, scaled columns; of more columns than rows, of the rows' span."""
    if not is_wide(rows.X):
        problem = standard_design(rows)
        return len(problem.kept), problem.condition
    Z = standardise(rows.X, rows.weights).apply(rows.X) * np.sqrt(rows.weight_vector())[:, None]
    sizes = rotate(Z).sizes
    return len(sizes), float(sizes[0] / sizes[-1])


@dataclass(frozen=True, slots=True)
class _Parameters:
    """Design with its constant on penalised columns [N 1+K], parameters there [1+K C], penalty [1+K].

    Of more columns than rows the design is that of their directions [D K]; ``beside`` are the parameters outside their
    span [D C], which an optimum has none of.
    """

    A: FloatArray
    theta: FloatArray
    penalty: FloatArray
    directions: FloatArray | None = None
    beside: FloatArray | None = None


def _standard_parameters(rows: DesignRows, reported: FloatArray, ridge: float, *, scaled: bool) -> _Parameters:
    scale = standardise(rows.X, rows.weights, scaled=scaled)
    Z, slopes = scale.apply(rows.X), reported[1:] * scale.deviation[:, None]
    constants, ones = reported[0] + scale.mean @ reported[1:], np.ones(len(Z))
    directions = beside = None
    if is_wide(Z) and ridge > 0:
        rotation = rotate(Z)
        Z, directions = rotation.scores, rotation.directions
        beside = slopes - directions @ (directions.T @ slopes)
        slopes = directions.T @ slopes
    penalty = np.full(1 + Z.shape[1], ridge)
    penalty[0] = 0.0
    return _Parameters(np.column_stack([ones, Z]), np.vstack([constants, slopes]), penalty, directions, beside)


def _found(
    model: str, rows: DesignRows, reported: FloatArray, ridge: float, labels: tuple[str, ...], *, scaled: bool
) -> _Found:
    """Return the certificate's numbers and what separates the answers."""
    w = rows.weight_vector()
    family = FAMILIES[model].checked(rows.y, w, reported.shape[1])
    y, terms = rows.y, labels
    if isinstance(family, MultinomialFamily):  # of the classes, those that have rows
        present = np.flatnonzero(np.isfinite(reported[0]))
        terms = tuple(f"class {c}: {name}" for name in labels for c in present)
        y = np.searchsorted(present, y).astype(np.float64)
        family, reported = replace(family, outputs=len(present)), reported[:, present]
    at = _standard_parameters(rows, reported, ridge, scaled=scaled)
    A, theta = at.A, at.theta
    cost = family.cost(A, y, w, at.penalty)
    if isinstance(cost, SoftmaxCost) and cost.newton_work() > NEWTON_WORK:
        decrement = float(np.hypot(cost.decrement(theta), _beside(at, ridge)))
        found = _Found(decrement, decrement, "some coefficient", float(np.abs(cost.gradient(theta)).max()))
    else:
        judged = _judged(cost, A, theta)
        best = theta + judged.step.reshape(theta.shape)
        variance = 1.0 if family.separable else _variance(rows, A, best)
        found = _newton(judged, terms, variance) if at.beside is None else _rotated(judged, at, ridge, terms, variance)
    seen = w > 0
    if family.splits(family.predictors(A[seen], theta.ravel()), y[seen]):
        return replace(found, separation=_ALL)
    told = family.separation(A[seen], y[seen]) if A.size * reported.shape[1] <= _FEW_CELLS else None
    return found if told is None else replace(found, separation=told.words(labels))


def _variance(rows: DesignRows, A: FloatArray, theta: FloatArray) -> float:
    """Residual variance, the unit of the likelihood of least squares."""
    w = rows.weight_vector()
    rounding = (100 * np.finfo(float).eps) ** 2 * float(np.average(rows.y**2, weights=w))  # a perfect fit
    squares = (rows.y - A @ theta[:, 0]) ** 2 if np.isfinite(theta).all() else np.zeros_like(rows.y)
    variance = float(w @ squares) / max(1.0, rows.total - len(theta))
    return max(variance, rounding, float(np.finfo(float).tiny))


@dataclass(frozen=True, slots=True)
class _Judged:
    """The way to the optimum [P], the curvature its standard errors are of [P P], its length, and the gradient."""

    step: FloatArray
    hessian: FloatArray
    decrement: float
    gradient: float


def _judged(cost: LikelihoodCost, A: FloatArray, theta: FloatArray) -> _Judged:
    """Judge parameters [1+K C] by their Newton step; where that is too long to be trusted, by the optimum itself."""
    with np.errstate(over="ignore", invalid="ignore"):
        local = cost.look(theta.ravel())
        step = newton_step(local.hessian, local.gradient)
        decrement, gradient = newton_decrement(local, step), float(np.abs(local.gradient).max())
        moves = np.abs(A @ step.reshape(theta.shape)).max()
    if math.isfinite(decrement) and moves <= REACH:
        return _Judged(step, local.hessian, decrement, gradient)
    found = minimise(cost, np.zeros(theta.size))
    if not found.converged:
        return _Judged(np.full(theta.size, np.nan), found.local.hessian, math.inf, gradient)
    step = found.theta - theta.ravel()
    size = max(float(np.abs(step).max()), float(np.finfo(float).tiny))
    length = size * math.sqrt(max(0.0, float(step / size @ found.local.hessian @ (step / size))))
    return _Judged(step, found.local.hessian, length, gradient)


def _newton(judged: _Judged, names: tuple[str, ...], variance: float = 1.0) -> _Found:
    """Decrement and worst coefficient of an objective whose unit of likelihood is the variance."""
    errors = np.sqrt(variance * _inverse_diagonal(judged.hessian))
    known = errors > 0  # a constant column has neither coefficient nor error
    if not known.any():
        return _Found(math.inf, math.inf, names[0], judged.gradient / variance)
    told = tuple(n for n, k in zip(names, known, strict=True) if k)
    worst, name = worst_error(judged.step[known], errors[known], told)
    return _Found(judged.decrement / math.sqrt(variance), worst, name, judged.gradient / variance)


def _beside(at: _Parameters, ridge: float) -> float:
    """Newton decrement of the parameters outside the span of the rows, where the penalty alone has curvature."""
    return 0.0 if at.beside is None else float(np.sqrt(ridge) * np.linalg.norm(at.beside))


def _rotated(judged: _Judged, at: _Parameters, ridge: float, names: tuple[str, ...], variance: float) -> _Found:
    """Return what :func:`_newton` does of the columns, from an objective of their directions."""
    V, beside = at.directions, at.beside
    assert V is not None
    assert beside is not None
    shape = at.theta.shape
    inverse = np.linalg.pinv(judged.hessian, hermitian=True).reshape(*shape, *shape)
    outside = np.maximum(1 - np.square(V).sum(axis=1), 0.0) / ridge
    within = [np.einsum("dk,dk->d", V @ inverse[1:, c, 1:, c], V) for c in range(shape[1])]
    constants = np.array([inverse[0, c, 0, c] for c in range(shape[1])])
    errors = np.sqrt(variance * np.vstack([constants, np.column_stack(within) + outside[:, None]]))
    steps = judged.step.reshape(shape)
    moves = np.vstack([steps[:1], V @ steps[1:] - beside])
    worst, name = worst_error(moves.ravel(), errors.ravel(), names)
    decrement = float(np.hypot(judged.decrement, _beside(at, ridge)) / math.sqrt(variance))
    return _Found(decrement, worst, name, judged.gradient / variance)


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
