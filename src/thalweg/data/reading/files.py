"""Files and SQL, read by DuckDB in memory, local only, with errors a user can act on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.data.reading.delimited import read_delimited
from thalweg.data.reading.formats import FileFormat, file_endings, format_of

# Extensions are never fetched from the network, and SQL never sees the caller's Python variables.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def read_file(path: str) -> pd.DataFrame:
    r"""Read one file, or all files that match a pattern such as ``logs/*.parquet``.

    Parameters
    ----------
    path
        A file of one of :data:`thalweg.data.reading.formats.FORMATS`; delimited text has a header line.

    Returns
    -------
    pandas.DataFrame
        The rows in the order of the file, the columns under the names the file gives them.

    Raises
    ------
    DataError
        If the file is missing, empty, of unknown type, not UTF-8, or cannot be parsed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "firms.csv"
    >>> _ = path.write_text("name;staff\nAda;3\n")
    >>> read_file(str(path)).to_dict("records")
    [{'name': 'Ada', 'staff': 3}]
    """
    found = _format(path)
    first = _first_file(path)
    with _connection() as connection:
        try:
            if found.statement is None:
                return read_delimited(connection, path, first)
            return connection.execute(found.statement, {"path": path}).df()
        except duckdb.Error as error:
            reason = " ".join(re.split(r"Possible|LINE \d+:", str(error))[0].split())  # without our own statement
            raise DataError(
                f"File {path!r} cannot be read: {reason.rstrip('.')}.",
                "Mend the file at that place, or export it again.",
            ) from None


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
            statements = connection.extract_statements(query) if isinstance(query, str) else []
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise SettingError(
                    f"{setting('query')} must be one SELECT statement, got {query!r}.", "Only reading is possible."
                )
            connection.execute("set threads = 1")
            if data is not None:
                connection.register("data", data)
            return connection.execute(query).df()
        except duckdb.Error as error:
            message = " ".join(str(error).split())
            raise SettingError(
                f"The {setting('query')} could not be run: {message.rstrip('.')}.",
                "Correct the SQL; the table given as source is called data, and file names stand in single quotes.",
            ) from None


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config=_CONFIG)
    try:
        yield connection
    finally:
        connection.close()


def _format(path: str) -> FileFormat:
    found = format_of(path)
    if found is None:
        ending = "".join(Path(path).suffixes[-1:])
        raise DataError(
            f"File {path!r} is of a type that cannot be read ({ending or 'no ending'}).",
            f"Use {file_endings()}; or read it with pandas (read_excel, read_stata, …) and give the frame.",
        )
    return found


def _first_file(path: str) -> Path:
    """Return the (first) file of a path or pattern; refuse missing and empty ones."""
    place = Path(path)
    if not place.exists() and any(sign in path for sign in "*?["):
        anchor = Path(place.anchor or ".")
        place = min(anchor.glob(str(place.relative_to(place.anchor))), default=place)
    if not place.is_file():
        what = "is a folder" if place.is_dir() else "does not exist"
        raise DataError(f"File {path!r} {what}.", f"Check the name; the current folder is {str(Path.cwd())!r}.")
    if place.stat().st_size == 0:
        raise DataError(f"File {path!r} is empty.", "Give a file with a header line and rows.")
    return place
