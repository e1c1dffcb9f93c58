"""Rows and numbers of a file that are doubtful: a header that stands again, totals, remarks at the end, thousands."""

import re
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray
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
    return _totals(location, frame) or _footer(location, frame)


def _refuse_repeated_header(location: Location, frame: pd.DataFrame) -> None:
    texts = [place for place, dtype in enumerate(frame.dtypes) if dtype.kind == "O"]
    if len(texts) < frame.shape[1]:
        return  # a column of numbers holds no name
    same = np.ones(len(frame), dtype=bool)
    for place in texts:
        same &= (frame.iloc[:, place].astype(str).str.strip(" \ufeff") == str(frame.columns[place])).to_numpy()
    rows = np.flatnonzero(same)
    if rows.size:
        more = f" ({rows.size - 1} more such rows)" if rows.size > 1 else ""
        raise DataError(
            f"Row {rows[0] + 1:,} of {location.name} repeats the header{more}.",
            "Remove it; files that were put together keep their header once.",
        )


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
