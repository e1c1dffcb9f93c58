"""Columns that number the rows: stored indices, which say nothing of new rows and all of a sorted table."""

import re
from typing import Final

import numpy as np
import pandas as pd

from thalweg.data.dependence.order_in_time import tells_time
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note

FEWEST: Final = 20  # rows from which on a column of 1, 2, 3, … is no accident
_YEARS: Final = (1500, 2200)
_UNNAMED: Final = re.compile(
    r"|unnamed: ?\d+(_level_\d+)?|column\d+|\.\.\.\d+|index|level_\d+|__index_level_\d+__|row\.?_?names?", re.IGNORECASE
)


def is_stored_index(column: pd.Series) -> bool:
    """Whether a column has a name that libraries give to an index, and a different whole number in every row.

    Examples
    --------
    >>> is_stored_index(pd.Series(np.arange(30.0), name="Unnamed: 0"))
    True
    """
    if kind_of(column) != "numeric" or len(column) < FEWEST or not _UNNAMED.fullmatch(str(column.name).strip()):
        return False
    values = column.to_numpy(dtype=np.float64)
    return bool((values % 1 == 0).all()) and len(np.unique(values)) == len(values)  # NaN is no whole number


def index_note(name: str) -> Note:
    """Return the note on a stored index that was left out.

    Examples
    --------
    >>> index_note("Unnamed: 0").code
    'id_like'
    """
    text = (
        f"Column {name!r} has a different whole number in every row and the name of a stored index: it numbers the "
        "rows and was left out. If it is a quantity, name the columns to use (features)."
    )
    return Note("id_like", text, (name,))


def numbering_note(column: pd.Series) -> Note | None:
    """Return a note on a column of whole numbers that count up from row to row, or would in another order.

    Years and other times count from 0 or 1 only.

    Examples
    --------
    >>> numbering_note(pd.Series(np.arange(30.0), name="day")).text
    "Column 'day' numbers the rows: leave it out (ignore), unless it is time."
    """
    values = column.to_numpy(dtype=np.float64)
    if len(values) < FEWEST or not np.isfinite(values).all():
        return None
    first = values.min()
    last = first + len(values) - 1
    if values.max() != last or (first not in {0.0, 1.0} and (tells_time(column) or _YEARS[0] <= first <= _YEARS[1])):
        return None
    name = str(column.name)
    if (np.diff(values) == 1).all():
        text = f"Column {name!r} numbers the rows: leave it out (ignore), unless it is time."
        return Note("id_like", text, (name,), f"{name!r} numbers the rows")
    if len(np.unique(values)) < len(values):
        return None
    text = (
        f"Column {name!r} holds every whole number from {first:g} to {values.max():g} once: if it numbers the rows in "
        "another order, leave it out (ignore)."
    )
    return Note("id_like", text, (name,))
