"""Rows that resemble those before them, in order of a date or as the table stands."""

import re
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note

_MOMENTS: Final = re.compile(
    r"[^a-z]*(date|time|year|quarter|month|week|day|hour|minute|period|timestamp)[^a-z]*", re.IGNORECASE
)
_FEWEST: Final = 30
_BY_TIME: Final = (0.25, 4.0)  # least autocorrelation, and least of it in standard errors
_AS_IT_STANDS: Final = (0.5, 6.0)
_MOST_COLUMNS: Final = 50
_MOST_ROWS: Final = 100_000
_GAPS: Final = (
    "rows that are held out lie between rows that are learned from, so scores are those of filling gaps, not of "
    "forecasting."
)
_ERRORS: Final = (
    "standard errors, tests and intervals take rows as independent, and are not to be relied on. Name a column of "
    "longer periods, or of units, as clusters, or explain changes in place of levels."
)
_NUMBER_THEM: Final = (
    "If they are in order of time, number them in a column and name it as time; if neighbours belong to one unit, name "
    "a column of units as groups."
)


def order_in_time(
    columns: pd.DataFrame, features: pd.DataFrame, outcome: FloatArray | IntArray, target: str, *, judged: bool = True
) -> list[Note]:
    """Return a note if what linear regression leaves of the outcome resembles what it left of the row before.

    Parameters
    ----------
    columns
        All columns but the outcome, in canonical form; those that :func:`tells_time` are times.
    features
        The columns to predict from.
    outcome
        Values, or codes of classes [N]; of several classes the most frequent against the others.
    target
        The outcome's name.
    judged
        Whether models are judged on rows held out; otherwise what matters are standard errors.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> walk = pd.DataFrame({"day": np.arange(200.0), "x": draw.normal(size=200)})
    >>> order_in_time(walk, walk, np.cumsum(draw.normal(size=200)), "price")[0].columns
    ('day', 'price')
    """
    if not _FEWEST <= len(outcome) <= _MOST_ROWS:
        return []
    times = [name for name, column in columns.items() if tells_time(column)]
    left = _left_over(features.drop(columns=[name for name in times if name in features]), outcome)
    for name in times:
        places = np.unique(columns[name].to_numpy(), return_inverse=True)[1].reshape(-1)
        series = np.bincount(places, left) / np.bincount(places)
        found = _autocorrelation(series)
        if len(series) >= _FEWEST and found > max(_BY_TIME[0], _BY_TIME[1] / np.sqrt(len(series))):
            seen = f"In order of {name!r} rows resemble those before them in {target!r} ({_measured(found)})"
            text = f"{seen}: {_GAPS} Name {name!r} as time for folds in its order."
            if not judged:
                text = f"{seen}: {_ERRORS} For folds of a path or a search in its order, name {name!r} as time."
            return [Note("order_in_time", text, (name, target), "held-out rows lie in time between those learned from")]
    found = _autocorrelation(left)
    if times or _is_sorted(outcome) or not found > max(_AS_IT_STANDS[0], _AS_IT_STANDS[1] / np.sqrt(len(left))):
        return []
    seen = f"As the table stands, rows resemble those before them in {target!r} ({_measured(found)})"
    text = f"{seen}. {_NUMBER_THEM}" if judged else f"{seen}: {_ERRORS}"
    return [Note("order_in_time", text, (target,), "held-out rows resemble the rows learned from beside them")]


def _measured(found: float) -> str:
    return f"autocorrelation {found:.2f} of what a linear model leaves"


def tells_time(column: pd.Series) -> bool:
    """Whether a column says when its rows were: complete dates, or numbers called year, day, … and nothing else.

    Plurals and longer names are amounts or attributes: hours worked, hours per week, reaction time, year of birth.

    Parameters
    ----------
    column
        In canonical form.

    Examples
    --------
    >>> [tells_time(pd.Series([1.0, 2.0], name=name)) for name in ("day", "hours", "hours_per_week")]
    [True, False, False]
    """
    kind = kind_of(column)
    if kind != "date" and (kind != "numeric" or not _MOMENTS.fullmatch(str(column.name))):
        return False
    return not column.isna().any()


def _left_over(features: pd.DataFrame, outcome: FloatArray | IntArray) -> FloatArray:
    """Return what least squares on the numeric features leaves of the outcome [N]."""
    y = np.asarray(outcome, dtype=np.float64)
    if np.issubdtype(np.asarray(outcome).dtype, np.integer):
        y = (y == np.bincount(np.asarray(outcome)).argmax()).astype(np.float64)
    names = [name for name in features if kind_of(features[name]) in {"numeric", "boolean"}][:_MOST_COLUMNS]
    X = features[names].astype("float64").to_numpy()
    means = features[names].astype("float64").mean().fillna(0.0).to_numpy()
    X = np.where(np.isfinite(X), X, means) - means
    X /= np.maximum(np.abs(X).max(axis=0, initial=0.0), np.finfo(float).tiny)
    y = y - y.mean()
    return np.asarray(y - X @ np.linalg.lstsq(X, y, rcond=None)[0]) if names and len(names) < len(y) / 2 else y


def _autocorrelation(series: FloatArray) -> float:
    centred = series - series.mean()
    square = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / square if square > 1e-20 * max(1.0, float(series @ series)) else 0.0


def _is_sorted(outcome: FloatArray | IntArray) -> bool:
    """Whether the table was sorted by the outcome: its rows change direction, or class, hardly ever."""
    values = np.asarray(outcome)
    if np.issubdtype(values.dtype, np.integer):
        return int((values[1:] != values[:-1]).sum()) <= 3 * int(values.max() + 1)
    steps = np.sign(np.diff(values.astype(np.float64)))
    steps = steps[steps != 0]
    return bool(len(steps) == 0 or max((steps > 0).mean(), (steps < 0).mean()) > 0.9)
