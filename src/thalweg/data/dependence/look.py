"""Looks for rows that hang together and that nobody has said to."""

from collections.abc import Collection

import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError
from thalweg.data.columns import canonical_column
from thalweg.data.dependence.near_copies import near_copies
from thalweg.data.dependence.order_in_time import order_in_time
from thalweg.data.dependence.repeated_units import repeated_units
from thalweg.data.notes import Note

DEPENDENCE = ("repeated_units", "near_copies", "order_in_time")
"""Codes of the notes on rows that hang together."""


def dependence_notes(
    raw: pd.DataFrame,
    read: pd.DataFrame,
    features: pd.DataFrame,
    outcome: FloatArray | IntArray,
    target: str,
    *,
    leave: Collection[str | None],
    judged: bool = True,
) -> list[Note]:
    """Return what is visible of units, copies and time in a table whose rows are taken as independent.

    Parameters
    ----------
    raw
        The rows of the table with all its columns, those that are ignored too.
    read
        The columns in use, in canonical form.
    features
        The columns to predict from.
    outcome, target
        Values or codes [N], and their name.
    leave
        Columns with another part.
    judged
        Whether models are judged on rows held out.

    Examples
    --------
    >>> import numpy as np
    >>> firm, year = np.repeat(np.arange(40), 5), np.tile(np.arange(5), 40)
    >>> table = pd.DataFrame({"firm": firm, "year": year, "y": np.arange(200.0) % 7})
    >>> [note.code for note in dependence_notes(table, table, table[["year"]], table["y"].to_numpy(), "y", leave={"y"})]
    ['repeated_units']
    """
    columns = dict(read.items())
    for name in raw.columns.difference(read.columns):
        try:
            columns[name] = canonical_column(raw[name])[0]
        except DataError:
            continue  # an ignored column that no model could read
    kept = [name for name in raw if name in columns and name not in leave]
    frame = pd.DataFrame({name: columns[name].array for name in kept}, index=raw.index)
    found = [*repeated_units(frame, outcome), *near_copies(features)]
    return found or order_in_time(
        frame, features, outcome, target, judged=judged
    )  # rows of one unit often stand together
