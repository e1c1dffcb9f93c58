"""CSV files, read by DuckDB, with the checks it leaves out: names, encoding, and rows that differ in length."""

import codecs
import csv
import gzip
from pathlib import Path
from typing import IO, Any, Final, cast

import duckdb
import pandas as pd

from thalweg.base.errors import DataError

# Truth values and dates are recognised later, by one rule for all sources.
_SNIFF: Final = """
select Delimiter, Quote, Escape, Comment, SkipRows
from sniff_csv($path, auto_type_candidates=['BIGINT', 'DOUBLE', 'VARCHAR'])
"""
_HEADER: Final = """
select * from read_csv($path, delim=$delim, quote=$quote, escape=$escape, comment=$comment, skip=$skip,
                       header=false, all_varchar=true) limit 1
"""
_ROWS: Final = """
select * from read_csv($path, delim=$delim, quote=$quote, escape=$escape, comment=$comment, skip=$skip,
                       header=true, auto_type_candidates=['BIGINT', 'DOUBLE', 'VARCHAR'], sample_size=$sample)
"""
_SAMPLE: Final = 20_480
_ALL_ROWS: Final = -1


def read_delimited(connection: duckdb.DuckDBPyConnection, path: str, first: Path) -> pd.DataFrame:
    """Read a CSV file, or several with the same columns.

    Parameters
    ----------
    connection
        Where to read it.
    path
        The file or the pattern.
    first
        The (first) file, by which separator and names are found.

    Returns
    -------
    pandas.DataFrame
        Columns of integers, floats or texts, under the names in the header line.

    Raises
    ------
    DataError
        If the file is not UTF-8, has no header line, or its rows differ in length.
    duckdb.Error
        If DuckDB cannot read it for another reason.
    """
    _check_not_utf16(path, first)
    try:
        dialect = _dialect(connection, first)
        names = _names(path, connection.execute(_HEADER, {"path": str(first), **dialect}).fetchall(), dialect["skip"])
        frame = _rows(connection, {"path": path, **dialect})
    except duckdb.Error:
        _check_utf8(path, first)
        raise
    if len(names) == frame.shape[1]:
        frame.columns = pd.Index(names)  # DuckDB renames the second of two equal names; they are refused later
    return frame


def _dialect(connection: duckdb.DuckDBPyConnection, first: Path) -> dict[str, Any]:
    found = connection.execute(_SNIFF, {"path": str(first)}).fetchall()[0]
    delim, quote, escape, comment, skip = ("" if part == "(empty)" else part for part in found)
    # A sample without quotes says nothing about the rows after it: the usual sign is assumed.
    quote = quote or '"'
    return {"delim": delim, "quote": quote, "escape": escape or quote, "comment": comment, "skip": skip}


def _rows(connection: duckdb.DuckDBPyConnection, dialect: dict[str, Any]) -> pd.DataFrame:
    """Read by the types of the first rows; where a later row belies them, by the types of all rows."""
    try:
        return connection.execute(_ROWS, {**dialect, "sample": _SAMPLE}).df()
    except duckdb.ConversionException:
        return connection.execute(_ROWS, {**dialect, "sample": _ALL_ROWS}).df()


def _names(path: str, lines: list[tuple[Any, ...]], skipped: int) -> list[str]:
    if not lines:
        raise DataError(f"File {path!r} holds no rows.", "Give a file with a header line and rows.")
    names = ["" if name is None else str(name).strip() for name in lines[0]]
    if len(names) == 1:
        _refuse_ragged(path, names[0])
    if all(_is_number(name) for name in names):
        if skipped:  # DuckDB passed over lines of other lengths to the first that agree
            raise DataError(
                f"File {path!r} cannot be cut into columns: line {skipped + 1} has {len(names)} values, and the "
                "lines above it have other numbers of them.",
                "Look for rows with too few or too many values, and quote texts that contain the separator.",
            )
        raise DataError(
            f"The first line of {path!r} holds numbers ({', '.join(names[:3])}), not the names of columns.",
            "Add a header line.",
        )
    return [name or f"column{place}" for place, name in enumerate(names, start=1)]


def _refuse_ragged(path: str, name: str) -> None:
    """Refuse a file whose only column's name holds separators: its rows differ in length."""
    for delimiter in ",;\t|":
        if delimiter in name:
            columns = len(next(csv.reader([name], delimiter=delimiter)))
            raise DataError(
                f"File {path!r} cannot be cut into columns: its header has {columns} names separated by "
                f"{delimiter!r}, but not all rows have {columns} values.",
                "Look for rows with too few or too many values, and quote texts that contain the separator.",
            )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_not_utf16(path: str, first: Path) -> None:
    with _opened(first) as stream:
        start = stream.read(2)
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raise DataError(f"File {path!r} is written in UTF-16, not UTF-8.", _remedy("utf-16", path))


def _check_utf8(path: str, first: Path) -> None:
    """Raise if the file is not UTF-8, naming the byte that says so."""
    with _opened(first) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise DataError(
                    f"File {path!r} is not UTF-8: byte {error.start + 1} of line {number} is "
                    f"0x{line[error.start]:02X}.",
                    _remedy("latin1", path),
                ) from None


def _remedy(encoding: str, path: str) -> str:
    return (
        f"Convert it, for example with: iconv -f {encoding} -t utf-8 {path} > converted.csv (in a spreadsheet: save "
        "as 'CSV UTF-8')."
    )


def _opened(first: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(first) if first.suffix == ".gz" else first.open("rb"))
