"""Piecewise-linear ramps: what a network is shown of a numeric column beside its value.

A column is cut at quantiles of the rows learned from, and each bin becomes a ramp: 0 below it, 1 above it, and in it
how far the value has come. A network of ramps bends where the rows are, without having to find the place by its
weights. Indicators have no ramps; a column of few values has one between each two neighbours. Ramps are centred and not
divided by their deviation: a bin that few rows reach is not blown up, and networks predict better
(``docs/lab-notes.md``).
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.elementary import ordered_sum

RAMPS: Final = 8  # per column by default; how it was chosen: docs/lab-notes.md
FEWEST: Final = 2  # one ramp alone is the column again
WIDEST: Final = 4_000  # ramps of a table; one with more columns than fit has none
_HALVINGS: Final = 3  # of the share of rows in a bin
_ROUNDING: Final = 1e-12  # of the weight, by which a quantile may be passed


@dataclass(frozen=True, slots=True, eq=False)
class Ramps:
    """Ramps of some columns.

    Parameters
    ----------
    column
        Which column each ramp is of [R].
    low, width
        Where its bin begins, and how wide it is [R]; infinitely wide for a ramp that is always 0.
    centre
        Mean of the ramp in the rows learned from [R], which is taken off.

    Examples
    --------
    >>> z = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> ramps = learn_ramps(z, None, plan_ramps(z, most=2))
    >>> ramps.of(z).round(2).tolist()
    [[-0.75, -0.38], [0.25, -0.38], [0.25, 0.12], [0.25, 0.62]]
    """

    column: IntArray
    low: FloatArray
    width: FloatArray
    centre: FloatArray

    def __len__(self) -> int:
        return len(self.column)

    def of(self, z: FloatArray) -> FloatArray:
        """Return the ramps of scaled features [N D], shape [N R]."""
        part = np.clip((z[:, self.column] - self.low) / self.width, 0.0, 1.0)
        part -= self.centre
        return part

    def beside(self, z: FloatArray) -> FloatArray:
        """Return scaled features with their ramps behind them [N D+R]."""
        return np.concatenate([z, self.of(z)], axis=1) if len(self) else z

    def arrays(self) -> dict[str, FloatArray | IntArray]:
        """Return everything it holds, by name."""
        return {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def none(cls) -> Self:
        """Return no ramps."""
        nothing = np.zeros(0)
        return cls(np.zeros(0, dtype=np.int64), nothing, nothing, nothing)


ARRAYS: Final = ("column", "low", "width", "centre")


@dataclass(frozen=True, slots=True, eq=False)
class RampPlan:
    """How many ramps there are.

    Parameters
    ----------
    most
        Bins that a column is cut into.
    counts
        Ramps of each column [D].
    """

    most: int
    counts: IntArray

    def __len__(self) -> int:
        return int(self.counts.sum())


def plan_ramps(x: FloatArray, most: int = RAMPS) -> RampPlan:
    """Return how many ramps each column gets, read off all rows, so that every part of them has as many.

    Parameters
    ----------
    x
        Columns [N D], finite.
    most
        Of a column, which has one fewer than it has values; 0 for none.

    Examples
    --------
    >>> x = np.column_stack([np.arange(100.0), np.arange(100) % 2, np.arange(100) % 3])
    >>> plan_ramps(x).counts.tolist()
    [8, 0, 2]
    """
    if not most:
        return RampPlan(0, np.zeros(x.shape[1], dtype=np.int64))
    found = np.array([min(most, len(np.unique(column)) - 1) for column in x.T], dtype=np.int64)
    found[found < FEWEST] = 0
    return RampPlan(most, found if found.sum() <= WIDEST else np.zeros_like(found))


def same_ramps(ramps: Ramps, columns: int) -> RampPlan:
    """Return the plan that some ramps of so many columns follow.

    Examples
    --------
    >>> same_ramps(Ramps.none(), 2).counts.tolist()
    [0, 0]
    """
    counts = np.bincount(ramps.column, minlength=columns)
    return RampPlan(int(counts.max(initial=0)), counts)


def learn_ramps(z: FloatArray, weights: FloatArray | None, plan: RampPlan) -> Ramps:
    """Learn the bin and the mean of every ramp on some rows.

    Edges are quantiles of equal shares (the least value below which the share lies), the first the least value and the
    last the largest. Where values tie, so that fewer of them differ than there are ramps, the shares are halved, at
    most three times; ramps that find no bin even so are always 0.

    Parameters
    ----------
    z, weights
        Rows [N D], finite, and their weights [N]; None for 1.
    plan
        How many ramps each column has.

    References
    ----------
    Gorishniy, Rubachev & Babenko (2022), arXiv:2203.05556, section 3.2: the piecewise-linear encoding.

    Examples
    --------
    >>> z = np.arange(9.0)[:, None]
    >>> learn_ramps(z, None, plan_ramps(z)).low.tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    """
    ramped = np.flatnonzero(plan.counts)
    if not len(ramped):
        return Ramps.none()
    edges = [_edges(z[:, place], weights, plan.most, int(plan.counts[place]) + 1) for place in ramped]
    low = np.concatenate([found[:-1] for found in edges])
    width = np.concatenate([np.diff(found) for found in edges])
    width[~(width > 0)] = np.inf
    column = np.repeat(ramped, plan.counts[ramped])
    part = Ramps(column, low, width, np.zeros(len(low))).of(z)
    shares = np.ones(len(z)) if weights is None else np.asarray(weights, dtype=np.float64)
    return Ramps(column, low, width, ordered_sum(part * shares[:, None]) / ordered_sum(shares))


def _edges(values: FloatArray, weights: FloatArray | None, shares: int, count: int) -> FloatArray:
    """Return so many edges [count], ascending; the last is repeated where too few differ."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    passed = np.arange(1.0, len(values) + 1) if weights is None else np.cumsum(weights[order])
    found = ordered[:1]
    for halvings in range(_HALVINGS + 1):
        wanted = passed[-1] * np.linspace(0.0, 1.0, (shares << halvings) + 1) * (1.0 - _ROUNDING)
        found = np.unique(ordered[np.minimum(np.searchsorted(passed, wanted), len(values) - 1)])
        if len(found) >= count:
            return found[np.linspace(0, len(found) - 1, count).round().astype(np.int64)]
    return np.concatenate([found, np.full(count - len(found), found[-1])])
