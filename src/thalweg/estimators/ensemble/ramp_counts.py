"""How many ramps the networks of an estimator see beside its features."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from thalweg.base.errors import SettingError, setting
from thalweg.data.reading.ramps import RAMPS, RampPlan, Ramps, plan_ramps
from thalweg.select.learning.lessons import Lesson
from thalweg.select.learning.observations import Observations, filled_mean
from thalweg.train.result import MemberFit


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


def by_width(lessons: Sequence[Lesson]) -> list[list[int]]:
    """Return the numbers of lessons whose networks have equally many inputs and so can train together.

    Examples
    --------
    >>> by_width([])
    []
    """
    found: dict[int, list[int]] = {}
    for number, lesson in enumerate(lessons):
        found.setdefault(lesson.sample.scaling.width, []).append(number)
    return list(found.values())


def refuse_widths(*, together: bool) -> None:
    """Refuse networks of several widths where all must train together.

    Parameters
    ----------
    together
        Whether they must: to race each other, or to be kept.

    Raises
    ------
    SettingError
        If so.

    Examples
    --------
    >>> refuse_widths(together=False)
    """
    if together:
        raise SettingError(
            f"Candidates differ in {setting('ramps')}, and networks that train together have equally many inputs.",
            f"Give all the same {setting('ramps')}, or search without halving and without a folder.",
        )


def in_parts(parts: Sequence[Sequence[int]], train: Callable[[Sequence[int]], Sequence[MemberFit]]) -> list[MemberFit]:
    """Train one part of the lessons after the other; return what became of them in order.

    Examples
    --------
    >>> in_parts([], lambda numbers: [])
    []
    """
    found: dict[int, MemberFit] = {}
    for numbers in parts:
        for number, fit in zip(numbers, train(numbers), strict=True):
            found[number] = replace(fit, number=number)
    return [found[number] for number in sorted(found)]


def columns_of(rows: Observations, ramps: RampPlan) -> tuple[int, int]:
    """Return how many inputs networks have, and how many columns outcomes."""
    return rows.x.shape[1] + len(ramps), rows.y.shape[1]
