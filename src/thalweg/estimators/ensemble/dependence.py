"""What is visible in the rows given to an estimator of units, copies and time that nobody has named."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

from thalweg.base.errors import DataError
from thalweg.data.columns import canonical_column
from thalweg.data.dependence.look import dependence_notes
from thalweg.data.notes import Note
from thalweg.estimators.ensemble.frame_encoding import frame_of
from thalweg.select.learning.observations import Observations

MOST_COLUMNS = 20  # of a matrix, in which units are looked for: every pair of columns is


class DependenceWarning(UserWarning):
    """Rows that seem to hang together are taken as independent."""


def look_for_dependence(model: Any, X: Any, y: Any, rows: Observations) -> tuple[Note, ...]:
    """Return what makes rows doubtful as independent ones, and warn of it; nothing where nothing rests on that.

    Parameters
    ----------
    model
        The estimator, whose folds, bootstrap samples and patience part rows.
    X, y
        As given to ``fit``, and found valid.
    rows
        What was read of them; nothing is looked for if they have groups or times.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from thalweg.estimators import LinearRegressor
    >>> rng = np.random.default_rng(0)
    >>> x = np.repeat(rng.normal(size=(50, 3)), 4, axis=0) + 0.001 * rng.normal(size=(200, 3))
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     model = LinearRegressor(folds=5).fit(x, x[:, 0])
    >>> model.notes_[0].code, seen[0].category.__name__
    ('near_copies', 'DependenceWarning')
    """
    parts = (model.folds, model.bootstrap, getattr(model, "patience", None))
    outcome, kept = np.asarray(y), np.unique(rows.origin)  # copies are one observation, and no fold parts them
    told = rows.groups is not None or rows.time is not None
    frame = None if told or parts == (None, None, None) else frame_of(X, always=True)
    if frame is None or outcome.ndim != 1:  # several columns, or sparse ones
        return ()
    read = _readable(frame.iloc[kept])
    numeric = is_regressor(model)
    values = outcome[kept].astype(np.float64) if numeric else np.unique(outcome[kept], return_inverse=True)[1]
    searched = read if hasattr(X, "columns") or read.shape[1] <= MOST_COLUMNS else read.iloc[:, :0]
    notes = tuple(dependence_notes(searched, read, read, values, "y", leave=()))
    for note in notes:
        warnings.warn(
            f"{note.text} Groups go into fit(X, y, groups=...), times into fit(X, y, time=...).",
            DependenceWarning,
            stacklevel=4,
        )
    return notes


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a frame that can be read, in canonical form."""
    columns = {}
    for name in frame:
        try:
            columns[name] = canonical_column(frame[name])[0]
        except DataError:
            continue
    return pd.DataFrame(columns)
