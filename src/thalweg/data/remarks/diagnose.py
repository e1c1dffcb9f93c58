"""What may be wrong with a table: leaks, useless columns, rare classes, repeated rows; each told with its remedy."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.errors import DataError
from thalweg.base.wording import listed
from thalweg.data.kinds import MAX_LEVELS, kind_of, row_at
from thalweg.data.notes import Note, counted
from thalweg.data.reading.encodings import EXTREME, extreme_limits

ABSURD: Final = 1e12  # scales from the median; no measurement has so many digits
MOST_LEVELS: Final = 1000
IMBALANCE: Final = 0.9
RARE_CLASS: Final = 10
ID_LIKE_SHARE: Final = 0.9
_ID_LIKE_LEVELS: Final = 20
_PERFECT: Final = 1 - 1e-12
_DATE_LIKE: Final = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*"

Outcome = NDArray[np.float64] | NDArray[np.int64]


def screen_features(features: pd.DataFrame) -> tuple[list[str], list[Note]]:
    """Return the features worth encoding, and why others are left out.

    Left out are columns without any value, with a single one, and texts that are different in nearly every row.

    Parameters
    ----------
    features
        Columns in canonical form.

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
    for name in features.columns:
        column = features[name]
        present = column[column.notna()]
        if present.empty:
            empty.append(name)
        elif len(present) == len(column) and (present == present.iloc[0]).all():
            constant.append(name)
        elif kind_of(column) == "categorical" and _names_rows(present):
            notes.append(Note("id_like", _id_text(present), (name,)))
        else:
            kept.append(name)
    if constant:
        text = f"The same value in all rows, so left out: {listed(constant)}."
        notes.insert(0, Note("constant_column", text, tuple(constant)))
    if empty:
        notes.insert(0, Note("empty_column", f"No value in any row, so left out: {listed(empty)}.", tuple(empty)))
    return kept, notes


def diagnose(features: pd.DataFrame, outcome: Outcome, target: str, classes: tuple[str, ...]) -> list[Note]:
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
    notes = _leaks(features, outcome, target, classes)
    notes += [note for name in features.columns for note in _column_notes(features[name])]
    if not classes:
        notes += _extremes(pd.Series(outcome, index=features.index, name=target), "left as it is; check it")
    notes += _missing(features) + _encoding(features)
    notes += _classes(outcome, target, classes)
    notes += _rows(features, outcome)
    return notes


def encoded_width(features: pd.DataFrame) -> int:
    """Return an upper bound of the number of columns after encoding."""
    width = 0
    for name in features.columns:
        kind = kind_of(features[name])
        levels = min(len(features[name].cat.categories), MAX_LEVELS + 1) if kind == "categorical" else 1
        width += (4 if kind == "date" else levels) + bool(features[name].isna().any())
    return width


def _names_rows(present: pd.Series) -> bool:
    return int(present.nunique()) > max(_ID_LIKE_LEVELS, ID_LIKE_SHARE * len(present))


def _id_text(present: pd.Series) -> str:
    hint = ""
    if present.astype(str).str.fullmatch(_DATE_LIKE).mean() > ID_LIKE_SHARE:
        hint = " If it is a date, write it as YYYY-MM-DD, or use strptime in a query."
    return (
        f"Column {present.name!r} has {present.nunique():,} different texts in {len(present):,} rows, such as "
        f"{str(present.iloc[0])!r}: it names the rows and was left out.{hint}"
    )


def _leaks(features: pd.DataFrame, outcome: Outcome, target: str, classes: tuple[str, ...]) -> list[Note]:
    codes, uniques = pd.factorize(outcome)
    notes = []
    for name in features.columns:
        column = features[name]
        present = column.notna().to_numpy()
        how = ""
        if kind_of(column) in {"numeric", "boolean"} and not classes:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)[present]
            how = "has correlation 1 with" if _correlation(values, outcome[present]) >= _PERFECT else ""
        if not how and len(uniques) <= len(outcome) / 2 and _one_to_one(column[present], codes[present]):
            how = "says one to one what is"
        if how:
            text = f"Column {name!r} {how} the target {target!r}: if it is not known before the outcome, leave it out "
            notes.append(Note("leakage", f"{text}(ignore).", (name,)))
    return notes


def _correlation(x: NDArray[np.float64], y: Outcome) -> float:
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(abs(np.corrcoef(x / np.abs(x).max(), y / np.abs(y).max())[0, 1]))


def _one_to_one(column: pd.Series, wanted: NDArray[np.int64]) -> bool:
    """Whether each value of the column goes with one outcome and each outcome with one value."""
    codes, uniques = pd.factorize(column)
    if not 1 < len(uniques) == wanted.max(initial=0) + 1:
        return False
    partner = np.empty(len(uniques), dtype=np.int64)
    partner[codes] = wanted
    return bool((partner[codes] == wanted).all()) and len(set(partner.tolist())) == len(uniques)


def _column_notes(column: pd.Series) -> list[Note]:
    name, kind = str(column.name), kind_of(column)
    if kind == "numeric":
        return _extremes(column, "counted as the nearest other value of the training rows") + _row_numbers(column)
    levels = len(column.cat.categories) if kind == "categorical" else 0
    if levels > MOST_LEVELS:
        raise DataError(
            f"Column {name!r} has {levels:,} levels, such as {str(column.cat.categories[0])!r}; a category may have at "
            f"most {MOST_LEVELS:,}.",
            "Group them into fewer by a query, or leave the column out (ignore).",
        )
    if levels > MAX_LEVELS:
        text = (
            f"Column {name!r} has {levels:,} levels: the {MAX_LEVELS} most frequent have a column "
            "each, the rest share '(other)'."
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


def _row_numbers(column: pd.Series) -> list[Note]:
    values = column.to_numpy(dtype=np.float64)
    if len(values) < _ID_LIKE_LEVELS or values[0] not in {0.0, 1.0} or not (np.diff(values) == 1).all():
        return []
    text = f"Column {column.name!r} numbers the rows: leave it out (ignore), unless it is time."
    return [Note("id_like", text, (str(column.name),))]


def _missing(features: pd.DataFrame) -> list[Note]:
    counts = features.isna().sum()
    names = [str(name) for name in counts.index[counts > 0]]
    if not names:
        return []
    told = [f"{name!r} ({counts[name]:,} of {len(features):,})" for name in names[:5]]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    text = (
        f"Missing values in {', '.join(told)}{more}: numbers count as the training median with a column that says "
        "so, categories as a level of their own."
    )
    return [Note("missing", text, tuple(names))]


def _encoding(features: pd.DataFrame) -> list[Note]:
    if all(kind_of(features[name]) != "categorical" for name in features.columns):
        return []
    text = (
        "Categories become one column of 0 and 1 per level; a level that no training row has is all zeros, also in "
        "new rows."
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
            "that accurate. Compare log losses or areas under the curve."
        )
        notes.append(Note("imbalance", text, (target,)))
    rare = [f"{name!r} ({count})" for name, count in zip(classes, counts, strict=True) if count < RARE_CLASS]
    if rare:
        text = f"Few rows of {target!r} in {', '.join(rare[:5])}: scores for them are mostly chance."
        notes.append(Note("rare_class", text, (target,)))
    return notes


def _rows(features: pd.DataFrame, outcome: Outcome) -> list[Note]:
    notes = []
    repeated = int(
        pd.util.hash_pandas_object(features.assign(**{"\x00outcome": outcome}), index=False).duplicated().sum()
    )
    if repeated:
        text = (
            f"{repeated:,} of {len(features):,} rows repeat an earlier row in all columns. If they are copies, test "
            "folds hold rows that were trained on: drop them, or keep copies together by a column of groups."
        )
        notes.append(Note("duplicated_rows", text))
    width = encoded_width(features)
    if width > len(features):
        text = f"{width:,} columns after encoding for {len(features):,} rows: expect overfitting, and use penalties."
        notes.append(Note("more_columns_than_rows", text))
    return notes
