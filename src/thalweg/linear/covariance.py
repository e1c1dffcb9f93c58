"""Covariance of estimates: from the model, robust to unequal variances, or robust to clusters."""

from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.checks import check_choice
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.weighing import FREQUENCY, PROBABILITY

KINDS: Final = ("classical", "HC0", "HC1", "HC2", "HC3", "cluster")


def covariance_of(covariance: str | None, weights_kind: str, clusters: Sequence[Hashable] | None) -> str:
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


def check_kind(kind: str, clusters: Sequence[Hashable] | None, rows: int) -> None:
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
    if kind != "cluster":
        if clusters is not None:
            raise SettingError(
                f"Clusters were given, but {setting('covariance')} is {kind!r}.",
                f"Choose 'cluster', or leave {setting('clusters')} out.",
            )
        return
    cluster_codes(() if clusters is None else clusters, rows)


def cluster_codes(clusters: Sequence[Hashable], rows: int) -> IntArray:
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
    return np.asarray(np.unique(np.asarray(clusters), return_inverse=True)[1], dtype=np.int64).reshape(-1)


def _missing(label: Hashable) -> bool:
    """Whether a label is None, NaN, NaT or NA, which are not equal to themselves."""
    if label is None:
        return True
    same: object = label == label  # noqa: PLR0124 - see above
    return not (isinstance(same, (bool, np.bool_)) and bool(same))


def sandwich(
    bread: FloatArray,
    scores: FloatArray,
    weights: FloatArray,
    kind: str,
    *,
    clusters: Sequence[Hashable] | None = None,
    leverage: FloatArray | None = None,
    weights_kind: str = FREQUENCY,
) -> tuple[FloatArray, float]:
    """Return the robust covariance ``B M B`` and its degrees of freedom.

    ``M = Σ w s s'`` for HC0 with frequencies, ``Σ w² s s'`` with other weights, whose rows are one observation each;
    times ``n / (n - k)`` for HC1; with ``s / √(1 - h)`` for HC2 and ``s / (1 - h)`` for HC3; and for clusters
    ``M = Σ_g (Σ_i w s)(Σ_i w s)'`` times ``G / (G - 1) · (n - 1) / (n - k)``, with G - 1 degrees of freedom.

    Parameters
    ----------
    bread
        Inverse of the Hessian, shape [K K].
    scores
        Gradient of each row's log-likelihood (least squares: residual times row), shape [N K].
    weights
        Shape [N], with the number of observations as their sum.
    kind
        One of :data:`KINDS` but "classical".
    clusters
        One label per row.
    leverage
        Diagonal of the hat matrix, one observation of each row, shape [N]; for HC2 and HC3.
    weights_kind
        What the weights mean, one of :data:`~thalweg.base.weighing.WEIGHTS_KINDS`.

    Raises
    ------
    SettingError
        If HC2 or HC3 is asked for where no leverage is defined.
    DataError
        If there are fewer than two clusters.

    Examples
    --------
    >>> sandwich(np.eye(1), np.array([[1.0], [-1.0]]), np.ones(2), "HC0")
    (array([[2.]]), 1.0)

    Notes
    -----
    White (1980, Econometrica 48, 817-838); MacKinnon & White (1985, Journal of Econometrics 29, 305-325) for
    HC1 to HC3; the cluster factors are Stata's, which statsmodels and R's sandwich (``type="HC1"``) share.
    """
    count, width = float(round(weights.sum(), 6)), scores.shape[1]
    left = count - width
    if kind == "cluster":
        codes = cluster_codes(() if clusters is None else clusters, len(scores))
        groups = int(codes.max()) + 1
        if groups < 2:
            raise DataError("At least two clusters are needed, got 1.", f"Choose other {setting('clusters')}.")
        sums = np.zeros((groups, width))
        np.add.at(sums, codes, scores * weights[:, None])
        factor = groups / (groups - 1) * (count - 1) / left
        return factor * (bread @ (sums.T @ sums) @ bread), float(groups - 1)
    if kind in {"HC2", "HC3"}:
        if leverage is None:
            raise SettingError(
                f"{setting('covariance')} {kind!r} is defined for least squares only.",
                "Choose 'HC0', 'HC1' or 'cluster'.",
            )
        room = np.maximum(1 - leverage, np.finfo(float).eps)[:, None]
        scores = scores / (np.sqrt(room) if kind == "HC2" else room)
    factor = count / left if kind == "HC1" else 1.0
    half = (scores * (np.sqrt(weights) if weights_kind == FREQUENCY else weights)[:, None]) @ bread
    return factor * (half.T @ half), left
