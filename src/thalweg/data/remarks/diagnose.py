"""What may be wrong with a table: leaks, far values, rare classes, repeated rows; each told with its remedy."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.data.kinds import MAX_LEVELS, kind_of, row_at
from thalweg.data.notes import Note, counted
from thalweg.data.reading.encodings import EXTREME, extreme_limits
from thalweg.data.remarks.duplicates import duplicates
from thalweg.data.remarks.leaks import leaks
from thalweg.data.remarks.row_numbers import numbering_note
from thalweg.data.remarks.screen import is_running_text

ABSURD: Final = 1e12  # scales from the median; no measurement has so many digits
MOST_LEVELS: Final = 1000
IMBALANCE: Final = 0.9
RARE_CLASS: Final = 10

Outcome = NDArray[np.float64] | NDArray[np.int64]


def diagnose(
    features: pd.DataFrame,
    outcome: Outcome,
    target: str,
    classes: tuple[str, ...],
    *,
    table: pd.DataFrame,
    groups: str | None = None,
    ignored: Sequence[str] = (),
    asked: bool = False,
    encoded: bool = True,
) -> list[Note]:
    """Return what is worth knowing before training.

    Parameters
    ----------
    features
        Columns in canonical form; the index says which rows of the table they are.
    outcome
        Values, or codes of classes [N].
    target
        The outcome's name.
    classes
        The classes, none for regression.
    table
        All columns of these rows, in use or not, but those to be ignored.
    groups
        The column of groups that no fold cuts, if there is one.
    ignored
        Columns to be ignored.
    asked
        Whether the features were named one by one, so that none is there by accident.
    encoded
        Whether they will be encoded for prediction, rather than enter a formula's design as they are.

    Returns
    -------
    list of Note
        In the order: leaks, columns, values, classes, rows.

    Raises
    ------
    DataError
        If a category has more than 1000 levels, or a number lies more than 10¹² scales from the median (the scale is
        that of :func:`thalweg.data.reading.encodings.extreme_limits`); the message names column and row.
    """
    notes = leaks(features, outcome, target, classes)
    notes += [note for _, column in features.items() for note in _column_notes(column, encoded, asked)]
    if not classes:
        notes += _extremes(pd.Series(outcome, index=features.index, name=target), "left as it is; check it")
    notes += _missing(features) + _encoding(features)
    notes += _classes(outcome, target, classes)
    notes += duplicates(features, outcome, table, groups, ignored)
    notes += _width(features)
    return notes


def encoded_width(features: pd.DataFrame) -> int:
    """Return an upper bound of the number of columns after encoding."""
    width = 0
    gaps = features.isna().any().to_numpy()
    for (_, column), some in zip(features.items(), gaps, strict=True):
        kind = kind_of(column)
        levels = min(len(column.cat.categories), MAX_LEVELS + 1) if kind == "categorical" else 1
        width += (4 if kind == "date" else levels) + bool(some)
    return width


def _column_notes(column: pd.Series, encoded: bool, asked: bool) -> list[Note]:
    name, kind = str(column.name), kind_of(column)
    if kind == "numeric":
        numbering = None if asked else numbering_note(column)
        treatment = "counted as the nearest other value of the training rows" if encoded else "left as it is; check it"
        return _extremes(column, treatment) + ([numbering] if numbering else [])
    levels = len(column.cat.categories) if kind == "categorical" else 0
    if levels > MOST_LEVELS:
        if is_running_text(pd.Series(column.cat.categories)):
            raise DataError(
                f"Column {name!r} holds running text, such as {str(column.cat.categories[0])[:60]!r}, which no model "
                "here reads.",
                "Turn it into numbers first, such as counts of words, or leave the column out (ignore).",
            )
        raise DataError(
            f"Column {name!r} has {levels:,} levels, such as {str(column.cat.categories[0])!r}; a category may have at "
            f"most {MOST_LEVELS:,}.",
            "Group them into fewer by a query, or leave the column out (ignore).",
        )
    if levels > MAX_LEVELS:
        counts = column.value_counts(sort=True)
        rest = int(counts.iloc[MAX_LEVELS:].sum())
        text = (
            f"Column {name!r} has {levels:,} levels: the {MAX_LEVELS} most frequent have a column each, the other "
            f"{levels - MAX_LEVELS:,} share '(other)' ({counted(rest, 'row')} of {len(column):,})."
        )
        return [Note("many_levels", text, (name,))]
    return []


def _extremes(column: pd.Series, treatment: str) -> list[Note]:
    values = column.to_numpy(dtype=np.float64)
    present = values[~np.isnan(values)]
    median, reach = extreme_limits(present)
    distance = np.abs(values - median)
    far = np.flatnonzero(distance > reach)
    if not far.size:
        return []
    worst = far[distance[far].argmax()]

    def found(where: str) -> str:
        such = counted(far.size, "such value")
        return f"Column {column.name!r} holds {values[worst]:g} in row {where}, far outside all others ({such})"

    if distance[worst] > ABSURD / EXTREME * reach:
        remedy = "Mend it, leave it empty if it is unknown, or leave the column out (ignore)."
        raise DataError(f"{found(row_at(column, worst))}.", remedy)
    number = f"{int(column.index[worst]) + 1:,}"
    return [Note("extreme_values", f"{found(number)}; {treatment}.", (str(column.name),))]


def _missing(features: pd.DataFrame) -> list[Note]:
    counts = features.isna().sum()
    names = [str(name) for name in counts.index[counts > 0]]
    if not names:
        return []
    told = [f"{name!r} ({counts[name]:,} of {len(features):,})" for name in names[:5]]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    text = (
        f"Missing values in {', '.join(told)}{more}: numbers and dates count as the training median with a column that "
        "says so, categories as a level of their own."
    )
    return [Note("missing", text, tuple(names))]


def _encoding(features: pd.DataFrame) -> list[Note]:
    if all(kind_of(column) != "categorical" for _, column in features.items()):
        return []
    text = (
        "Categories become one column of 0 and 1 per level; a level that no training row has is all zeros, also in new "
        "rows, unless the column has '(other)'."
    )
    return [Note("encoding", text)]


def _classes(outcome: Outcome, target: str, classes: tuple[str, ...]) -> list[Note]:
    if not classes:
        return []
    counts = np.bincount(outcome.astype(np.int64), minlength=len(classes))
    notes = []
    if counts.max() >= IMBALANCE * len(outcome):
        most = classes[int(counts.argmax())]
        text = (
            f"{counts.max() / len(outcome):.1%} of the rows have {target!r} = {most!r}: always saying so is already "
            "that accurate, so that accuracy says little."
        )
        notes.append(Note("imbalance", text, (target,)))
    rare = [f"{name!r} ({count})" for name, count in zip(classes, counts, strict=True) if count < RARE_CLASS]
    if rare:
        text = f"Few rows of {target!r} in {', '.join(rare[:5])}: scores for them are mostly chance."
        notes.append(Note("rare_class", text, (target,)))
    return notes


def _width(features: pd.DataFrame) -> list[Note]:
    notes = list[Note]()
    width = encoded_width(features)
    if width > len(features):
        text = f"{width:,} columns after encoding for {len(features):,} rows: expect overfitting, and use penalties."
        notes.append(Note("more_columns_than_rows", text))
    return notes
