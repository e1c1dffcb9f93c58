"""Rows that repeat an earlier row: copies, or what tables of few values do by themselves."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.arrays import IntArray
from thalweg.base.errors import DataError
from thalweg.base.wording import listed
from thalweg.data.columns import canonical_column, labelled_column
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note
from thalweg.data.remarks.row_numbers import is_stored_index, numbering_note
from thalweg.data.remarks.screen import names_rows

_SHARE: Final = 0.05  # of copies, from which on scores are those of rows that were trained on


def duplicates(
    features: pd.DataFrame,
    outcome: NDArray[np.generic],
    table: pd.DataFrame,
    groups: str | None = None,
    ignored: Sequence[str] = (),
) -> list[Note]:
    """Return a note if rows repeat an earlier one in all columns but those that name or number the rows.

    Parameters
    ----------
    features, outcome
        What is learned from, in canonical form.
    table
        All columns of the same rows: in canonical form, or as they were read.
    groups
        The column of groups that no fold cuts, if there is one.
    ignored
        Columns that the table lacks because they were to be ignored.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [1.0, 2.0, 1.0], "y": [3.0, 4.0, 3.0]})
    >>> duplicates(table[["x"]], table["y"].to_numpy(), table)[0].text
    '1 of 3 rows repeats an earlier row in all columns; 1 of them in a value that no other row has, as copies do. ...'
    """
    numbered = [name for name, column in features.items() if kind_of(column) == "numeric" and numbering_note(column)]
    learned = features.drop(columns=numbered).assign(**{"\x00outcome": outcome})
    if not pd.util.hash_pandas_object(learned, index=False).duplicated().any():
        return []
    compared, named = _compared(table)
    named = [*named, *ignored]
    rows = pd.factorize(pd.util.hash_pandas_object(compared, index=False))[0]
    repeated = len(rows) - int(rows.max()) - 1
    if not repeated:
        return []
    verb = "repeats" if repeated == 1 else "repeat"
    text = f"{repeated:,} of {len(table):,} rows {verb} an earlier row in all columns"
    text += f" but {listed(named)}" if named else ""
    if groups is not None and groups not in named:
        return [Note("duplicated_rows", f"{text}. They count twice; copies are in one group, which no fold cuts.")]
    copies = _copies(compared, rows)
    if not copies:
        text += ". Other rows have their values, too, so that it may be chance. If they are copies, drop them."
        return [Note("duplicated_rows", text)]
    text += (
        f"; {copies:,} of them in a value that no other row has, as copies do. Copies count twice, and in "
        "cross-validation a fold may hold out a copy of a row that was learned from: drop them, or keep them together "
        "by a column of groups."
    )
    doubt = f"{copies:,} of {len(table):,} rows seem to be copies of others" if copies >= _SHARE * len(table) else ""
    return [Note("duplicated_rows", text, doubt=doubt)]


def _copies(compared: pd.DataFrame, rows: IntArray) -> int:
    """Count the rows that repeat an earlier one and share a value with its repeats alone."""
    times = np.bincount(rows)[rows]
    alone = np.zeros(len(rows), dtype=bool)
    for name in compared.columns:
        codes = compared[name].to_numpy()
        known = codes >= 0
        alone |= known & (np.bincount(codes[known])[np.maximum(codes, 0)] == times)
    first = np.unique(rows, return_index=True)[1]
    later = times > 1
    later[first] = False
    return int((alone & later).sum())


def _compared(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return codes of the columns to compare, and the columns that name or number the rows."""
    codes, named = {}, []
    for name, raw in table.items():
        column = _readable(raw)
        present = column[column.notna()]
        text = kind_of(column) == "categorical" and len(present) and names_rows(present)
        number = kind_of(column) == "numeric" and (is_stored_index(column) or numbering_note(column))
        if text or number:
            named.append(str(name))
        else:
            codes[name] = pd.factorize(column)[0]
    return pd.DataFrame(codes), named


def _readable(column: pd.Series) -> pd.Series:
    """Return a column in canonical form, or as texts if it has none."""
    try:
        return canonical_column(column)[0]
    except DataError:
        return labelled_column(column.astype(str))
