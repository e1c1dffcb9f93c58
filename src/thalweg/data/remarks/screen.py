"""Columns that are worth nothing: empty, constant, names of the rows, stored indices."""

from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray
from thalweg.base.wording import listed
from thalweg.data.kinds import kind_of
from thalweg.data.notes import Note
from thalweg.data.remarks.row_numbers import index_note, is_stored_index

_SHARE: Final = 0.9  # of rows with a text of their own, from which on texts name the rows
_FEWEST: Final = 20
_RUNNING: Final = 4  # words of a text, from which on half of the texts of a column are sentences
_DATE_LIKE: Final = (
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*|\d{1,2}\.? ?[^\W\d]{3,10}\.?,? \d{2,4}.*|[^\W\d]{3,10}\.? \d{1,2},? \d{4}.*"
)


def screen_features(features: pd.DataFrame, *, asked: bool = False) -> tuple[list[str], list[Note]]:
    """Return the features worth encoding, and why others are left out.

    Left out are columns without any value, with a single one, texts that are different in nearly every row, and stored
    indices.

    Parameters
    ----------
    features
        Columns in canonical form.
    asked
        Whether they were named one by one: a stored index is then kept.

    Returns
    -------
    tuple
        The names kept, and a note on every other.

    Examples
    --------
    >>> kept, notes = screen_features(pd.DataFrame({"x": [1.0, 2.0], "unit": [5.0, 5.0]}))
    >>> kept, notes[0].text
    (['x'], "The same value in all rows, so left out: 'unit'.")
    """
    kept, empty, constant, notes = [], [], [], []
    for name, column in features.items():
        kind = kind_of(column)
        present = column.to_numpy() if kind == "numeric" else column[column.notna()]
        present = present[~np.isnan(present)] if kind == "numeric" else present
        if not len(present):
            empty.append(name)
        elif len(present) == len(column) and _equal(present):
            constant.append(name)
        elif kind == "categorical" and names_rows(present):
            notes.append(Note("id_like", _id_text(present), (name,)))
        elif not asked and is_stored_index(column):
            notes.append(index_note(name))
        else:
            kept.append(name)
    if constant:
        text = f"The same value in all rows, so left out: {listed(constant)}."
        notes.insert(0, Note("constant_column", text, tuple(constant)))
    if empty:
        notes.insert(0, Note("empty_column", f"No value in any row, so left out: {listed(empty)}.", tuple(empty)))
    return kept, notes


def _equal(present: pd.Series | FloatArray) -> bool:
    return bool((present == (present[0] if isinstance(present, np.ndarray) else present.iloc[0])).all())


def names_rows(present: pd.Series) -> bool:
    """Whether texts are different in nearly every row.

    Examples
    --------
    >>> names_rows(pd.Series([f"n{k}" for k in range(30)]))
    True
    """
    return int(present.nunique()) > max(_FEWEST, _SHARE * len(present))


def is_running_text(texts: pd.Series) -> bool:
    """Whether texts are sentences rather than names.

    Examples
    --------
    >>> is_running_text(pd.Series(["the room was far too small", "we will come again soon", "fine"]))
    True
    """
    return bool(texts.astype(str).str.split().str.len().median() >= _RUNNING)


def _id_text(present: pd.Series) -> str:
    dates = present.astype(str).str.fullmatch(_DATE_LIKE).mean() > _SHARE
    if is_running_text(present) and not dates:
        return (
            f"Column {present.name!r} holds running text, such as {str(present.iloc[0])[:60]!r}, which no model here "
            "reads: it was left out. Turn it into numbers first, such as counts of words, or scores of a language "
            "model."
        )
    hint = ""
    if dates:
        hint = " If it is a date, write it as YYYY-MM-DD, or use strptime in a query."
    return (
        f"Column {present.name!r} has {present.nunique():,} different texts in {len(present):,} rows, such as "
        f"{str(present.iloc[0])!r}: it names the rows and was left out.{hint}"
    )
