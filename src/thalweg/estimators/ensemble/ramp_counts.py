"""How many ramps the networks of an estimator see beside its features."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thalweg.data.reading.ramps import RAMPS, RampPlan, Ramps, plan_ramps
from thalweg.select.learning.observations import Observations, filled_mean


def wanted_ramps(settings: Mapping[str, Any]) -> int:
    """Return how many ramps a column gets at most.

    By default as many as in a comparison, unless the network is the user's own, or the scale of the features is.

    Examples
    --------
    >>> wanted_ramps({"ramps": None, "network": None, "standardise": True})
    8
    """
    if settings["ramps"] is not None:
        return int(settings["ramps"])
    return RAMPS if settings["network"] is None and settings["standardise"] else 0


def ramps_of(parts: Sequence[Observations], most: int) -> RampPlan:
    """Return the ramps of networks that train together, read off all their rows.

    Parameters
    ----------
    parts
        Rows of each.
    most
        Ramps of a column, at most.

    Examples
    --------
    >>> from thalweg.select.learning.observations import canonical_rows
    >>> x = np.arange(40.0)[:, None]
    >>> len(ramps_of([canonical_rows(x, x)], 8))
    8
    """
    x = np.concatenate([rows.x for rows in parts])
    return plan_ramps(np.where(np.isnan(x), filled_mean(x, None), x), most)


def same_ramps(ramps: Ramps, columns: int) -> RampPlan:
    """Return the plan that some ramps of so many columns follow.

    Examples
    --------
    >>> same_ramps(Ramps.none(), 2).counts.tolist()
    [0, 0]
    """
    counts = np.bincount(ramps.column, minlength=columns)
    return RampPlan(int(counts.max(initial=0)), counts)


def columns_of(rows: Observations, ramps: RampPlan) -> tuple[int, int]:
    """Return how many inputs networks have, and how many columns outcomes."""
    return rows.x.shape[1] + len(ramps), rows.y.shape[1]
