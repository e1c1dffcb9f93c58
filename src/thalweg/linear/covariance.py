"""Covariance of estimates: from the model, robust to unequal variances, or robust to clusters."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.weighing import FREQUENCY, PROBABILITY
from thalweg.linear.numerics.cluster_scores import bias_reduced, cluster_scores, jackknife
from thalweg.linear.rows import Clusters, dense_codes

_ALONE: Final = 1e-7  # leverage this close to 1 is 1

KINDS: Final = ("classical", "HC0", "HC1", "HC2", "HC3", "cluster", "CR2", "CR3")
CLUSTERED: Final = ("cluster", "CR2", "CR3")
"""Kinds that need clusters; "cluster" is CR1."""


@dataclass(frozen=True, slots=True)
class CovarianceTable:
    """A covariance of estimates, and what the tests use.

    Parameters
    ----------
    table
        Shape [K K]; NaN for the coefficients in ``undefined``.
    df
        Degrees of freedom of all coefficients together.
    each
        Degrees of freedom of each coefficient, shape [K]; None if they do not differ.
    undefined
        Coefficients that one row, or one cluster, decides alone: their residuals are 0 whatever their errors were.
    """

    table: FloatArray
    df: float
    each: FloatArray | None = None
    undefined: tuple[int, ...] = ()

    def without(self, lost: IntArray) -> "CovarianceTable":
        """Return the spread in which some coefficients have no standard error."""
        if not len(lost):
            return self
        table = self.table.copy()
        table[lost] = np.nan
        table[:, lost] = np.nan
        each = None if self.each is None else np.where(np.isin(np.arange(len(table)), lost), np.nan, self.each)
        return CovarianceTable(table, self.df, each, tuple(lost.tolist()))


def covariance_of(covariance: str | None, weights_kind: str, clusters: Clusters | None) -> str:
    """Return the covariance that was asked for, or what the rows call for if none was.

    Clusters call for "cluster", probability weights for "HC1": the model's own variance does not hold for them.

    Raises
    ------
    SettingError
        If "classical" is asked for with probability weights.

    Examples
    --------
    >>> covariance_of(None, "analytic", None), covariance_of(None, "probability", None)
    ('classical', 'HC1')
    """
    if covariance == "classical" and weights_kind == PROBABILITY:
        raise SettingError(
            f"{setting('covariance')} 'classical' does not hold for probability weights.",
            "Choose 'HC1' or 'cluster', or leave it out.",
        )
    if covariance is not None:
        return covariance
    return "cluster" if clusters is not None else "HC1" if weights_kind == PROBABILITY else "classical"


def check_kind(kind: str, clusters: Clusters | None, rows: int) -> None:
    """Refuse a covariance that is unknown or lacks its clusters.

    Raises
    ------
    SettingError
        If the kind is none of :data:`KINDS`, or clusters are given without being asked for.
    DataError
        If clusters are asked for and there are not as many as rows, or fewer than two.

    Examples
    --------
    >>> check_kind("HC1", None, 10)
    """
    check_choice("covariance", kind, KINDS)
    if kind not in CLUSTERED:
        if clusters is not None:
            raise SettingError(
                f"Clusters were given, but {setting('covariance')} is {kind!r}.",
                f"Choose 'cluster', or leave {setting('clusters')} out.",
            )
        return
    ways = cluster_ways(() if clusters is None else clusters, rows)
    check_ways(kind, len(ways))


def check_ways(kind: str, ways: int) -> None:
    """Refuse sets of clusters that cross where the covariance is defined for one set.

    Raises
    ------
    SettingError
        Naming the covariance that takes several.

    Examples
    --------
    >>> check_ways("cluster", 2)
    """
    if ways > 1 and kind != "cluster":
        raise SettingError(
            f"{setting('covariance')} {kind!r} takes one set of {setting('clusters')}, got {ways} that cross.",
            f"Name one set, or choose 'cluster' as {setting('covariance')}.",
        )


def cluster_ways(clusters: Clusters, rows: int) -> tuple[IntArray, ...]:
    """Return the codes of every set of clusters, each of shape [N].

    Parameters
    ----------
    clusters
        One label per row, or an array or a data frame [N W] of W sets that cross.
    rows
        N.

    Raises
    ------
    DataError
        If there are not as many labels as rows, or one is missing.

    Examples
    --------
    >>> cluster_ways(np.array([["a", 2001], ["b", 2001], ["a", 2002]]), 3)
    (array([0, 1, 0]), array([0, 0, 1]))
    """
    columns = getattr(clusters, "columns", None)
    if columns is not None:
        return tuple(cluster_codes(clusters.iloc[:, way], rows) for way in range(len(columns)))  # type: ignore[union-attr] # a data frame
    if isinstance(clusters, np.ndarray) and clusters.ndim == 2:
        return tuple(cluster_codes(clusters[:, way], rows) for way in range(clusters.shape[1]))
    return (cluster_codes(clusters, rows),)


def cluster_codes(clusters: Clusters, rows: int) -> IntArray:
    """Return the number of each row's cluster, shape [N]: 0, 1, … in the order of the labels.

    Raises
    ------
    DataError
        If there are not as many labels as rows, or one is missing.

    Examples
    --------
    >>> cluster_codes(["b", "a", "b"], 3)
    array([1, 0, 1])
    """
    if isinstance(clusters, np.ndarray) and clusters.ndim != 1:
        raise DataError(
            f"One cluster per row is needed, got an array of shape {clusters.shape}.",
            f"Give one set of {setting('clusters')} here.",
        )
    if len(clusters) != rows:
        raise DataError(
            f"Clusters for {rows:,} rows are needed, got {len(clusters):,}.",
            f"Give {setting('clusters')} one label per row.",
        )
    kind = getattr(getattr(clusters, "dtype", None), "kind", "O")
    for position, label in enumerate(() if kind in "biuSU" else clusters):  # of these none can be missing
        if _missing(label):
            raise DataError(
                f"Every row needs a cluster, that of row {row(position)} is missing.", "Fill it, or drop the row."
            )
    labels = np.asarray(clusters)
    if labels.dtype.kind in "iu" and len(labels) and int(labels.max()) < np.iinfo(np.int64).max:
        return dense_codes(labels.astype(np.int64))
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64).reshape(-1)


def _missing(label: Hashable) -> bool:
    """Whether a label is None, NaN, NaT or NA, which are not equal to themselves."""
    if label is None:
        return True
    same: object = label == label  # noqa: PLR0124 - see above
    return not (isinstance(same, (bool, np.bool_)) and bool(same))


def refuse_undefined_kind(kind: str, *, likelihood: bool, beside: int) -> None:
    """Refuse errors that need the leverage of least squares where there is none.

    Raises
    ------
    SettingError
        If HC2, HC3 or CR2 is asked for of a likelihood, or beside absorbed effects.

    Examples
    --------
    >>> refuse_undefined_kind("HC1", likelihood=True, beside=0)
    """
    if kind in {"HC2", "HC3", "CR2"} and (likelihood or beside):
        raise SettingError(
            f"{setting('covariance')} {kind!r} is defined for least squares only{', nothing absorbed' * (beside > 0)}.",
            "Choose 'HC0', 'HC1', 'cluster' or 'CR3'.",
        )


def sandwich(
    bread: FloatArray,
    scores: FloatArray,
    weights: FloatArray,
    kind: str,
    *,
    design: FloatArray | None = None,
    clusters: Clusters | None = None,
    weights_kind: str = FREQUENCY,
    likelihood: bool = False,
    beside: int = 0,
) -> CovarianceTable:
    """Return the robust covariance ``B M B`` and its degrees of freedom.

    ``M = Σ w s s'`` for HC0 with frequencies, ``Σ w² s s'`` with other weights, whose rows are one observation each;
    times ``n / (n - k)`` for HC1; with ``s / √(1 - h)`` for HC2 and ``s / (1 - h)`` for HC3; and for clusters
    ``M = Σ_g (Σ_i w s)(Σ_i w s)'`` times ``G / (G - 1)``, of least squares also times ``(n - 1) / (n - k)``, with G - 1
    degrees of freedom; CR2 and CR3 as :func:`~thalweg.linear.numerics.cluster_scores.bias_reduced` and
    :func:`~thalweg.linear.numerics.cluster_scores.jackknife`. Sets of clusters that cross, such as firms and years,
    add up: ``V = V_firm + V_year - V_(firm and year)``, with the fewest clusters of any set less one as degrees of
    freedom; negative eigenvalues, which such a sum can have, are set to zero. A coefficient that one row, or one
    cluster, decides alone has no robust standard error.

    Parameters
    ----------
    bread
        Inverse of the Hessian, shape [K K].
    scores
        Gradient of each row's log-likelihood (least squares: residuals times row), shape [N K].
    weights
        Shape [N], with the number of observations as their sum.
    kind
        One of :data:`KINDS` but "classical".
    design
        Rows whose products sum to the Hessian, shape [N K]: of least squares the rows times the root of their weight.
        None where a row has no one such product: then nothing is known of leverage.
    clusters
        One label per row, or [N W] for W sets that cross.
    weights_kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`.
    likelihood
        Whether the model is no least squares, for which Stata and this function leave out (n - 1) / (n - k).
    beside
        Coefficients that were estimated beside those K, such as absorbed effects, which count as k.

    Raises
    ------
    SettingError
        If HC2, HC3 or CR2 is asked for where no leverage is defined.
    DataError
        If there are fewer than two clusters.

    Examples
    --------
    >>> sandwich(np.eye(1) / 2, np.array([[1.0], [-1.0]]), np.ones(2), "HC0", design=np.ones((2, 1))).table
    array([[0.5]])

    Notes
    -----
    White (1980, Econometrica 48, 817-838); MacKinnon & White (1985, Journal of Econometrics 29, 305-325) for
    HC1 to HC3; the cluster factors are Stata's; Cameron, Gelbach & Miller (2011, Journal of Business & Economic
    Statistics 29, 238-249) for sets that cross, each with its own factor.
    """
    count, width = float(round(weights.sum(), 6)), scores.shape[1] + beside
    left = count - width
    refuse_undefined_kind(kind, likelihood=likelihood, beside=beside)
    if kind == "CR3" and design is None:
        raise SettingError(
            f"{setting('covariance')} 'CR3' is not defined for several classes.", "Choose 'HC0', 'HC1' or 'cluster'."
        )
    if kind in CLUSTERED:
        ways = cluster_ways(() if clusters is None else clusters, len(scores))
        if min(int(codes.max()) for codes in ways) < 1:
            raise DataError("At least two clusters are needed, got 1.", f"Choose other {setting('clusters')}.")
        factor = 1.0 if likelihood else (count - 1) / left
        return _clustered(bread, design, scores * weights[:, None], ways, kind, factor)
    alone, leverage = np.zeros(len(scores), dtype=bool), np.zeros(len(scores))
    if design is not None:
        repeats = weights if weights_kind == FREQUENCY else np.ones_like(weights)
        leverage = np.einsum("nk,nk->n", design @ bread, design) / repeats
        alone = leverage > 1 - _ALONE
    if kind in {"HC2", "HC3"}:
        room = np.where(alone, np.inf, 1 - leverage)[:, None]
        scores = scores / (np.sqrt(room) if kind == "HC2" else room)
    factor = count / left if kind == "HC1" else 1.0
    half = (scores * (np.sqrt(weights) if weights_kind == FREQUENCY else weights)[:, None]) @ bread
    spread = CovarianceTable(factor * (half.T @ half), left)
    if design is None or not alone.any():
        return spread
    codes = np.arange(int(alone.sum()))
    return spread.without(cluster_scores(bread, design[alone], scores[alone], codes).decided_alone())


def _clustered(
    bread: FloatArray,
    design: FloatArray | None,
    scores: FloatArray,
    ways: Sequence[IntArray],
    kind: str,
    factor: float,
) -> CovarianceTable:
    """Covariance over sets of clusters, intersections of an even number of them subtracted."""
    fewest = float(min(int(codes.max()) for codes in ways))  # codes are 0, 1, …
    sets = [] if design is None else [cluster_scores(bread, design, scores, _renumbered(codes)) for codes in ways]
    lost = np.unique(np.concatenate([np.zeros(0, np.int64), *(found.decided_alone() for found in sets)]))
    if kind == "CR3":
        return CovarianceTable(jackknife(sets[0]), fewest).without(lost)
    if kind == "CR2":
        table, each = bias_reduced(sets[0])
        return CovarianceTable(table, fewest, each).without(lost)
    meat = np.zeros_like(bread)
    for size in range(1, len(ways) + 1):
        for chosen in combinations(ways, size):
            codes = _renumbered(*chosen)
            groups = int(codes.max()) + 1
            sums = np.column_stack([np.bincount(codes, column, groups) for column in scores.T])
            meat += (-1) ** (size + 1) * groups / (groups - 1) * (sums.T @ sums)
    table = factor * (bread @ meat @ bread)
    return CovarianceTable(table if len(ways) == 1 else without_negative(table), fewest).without(lost)


def _renumbered(*ways: IntArray) -> IntArray:
    """Return codes 0, 1, … of every combination that occurs, shape [N]."""
    codes = ways[0]
    for way in ways[1:]:
        codes = codes * (int(way.max()) + 1) + way
    return dense_codes(codes)


def without_negative(table: FloatArray) -> FloatArray:
    """Return a covariance whose negative eigenvalues are zero, found on the scale of its own diagonal.

    Examples
    --------
    >>> without_negative(np.diag([1.0, -1.0]))
    array([[1., 0.],
           [0., 0.]])
    """
    scale = np.sqrt(np.maximum(np.abs(np.diag(table)), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(table / np.outer(scale, scale))
    half = vectors * np.sqrt(np.maximum(values, 0.0)) * scale[:, None]
    return np.asarray(half @ half.T)
