"""The elastic net of one set of rows, from its moments: a path of penalties by either of two solvers."""

import math
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count
from thalweg.linear.numerics.moments import Moments, deviations
from thalweg.linear.paths.fista import fista_path
from thalweg.linear.ridge import check_penalties


@dataclass(frozen=True, slots=True)
class ElasticNetProblem:
    """Cross products of scaled columns, by n: ``½ w'Gw - c'w + …`` is the penalised objective."""

    gram: FloatArray
    cross: FloatArray
    square: float
    deviation: FloatArray

    @staticmethod
    def of(total: Moments, *, standardise: bool) -> "ElasticNetProblem":
        """Scale the moments of one set of rows."""
        deviation = deviations(total, standardise=standardise)
        gram = total.gram / total.total / np.outer(deviation, deviation)
        cross = total.cross[:, 0] / total.total / deviation
        return ElasticNetProblem(gram, cross, float(total.square[0] / total.total), deviation)

    def relative_gap(self, W: FloatArray, alphas: FloatArray, ratio: float) -> FloatArray:
        """Return duality gaps by the variance of y, shape [L]."""
        gap = duality_gap(self.gram, self.cross, self.square, W, l1=alphas * ratio, l2=alphas * (1 - ratio))
        return gap / self.square if self.square > 0 else gap

    def active_error(self, w: FloatArray, l1: float, l2: float) -> float:
        """Return ``√(d'Gd)`` for the Newton step d to the minimum with the same signs."""
        active = np.flatnonzero(w)
        if not len(active):
            return 0.0
        block = self.gram[np.ix_(active, active)]
        signed = l1 * np.sign(w[active])
        slope = self.cross[active] - block @ w[active] - l2 * w[active] - signed
        step = np.linalg.lstsq(block + l2 * np.eye(len(active)), slope, rcond=None)[0]
        return math.sqrt(max(0.0, float(step @ block @ step)))


class HasProducts(Protocol):
    """Anything that knows the products of scaled columns and answers."""

    @property
    def cross(self) -> FloatArray:
        """By n, shape [D]."""


def penalty_grid(problem: HasProducts, ratio: float, penalties: int | ArrayLike, least: float = 1e-3) -> FloatArray:
    """Return the penalties of one mixing, largest first, shape [L]; the last of a number of them is ``least`` of it.

    Examples
    --------
    >>> from thalweg.linear.numerics.moments import moments
    >>> from thalweg.linear.rows import check_rows
    >>> problem = ElasticNetProblem.of(moments(check_rows([[0.0], [1.0]], [0, 2])), standardise=True)
    >>> penalty_grid(problem, 1.0, 4)
    array([1.   , 0.1  , 0.01 , 0.001])
    """
    if isinstance(penalties, (int, np.integer)):
        check_count("penalties", int(penalties))
        largest = max(float(np.abs(problem.cross).max()) / ratio, float(np.finfo(float).tiny) * 1e10)
        return np.geomspace(largest, largest * least, int(penalties))
    return np.sort(check_penalties(penalties))[::-1]


class PathSolver(Protocol):
    """Anything that solves elastic-net paths."""

    def solve(
        self, problems: Sequence[ElasticNetProblem], grids: FloatArray, ratios: FloatArray, *, tolerance: float
    ) -> list[FloatArray]:
        """Return coefficients of every problem, shape [Q D L] each, for penalties [Q L], mixings [Q]."""


@dataclass(frozen=True, slots=True)
class CoordinateDescent:
    """scikit-learn's coordinate descent, one path after another.

    Parameters
    ----------
    threads
        Problems (folds) solved at the same time.
    """

    threads: int = 1

    def solve(
        self, problems: Sequence[ElasticNetProblem], grids: FloatArray, ratios: FloatArray, *, tolerance: float
    ) -> list[FloatArray]:
        """Return coefficients of every problem, shape [Q D L] each, for penalties [Q L], mixings [Q]."""
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (a second, for paths alone)
        from sklearn.linear_model import enet_path  # noqa: PLC0415 (the same)
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415 (untyped, scikit-learn brings it)

        def descend(problem: ElasticNetProblem) -> FloatArray:
            paths = [
                enet_path(
                    np.zeros((1, len(problem.cross)), order="F"),  # one row of y's length stands for all rows
                    np.array([np.sqrt(problem.square)]),
                    l1_ratio=ratio,
                    alphas=alphas,
                    precompute=np.ascontiguousarray(problem.gram),
                    Xy=problem.cross,
                    check_input=False,
                    tol=tolerance,
                    max_iter=10_000,
                )
                for alphas, ratio in zip(grids, ratios, strict=True)
            ]
            return np.stack([path[1] for path in paths])

        check_count("threads", self.threads)
        one_each = threadpool_limits(1, "blas")
        with warnings.catch_warnings(), one_each, ThreadPoolExecutor(self.threads) as pool:
            warnings.simplefilter("ignore", ConvergenceWarning)  # the duality gaps of the result say it
            return list(pool.map(descend, problems))


@dataclass(frozen=True, slots=True)
class Fista:
    """Our accelerated proximal gradient, all problems and penalties at once, in torch.

    Parameters
    ----------
    device
        A torch device; on a CPU coordinate descent is faster.
    """

    device: str = "cpu"

    def solve(
        self, problems: Sequence[ElasticNetProblem], grids: FloatArray, ratios: FloatArray, *, tolerance: float
    ) -> list[FloatArray]:
        """Return coefficients of every problem, shape [Q D L] each, for penalties [Q L], mixings [Q]."""
        grams, crosses = np.stack([p.gram for p in problems]), np.stack([p.cross for p in problems])
        squares = np.array([p.square for p in problems])
        paths = [
            fista_path(grams, crosses, squares, alphas, ratio, tolerance=tolerance, device=self.device)
            for alphas, ratio in zip(grids, ratios, strict=True)
        ]
        return [np.stack([path[k] for path in paths]) for k in range(len(problems))]


def duality_gap(
    gram: FloatArray, cross: FloatArray, square: float, W: FloatArray, *, l1: FloatArray, l2: FloatArray
) -> FloatArray:
    """Return upper bounds on ``P(w) - min P`` of ``P(w) = ½ ||y - Xw||² + l1 |w|₁ + ½ l2 ||w||²``.

    The dual point is the residual of the ridge-augmented problem, shrunk until it is feasible.

    Parameters
    ----------
    gram, cross, square
        ``X'X`` [D D], ``X'y`` [D] and ``y'y``.
    W
        Coefficients, shape [D L].
    l1, l2
        Penalties, shape [L].

    Examples
    --------
    >>> one = np.ones(1)
    >>> duality_gap(np.eye(1), one, 1.0, 0.5 * np.ones((1, 1)), l1=0.5 * one, l2=0 * one)
    array([0.])

    Notes
    -----
    Kim, Koh, Lustig, Boyd & Gorinevsky (2007, IEEE J. Sel. Topics Signal Process. 1, 606-617, section III),
    with the quadratic penalty written as D further rows of the design.
    """
    curved = gram @ W
    fitted = cross @ W
    residual = square - 2 * fitted + np.einsum("dl,dl->l", W, curved) + l2 * np.square(W).sum(axis=0)
    correlation = np.abs(cross[:, None] - curved - l2 * W).max(axis=0)
    return gap_between(
        np.full_like(l1, square), fitted, residual, absolute=np.abs(W).sum(axis=0), correlation=correlation, l1=l1
    )


def gap_between(
    square: FloatArray,
    fitted: FloatArray,
    residual: FloatArray,
    *,
    absolute: FloatArray,
    correlation: FloatArray,
    l1: FloatArray,
) -> FloatArray:
    """Return duality gaps from numbers of each solution, all of shape [L].

    Parameters
    ----------
    square, fitted
        ``y'y`` and ``y'Xw``.
    residual
        ``||y - Xw||² + l2 ||w||²``.
    absolute
        ``|w|₁``.
    correlation
        ``max |X'(y - Xw) - l2 w|``.
    l1
        Penalties.

    Examples
    --------
    >>> one = np.ones(1)
    >>> gap_between(one, 0.5 * one, 0.25 * one, absolute=0.5 * one, correlation=0.5 * one, l1=0.5 * one)
    array([0.])
    """
    primal = 0.5 * residual + l1 * absolute
    shrink = np.minimum(1.0, np.divide(l1, correlation, out=np.ones_like(l1), where=correlation > 0))
    dual = shrink * (square - fitted) - 0.5 * shrink**2 * residual
    return np.asarray(np.maximum(primal - dual, 0.0))
