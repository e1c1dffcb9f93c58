"""Delimited text, read by DuckDB with a dialect that was checked before, and counted again afterwards."""

import re
from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd

from thalweg.base.errors import DataError
from thalweg.base.naming import sql_name
from thalweg.data.cells.styles import LARGEST_WHOLE, all_plain, number_in
from thalweg.data.files.dialect import Dialect, find_dialect, ragged_error
from thalweg.data.files.doubtful import doubtful_rows, thousands_note
from thalweg.data.files.duck import columns_as_frame, literal, result_frame
from thalweg.data.files.foreseen import refuse_large
from thalweg.data.files.location import Location
from thalweg.data.files.structure import count_structure
from thalweg.data.kinds import MISSING_MARKERS
from thalweg.data.notes import Note, counted

_READ: Final = """
select * from read_csv($path, delim=$delim, quote=$quote, escape=$escape, comment='', skip=$skip, header=false,
                       auto_detect=false, hive_partitioning=false, filename=false, max_line_size=$longest,
                       columns={columns})
"""
_LOOK: Final = 1000
_LONGEST_LINE: Final = 1 << 24
_FORMS: Final = {".": ("1,234.5", "1'234.5", "1 234.5"), ",": ("1.234,5", "1'234,5", "1 234,5")}


def read_delimited(
    connection: duckdb.DuckDBPyConnection, location: Location, path: Path, texts: Collection[str] = ()
) -> tuple[pd.DataFrame, list[Note]]:
    """Read a CSV file.

    Parameters
    ----------
    connection
        Where to read it.
    location
        What it is called, and what was said about reading it.
    path
        Where its text lies as UTF-8.
    texts
        Columns to keep as they are written.

    Returns
    -------
    tuple
        Columns of integers, floats or texts, under the names in the header line; and what is to be known of the file.

    Raises
    ------
    DataError
        If it has no header line, its rows differ in length, or a row repeats the header.
    """
    dialect = find_dialect(location, path)
    structure = count_structure(path, dialect)
    if structure.records == 0:
        raise DataError(f"File {location.name} has no rows below its header.", "Give a file with rows.")
    if not structure.regular:
        _check_lengths(location, path, dialect)
    kept = {place for place, name in enumerate(dialect.names) if name in texts}
    frame = _rows(connection, location, path, dialect, structure.verbatim | kept, structure.records)
    spare = structure.empty if len(dialect.names) == 1 else 0
    if not structure.records <= len(frame) <= structure.records + spare:
        raise DataError(
            f"File {location.name} has {counted(structure.records, 'row')} below its header, and {len(frame):,} were "
            "read.",
            "Look for quotes that are opened and not closed, or export the file again.",
        )
    notes = [*_skipped(location, dialect, structure.empty), *doubtful_rows(location, frame)]
    if "decimal" in location.asked:
        frame = _with_decimal(frame, location.asked["decimal"])
    else:
        notes += thousands_note(frame, path, dialect)
    return frame, notes


def delimited_scan(connection: duckdb.DuckDBPyConnection, location: Location, path: Path) -> tuple[str, list[Note]]:
    """Return the statement that reads a CSV file as :func:`read_delimited` does, and what is to be known of the file.

    Parameters
    ----------
    connection, location, path
        As there.

    Raises
    ------
    DataError
        As there; or if decimals were said to be written otherwise than with a point.
    """
    if location.asked.get("decimal", ".") != ".":
        raise DataError(
            f"File {location.name} is too large to be read whole, and only decimal points are read in batches.",
            "Save it with decimal points, or as Parquet.",
        )
    dialect = find_dialect(location, path)
    structure = count_structure(path, dialect)
    if structure.records == 0:
        raise DataError(f"File {location.name} has no rows below its header.", "Give a file with rows.")
    if not structure.regular:
        _check_lengths(location, path, dialect)
    texts = set(structure.verbatim) | _texts_of_sample(path, dialect)
    while True:
        kinds = {f"c{place}": "VARCHAR" if place in texts else "DOUBLE" for place in range(len(dialect.names))}
        numbers = [place for place in range(len(dialect.names)) if place not in texts]
        largest = ", ".join(f"max(abs(c{place}))" for place in numbers) or "count(*)"
        statement = _READ.replace("{columns}", str(kinds))
        try:
            found = connection.execute(statement.replace("*", largest, 1), _parameters(path, dialect)).fetchall()[0]
        except duckdb.ConversionException:
            texts = _texts_of_all(connection, path, dialect, texts)
            continue
        changed = {
            place for place, most in zip(numbers, found, strict=False) if most is not None and most >= LARGEST_WHOLE
        }
        if not changed:
            break
        texts |= changed
    given = {
        name: str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
        for name, value in _parameters(path, dialect).items()
    }
    statement = re.sub(r"\$(\w+)", lambda found: given[found[1]], statement)
    named = ", ".join(f"c{place} as {sql_name(name)}" for place, name in enumerate(dialect.names))
    return f"select {named} from ({statement})", _skipped(location, dialect, structure.empty)  # noqa: S608 - the user's own file


def _check_lengths(location: Location, path: Path, dialect: Dialect) -> None:
    with path.open(encoding="utf-8-sig", newline="") as text:
        raise ragged_error(location, dialect, text, len(dialect.names))


def _rows(
    connection: duckdb.DuckDBPyConnection,
    location: Location,
    path: Path,
    dialect: Dialect,
    verbatim: frozenset[int],
    records: int,
) -> pd.DataFrame:
    """Read numbers as numbers where all values are, and everything else as texts."""
    every = set(range(len(dialect.names)))
    texts = every if "decimal" in location.asked else set(verbatim) | _texts_of_sample(path, dialect)
    while True:
        refuse_large(location, records, numbers=len(every) - len(texts), texts=len(texts))
        try:
            columns = _read(connection, path, dialect, texts)
        except duckdb.ConversionException:
            texts = _texts_of_all(connection, path, dialect, texts)
            continue
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            _check_lengths(location, path, dialect)
            raise
        changed = {place for place, column in enumerate(columns) if place not in texts and _is_changed(column)}
        if not changed:
            break
        texts |= changed
    whole = map(_whole, columns)
    frame = columns_as_frame([pd.Series(c, dtype=object) if c.dtype == object else c for c in whole])
    frame.columns = pd.Index(dialect.names)  # DuckDB renames the second of two equal names; they are refused later
    return frame


def _read(
    connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, texts: set[int]
) -> list["np.ndarray[Any, Any]"]:
    kinds = {f"c{place}": "VARCHAR" if place in texts else "DOUBLE" for place in range(len(dialect.names))}
    frame = result_frame(connection.execute(_READ.replace("{columns}", str(kinds)), _parameters(path, dialect)))
    return [column.to_numpy() for _, column in frame.items()]


def _parameters(path: Path, dialect: Dialect) -> dict[str, Any]:
    return {
        "path": literal(path),
        "delim": dialect.delimiter,
        "quote": dialect.quote,
        "escape": "\\" if dialect.backslash else dialect.quote,
        "skip": dialect.first,
        "longest": _LONGEST_LINE,
    }


def _texts_of_sample(path: Path, dialect: Dialect) -> set[int]:
    """Return the columns with a value among the first rows that is no number."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        for _ in range(dialect.first):
            next(text, None)
        records = [record for record in islice(dialect.reader(text, strict=False), _LOOK) if record]
    columns = enumerate(zip(*records, strict=False))
    return {place for place, cells in columns if not all_plain(filter(None, cells))}


def _texts_of_all(connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, texts: set[int]) -> set[int]:
    """Return the columns with a value anywhere that is no number."""
    places = [place for place in range(len(dialect.names)) if place not in texts]
    every = str({f"c{place}": "VARCHAR" for place in range(len(dialect.names))})
    wanted = ", ".join(f"count(c{place}) = count(try_cast(c{place} as double))" for place in places)
    statement = _READ.replace("{columns}", every).replace("select *", f"select {wanted}", 1)
    numeric = connection.execute(statement, _parameters(path, dialect)).fetchall()[0]
    return texts | {place for place, whole in zip(places, numeric, strict=True) if not whole}


def _is_changed(column: "np.ndarray[Any, Any]") -> bool:
    """Say whether float64 holds something else than the text: a whole number beyond 2⁵³, or a text such as nan."""
    with np.errstate(invalid="ignore"):
        return bool((np.abs(column) >= LARGEST_WHOLE).any()) if column.dtype != object else False


def _whole(column: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return whole numbers as integers."""
    if column.dtype == object or not np.isfinite(column).all() or not (column == np.trunc(column)).all():
        return column
    return column.astype(np.int64)


def _skipped(location: Location, dialect: Dialect, empty: int) -> list[Note]:
    told = []
    if dialect.skip:
        kind = " (comments)" if dialect.comments == dialect.skip else ""
        told.append(f"{counted(dialect.skip, 'line')} above the header{kind}")
    if empty:
        told.append(f"{counted(empty, 'empty line')} between rows")
    return [Note("skipped_lines", f"Not read in {location.name}: {' and '.join(told)}.")] if told else []


def _with_decimal(frame: pd.DataFrame, mark: str) -> pd.DataFrame:
    """Return the frame with texts turned into numbers where all of a column are numbers with this decimal mark."""
    columns = {}
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        columns[place] = _numbers(column, mark) if column.dtype == object else column
    return pd.concat(list(columns.values()), axis=1).set_axis(frame.columns, axis=1)


def _numbers(column: pd.Series, mark: str) -> pd.Series:
    codes, texts = pd.factorize(column)
    present = [str(text).strip() for text in texts]
    for form in _FORMS[mark]:
        values = [np.nan if text in MISSING_MARKERS else number_in(text, form) for text in present]
        if None not in values:
            table = np.array([*values, np.nan], dtype=np.float64)
            return pd.Series(_whole(table[codes]), index=column.index, name=column.name)
    return column
