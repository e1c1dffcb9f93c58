"""Rows and numbers of a file that are doubtful: a header that stands again, totals, remarks at the end, thousands."""

import re
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError
from thalweg.base.wording import listed
from thalweg.data.files.dialect import Dialect
from thalweg.data.files.location import Location
from thalweg.data.kinds import MISSING_MARKERS
from thalweg.data.notes import Note

_TOTAL: Final = re.compile(
    r"\W*((grand|sub)?\W*totals?|sum|overall|all|average|mean|summe|(ins)?gesamt|total général|totale|suma|итого)\W*",
    re.IGNORECASE,
)
_SUBTOTAL: Final = re.compile(
    rf"{_TOTAL.pattern}|(sub-?\s?totals?|totals?|(zwischen)?summe)\b.*"
    r"|.*\b(sub-?\s?totals?|totals?|(zwischen)?summe)\W*",
    re.IGNORECASE,
)
_MOST_ROWS: Final = 100_000  # of a table that a person has put subtotals into
_THREE_DIGITS: Final = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
_FEWEST: Final = 5
_LOOK: Final = 2000
_ROUNDING: Final = 1e-6


def doubtful_rows(location: Location, frame: pd.DataFrame) -> list[Note]:
    """Tell of rows that may be no rows.

    Parameters
    ----------
    location
        The file.
    frame
        Its rows as read.

    Raises
    ------
    DataError
        If a row repeats the header.

    Examples
    --------
    >>> frame = pd.DataFrame({"shop": ["a", "b", "c", "d", "e", "Total"], "sold": [1, 2, 3, 4, 5, 15]})
    >>> doubtful_rows(Location(Path("t.csv")), frame)[0].text
    "The last row of 't.csv' holds the sums of 'sold' ('Total'): leave it out by a query if it is no row."
    """
    _refuse_repeated_header(location, frame)
    if len(frame) <= _FEWEST:
        return []
    return [*_subtotals(location, frame), *(_totals(location, frame) or _footer(location, frame))]


def _refuse_repeated_header(location: Location, frame: pd.DataFrame) -> None:
    texts = [place for place, dtype in enumerate(frame.dtypes) if dtype.kind == "O"]
    if len(texts) < frame.shape[1]:
        return  # a column of numbers holds no name
    same = np.ones(len(frame), dtype=bool)
    for place in texts:
        same &= (frame.iloc[:, place].astype(str).str.strip(" \ufeff") == str(frame.columns[place])).to_numpy()
    rows = np.flatnonzero(same)
    boxes = rows.size and all(_is_box(frame.iloc[:, place], frame.columns[place]) for place in texts)
    if rows.size and not boxes:
        more = f" ({rows.size - 1} more such rows)" if rows.size > 1 else ""
        raise DataError(
            f"Row {rows[0] + 1:,} of {location.name} repeats the header{more}.",
            "Remove it; files that were put together keep their header once.",
        )


def _is_box(column: pd.Series, name: object) -> bool:
    """Say whether a column holds its name or nothing, as a box does that is ticked or not."""
    return bool(column.isna().any()) and set(column.dropna().astype(str).str.strip()) <= {str(name)}


def _totals(location: Location, frame: pd.DataFrame) -> list[Note]:
    sums, means, last = [], [], []
    filled = 0
    for name, column in frame.items():
        last.append(column.iloc[-1])
        found = _numbers(column)
        values, value = found[:-1], found[-1] if found.size else np.nan
        known = values[~np.isnan(values)]
        if np.isnan(value) or len(known) < 0.5 * len(values) or known.max() == known.min():
            continue
        filled += 1
        total = float(known.sum())
        scale = _ROUNDING * max(float(np.abs(known).sum()), 1e-300)
        digits = 0.5 * 10.0 ** -_decimals(last[-1])
        if abs(total - value) <= scale + 1e-9:
            sums.append(str(name))
        elif abs(total / len(known) - value) <= digits < 0.5 and len(values) > 2:
            means.append(str(name))
    labels = [str(cell) for cell in last if isinstance(cell, str) and _TOTAL.fullmatch(cell.strip())]
    blank = sum(pd.isna(cell) or (isinstance(cell, str) and not cell.strip()) for cell in last)
    told_of, what = (sums, "sums") if len(sums) >= len(means) else (means, "means")
    told = f" ({labels[0]!r})" if labels else ""
    if told_of and (labels or blank or (len(told_of) == filled and filled > 1)):
        text = f"The last row of {location.name} holds the {what} of {listed(told_of)}{told}"
    elif labels:
        text = f"The last row of {location.name} is called {labels[0]!r}"
    else:
        return []
    return [Note("totals_row", f"{text}: leave it out by a query if it is no row.", tuple(told_of))]


def _subtotals(location: Location, frame: pd.DataFrame) -> list[Note]:
    """Tell of rows in the middle that hold the sums of those above them, since the last such row or all."""
    if len(frame) > _MOST_ROWS:
        return []
    texts = [frame.iloc[:, place] for place, dtype in enumerate(frame.dtypes) if dtype.kind == "O"]
    called = [_called_total(column) for column in texts]
    named = np.any(called, axis=0) if called else np.zeros(len(frame), dtype=bool)
    named[-1] = False  # told elsewhere
    ends = np.flatnonzero(named)
    if not ends.size:
        return []
    summed = {str(name): _sums_at(pd.to_numeric(column, errors="coerce"), named) for name, column in frame.items()}
    found = {name: rows for name, rows in summed.items() if rows.size}
    if not found:
        return []
    rows = np.unique(np.concatenate(list(found.values())))
    shown = f"{', '.join(f'{row + 1:,}' for row in rows[:5])}{f' and {len(rows) - 5:,} more' if len(rows) > 5 else ''}"
    label = next(column.iloc[rows[0]] for column, is_named in zip(texts, called, strict=True) if is_named[rows[0]])
    head = f"Row {shown} of {location.name} holds" if len(rows) == 1 else f"Rows {shown} of {location.name} hold"
    text = (
        f"{head} sums of {listed(list(found))} over rows above ({str(label)!r}): leave them out by a query if they are "
        "no rows."
    )
    return [Note("totals_row", text, tuple(found))]


def _called_total(column: pd.Series) -> NDArray[np.bool_]:
    """Say which cells are called a total: of their own, or as the first or last word beside a name."""
    codes, texts = pd.factorize(column)
    total = [isinstance(text, str) and _SUBTOTAL.fullmatch(text.strip()) is not None for text in texts]
    return np.asarray(np.array([*total, False], dtype=bool)[codes])


def _sums_at(column: pd.Series, named: NDArray[np.bool_]) -> IntArray:
    """Return the named rows that hold the sum of the rows since the last of them, or of all before."""
    values = np.nan_to_num(column.to_numpy(dtype=np.float64))
    own = np.where(named, 0.0, values)
    before, size = np.cumsum(own), np.cumsum(np.abs(own))
    count, ends = np.cumsum(~named), np.flatnonzero(named)
    since = np.diff(before[ends], prepend=0.0)
    far = _ROUNDING * size[ends] + 1e-9
    several = np.diff(count[ends], prepend=0) > 1
    equal = (np.abs(values[ends] - since) <= far) | (np.abs(values[ends] - before[ends]) <= far)
    return np.asarray(ends[several & equal & (values[ends] != 0.0)])


def _numbers(column: pd.Series) -> FloatArray:
    """Return a column as float64; nothing of one whose last row is no number, before its texts are looked at."""
    if column.dtype.kind not in "iuf":
        if pd.isna(pd.to_numeric(column.iloc[-1], errors="coerce")):
            return np.empty(0)
        column = pd.to_numeric(column, errors="coerce")
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _decimals(value: object) -> int:
    text = str(value)
    return len(text.partition(".")[2]) if "e" not in text.lower() else 0


def _footer(location: Location, frame: pd.DataFrame) -> list[Note]:
    """Tell of a last row with a single cell in columns that are filled otherwise."""
    if frame.shape[1] < 3:
        return []
    last = frame.iloc[-1]
    held = [cell for cell in last if not (pd.isna(cell) or str(cell).strip() in MISSING_MARKERS)]
    if len(held) > 1 or frame.iloc[:-1].isna().mean(axis=None) > 0.3:
        return []
    shown = f"{str(held[0])[:60]!r}" if held else "nothing"
    text = (
        f"The last row of {location.name} holds {shown} and no other value: leave it out by a query if it is a remark."
    )
    return [Note("footer_row", text)]


def thousands_note(frame: pd.DataFrame, path: Path, dialect: Dialect) -> list[Note]:
    """Tell of numbers that have three digits behind every point in a file that may use commas for decimals."""
    if dialect.delimiter not in {";", "\t"}:
        return []
    with path.open(encoding="utf-8-sig", newline="") as text:
        for _ in range(dialect.first):
            next(text, None)
        rows = [row for row in islice(dialect.reader(text, strict=False), _LOOK) if len(row) == len(dialect.names)]
    notes = []
    for place, name in enumerate(dialect.names):
        if frame.iloc[:, place].dtype == object:
            continue
        cells = {row[place].strip() for row in rows} - {""}
        pointed = {cell for cell in cells if "." in cell}
        if len(pointed) > 2 and all(_THREE_DIGITS.fullmatch(cell) for cell in pointed):
            example = sorted(pointed)[0]
            text_ = (
                f"Column {name!r} was read with decimal points, and every point has three digits behind it, as in "
                f"{example!r}. If points stand between thousands, end the source's name with '#decimal=,'."
            )
            notes.append(Note("thousands", text_, (name,)))
    return notes
