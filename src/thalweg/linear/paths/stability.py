"""How stable a lasso is: which columns bootstrap samples keep, and how far their coefficients move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_count, check_number
from thalweg.linear.crowds.bootstrap import drawn_weights, percentiles
from thalweg.linear.numerics.moments import moments
from thalweg.linear.paths.elastic_net import CoordinateDescent, ElasticNetProblem
from thalweg.linear.rows import DesignRows, check_rows


@dataclass(frozen=True, slots=True)
class LassoStability:
    """Bootstrap replicates of an elastic net at one penalty.

    Parameters
    ----------
    estimate
        Coefficients on the rows themselves, in the units of the columns, shape [D].
    replicates
        Shape [B D].
    """

    estimate: FloatArray
    replicates: FloatArray

    @property
    def kept(self) -> FloatArray:
        """Share of replicates in which each coefficient is not zero, shape [D]."""
        return np.asarray((self.replicates != 0).mean(axis=0))

    @property
    def warning(self) -> str:
        """What the intervals are, and are not."""
        return (
            "Bootstrap percentiles of shrunken coefficients at a fixed penalty: they describe stability. "
            "They are not confidence intervals for the effects; for those use honest_regress."
        )

    def interval(self, alpha: float = 0.05) -> FloatArray:
        """Return the percentiles ``alpha/2`` and ``1 - alpha/2``, shape [D 2].

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        return percentiles(self.replicates, alpha)


def lasso_stability(
    X: ArrayLike,
    y: ArrayLike,
    penalty: float,
    *,
    mixing: float = 1.0,
    replicates: int = 200,
    seed: int = 0,
    standardise: bool = True,
    tolerance: float = 1e-4,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
) -> LassoStability:
    """Refit an elastic net at one penalty on bootstrap samples of the rows.

    Parameters
    ----------
    X, y
        Design [N D], answers [N].
    penalty, mixing, standardise, tolerance
        α, r and the rest, as :func:`~thalweg.linear.paths.elastic_net_path.fit_elastic_net`.
    replicates
        B.
    seed
        Of the draws.
    weights, weights_kind
        Of the rows, and what they mean, as :func:`~thalweg.linear.crowds.bootstrap.bootstrap`.

    Raises
    ------
    DataError
        If the input is wrong.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> lasso_stability(X, X[:, 0], 0.2, replicates=20).kept[0]
    np.float64(1.0)

    Notes
    -----
    Meinshausen & Bühlmann (2010, J. Royal Statistical Society B 72, 417-473), with bootstrap samples.
    """
    check_number("penalty", penalty, low=0, open_low=True)
    check_number("mixing", mixing, low=0, high=1, open_low=True)
    rows = check_rows(X, np.ravel(np.asarray(y, dtype=np.float64)), weights)
    rows, counts = drawn_weights(rows, weights_kind, check_count("replicates", replicates), seed)
    problems = [
        ElasticNetProblem.of(moments(DesignRows(rows.X, rows.y, one)), standardise=standardise)
        for one in (rows.weights, *counts)
    ]
    solved = CoordinateDescent().solve(problems, np.array([[penalty]]), np.array([mixing]), tolerance=tolerance)
    found = [W[0, :, 0] / problem.deviation for W, problem in zip(solved, problems, strict=True)]
    return LassoStability(found[0], np.stack(found[1:]))
