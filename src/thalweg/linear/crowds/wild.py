"""The wild cluster bootstrap: tests and intervals of a coefficient that hold with few and unequal clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import DataError, setting
from thalweg.base.seeds import stream
from thalweg.linear.covariance import cluster_codes
from thalweg.linear.least_squares import solve
from thalweg.linear.numerics.cluster_scores import cluster_scores
from thalweg.linear.regression import named_rows
from thalweg.linear.rows import Clusters, counting_rows

_SIX_POINTS: Final = np.sqrt(np.array([0.5, 1.0, 1.5]))
_FEW: Final = 12  # clusters below which signs alone give too few different draws
_HALVINGS: Final = 60
_DOUBLINGS: Final = 60
_STEP: Final = 0.01  # of a standard error, within which the ends of an interval are found


@dataclass(frozen=True, slots=True)
class WildTest:
    """A test of one coefficient of least squares by the wild cluster bootstrap.

    Parameters
    ----------
    term
        Name of the coefficient.
    estimate
        Its least-squares estimate.
    null
        Value tested.
    statistic
        ``(estimate - null) / standard error``, clustered (CR1).
    p_value
        Share of draws with a statistic at least as far from 0.
    low, high
        Ends of the interval of all values that would not be rejected.
    clusters, draws
        G, and how many draws there were.
    """

    term: str
    estimate: float
    null: float
    statistic: float
    p_value: float
    low: float
    high: float
    clusters: int
    draws: int


def wild_cluster_test(
    X: ArrayLike,
    y: ArrayLike,
    clusters: Clusters,
    term: str,
    *,
    null: float = 0.0,
    weights: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    draws: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> WildTest:
    """Test one coefficient of least squares with residuals whose signs are drawn anew, cluster by cluster.

    Residuals are those of the model with the coefficient held at ``null``. With fewer than 12 clusters they are
    multiplied by ±√½, ±1 or ±√1.5, otherwise by ±1.

    Parameters
    ----------
    X, y, weights, names
        As for :func:`~thalweg.linear.regression.regress`; weights are analytic.
    clusters
        One label per row.
    term
        Name of the column whose coefficient is tested.
    null
        Value to test.
    draws, seed
        How many draws, and what they are drawn from.
    level
        Nominal coverage of the interval.

    Raises
    ------
    DataError
        If the input is wrong, the column is collinear, or one cluster alone decides its coefficient.
    SettingError
        If a setting is outside its range, or no column has that name.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> codes = np.repeat(np.arange(8), 10)
    >>> X = draw.normal(size=(80, 1))
    >>> y = X[:, 0] + draw.normal(size=8)[codes] + draw.normal(size=80)
    >>> found = wild_cluster_test(X, y, codes, "x1")
    >>> found.clusters, found.p_value < 0.05, bool(found.low < 1 < found.high)
    (8, True, True)

    Notes
    -----
    Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, 414-427; Webb (2023), Canadian Journal of
    Economics 56, 839-858, for six points; computed as in MacKinnon (2023), Econometrics and Statistics 28, 52-75.
    """
    check_count("draws", draws, low=19)
    check_number("level", level, low=0, high=1, open_low=True, open_high=True)
    rows, labels = named_rows(X, y, weights, names)
    rows, kept_labels, _ = counting_rows(rows, "analytic", clusters)
    check_choice("term", term, labels)
    codes = cluster_codes(() if kept_labels is None else kept_labels, len(rows.X))
    solution, factor, _ = solve(rows, intercept=True)
    kept = np.concatenate([[0], 1 + factor.kept])
    place = int(np.flatnonzero(kept == labels.index(term))[0]) if labels.index(term) in kept else None
    if place is None:
        raise DataError(f"Columns before {term!r} already say the same.", "Test a column that is not collinear.")
    root = np.sqrt(rows.weight_vector())
    A = np.column_stack([np.ones(len(rows.X)), rows.X])[:, kept] * root[:, None]
    bread = factor.inverse()
    if place in cluster_scores(bread, A, A, codes).decided_alone():
        raise DataError(
            f"One cluster alone decides the coefficient of {term!r}.", f"Choose other {setting('clusters')}."
        )
    engine = _engine(A, rows.y * root, bread, codes, place, float(solution[kept[place], 0]))
    signs = _signs(int(codes.max()) + 1, draws, seed)
    low, high = (_end(engine, signs, side, 1 - level) for side in (-1.0, 1.0))
    observed = (engine.estimate - null) / engine.error
    return WildTest(
        term, engine.estimate, null, observed, engine.p_value(null, signs), low, high, int(codes.max()) + 1, draws
    )


@dataclass(frozen=True, slots=True)
class _Engine:
    """What the statistic needs of every cluster, at a null of 0 and per unit of it.

    ``own`` [2 G] are the products of a cluster's residuals with the column as the others leave it, ``across`` [2 G G]
    what residuals of cluster h move in the score of cluster g.
    """

    estimate: float
    error: float
    own: FloatArray
    across: FloatArray

    def p_value(self, null: float, signs: FloatArray) -> float:
        """Share of draws at least as extreme, the observed one counted among them."""
        own = self.own[0] - null * self.own[1]
        across = self.across[0] - null * self.across[1]
        scores = signs * own - signs @ across
        errors = np.sqrt(np.square(scores).sum(axis=1))
        moved = np.abs(signs @ own)
        observed = abs(self.estimate - null) / self.error
        extreme = moved >= (observed * errors) * (1 - 1e-12)
        return float((1 + extreme.sum()) / (1 + len(signs)))


def _engine(A: FloatArray, y: FloatArray, bread: FloatArray, codes: IntArray, place: int, estimate: float) -> _Engine:
    """Gather the clusters of a weighted design [N K]."""
    partial = A @ bread[:, place]
    rest = y - A @ (bread @ (A.T @ y))
    column = partial / float(partial @ partial)  # the column as the others leave it
    restricted = (rest + estimate * column, column)
    count = int(codes.max()) + 1

    def summed(table: FloatArray) -> FloatArray:
        return np.column_stack([np.bincount(codes, one, count) for one in table.T])

    leverage = summed(A * partial[:, None]) @ bread
    own = np.array([np.bincount(codes, partial * one, count) for one in restricted], dtype=np.float64)
    across = np.stack([summed(A * one[:, None]) @ leverage.T for one in restricted])
    error = float(np.sqrt(np.square(np.bincount(codes, partial * rest, count)).sum()))
    return _Engine(estimate, error, own, across)


def _signs(count: int, draws: int, seed: int) -> FloatArray:
    """Draw multipliers of clusters, shape [R G]."""
    size = (draws, count)
    signs = 2.0 * stream(seed, "bootstrap", 0).integers(2, draws * count).reshape(size) - 1
    if count >= _FEW:
        return np.asarray(signs)
    return np.asarray(signs * _SIX_POINTS[stream(seed, "bootstrap", 1).integers(3, draws * count)].reshape(size))


def _end(engine: _Engine, signs: FloatArray, side: float, alpha: float) -> float:
    """Value beyond which every null is rejected; infinite if none is."""
    inside, step = engine.estimate, engine.error
    outside = inside + side * step
    for _ in range(_DOUBLINGS):
        if engine.p_value(outside, signs) <= alpha:
            break
        inside, step = outside, 2 * step
        outside = outside + side * step
    else:
        return side * float("inf")
    for _ in range(_HALVINGS):
        if abs(outside - inside) <= _STEP * engine.error:
            break
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if engine.p_value(middle, signs) <= alpha else (middle, outside)
    return (inside + outside) / 2
