"""Which columns of a wide table boosted trees are offered: those whose one best split says most of the outcome."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray

MOST_OFFERED: Final = 500  # columns: what trees take grows with their number
_MOST_ROWS: Final = 10_000  # that decide
_BLOCK: Final = 2_000_000  # numbers at once


def best_columns(task: str, x: FloatArray, y: NDArray[Any], weights: FloatArray | None) -> IntArray:
    """Return the columns trees are offered, ascending: all, or those of largest gain.

    The gain of a split is how much the weighted sum of squares Σ w (y − ȳ)² falls, for classes the sum of it over
    their indicators: what the first tree looks for.

    Parameters
    ----------
    task
        ``regression``, or classification.
    x, y
        Features [N D], and numbers or codes of classes [N].
    weights
        Of the rows [N]; None for 1.

    References
    ----------
    Fan & Lv (2008), Journal of the Royal Statistical Society B 70, 849-911: screening by marginal association.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> x = draw.normal(size=(100, 600))
    >>> len(best_columns("regression", x, x[:, 7], None)), 7 in best_columns("regression", x, x[:, 7], None)
    (500, True)
    """
    columns = x.shape[1]
    if columns <= MOST_OFFERED:
        return np.arange(columns)
    here = np.arange(len(x)) if weights is None else np.flatnonzero(weights > 0)  # a row of weight 0 is none
    some = here[np.unique(np.linspace(0, len(here) - 1, min(len(here), _MOST_ROWS)).astype(np.int64))]
    mass = np.ones(len(some)) if weights is None else weights[some]
    outcomes = y[some, None].astype(np.float64) if task == "regression" else (y[some, None] == np.unique(y)) * 1.0
    centred = outcomes - mass @ outcomes / mass.sum()
    step = max(1, _BLOCK // len(some))
    parts = [x[some, begin : begin + step] for begin in range(0, columns, step)]
    gains = np.concatenate([_gains(part, centred, mass) for part in parts])
    best: IntArray = np.sort(np.argsort(-gains, kind="stable")[:MOST_OFFERED])
    return best


def _gains(x: FloatArray, centred: FloatArray, mass: FloatArray) -> FloatArray:
    """Return the gain of each column's best split, for outcomes [N C] whose weighted mean is 0."""
    order = np.argsort(x, axis=0, kind="stable")
    ordered = np.take_along_axis(x, order, axis=0)
    between = ordered[1:] > ordered[:-1]
    left = np.cumsum(mass[order], axis=0)[:-1]
    share = 1.0 / left + 1.0 / (mass.sum() - left)
    gain = sum(np.cumsum((mass * one)[order], axis=0)[:-1] ** 2 for one in centred.T) * share
    return np.asarray(np.where(between, gain, 0.0).max(axis=0))
