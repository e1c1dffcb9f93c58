"""Files that packages of the extra ``formats`` read: workbooks, Stata, SPSS, SAS, Arrow, R.

Labels are kept as people see them: a column whose values all have labels becomes a category in the order of its
codes; the labels of columns stand beside their names.
"""

import importlib
import importlib.util
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from thalweg.base.errors import DataError, MissingExtraError, SettingError, ThalwegError
from thalweg.base.wording import listed
from thalweg.data.cells.styles import plain_number
from thalweg.data.files.foreseen import refuse_large_arrow, refuse_large_by_package, refuse_large_statistics
from thalweg.data.files.formats import (
    ARROW,
    SAS,
    SAS_TRANSPORT,
    SPSS,
    SPSS_PORTABLE,
    STATA,
    WORKBOOK,
    FileFormat,
    R,
)
from thalweg.data.files.frames import from_frame, labelled, whole_numbers
from thalweg.data.files.location import Location
from thalweg.data.files.r_tables import read_r
from thalweg.data.kinds import label
from thalweg.data.notes import Note, counted

Labels = dict[str, str]
_EMPTY: Final = ("", None)
_DAY: Final = timedelta(days=1)
_DAY_0: Final = datetime(1899, 12, 31)
_NO_DATE: Final = date(1899, 12, 30)
_MIDNIGHT: Final = time(0)
_ISO_DURATION: Final = re.compile(r"P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")  # of OpenDocument
_LEAP_DAY: Final = datetime(1900, 2, 28)  # from here on workbooks count a day that the calendar lacks


def read_by_package(found: FileFormat, location: Location, path: Path) -> tuple[pd.DataFrame, list[Note], Labels]:
    """Read a file by the package its format needs.

    Parameters
    ----------
    found
        The format.
    location, path
        What the file is called, and where it lies.

    Returns
    -------
    tuple
        The rows, what is to be known of the file, and the labels of columns.

    Raises
    ------
    MissingExtraError
        If the package is not installed.
    DataError
        If the file is damaged, holds several tables, or does not fit into memory.
    """
    if importlib.util.find_spec(found.package) is None:
        raise MissingExtraError(
            f"{found.name} files need the package {found.package.replace('_', '-')}.",
            "Install it with: pip install 'thalweg[formats]'",
        )
    refuse_large_by_package(found, location, path)
    readers: dict[str, Callable[[Location, Path], tuple[pd.DataFrame, list[Note], Labels]]] = {
        WORKBOOK.name: _read_workbook,
        STATA.name: _read_statistics("read_dta"),
        SPSS.name: _read_statistics("read_por" if _is(path, ".por", SPSS_PORTABLE) else "read_sav"),
        SAS.name: _read_statistics("read_xport" if _is(path, ".xpt", SAS_TRANSPORT) else "read_sas7bdat"),
        ARROW.name: _read_arrow,
        R.name: lambda location, path: read_r(importlib.import_module("rdata"), location, path),
    }
    try:
        return readers[found.name](location, path)
    except (ThalwegError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - every package has errors of its own
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise DataError(
            f"File {location.name} cannot be read as {found.name}: {reason}.", "Export it again, or as CSV."
        ) from None


def _is(path: Path, ending: str, begins: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(begins)) == begins or path.suffix.lower() == ending


def _read_workbook(location: Location, path: Path) -> tuple[pd.DataFrame, list[Note], Labels]:
    calamine = importlib.import_module("python_calamine")
    book = calamine.CalamineWorkbook.from_path(str(path))
    asked = location.asked.get("sheet")
    if asked is not None and asked not in book.sheet_names:
        raise DataError(f"Workbook {location.name} has no sheet {asked!r}.", f"It has {listed(book.sheet_names)}.")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in ([asked] if asked else book.sheet_names)}
    filled = [name for name, cells in sheets.items() if any(cell not in _EMPTY for line in cells for cell in line)]
    if not filled:
        raise DataError(f"Workbook {location.name} holds no cells.", "Give a sheet with a header and rows.")
    if len(filled) > 1:
        raise DataError(
            f"Workbook {location.name} has several sheets: {listed(filled)}.",
            f"Say which, as in {location.with_key('sheet', filled[0])!r}.",
        )
    first = book.get_sheet_by_name(filled[0]).start
    return (*_of_cells(location, sheets[filled[0]], 0 if first is None else first[0]), {})


def _of_cells(location: Location, lines: list[list[Any]], above: int = 0) -> tuple[pd.DataFrame, list[Note]]:
    """Take the first line with more than one cell for the header; tell what stands above it, and of empty lines.

    So many empty lines stand ``above`` all cells.
    """
    counts = [sum(cell not in _EMPTY for cell in line) for line in lines]
    width = max(counts)
    start = next(place for place, count in enumerate(counts) if count > min(1, width - 1))
    rows = [line for line, count in zip(lines[start + 1 :], counts[start + 1 :], strict=True) if count]
    if not rows:
        raise DataError(f"Workbook {location.name} has no rows below its header.", "Give a sheet with rows.")
    empty = len(lines) - start - 1 - len(rows)
    told = [f"{counted(start, 'line')} above the header"] if start else []
    told += [f"{counted(empty, 'empty line')} between rows"] if empty else []
    header = [label(cell).strip() for cell in lines[start]]
    values = [text for text, cell in zip(header, lines[start], strict=True) if text and _is_value(cell)]
    if values and len(values) == sum(bool(text) for text in header):
        raise DataError(
            f"Line {above + start + 1} of {location.name} holds values ({listed(values, 3)}), not the names of "
            "columns.",
            "Add a header line.",
        )
    used = [place for place, name in enumerate(header) if name or any(row[place] not in _EMPTY for row in rows)]
    names = [header[place] or f"column{place + 1}" for place in used]
    series = [_cells([row[place] for row in rows]) for place in used]
    frame = pd.concat(series, axis=1).set_axis(names, axis=1)
    note = [Note("skipped_lines", f"Not read in {location.name}: {' and '.join(told)}.")] if told else []
    return frame, note


def _is_value(cell: object) -> bool:
    return not isinstance(cell, str) or plain_number(cell) is not None


def _cells(values: list[Any]) -> pd.Series:
    column = pd.Series([None if value in _EMPTY else value for value in values], dtype=object)
    held = pd.api.types.infer_dtype(column, skipna=True)
    if held in {"floating", "integer", "mixed-integer-float"}:
        return whole_numbers(column.astype(np.float64))
    present = [value for value in column if value is not None]
    if any(isinstance(value, date) for value in present) and all(map(_is_moment, present)):
        return pd.Series([None if value is None else _dated(value) for value in column], dtype=object)
    if any(isinstance(value, (time, str)) for value in present) and all(map(_is_clock, present)):
        spans = [pd.NaT if value is None else _duration(value) for value in column]
        if any(span >= _DAY for span in spans):
            return pd.Series(spans, dtype="timedelta64[us]")
    return column


def _is_clock(value: object) -> bool:
    if isinstance(value, str):
        return _ISO_DURATION.fullmatch(value) is not None
    return isinstance(value, (time, timedelta)) or (isinstance(value, date) and _moment(value) < _LEAP_DAY)


def _is_moment(value: object) -> bool:
    return value == _MIDNIGHT or (isinstance(value, date) and _moment(value) >= _LEAP_DAY)


def _dated(value: date | time) -> date:
    """Return a date; a workbook shows the date of the number 0, which stands for none, as midnight."""
    return _NO_DATE if isinstance(value, time) else value


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def _duration(value: Any) -> timedelta:
    """Return a duration that a workbook shows as a time of day: from a day on it is a moment of January 1900."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return timedelta(seconds=pd.Timedelta(value).total_seconds())
    return datetime.combine(_DAY_0, value) - _DAY_0 if isinstance(value, time) else _moment(value) - _DAY_0


def _read_statistics(reader: str) -> Callable[[Location, Path], tuple[pd.DataFrame, list[Note], Labels]]:
    def read(location: Location, path: Path) -> tuple[pd.DataFrame, list[Note], Labels]:
        pyreadstat = importlib.import_module("pyreadstat")
        refuse_large_statistics(partial(getattr(pyreadstat, reader), str(path)), location, path)
        if reader == "read_por" and location.asked:
            raise SettingError("'encoding' says nothing about a portable file.", "Leave it out of the source's name.")
        frame, about = getattr(pyreadstat, reader)(str(path), **location.asked)
        labels = {name: text for name, text in zip(about.column_names, about.column_labels, strict=True) if text}
        notes, columns = [], {}
        for name in frame.columns:
            columns[name], note = labelled(frame[name], about.variable_value_labels.get(name, {}))
            notes += note
        return pd.DataFrame(columns), notes, labels

    return read


def _read_arrow(location: Location, path: Path) -> tuple[pd.DataFrame, list[Note], Labels]:
    datasets = importlib.import_module("pyarrow.dataset")
    refuse_large_arrow(lambda: datasets.dataset(str(path), format="feather"), location)
    feather = importlib.import_module("pyarrow.feather")
    return from_frame(feather.read_table(str(path))), [], {}


def with_durations(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a Parquet file's columns with those that Arrow wrote as durations as such; else they are whole numbers.

    Parameters
    ----------
    frame
        As it was read.
    path
        The file; its schema is looked at if pyarrow is installed.

    Examples
    --------
    >>> with_durations(pd.DataFrame({"x": ["a"]}), Path("unused")).columns.tolist()
    ['x']
    """
    whole = [name for name in frame if frame[name].dtype.kind == "i"]
    if not whole or importlib.util.find_spec("pyarrow") is None:
        return frame
    schema = importlib.import_module("pyarrow.parquet").read_schema(path)
    units = {name: str(schema.field(name).type) for name in whole if schema.names.count(name) == 1}
    found = {
        name: frame[name].astype("Int64").astype(f"timedelta64[{unit[9:-1]}]")
        for name, unit in units.items()
        if unit.startswith("duration[")
    }
    return frame.assign(**found) if found else frame
