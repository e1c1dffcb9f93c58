"""Files and SQL, read by DuckDB in memory: CSV, Parquet and JSON, local only, with errors a user can act on."""

import codecs
import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from thalweg.base.errors import DataError, SettingError

READERS: Final = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".txt": "read_csv",
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
_COMPRESSED: Final = {".gz", ".zst"}
# Extensions are never fetched from the network, and SQL never sees the caller's Python variables.
_CONFIG: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
# Truth values and dates are recognised later, by one rule for all sources.
_TYPES: Final = "auto_type_candidates=['BIGINT', 'DOUBLE', 'VARCHAR']"


def read_file(path: str) -> pd.DataFrame:
    """Read one file, or all files that match a pattern such as ``logs/*.parquet``.

    Parameters
    ----------
    path
        A CSV file with a header line (.csv, .tsv, .txt), a Parquet file (.parquet, .pq) or a JSON file (.json,
        .jsonl, .ndjson); CSV and JSON may be compressed (.gz, .zst).

    Returns
    -------
    pandas.DataFrame
        The rows in the order of the file, the columns under the names the file gives them.

    Raises
    ------
    DataError
        If the file is missing, empty, of unknown type, not UTF-8, or cannot be parsed.
    """
    reader = _reader(path)
    first = _existing(path)
    with _connection() as connection:
        if reader == "read_csv":
            return _read_csv(connection, path, first)
        with _explained(path):
            return connection.execute(f"select * from {reader}({_quoted(path)})").df()


def run_query(query: str, data: pd.DataFrame | None) -> pd.DataFrame:
    """Run one SELECT statement over files, or over ``data``.

    Parameters
    ----------
    query
        DuckDB's SQL. File names in quotes are tables; ``data`` is the source, if there is one.
    data
        The source's rows, or None.

    Returns
    -------
    pandas.DataFrame
        The result. One thread runs it, so that the order of the rows is the same every time.

    Raises
    ------
    SettingError
        If the statement is no SELECT or DuckDB refuses it; the message carries DuckDB's own words.

    Examples
    --------
    >>> run_query("select 2 * x as y from data where x > 1", pd.DataFrame({"x": [1, 2]}))["y"].tolist()
    [4]
    """
    with _connection() as connection:
        try:
            statements = connection.extract_statements(query)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise SettingError(
                    f"query must be one SELECT statement, got {query!r}.", "Only reading is possible."
                )
            connection.execute("set threads = 1")
            if data is not None:
                connection.register("data", data)
            return connection.execute(query).df()
        except duckdb.Error as error:
            message = " ".join(str(error).split())
            raise SettingError(
                f"The query could not be run: {message}",
                "Correct the SQL; the table given as source is called data, and file names stand in single quotes.",
            ) from None


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config=_CONFIG)
    try:
        yield connection
    finally:
        connection.close()


def _reader(path: str) -> str:
    suffixes = Path(path).suffixes
    ending = suffixes[-2] if len(suffixes) > 1 and suffixes[-1].lower() in _COMPRESSED else Path(path).suffix
    if ending.lower() not in READERS:
        raise DataError(
            f"File {path!r} is of a type that cannot be read ({ending or 'no ending'}).",
            f"Use {', '.join(READERS)}, or read it with pandas (read_excel, read_stata, …) and give the frame.",
        )
    return READERS[ending.lower()]


def _existing(path: str) -> Path:
    """Return the (first) file of a path or pattern; refuse missing and empty ones."""
    place = Path(path)
    if not place.exists() and any(sign in path for sign in "*?["):
        anchor = Path(place.anchor or ".")
        place = next(iter(sorted(anchor.glob(str(place.relative_to(place.anchor))))), place)
    if not place.is_file():
        what = "is a folder" if place.is_dir() else "does not exist"
        raise DataError(
            f"File {path!r} {what}.", f"Check the name; the current folder is {str(Path.cwd())!r}."
        )
    if place.stat().st_size == 0:
        raise DataError(f"File {path!r} is empty.", "Give a file with a header line and rows.")
    return place


def _read_csv(connection: duckdb.DuckDBPyConnection, path: str, first: Path) -> pd.DataFrame:
    if first.suffix != ".zst":
        _check_utf8_start(path, first)
    try:
        options = _dialect(connection, str(first))
        names = _header(connection, str(first), options)
        frame = _csv_rows(connection, path, options)
    except duckdb.Error as error:
        _check_utf8(path, first)
        raise _parse_error(path, error) from None
    if len(names) == frame.shape[1]:
        frame.columns = pd.Index(names)  # DuckDB renames the second of two equal names; we refuse them later
    return frame


def _dialect(connection: duckdb.DuckDBPyConnection, path: str) -> str:
    """Return reader options for the file's dialect; a delimiter in a lone header means the rows are ragged."""
    sniffed = connection.execute(
        f"select Delimiter, Quote, Escape, SkipRows, Comment from sniff_csv({_quoted(path)}, {_TYPES})"
    ).fetchall()
    delimiter, quote, escape, skip, comment = ("" if part == "(empty)" else part for part in sniffed[0])
    options = f"delim={_quoted(delimiter)}, skip={skip}, header=true, {_TYPES}"
    quoted = f", quote={_quoted(quote)}, escape={_quoted(escape)}" if quote else ", quote='\"'"
    return options + quoted + (f", comment={_quoted(comment)}" if comment else "")


def _header(connection: duckdb.DuckDBPyConnection, path: str, options: str) -> list[str]:
    rows = options.replace("header=true", "header=false").replace(_TYPES, "all_varchar=true")
    lines = connection.execute(f"select * from read_csv({_quoted(path)}, {rows}) limit 1").fetchall()
    if not lines:
        raise DataError(f"File {path!r} holds no rows.", "Give a file with a header line and rows.")
    names = ["" if name is None else str(name).strip() for name in lines[0]]
    if len(names) == 1:
        names = _single_column(path, names[0])
    if all(_is_number(name) for name in names):
        raise DataError(
            f"The first line of {path!r} holds numbers ({', '.join(names[:3])}, …), not the names of columns.",
            "Add a header line.",
        )
    unnamed = [place for place, name in enumerate(names) if not name]
    return [f"column{place}" if place in unnamed else name for place, name in enumerate(names)]


def _single_column(path: str, name: str) -> list[str]:
    """Refuse a file whose only column's name holds delimiters: its rows differ in length."""
    for delimiter in ",;\t|":
        if delimiter in name:
            columns = len(next(csv.reader([name], delimiter=delimiter)))
            raise DataError(
                f"File {path!r} cannot be cut into columns: its header has {columns} names separated by "
                f"{delimiter!r}, but not all rows have {columns} values.",
                "Look for rows with too few or too many values, and quote texts that contain the separator.",
            )
    return [name]


def _csv_rows(connection: duckdb.DuckDBPyConnection, path: str, options: str) -> pd.DataFrame:
    """Read by the types of the first rows; where a later row belies them, by the types of all rows."""
    try:
        return connection.execute(f"select * from read_csv({_quoted(path)}, {options})").df()
    except duckdb.ConversionException:
        return connection.execute(f"select * from read_csv({_quoted(path)}, {options}, sample_size=-1)").df()


def _check_utf8_start(path: str, first: Path) -> None:
    with _opened(first) as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(
            f"File {path!r} is written in UTF-16, not UTF-8.", _CONVERT.format(encoding="utf-16", path=path)
        )


def _check_utf8(path: str, first: Path) -> None:
    """Raise if the file is not UTF-8, naming the byte that says so."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with _opened(first) as stream:
        for raw in stream:
            try:
                decoder.decode(raw)
            except UnicodeDecodeError as error:
                raise DataError(
                    f"File {path!r} is not UTF-8: line {line} holds byte 0x{raw[error.start]:02X} at position "
                    f"{error.start + 1}.",
                    _CONVERT.format(encoding="latin1", path=path),
                ) from None
            line += 1


_CONVERT: Final = (
    "Save it as UTF-8, for example with: iconv -f {encoding} -t utf-8 {path} > converted.csv (in a spreadsheet: "
    "save as 'CSV UTF-8')."
)


@contextmanager
def _opened(first: Path) -> Iterator[gzip.GzipFile]:
    opener = gzip.open if first.suffix == ".gz" else Path.open
    with opener(first, "rb") as stream:  # type: ignore[operator]  # both take (path, mode)
        yield stream


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise _parse_error(path, error) from None


def _parse_error(path: str, error: duckdb.Error) -> DataError:
    reason = " ".join(str(error).split("Possible")[0].split())
    return DataError(
        f"File {path!r} cannot be read: {reason}", "Mend the file at that place, or export it again."
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
