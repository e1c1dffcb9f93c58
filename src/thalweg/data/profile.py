"""A table at a glance: for every column its role, its kind, what it misses and how it is spread."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from thalweg.data.kinds import kind_of
from thalweg.data.kinds import label as level

_TOP_LEVELS: Final = 5


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column in numbers.

    Parameters
    ----------
    name, role, kind
        The column; ``target``, ``feature``, ``weights``, ``groups`` or ``ignored``; its kind, or ``unread`` for an
        ignored column.
    missing, distinct
        How many rows miss it, and how many different values it has.
    minimum, mean, maximum
        In its own units; None unless numeric.
    top
        The most frequent values with their counts; none if numeric.
    label
        What the column is called for people, if its file says so.
    """

    name: str
    role: str
    kind: str
    missing: int
    distinct: int
    minimum: float | None = None
    mean: float | None = None
    maximum: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    label: str = ""


def profile_column(column: pd.Series, role: str, label: str = "") -> ColumnProfile:
    """Return the profile of a column, canonical unless its role is ``ignored``.

    Examples
    --------
    >>> profile = profile_column(pd.Series([1.0, 3.0, np.nan], name="age"), "feature")
    >>> profile.kind, profile.missing, profile.minimum, profile.mean, profile.maximum
    ('numeric', 1, 1.0, 2.0, 3.0)
    """
    name = str(column.name)
    if role != "ignored" and kind_of(column) == "numeric":
        return _profile_numbers(column, role, label)
    missing = int(column.isna().sum())
    if role == "ignored":
        return ColumnProfile(name, role, "unread", missing, int(column.astype(str).nunique()), label=label)
    kind, distinct = kind_of(column), int(column.nunique())
    counts = column.value_counts().head(_TOP_LEVELS)
    top = tuple((level(value), int(count)) for value, count in counts.items() if count)
    return ColumnProfile(name, role, kind, missing, distinct, top=top, label=label)


def _profile_numbers(column: pd.Series, role: str, label: str) -> ColumnProfile:
    values = column.to_numpy(dtype=np.float64)
    present = values[~np.isnan(values)]
    missing = len(values) - len(present)
    if not present.size:
        return ColumnProfile(str(column.name), role, "numeric", missing, 0, label=label)
    ordered = np.sort(present)
    low, mean, high = float(ordered[0]), float(present.mean()), float(ordered[-1])
    rounding = 1e-12 * max(abs(low), abs(high))  # the mean of a centred column is no 3e-17
    centre = mean if abs(mean) > rounding else 0.0
    distinct = 1 + int((ordered[1:] != ordered[:-1]).sum())
    return ColumnProfile(str(column.name), role, "numeric", missing, distinct, low, centre, high, label=label)
