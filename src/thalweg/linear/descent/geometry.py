"""Why the lasso sets coefficients to zero: ellipses of the RSS and constraint sets, for two coefficients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError
from thalweg.linear.folds import deviations
from thalweg.linear.moments import moments
from thalweg.linear.paths.elastic_net import CoordinateDescent, PathProblem
from thalweg.linear.rows import check_rows


@dataclass(frozen=True, slots=True)
class ShrinkageGeometry:
    """What the usual picture of ridge and lasso shows, for two standardised columns.

    Parameters
    ----------
    centre
        Least squares, shape [2].
    lasso, ridge
        The penalised solutions, shape [2].
    diamond
        Corners of ``|β1| + |β2| ≤ s``, s what the lasso uses, closed, shape [5 2].
    disc
        Circle of ``β1² + β2² ≤ s²``, s what the ridge uses, shape [201 2].
    levels
        RSS (of a likelihood its negative logarithm) over its minimum, of the level curves; the first passes the lasso,
        the second the ridge solution. Shape [5].
    ellipses
        Points of those curves, shape [5 Q 2]; for least squares they are ellipses.
    """

    centre: FloatArray
    lasso: FloatArray
    ridge: FloatArray
    diamond: FloatArray
    disc: FloatArray
    levels: FloatArray
    ellipses: FloatArray


def shrinkage_geometry(X: ArrayLike, y: ArrayLike, *, lasso_penalty: float, ridge_penalty: float) -> ShrinkageGeometry:
    """Compute the picture for a design of two columns.

    Parameters
    ----------
    X
        Shape [N 2]; standardised here.
    y
        Shape [N].
    lasso_penalty, ridge_penalty
        λ of James et al. (2021), equations 6.7 and 6.5, on the scale of the residual sum of squares.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If there are not two independent columns, or a penalty is not positive.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> picture = shrinkage_geometry(X, X[:, 0], lasso_penalty=40.0, ridge_penalty=40.0)
    >>> bool(picture.lasso[1] == 0), bool(picture.ridge[1] == 0)
    (True, False)
    """
    check_number("lasso_penalty", lasso_penalty, low=0, open_low=True)
    check_number("ridge_penalty", ridge_penalty, low=0, open_low=True)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    total = moments(rows)
    deviation = deviations(total, standardise=True)
    gram = total.gram / np.outer(deviation, deviation)
    if gram.shape != (2, 2) or np.linalg.cond(gram) > 1e10:
        raise SettingError("The picture needs two independent columns.", "Choose two columns.")
    cross = total.cross[:, 0] / deviation
    centre = np.asarray(np.linalg.solve(gram, cross), dtype=np.float64)
    ridge = np.asarray(np.linalg.solve(gram + ridge_penalty * np.eye(2), cross), dtype=np.float64)
    problem = PathProblem.of(total, standardise=True)
    alpha = np.array([[lasso_penalty / (2 * total.total)]])
    lasso = CoordinateDescent().solve([problem], alpha, np.ones(1), tolerance=1e-12)[0][0, :, 0]
    excess = [float((b - centre) @ gram @ (b - centre)) for b in (lasso, ridge)]
    levels = np.array([*excess, *(max(excess) * np.array([0.1, 0.4, 2.0]))])
    circle = _circle()
    root = np.linalg.inv(np.linalg.cholesky(gram)).T
    diamond, disc = constraint_sets(lasso, ridge)
    return ShrinkageGeometry(
        centre=centre,
        lasso=lasso,
        ridge=ridge,
        diamond=diamond,
        disc=disc,
        levels=levels,
        ellipses=centre + np.sqrt(levels)[:, None, None] * (circle @ root.T),
    )


def constraint_sets(lasso: FloatArray, ridge: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the diamond that just holds the lasso, [5 2], and the disc that just holds the ridge, [201 2]."""
    corners = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    return float(np.abs(lasso).sum()) * corners, float(np.linalg.norm(ridge)) * _circle()


def _circle() -> FloatArray:
    """Points of the unit circle, shape [201 2]."""
    angle = np.linspace(0, 2 * np.pi, 201)
    return np.column_stack([np.cos(angle), np.sin(angle)])
