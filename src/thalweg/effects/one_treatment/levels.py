"""Which level every unit received, and which of them is no treatment."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, SettingError, row, setting
from thalweg.base.wording import listed
from thalweg.effects.experiment.codings import UNTREATED

MOST_LEVELS: Final = 20


def read_levels(treatment: object, baseline: object = None) -> tuple[tuple[str, ...], IntArray, list[str]]:
    """Return the names of the levels, the baseline first, the number of the one every unit received, and remarks.

    Parameters
    ----------
    treatment
        Level of every unit [N], of any kind.
    baseline
        Level to measure against; None for one that reads as no treatment, such as 0, no or control, else the first.

    Raises
    ------
    DataError
        If a level is missing, there is one alone, or so many that they are amounts.
    SettingError
        If nobody received the baseline.

    Examples
    --------
    >>> names, received, notes = read_levels(["new", "control", "new"])
    >>> names, received.tolist(), notes
    (('control', 'new'), [1, 0, 1], [])
    """
    values = pd.Series(treatment if isinstance(treatment, pd.Series) else np.asarray(treatment)).reset_index(drop=True)
    missing = np.flatnonzero(values.isna())
    if len(missing):
        raise DataError(
            f"{setting('treatments')} is missing in row {row(int(missing[0]))}.", "Fill it in, or drop the unit."
        )
    found = list(pd.unique(values))
    try:
        found.sort()
    except TypeError:
        found.sort(key=str)
    names = [_name(value) for value in found]
    if len(found) < 2:
        raise DataError(f"The treatment has the single level {names[0] if names else 'of no unit'}.", "Let it vary.")
    if len(found) > MOST_LEVELS:
        raise DataError(
            f"The treatment has {len(found):,} levels: that many are amounts rather than levels.",
            "Use partially_linear for the slope of an amount, or join levels.",
        )
    first, notes = _first(names, baseline)
    order = [first, *(n for n in range(len(found)) if n != first)]
    place = {found[number]: k for k, number in enumerate(order)}
    received = values.map(place).to_numpy(dtype=np.int64)
    return tuple(names[number] for number in order), received, notes


def _name(value: object) -> str:
    """Return a level as text: a whole number without its point."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _first(names: list[str], baseline: object) -> tuple[int, list[str]]:
    """Return the place of the baseline, and a remark if it was not told."""
    if baseline is not None:
        if _name(baseline) not in names:
            raise SettingError(
                f"{setting('baseline')} is {_name(baseline)!r}, which nobody received; levels are {listed(names)}.",
                "Name one of them.",
            )
        return names.index(_name(baseline)), []
    none = [n for n, name in enumerate(names) if name.strip().lower() in UNTREATED]
    if len(none) == 1:
        return none[0], []
    return 0, [f"Measured against {names[0]!r}, the first level in order; {setting('baseline')} names another."]


def planned_chances(assignment: Mapping[str, float] | FloatArray, names: tuple[str, ...], units: int) -> FloatArray:
    """Return known chances of the levels, [J] or [N J], each positive and summing to one.

    Parameters
    ----------
    assignment
        Shares by level, or numbers [J] or [N J] in the order of the names.
    names
        The levels.
    units
        N.

    Raises
    ------
    SettingError
        If they are no probabilities of these levels.

    Examples
    --------
    >>> planned_chances({"control": 0.25, "new": 0.75}, ("control", "new"), 100).tolist()
    [0.25, 0.75]
    """
    if isinstance(assignment, Mapping):
        given = {_name(level): share for level, share in assignment.items()}
        if set(given) != set(names):
            raise SettingError(
                f"{setting('assignment')} names {listed(sorted(given))}, the levels are {listed(list(names))}.",
                "Give every level its share.",
            )
        assignment = np.array([given[name] for name in names], dtype=np.float64)
    try:
        found = np.asarray(assignment, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape not in {(len(names),), (units, len(names))}:
        raise SettingError(
            f"{setting('assignment')} must be one share per level, or one per unit and level, got shape {found.shape} "
            f"for {units} units and {len(names)} levels.",
            "Give 'model', 'empirical', or shares that sum to 1.",
        )
    sums = found.sum(axis=-1)
    if not (np.isfinite(found).all() and (found > 0.0).all() and np.allclose(sums, 1.0, atol=1e-6)):
        worst = float(np.atleast_1d(sums)[np.argmax(np.abs(np.atleast_1d(sums) - 1.0))])
        raise SettingError(
            f"The shares in {setting('assignment')} must be positive and sum to 1; the least is {found.min():g}, "
            f"a sum is {worst:g}.",
            "Give every level its share of the units.",
        )
    return found
