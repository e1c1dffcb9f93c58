"""Why the lasso sets coefficients to zero: level curves of the loss and constraint sets, for two coefficients."""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError
from thalweg.linear.likelihoods.contract import MeanFamily
from thalweg.linear.likelihoods.families import mean_family
from thalweg.linear.numerics.moments import deviations, moments
from thalweg.linear.numerics.newton import Cost, Local, minimise
from thalweg.linear.numerics.standardise import standardise
from thalweg.linear.paths.elastic_net import CoordinateDescent, ElasticNetProblem
from thalweg.linear.rows import check_rows

_ANGLES: Final = 101
_STEPS: Final = 12
_LIMIT: Final = 50.0  # |η| beyond this is no answer's


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
    >>> np.flatnonzero(picture.lasso), np.flatnonzero(picture.ridge)
    (array([0]), array([0, 1]))
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
    problem = ElasticNetProblem.of(total, standardise=True)
    alpha = np.array([[lasso_penalty / (2 * total.total)]])
    lasso = CoordinateDescent().solve([problem], alpha, np.ones(1), tolerance=1e-12)[0][0, :, 0]
    excess = [float((b - centre) @ gram @ (b - centre)) for b in (lasso, ridge)]
    levels = np.array([*excess, *(max(excess) * np.array([0.1, 0.4, 2.0]))])
    circle = _circle()
    root = np.linalg.inv(np.linalg.cholesky(gram)).T
    diamond, disc = _constraint_sets(lasso, ridge)
    return ShrinkageGeometry(
        centre=centre,
        lasso=lasso,
        ridge=ridge,
        diamond=diamond,
        disc=disc,
        levels=levels,
        ellipses=centre + np.sqrt(levels)[:, None, None] * (circle @ root.T),
    )


def likelihood_geometry(
    model: str, X: ArrayLike, y: ArrayLike, *, lasso_penalty: float, ridge_penalty: float
) -> ShrinkageGeometry:
    """Compute the picture for a logistic or Poisson regression on two columns.

    Parameters
    ----------
    model
        "logistic" or "poisson".
    X
        Shape [N 2]; standardised here.
    y
        Answers, shape [N].
    lasso_penalty, ridge_penalty
        λ of ``-log-likelihood + λ Σ|β|`` and of ``-log-likelihood + ½ λ Σβ²``.

    Returns
    -------
    ShrinkageGeometry
        ``levels`` are losses of log-likelihood against the maximum, the constant at its best everywhere.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If there are not two columns that differ, a penalty is not positive, or the model is another.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(200, 2))
    >>> y = X[:, 0] + random.logistic(size=200) > 0
    >>> picture = likelihood_geometry("logistic", X, y, lasso_penalty=20.0, ridge_penalty=20.0)
    >>> np.flatnonzero(picture.lasso), np.flatnonzero(picture.ridge)
    (array([0]), array([0, 1]))
    """
    check_number("lasso_penalty", lasso_penalty, low=0, open_low=True)
    check_number("ridge_penalty", ridge_penalty, low=0, open_low=True)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    Z = standardise(rows.X, None).apply(rows.X)
    if Z.shape[1] != 2 or np.linalg.cond(Z) > 1e5:
        raise SettingError("The picture needs two independent columns.", "Choose two columns.")
    picture = _Picture(mean_family(model).checked(rows.y, np.ones(len(Z))), Z, rows.y)
    centre, top = picture.best((0, 1), np.zeros(2), 0.0)
    ridge, _ = picture.best((0, 1), np.zeros(2), ridge_penalty)
    lasso = _lasso(picture, lasso_penalty)
    excess = [float(picture.profile(point[None])[0][0]) - top for point in (lasso, ridge)]
    levels = np.array([*excess, *(max(excess) * np.array([0.1, 0.4, 2.0]))])
    curves = np.stack([picture.curve(centre, top + level) for level in levels])
    diamond, disc = _constraint_sets(lasso, ridge)
    return ShrinkageGeometry(centre, lasso, ridge, diamond, disc, levels, curves)


@dataclass(frozen=True, slots=True)
class _Tilted:
    """A cost with a linear term."""

    cost: Cost
    line: FloatArray

    def value(self, theta: FloatArray) -> float:
        """Value at θ."""
        return self.cost.value(theta) + float(self.line @ theta)

    def look(self, theta: FloatArray) -> Local:
        """Value, gradient and Hessian at θ."""
        local = self.cost.look(theta)
        return Local(local.value + float(self.line @ theta), local.gradient + self.line, local.hessian)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A likelihood over two standardised columns Z [N 2] and answers [N]."""

    family: MeanFamily
    Z: FloatArray
    y: FloatArray

    def best(self, columns: tuple[int, ...], tilt: FloatArray, ridge: float) -> tuple[FloatArray, float]:
        """Minimum of ``loss + tilt'β + ½ ridge β'β`` over the constant and some columns: β [2] and the value."""
        A = np.column_stack([np.ones(len(self.y)), self.Z[:, columns]])
        penalty = np.append(0.0, np.full(len(columns), ridge))
        line = np.append(0.0, tilt[list(columns)])
        cost = _Tilted(self.family.cost(A, self.y, np.ones(len(A)), penalty), line)
        found = minimise(cost, np.zeros(A.shape[1]))
        slopes = np.zeros(2)
        slopes[list(columns)] = found.theta[1:]
        return slopes, found.local.value

    def profile(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Loss at points [P 2], the constant at its best, shape [P], and its gradient there, [P 2]."""
        eta = points @ self.Z.T
        constant = np.zeros(len(points))
        for _ in range(_STEPS):
            at = np.clip(eta + constant[:, None], -_LIMIT, _LIMIT)
            slope = (self.family.mean(at) - self.y).sum(axis=1)
            constant -= np.clip(slope / np.maximum(self.family.curvature(at).sum(axis=1), 1e-12), -1.0, 1.0)
        at = np.clip(eta + constant[:, None], -_LIMIT, _LIMIT)
        return self.family.loss(at, self.y).sum(axis=1), (self.family.mean(at) - self.y) @ self.Z

    def curve(self, centre: FloatArray, level: float) -> FloatArray:
        """Points around the centre where the profile has a value, shape [201 2]: Newton along every ray."""
        angle = np.linspace(0, 2 * np.pi, _ANGLES)
        rays = np.column_stack([np.cos(angle), np.sin(angle)])
        reach = np.full(len(angle), 1e-3)
        for _ in range(4 * _STEPS):
            values, gradients = self.profile(centre + reach[:, None] * rays)
            slope = np.maximum(np.einsum("pk,pk->p", gradients, rays), 1e-12)
            moved = np.clip(reach + (level - values) / slope, reach / 2, 2 * reach)
            done = np.abs(moved - reach).max() <= 1e-6 * reach.max()
            reach = moved
            if done:
                break
        return np.asarray(centre + reach[:, None] * rays)


def _lasso(picture: _Picture, penalty: float) -> FloatArray:
    """Best of the minima under each pattern of signs: one of them is the lasso's."""
    found = [picture.best((), np.zeros(2), 0.0)[0]]
    for columns in ((0,), (1,), (0, 1)):
        for signs in product((-1.0, 1.0), repeat=len(columns)):
            tilt = np.zeros(2)
            tilt[list(columns)] = penalty * np.array(signs)
            found.append(picture.best(columns, tilt, 0.0)[0])
    points = np.stack(found)
    costs = picture.profile(points)[0] + penalty * np.abs(points).sum(axis=1)
    return np.asarray(points[int(costs.argmin())])


def _constraint_sets(lasso: FloatArray, ridge: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the diamond that just holds the lasso, [5 2], and the disc that just holds the ridge, [201 2]."""
    corners = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    return float(np.abs(lasso).sum()) * corners, float(np.linalg.norm(ridge)) * _circle()


def _circle() -> FloatArray:
    """Points of the unit circle, shape [201 2]."""
    angle = np.linspace(0, 2 * np.pi, 201)
    return np.column_stack([np.cos(angle), np.sin(angle)])
