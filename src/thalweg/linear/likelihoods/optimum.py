"""How far reported coefficients are from the maximum of their likelihood, or that nobody can say.

Near the maximum the Newton decrement tells. Far from it the quadratic that it rests on need not hold: curvature
underflows where fitted values saturate, and a decrement of 0 would call a diverged solver exact. There the maximum is
solved for, and the distance to it is told in the standard errors at the maximum.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.numerics.extended import cross_pair, residual_pair, round_pair
from thalweg.linear.numerics.newton import Local, minimise, newton_decrement, newton_step
from thalweg.linear.numerics.standardise import StandardDesign
from thalweg.linear.rows import DesignRows

REACH: Final = 0.5  # a step that moves η by less changes the curvature of a row by a factor e^0.5 at most
_STRAIGHT: Final = 1e3  # condition up to which standardised columns are coordinates good enough for Newton's method
_EXTENDED_CELLS: Final = 1 << 22  # up to here η and gradient in 32 digits take less than a second
_CORRECTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Parameters in which the likelihood is well conditioned.

    Parameters
    ----------
    A
        Design in these coordinates with its constant, shape [N 1+K].
    T
        Original parameters are T times these, shape [1+K 1+K].
    """

    A: FloatArray
    T: FloatArray


def coordinates_of(problem: StandardDesign, weights: FloatArray) -> Coordinates:
    """Return standardised columns, or orthogonal ones if those are ill-conditioned.

    Parameters
    ----------
    problem
        The standardised design.
    weights
        Shape [N].

    Examples
    --------
    >>> from thalweg.linear.numerics.standardise import standard_design
    >>> from thalweg.linear.rows import check_rows
    >>> problem = standard_design(check_rows([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0 + 1e-6]], [0, 1, 1]))
    >>> found = coordinates_of(problem, np.ones(3))
    >>> bool(np.allclose(found.A.T @ found.A, 3 * np.eye(3), atol=1e-6))
    True
    """
    T = problem.transform()
    if problem.condition <= _STRAIGHT:
        return Coordinates(problem.A, T)
    _, root = np.linalg.qr(problem.A * np.sqrt(weights / weights.sum())[:, None])
    A = linalg.solve_triangular(root, problem.A.T, trans="T").T
    return Coordinates(A, np.asarray(linalg.solve_triangular(root, T.T, trans="T").T))


@dataclass(frozen=True, slots=True)
class Distance:
    """How far parameters are from the maximum.

    Parameters
    ----------
    decrement
        Bound on the error of every contrast in its standard errors; infinite if nobody can say.
    step
        From the reported coefficients to the maximum, in the units of the columns, shape [1+K].
    standard_errors
        Shape [1+K].
    gradient
        Largest derivative of the likelihood in these coordinates.
    """

    decrement: float
    step: FloatArray
    standard_errors: FloatArray
    gradient: float


def local_at(
    family: MeanFamily, rows: DesignRows, kept: IntArray, at: Coordinates, theta: FloatArray
) -> tuple[Local, FloatArray]:
    """Return the negative log-likelihood at original parameters θ [1+K] and η [N], in 32 digits where affordable.

    Numbers that overflow are infinite.

    Examples
    --------
    >>> from thalweg.linear.likelihoods.families import POISSON
    >>> from thalweg.linear.numerics.standardise import standard_design
    >>> from thalweg.linear.rows import check_rows
    >>> rows = check_rows([[0.0], [1.0], [2.0], [3.0]], [1, 2, 4, 8])
    >>> problem = standard_design(rows)
    >>> at = coordinates_of(problem, np.ones(4))
    >>> local, eta = local_at(POISSON, rows, problem.kept, at, np.array([0.0, np.log(2)]))
    >>> bool(np.abs(local.gradient).max() < 1e-14), np.exp(eta).round(9)
    (True, array([1., 2., 4., 8.]))
    """
    w, X = rows.weight_vector(), rows.X[:, kept]
    with np.errstate(invalid="ignore", over="ignore"):
        fine = X.size <= _EXTENDED_CELLS and bool(np.abs(theta).max() < 1e100)
        if fine:
            design = np.column_stack([np.ones(len(X)), X])
            eta = -round_pair(residual_pair(design, (theta, np.zeros_like(theta)), np.zeros(len(X))))
        else:
            eta = theta[0] + X @ theta[1:]
        surprise = w * (family.mean(eta) - rows.y)
        if fine and np.abs(surprise).max() < 1e100:
            gradient = at.T.T @ cross_pair(design, (surprise, np.zeros_like(surprise)))
        else:
            gradient = at.A.T @ surprise
        root = at.A * np.sqrt(w * family.curvature(eta))[:, None]
        return Local(float(w @ family.loss(eta, rows.y)), gradient, root.T @ root), eta


def distance_to_maximum(
    family: MeanFamily, rows: DesignRows, problem: StandardDesign, at: Coordinates, theta: FloatArray
) -> Distance:
    """Return how far original parameters are from the maximum of their likelihood.

    Parameters
    ----------
    family
        The likelihood.
    rows, problem, at
        The rows, their standardised design and well-conditioned coordinates.
    theta
        Constant and kept coefficients in the units of the columns, shape [1+K].

    Examples
    --------
    >>> from thalweg.linear.likelihoods.families import POISSON
    >>> from thalweg.linear.numerics.standardise import standard_design
    >>> from thalweg.linear.rows import check_rows
    >>> rows = check_rows([[0.0], [1.0], [2.0], [3.0]], [1, 2, 4, 8])
    >>> problem = standard_design(rows)
    >>> at = coordinates_of(problem, np.ones(4))
    >>> near, far = (distance_to_maximum(POISSON, rows, problem, at, np.array([a, np.log(2)])) for a in (1e-6, -800.0))
    >>> round(near.decrement / 1e-6, 3), round(far.decrement)
    (3.873, 3098)

    Notes
    -----
    Bach (2010, Electronic Journal of Statistics 4, 384-414) for the curvature of a row along a step: the loss of
    logistic and Poisson rows has a third derivative no larger than the second.
    """
    local, _ = local_at(family, rows, problem.kept, at, theta)
    found = _near(at, local)
    if found is not None:
        return found
    unknown = np.full(len(theta), np.nan)
    lost = Distance(math.inf, unknown, unknown, float(np.abs(local.gradient).max()))
    start = np.zeros(len(theta))
    w = rows.weight_vector()
    start[0] = family.link(float(np.average(rows.y, weights=w)))
    best = at.T @ minimise(family.cost(at.A, rows.y, w, np.zeros_like(start)), start).theta
    best, there = polished(family, rows, problem, at, best)
    if there is None:
        return lost
    step = best - theta
    inner = np.linalg.solve(at.T, step)
    size = float(np.abs(inner).max())
    if not math.isfinite(size):
        return lost
    hessian = local_at(family, rows, problem.kept, at, best)[0].hessian
    unit = inner / max(size, float(np.finfo(float).tiny))
    return Distance(
        size * math.sqrt(max(0.0, float(unit @ hessian @ unit))), step, there.standard_errors, lost.gradient
    )


def polished(
    family: MeanFamily, rows: DesignRows, problem: StandardDesign, at: Coordinates, theta: FloatArray
) -> tuple[FloatArray, Distance | None]:
    """Correct original parameters near the maximum by gradients of 32 digits; None beside them if they are not near.

    Examples
    --------
    >>> from thalweg.linear.likelihoods.families import POISSON
    >>> from thalweg.linear.numerics.standardise import standard_design
    >>> from thalweg.linear.rows import check_rows
    >>> rows = check_rows([[0.0], [1.0], [2.0], [3.0]], [1, 2, 4, 8])
    >>> problem = standard_design(rows)
    >>> at = coordinates_of(problem, np.ones(4))
    >>> theta, _ = polished(POISSON, rows, problem, at, np.array([0.01, 0.68]))
    >>> bool(np.allclose(theta, [0.0, np.log(2)], rtol=0, atol=1e-14))
    True
    """
    found = _near(at, local_at(family, rows, problem.kept, at, theta)[0])
    for _ in range(_CORRECTIONS):
        if found is None or found.decrement < 1e-13:
            break
        moved = theta + found.step
        closer = _near(at, local_at(family, rows, problem.kept, at, moved)[0])
        if closer is None or closer.decrement >= found.decrement / 2:
            break
        theta, found = moved, closer
    return theta, found


def _near(at: Coordinates, local: Local) -> Distance | None:
    """Distance by the Newton step, None where the step is too long for it, or the curvature singular."""
    if not (np.isfinite(local.gradient).all() and np.isfinite(local.hessian).all() and np.isfinite(local.value)):
        return None
    scale = np.sqrt(np.diag(local.hessian))
    if not scale.min() > 0:
        return None
    try:
        root = linalg.cholesky(local.hessian / np.outer(scale, scale), lower=True)
    except linalg.LinAlgError:
        return None
    if np.diag(root).min() ** 2 < 100 * len(root) * np.finfo(float).eps:
        return None
    step = newton_step(local.hessian, local.gradient)
    if not np.abs(at.A @ step).max() <= REACH:
        return None
    half = linalg.solve_triangular(root, (at.T / scale).T, lower=True)
    return Distance(
        newton_decrement(local, step),
        at.T @ step,
        np.sqrt(np.square(half).sum(axis=0)),
        float(np.abs(local.gradient).max()),
    )
