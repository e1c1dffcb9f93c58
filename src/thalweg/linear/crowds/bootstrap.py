"""The pairs bootstrap of a regression: every replicate in one batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from thalweg.base.arrays import FloatArray
from thalweg.base.checks import check_choice, check_count, check_number
from thalweg.base.errors import DataError
from thalweg.base.seeds import stream
from thalweg.base.weighing import FREQUENCY, weights_kind_of
from thalweg.linear.covariance import cluster_codes
from thalweg.linear.crowds.any_model import fit_members
from thalweg.linear.crowds.chord import SOLVED
from thalweg.linear.models import MODELS
from thalweg.linear.regression import named_rows
from thalweg.linear.rows import Clusters, DesignRows, counting_rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class BootstrapFit:
    """Replicates of a regression's coefficients.

    Parameters
    ----------
    names
        The constant first.
    estimate
        On the rows themselves, shape [K].
    replicates
        Shape [B K]; replicates without a finite solution are left out.
    failed
        What was wrong with each replicate left out.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    replicates: FloatArray
    failed: tuple[str, ...]

    @property
    def standard_errors(self) -> FloatArray:
        """Standard deviation over replicates, shape [K]."""
        return np.asarray(self.replicates.std(axis=0, ddof=1))

    def interval(self, alpha: float = 0.05) -> FloatArray:
        """Return percentile intervals of level ``1 - alpha``, shape [K 2].

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        return percentiles(self.replicates, alpha)

    def frame(self, alpha: float = 0.05) -> "pd.DataFrame":
        """Return one tidy row per coefficient: term, estimate, std_error, conf_low, conf_high.

        Raises
        ------
        SettingError
            If ``alpha`` is not between 0 and 1.
        """
        import pandas as pd  # noqa: PLC0415 (half a second that a bare fit does not need)

        ends = self.interval(alpha)
        return pd.DataFrame(
            {
                "term": list(self.names),
                "estimate": self.estimate,
                "std_error": self.standard_errors,
                "conf_low": ends[:, 0],
                "conf_high": ends[:, 1],
            }
        )


def bootstrap(
    X: ArrayLike,
    y: ArrayLike,
    *,
    model: str = "ols",
    replicates: int = 500,
    seed: int = 0,
    names: Sequence[str] | None = None,
    clusters: Clusters | None = None,
    weights: ArrayLike | None = None,
    weights_kind: str | None = None,
) -> BootstrapFit:
    """Draw rows with replacement and refit, for every replicate at once.

    Parameters
    ----------
    X
        Design, shape [N D], without a column of ones.
    y
        Answers, shape [N].
    model
        One of :data:`thalweg.linear.models.MODELS`; "softmax" takes classes 0 … C - 1, each against class 0.
    replicates
        B.
    seed
        Replicate b draws from its own stream, so its rows do not depend on B.
    names
        Column names.
    clusters
        One label per row: draw whole clusters instead of rows.
    weights
        Of the rows, shape [N]; a row of weight 0 is no row.
    weights_kind
        ``frequency``: a row stands for that many, each drawn on its own. ``analytic``, which is None, and
        ``probability``: rows are drawn, and keep their weights.

    Raises
    ------
    DataError
        If the input is wrong, or fewer than two replicates have a finite solution.
    SettingError
        If a setting is outside its range.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 1))
    >>> bootstrap(X, X[:, 0], replicates=50).replicates.shape
    (50, 2)

    Notes
    -----
    Efron (1979, Annals of Statistics 7, 1-26); Freedman (1981, Annals of Statistics 9, 1218-1228) for pairs.
    """
    check_choice("model", model, tuple(MODELS))
    rows, labels = named_rows(X, y, weights, names)
    rows, weightings = drawn_weights(rows, weights_kind, check_count("replicates", replicates, low=2), seed, clusters)
    fits = fit_members(model, rows, np.vstack([rows.weight_vector(), weightings]))
    table, status = fits.table, fits.status
    if table.shape[1] > len(labels):
        labels = tuple(f"{c}: {name}" for c in range(1, 1 + table.shape[1] // len(labels)) for name in labels)
    solved = np.array([word == SOLVED for word in status])
    if not solved[0] or solved.sum() < 3:
        problem = next(word for word in status if word != SOLVED)
        raise DataError(f"The rows cannot be resampled: {problem}.", "Drop that column, or use a ridge.")
    return BootstrapFit(
        names=labels,
        estimate=table[0],
        replicates=table[1:][solved[1:]],
        failed=tuple(word for word in status[1:] if word != SOLVED),
    )


def drawn_weights(
    rows: DesignRows, kind: str | None, replicates: int, seed: int, clusters: Clusters | None = None
) -> tuple[DesignRows, FloatArray]:
    """Return the rows that count, and what each weighs in every replicate, shape [B N].

    Parameters
    ----------
    rows, kind
        As checked, and what their weights mean; None is ``analytic``.
    replicates, seed, clusters
        As for :func:`bootstrap`.

    Raises
    ------
    DataError
        If a frequency is no whole number, or clusters do not fit the rows.

    Examples
    --------
    >>> from thalweg.linear.rows import check_rows
    >>> drawn_weights(check_rows([[1], [2], [3]], [0, 1, 2], [2, 0, 3]), "frequency", 2, 0)[1].sum(axis=1)
    array([5., 5.])
    """
    found = weights_kind_of(kind)
    rows, labels, _ = counting_rows(rows, found, clusters)
    own = rows.weight_vector()
    if found != FREQUENCY or labels is not None or rows.weights is None:
        return rows, bootstrap_counts(len(own), replicates, seed, clusters=labels) * own
    units = np.repeat(np.arange(len(own)), own.astype(np.int64))
    drawn = bootstrap_counts(len(units), replicates, seed)
    return rows, np.stack([np.bincount(units, one, minlength=len(own)) for one in drawn])


def percentiles(replicates: FloatArray, alpha: float) -> FloatArray:
    """Return the percentiles ``alpha/2`` and ``1 - alpha/2`` of replicates [B K], shape [K 2].

    Raises
    ------
    SettingError
        If ``alpha`` is not between 0 and 1.

    Examples
    --------
    >>> percentiles(np.arange(101.0)[:, None], 0.1)
    array([[ 5., 95.]])
    """
    check_number("alpha", alpha, low=0, high=1, open_low=True, open_high=True)
    return np.asarray(np.quantile(replicates, [alpha / 2, 1 - alpha / 2], axis=0).T)


def bootstrap_counts(count: int, replicates: int, seed: int, *, clusters: Clusters | None = None) -> FloatArray:
    """Return how often each replicate draws each row, shape [B N].

    Raises
    ------
    DataError
        If there are not as many cluster labels as rows, or one is missing.

    Examples
    --------
    >>> bootstrap_counts(5, 2, 0).sum(axis=1)
    array([5., 5.])
    """
    codes = np.arange(count) if clusters is None else cluster_codes(clusters, count)
    groups = int(codes.max()) + 1
    drawn = np.empty((replicates, groups))
    for b in range(replicates):
        drawn[b] = np.bincount(stream(seed, "bootstrap", b).integers(groups, groups), minlength=groups)
    return drawn if clusters is None else drawn[:, codes]
