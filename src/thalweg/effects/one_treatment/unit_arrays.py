"""Units given as arrays: covariates, outcomes, clusters and weights, finite and of equal number."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError, row, setting
from thalweg.base.weighing import FREQUENCY, common_weights, weights_kind_with
from thalweg.effects.experiment.unit_rows import rows_of_units


@dataclass(frozen=True, slots=True, eq=False)
class UnitArrays:
    """Checked arrays, of the N units alone that weights leave.

    Parameters
    ----------
    x, y
        Covariates [N D] and outcomes [N].
    names
        Of the covariates: columns of a data frame, else x1 … xD.
    clusters
        Codes [N] or [N 2], or None.
    weights
        Row weights [N], or None.
    rows
        Row of the arrays that each unit was [N].
    notes
        What to tell of the weights.
    """

    x: FloatArray
    y: FloatArray
    names: tuple[str, ...]
    clusters: IntArray | None
    weights: FloatArray | None
    rows: IntArray
    notes: list[str]


def read_units(
    x: object,
    y: object,
    count: int,
    *,
    clusters: object = None,
    weights: object = None,
    weights_kind: str | None = None,
    what: str = "y",
) -> UnitArrays:
    """Check arrays about so many rows; an error calls the outcome ``what``.

    Rows of weight 0 are no units, and frequency weights make several of one.

    Raises
    ------
    DataError
        If shapes do not match, or a value is missing or no finite number; the message names the row.
    SettingError
        If the kind of weights is unknown, or there are none.

    Examples
    --------
    >>> read_units(np.zeros((3, 2)), [1, 2, 3], 3).names
    ('x1', 'x2')
    """
    covariates, outcome = _numbers(x, "x"), _numbers(y, what)
    if covariates.ndim != 2 or outcome.ndim != 1 or not len(covariates) == len(outcome) == count:
        raise DataError(
            f"Expected x [N D], y [N] and one treatment for each of N units, got {covariates.shape}, "
            f"{outcome.shape} and ({count},).",
            "Give one row per unit.",
        )
    for name, values in (("x", covariates), (what, outcome[:, None])):
        _finite(name, values)
    names = tuple(map(str, x.columns)) if isinstance(x, pd.DataFrame) else _counted(covariates.shape[1])
    codes, found, kind = _codes(clusters, count), _weights(weights, count), weights_kind_with(weights, weights_kind)
    if found is None or kind is None:
        return UnitArrays(covariates, outcome, names, codes, None, np.arange(count), [])
    rows, notes = rows_of_units(found, kind, weights_kind)
    kept = None if codes is None else _codes(codes[rows], len(rows))
    left = None if kind == FREQUENCY else common_weights(found, kind)[rows]
    return UnitArrays(covariates[rows], outcome[rows], names, kept, left, rows, notes)


def _counted(width: int) -> tuple[str, ...]:
    return tuple(f"x{k + 1}" for k in range(width))


def _numbers(values: object, name: str) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{setting(name)} must be numbers.", "Encode words as numbers, or use fit_effects.") from None


def _finite(name: str, values: FloatArray) -> None:
    wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(wrong):
        raise DataError(
            f"{setting(name)} is no finite number in row {row(int(wrong[0]))}.", "Mend the value, or drop the unit."
        )


def _codes(clusters: object, count: int) -> IntArray | None:
    if clusters is None:
        return None
    table = pd.DataFrame(np.asarray(clusters))
    if len(table) != count or table.shape[1] not in {1, 2}:
        raise DataError(
            f"{setting('clusters')} must be one or two per unit, got shape {table.shape} for {count} units.",
            "Give one code per unit.",
        )
    missing = np.flatnonzero(table.isna().any(axis=1))
    if len(missing):
        raise DataError(f"{setting('clusters')} is missing in row {row(int(missing[0]))}.", "Fill it in.")
    codes = np.column_stack([pd.factorize(table[k])[0] for k in table]).astype(np.int64)
    return codes[:, 0] if codes.shape[1] == 1 else codes


def _weights(weights: object, count: int) -> FloatArray | None:
    if weights is None:
        return None
    found = _numbers(weights, "weights")
    if found.shape != (count,):
        raise DataError(f"{setting('weights')} must be one per unit, got shape {found.shape}.", "Give one per unit.")
    _finite("weights", found[:, None])
    if (found < 0.0).any() or not (found > 0.0).any():
        raise DataError(f"{setting('weights')} must not be negative, and not all 0.", "Mend the weights.")
    return found
