"""The debiased lasso: confidence intervals for single coefficients where columns are many, p > n included.

Zhang & Zhang (2014, J. Royal Statistical Society B 76, 217-242), van de Geer, Bühlmann, Ritov & Dezeure (2014, Annals
of Statistics 42, 1166-1202), Javanmard & Montanari (2014, J. Machine Learning Research 15, 2869-2909).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_number
from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.weighing import PROBABILITY, weights_kind_of
from thalweg.linear.numerics.moments import deviations, moments
from thalweg.linear.paths.elastic_net import CoordinateDescent, ElasticNetProblem
from thalweg.linear.paths.elastic_net_path import fit_lasso
from thalweg.linear.regression import named_rows
from thalweg.linear.rows import counting_rows

if TYPE_CHECKING:
    import pandas as pd

_NODE_FACTOR: Final = 0.25  # of the usual penalty: wider intervals, and less bias left
_NODE_GRID: Final = np.geomspace(1.0, 0.05, 24)
_TOLERANCE: Final = 1e-6  # relative duality gap of the lasso and of the nodewise lassos
_AT_ONCE: Final = 16  # nodewise problems held in memory


@dataclass(frozen=True, slots=True)
class DebiasedLasso:
    """Debiased coefficients of J columns, with their standard errors.

    Parameters
    ----------
    names
        J names.
    estimate
        Debiased, in the units of the columns, shape [J].
    standard_errors
        Shape [J].
    lasso
        The lasso's own coefficients of the same columns, shape [J].
    penalty
        α of that lasso.
    noise
        Estimated standard deviation of the errors.
    rest
        How strongly each projection still leans on the other columns, in standard errors per unit of ‖β̂ - β‖₁
        (standardised columns): what the correction may leave of the lasso's bias, shape [J].
    nobs
        Sum of the row weights.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    standard_errors: FloatArray
    lasso: FloatArray
    penalty: float
    noise: float
    rest: FloatArray
    nobs: float

    @property
    def warning(self) -> str:
        """What the intervals rest on."""
        return (
            "Debiased lasso: intervals hold for each coefficient on its own, in large samples, if few columns matter "
            "(about √n / log p) and errors have equal variance. They are approximate: in simulations with 100 and 200 "
            "columns they covered one or two points less than they say for columns that matter, and five points less "
            "where such columns correlate strongly (.90 at a nominal .95, with correlations of .8 to .9)."
        )

    def interval(self, alpha: float = 0.05) -> FloatArray:
        """Return confidence intervals of level ``1 - alpha`` for single coefficients, shape [J 2].

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        check_number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
        reach = -ndtri(alpha / 2) * self.standard_errors
        return np.column_stack([self.estimate - reach, self.estimate + reach])

    def frame(self, alpha: float = 0.05) -> "pd.DataFrame":
        """Return one tidy row per column: term, lasso, estimate, std_error, statistic, p_value, conf_low, conf_high.

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

        ends, statistic = self.interval(alpha), self.estimate / self.standard_errors
        return pd.DataFrame(
            {
                "term": list(self.names),
                "lasso": self.lasso,
                "estimate": self.estimate,
                "std_error": self.standard_errors,
                "statistic": statistic,
                "p_value": 2 * ndtr(-np.abs(statistic)),
                "conf_low": ends[:, 0],
                "conf_high": ends[:, 1],
            }
        )


def debiased_lasso(
    X: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    penalty: float | None = None,
    folds: int | ArrayLike = 10,
    seed: int = 0,
    weights_kind: str | None = None,
) -> DebiasedLasso:
    """Correct the lasso's bias column by column: ``b_j = β̂_j + z_j'(y - a - Xβ̂) / z_j'x_j``.

    z_j is what a lasso of column j on all other columns leaves (nodewise lasso). Its penalty is the fixed point
    ``λ_j = ¼ τ_j √(2 log p / n)``, τ_j the standard deviation of z_j (a scaled lasso; Sun & Zhang 2012, Biometrika 99,
    879-898, at a quarter of its factor: intervals are wider so, and less bias is left). ``se(b_j) = σ̂ ‖z_j‖ /
    |z_j'x_j|``, and σ̂² is the lasso's residual sum of squares by n less the columns it keeps less one (Reid, Tibshirani
    & Friedman 2016, Statistica Sinica 26, 35-67).

    Parameters
    ----------
    X, y
        Design [N D], answers [N]; D may exceed N.
    weights
        Shape [N]; a row of weight 0 is no row.
    names
        Column names; those of ``X``, or x1 … xD, if None.
    columns
        Names of the columns to report; all if None. Each costs a lasso of its own.
    penalty
        α of the lasso on standardised columns, as :func:`~thalweg.linear.fit_lasso`; if None that of the smallest
        cross-validated error, of 60 down to a thousandth of the largest useful one (a hundredth if D > N).
    folds, seed
        Of that cross-validation.
    weights_kind
        "frequency" or "analytic", as for :func:`~thalweg.linear.regression.regress`; probability weights call for
        robust errors, which are not defined here.

    Returns
    -------
    DebiasedLasso
        Approximate inference; see its ``warning``.

    Raises
    ------
    DataError
        If the input is wrong, or the lasso keeps as many columns as there are rows.
    SettingError
        If a column is unknown or constant, or a setting is outside its range.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(100, 150))
    >>> fit = debiased_lasso(X, X[:, 3] + random.normal(size=100), columns=["x4"])
    >>> fit.interval().round(1)
    array([[0.8, 1.3]])
    """
    kind = weights_kind_of(weights_kind)
    if kind == PROBABILITY:
        raise SettingError(
            f"{setting('weights_kind')} 'probability' calls for robust errors, which the debiased lasso lacks.",
            "Choose 'frequency' or 'analytic', or another model.",
        )
    rows, labels = named_rows(X, y, weights, names)
    rows, _, kept = counting_rows(rows, kind, None)
    held = folds if isinstance(folds, int) else np.asarray(folds)[kept]
    total = moments(rows)
    problem = ElasticNetProblem.of(total, standardise=True)
    chosen = _places(labels[1:], columns, deviations(total, standardise=True))
    if penalty is None:
        least = 1e-3 if rows.total > len(problem.cross) else 1e-2
        grid = np.abs(problem.cross).max() * np.geomspace(1.0, least, 60)
        weighed: dict[str, Any] = {"weights": rows.weights, "weights_kind": kind}
        path = fit_lasso(rows.X, rows.y, **weighed, penalties=grid, folds=held, seed=seed)
        penalty = float(path.penalties[path.best])
    check_number("penalty", penalty, low=0, open_low=True)
    alpha = np.array([[penalty]])
    beta = CoordinateDescent().solve([problem], alpha, np.ones(1), tolerance=_TOLERANCE)[0][0, :, 0]
    slope = problem.cross - problem.gram @ beta  # X'(y - Xβ̂) / n
    freedom = rows.total - np.count_nonzero(beta) - 1
    if freedom <= 0:
        raise DataError(f"The lasso keeps {np.count_nonzero(beta)} columns of {rows.total:g} rows.", "Raise penalty.")
    squares = float(problem.square - beta @ problem.cross - beta @ slope)
    noise = float(np.sqrt(max(squares, 0.0) * rows.total / freedom))
    V = _projections(problem, chosen, rows.total)  # z_j = Z V_j
    products = V @ problem.gram  # z_j'Z / n
    own = products[np.arange(len(chosen)), chosen]
    lengths = np.sqrt(np.einsum("jd,jd->j", products, V))
    errors = noise * lengths / np.abs(own) / np.sqrt(rows.total)
    leaning = np.abs(products)
    leaning[np.arange(len(chosen)), chosen] = 0.0
    deviation = problem.deviation[chosen]
    return DebiasedLasso(
        names=tuple(labels[1 + j] for j in chosen),
        estimate=(beta[chosen] + V @ slope / own) / deviation,
        standard_errors=errors / deviation,
        lasso=beta[chosen] / deviation,
        penalty=penalty,
        noise=noise,
        rest=leaning.max(axis=1) / np.abs(own) / errors,
        nobs=rows.total,
    )


def _places(names: tuple[str, ...], columns: Sequence[str] | None, deviation: FloatArray) -> NDArray[np.int64]:
    """Positions of the columns to report."""
    varied = np.isfinite(deviation)
    if columns is None:
        return np.flatnonzero(varied)
    for name in columns:
        if name not in names:
            raise SettingError(f"The design has no column {name!r}.", "Name columns of the design.")
        if not varied[names.index(name)]:
            raise SettingError(f"Column {name!r} is constant.", "Leave it out.")
    return np.array([names.index(name) for name in columns], dtype=np.int64)


def _projections(problem: ElasticNetProblem, chosen: NDArray[np.int64], count: float) -> FloatArray:
    """Weights V, shape [J D], with which the columns add up to what a nodewise lasso leaves of each chosen one."""
    width = len(problem.gram)
    V = np.zeros((len(chosen), width))
    scale = _NODE_FACTOR * np.sqrt(2 * np.log(max(width, 2)) / count)
    for first in range(0, len(chosen), _AT_ONCE):
        some = chosen[first : first + _AT_ONCE]
        nodes = [_node(problem, j) for j in some]
        solved = CoordinateDescent().solve(nodes, scale * _NODE_GRID[None], np.ones(1), tolerance=_TOLERANCE)
        for row, (j, node, path) in enumerate(zip(some, nodes, solved, strict=True), start=first):
            W = path[0]
            left = node.square - 2 * node.cross @ W + np.einsum("dl,dl->l", W, node.gram @ W)
            above = np.flatnonzero(np.sqrt(np.maximum(left, 0.0)) <= _NODE_GRID)
            V[row] = np.insert(-W[:, above[-1] if len(above) else 0], j, 1.0)
    return V


def _node(problem: ElasticNetProblem, j: int) -> ElasticNetProblem:
    """Column j as the answer, all others as the design."""
    others = np.delete(np.arange(len(problem.gram)), j)
    gram = problem.gram[np.ix_(others, others)]
    return ElasticNetProblem(gram, problem.gram[others, j], float(problem.gram[j, j]), problem.deviation[others])
