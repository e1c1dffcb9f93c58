"""The picture of ridge and lasso for a likelihood of two columns: level curves in place of ellipses."""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError
from thalweg.linear.descent.geometry import ShrinkageGeometry, constraint_sets
from thalweg.linear.families import Family
from thalweg.linear.newton import Local, look_at, minimise, value_of
from thalweg.linear.rows import check_rows
from thalweg.linear.standardise import standardise

_ANGLES: Final = 101
_STEPS: Final = 12
_LIMIT: Final = 50.0  # |η| beyond this is no answer's


def likelihood_geometry(
    family: Family, X: ArrayLike, y: ArrayLike, *, lasso_penalty: float, ridge_penalty: float
) -> ShrinkageGeometry:
    """Compute the picture for a logistic or Poisson regression on two columns.

    Parameters
    ----------
    family
        :data:`~thalweg.linear.families.BINOMIAL` or :data:`~thalweg.linear.families.POISSON`.
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
        If there are not two columns that differ, or a penalty is not positive.

    Examples
    --------
    >>> from thalweg.linear.families import BINOMIAL
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(200, 2))
    >>> y = X[:, 0] + random.logistic(size=200) > 0
    >>> picture = likelihood_geometry(BINOMIAL, X, y, lasso_penalty=20.0, ridge_penalty=20.0)
    >>> bool(picture.lasso[1] == 0), bool(picture.ridge[1] == 0)
    (True, False)
    """
    check_number("lasso_penalty", lasso_penalty, low=0, open_low=True)
    check_number("ridge_penalty", ridge_penalty, low=0, open_low=True)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)))
    Z = standardise(rows.X, None).apply(rows.X)
    if Z.shape[1] != 2 or np.linalg.cond(Z) > 1e5:
        raise SettingError("The picture needs two independent columns.", "Choose two columns.")
    picture = _Picture(family, Z, rows.y)
    centre, top = picture.best((0, 1), np.zeros(2), 0.0)
    ridge, _ = picture.best((0, 1), np.zeros(2), ridge_penalty)
    lasso = _lasso(picture, lasso_penalty)
    excess = [float(picture.profile(point[None])[0][0]) - top for point in (lasso, ridge)]
    levels = np.array([*excess, *(max(excess) * np.array([0.1, 0.4, 2.0]))])
    curves = np.stack([picture.curve(centre, top + level) for level in levels])
    diamond, disc = constraint_sets(lasso, ridge)
    return ShrinkageGeometry(centre, lasso, ridge, diamond, disc, levels, curves)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A likelihood over two standardised columns Z [N 2] and answers [N]."""

    family: Family
    Z: FloatArray
    y: FloatArray

    def best(self, columns: tuple[int, ...], tilt: FloatArray, ridge: float) -> tuple[FloatArray, float]:
        """Minimum of ``loss + tilt'β + ½ ridge β'β`` over the constant and some columns: β [2] and the value."""
        A = np.column_stack([np.ones(len(self.y)), self.Z[:, columns]])
        penalty = np.append(0.0, np.full(len(columns), ridge))
        line = np.append(0.0, tilt[list(columns)])
        settings = (self.family, A, self.y, np.ones(len(A)), penalty)
        look, value = look_at(*settings), value_of(*settings)

        def tilted(theta: FloatArray) -> Local:
            local = look(theta)
            return Local(local.value + float(line @ theta), local.gradient + line, local.hessian)

        found = minimise(tilted, lambda theta: value(theta) + float(line @ theta), np.zeros(A.shape[1]))
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
