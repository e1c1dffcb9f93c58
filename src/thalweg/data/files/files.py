"""Files and SQL, read with errors a user can act on."""

import errno
import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import duckdb
import pandas as pd

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.wording import listed
from thalweg.data.files.delimited import read_delimited
from thalweg.data.files.doubtful import doubtful_rows
from thalweg.data.files.duck import connected, literal, result_frame
from thalweg.data.files.foreseen import refuse_large, smaller
from thalweg.data.files.formats import CSV, JSON, PARQUET, FileFormat, file_endings, format_of
from thalweg.data.files.json_tables import read_json_table
from thalweg.data.files.location import STANDARD_INPUT, Location, is_file, locate
from thalweg.data.files.opening import opened_text
from thalweg.data.files.packages import read_by_package, with_durations
from thalweg.data.notes import Note

_PARQUET: Final = "select * from read_parquet($path, hive_partitioning=false, filename=false)"
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STORED_INDEX: Final = r"__index_level_\d+__"


@dataclass(frozen=True, slots=True, eq=False)
class FileTable:
    """What files hold.

    Parameters
    ----------
    frame
        The rows in the order of the files, the columns under the names the files give them.
    notes
        What is to be known of the files: lines that were not read, how characters were read.
    labels
        What columns are called for people, by name, if the format says so.
    """

    frame: pd.DataFrame
    notes: tuple[Note, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


def read_files(sources: Sequence[str], texts: Collection[str] = ()) -> FileTable:
    r"""Read files with the same columns, one after another.

    Parameters
    ----------
    sources
        Paths and patterns, each as in :func:`thalweg.data.files.location.locate`, of the formats in
        :data:`thalweg.data.files.formats.FORMATS`; delimited text has a header line.
    texts
        Columns of delimited text to keep as they are written.

    Raises
    ------
    DataError
        If a file is missing, empty, of unknown type, or cannot be read; or the columns differ.
    MissingExtraError
        If its format needs a package that is not installed.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "firms.csv"
    >>> _ = path.write_text("name;staff\nAda;3\n")
    >>> read_files([str(path)]).frame.to_dict("records")
    [{'name': 'Ada', 'staff': 3}]
    """
    locations = [location for source in sources for location in locate(source)]
    tables = [_read(location, texts) for location in locations]
    first = tables[0]
    frames = [first.frame]
    for location, table in zip(locations[1:], tables[1:], strict=True):
        frames.append(_in_order(locations[0], first.frame, location, table.frame))
    notes = tuple(note for table in tables for note in table.notes)
    frame = first.frame if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return FileTable(frame, notes, first.labels)


def _in_order(first: Location, wanted: pd.DataFrame, location: Location, frame: pd.DataFrame) -> pd.DataFrame:
    here, there = list(map(str, frame.columns)), list(map(str, wanted.columns))
    if sorted(here) == sorted(there):
        return frame if frame.columns.has_duplicates else frame[there]
    lacks, more = [name for name in there if name not in here], [name for name in here if name not in there]
    told = [f"lacks {listed(lacks)}"] * bool(lacks) + [f"has {listed(more)} besides"] * bool(more)
    raise DataError(
        f"Files {first.name} and {location.name} have different columns: the second {' and '.join(told)}.",
        f"Give files of the same columns, or put them together by a {setting('query')} with union_by_name.",
    )


def _read(location: Location, texts: Collection[str]) -> FileTable:
    with memory_told(smaller(location)), reachable(location), placed_bytes(location) as path:
        found = format_at(location, path)
        if not found.is_text:
            _check_words(location, found)
            return _without_index(location, _of_format(found, location, path))
        with opened_text(location, path) as text:
            if found is JSON or (not location.path.is_file() and _looks_like_json(text.path)):
                frame, notes = read_json_table(location, text.path)
            else:
                frame, notes = _delimited(location, text.path, texts)
            return FileTable(frame, (*text.notes, *notes))


def _delimited(location: Location, path: Path, texts: Collection[str]) -> tuple[pd.DataFrame, list[Note]]:
    with connected() as connection:
        try:
            return read_delimited(connection, location, path, texts)
        except duckdb.Error as error:
            raise _refused(location, error) from None


def _of_format(found: FileFormat, location: Location, path: Path) -> FileTable:
    if found is PARQUET:
        with connected() as connection:
            try:
                _refuse_large_parquet(connection, location, path)
                frame = result_frame(connection.execute(_PARQUET, {"path": literal(path)}))
                return FileTable(with_durations(frame, path))
            except duckdb.Error as error:
                raise _refused(location, error) from None
    frame, notes, labels = read_by_package(found, location, path)
    doubts = doubtful_rows(location, frame) if found.name == "Excel" else []
    return FileTable(frame, (*notes, *doubts), labels)


def _refuse_large_parquet(connection: duckdb.DuckDBPyConnection, location: Location, path: Path) -> None:
    given = {"path": literal(path)}
    [(rows,)] = connection.execute("select sum(num_rows) from parquet_file_metadata($path)", given).fetchall()
    kinds = [str(column[1]) for column in connection.execute(_PARQUET + " limit 0", given).description or ()]
    texts = sum(kind.startswith(("VARCHAR", "BLOB", "STRUCT", "MAP")) or kind.endswith("]") for kind in kinds)
    refuse_large(location, int(rows or 0), numbers=len(kinds) - texts, texts=texts)


def _refused(location: Location, error: duckdb.Error) -> DataError:
    if isinstance(error, duckdb.OutOfMemoryException):
        raise error  # no fault of the file
    reason = " ".join(str(error).split("Possible")[0].split("LINE 1:")[0].split())  # without our own statement
    return DataError(f"File {location.name} cannot be read: {reason.rstrip('.')}.", "Mend it, or export it again.")


def _check_words(location: Location, found: FileFormat) -> None:
    known = {"Excel": {"sheet"}, "Stata": {"encoding"}, "SPSS": {"encoding"}, "SAS": {"encoding"}}
    wrong = [key for key in location.asked if key not in known.get(found.name, set())]
    if wrong:
        raise SettingError(
            f"{wrong[0]!r} says nothing about a {found.name} file.", "Leave it out of the source's name."
        )


def _without_index(location: Location, table: FileTable) -> FileTable:
    """Leave out the index that pandas stores beside the columns, as a frame in memory does."""
    stored = index_names(map(str, table.frame.columns))
    if not stored:
        return table
    note = Note("file", f"Not read in {location.name}: {listed(stored)}, an index that pandas stored.")
    return FileTable(table.frame.drop(columns=stored), (*table.notes, note), table.labels)


def index_names(names: Iterable[str]) -> list[str]:
    """Return the names under which pandas stores an index beside the columns.

    Examples
    --------
    >>> index_names(["age", "__index_level_0__"])
    ['__index_level_0__']
    """
    return [name for name in names if re.fullmatch(_STORED_INDEX, name)]


@contextmanager
def reachable(location: Location) -> Iterator[None]:
    """Tell what the system refuses while a file is read.

    Raises
    ------
    DataError
        With the reason, or that there is no space for a copy.

    Examples
    --------
    >>> with reachable(Location(Path("t.csv"))):
    ...     raise PermissionError(errno.EACCES, "Permission denied")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: File 't.csv' cannot be read: permission denied. Check who may read it.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise
        if error.errno in _FULL:
            raise DataError(
                f"There is no space in {tempfile.gettempdir()!r} for a copy of {location.name}.",
                "Free space, or name another folder in the environment variable TMPDIR.",
            ) from error
        reason = error.strerror or str(error)
        raise DataError(
            f"File {location.name} cannot be read: {reason[:1].lower()}{reason[1:]}.", "Check who may read it."
        ) from error


@contextmanager
def placed_bytes(location: Location) -> Iterator[Path]:
    """Give a place where the bytes of a file lie: a file that can be read twice, under a name of plain letters.

    Raises
    ------
    DataError
        If a pipe was empty.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = place.write_text("x")
    >>> with placed_bytes(Location(place)) as path:
    ...     path == place
    True
    """
    path = location.path
    if str(path) == STANDARD_INPUT or not path.is_file():  # a pipe is empty once it was read
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"input{path.suffix}"
            with copy.open("wb") as out, _stream(path) as stream:
                shutil.copyfileobj(stream, out)
            if copy.stat().st_size == 0:
                given = "Standard input" if str(path) == STANDARD_INPUT else f"File {location.name}"
                raise DataError(f"{given} is empty.", "Give a table with a header line and rows.")
            yield copy
    elif _is_plain(str(path)):
        yield path
    else:  # libraries take names as UTF-8
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder) / f"input{path.suffix if _is_plain(path.suffix) else ''}"
            try:
                link.symlink_to(path.absolute())
            except OSError:  # Windows makes links for few; a copy is as good
                shutil.copyfile(path, link)
            yield link


@contextmanager
def _stream(path: Path) -> Iterator[IO[bytes]]:
    if str(path) == STANDARD_INPUT:
        yield sys.stdin.buffer
    else:
        with path.open("rb") as stream:
            yield stream


def _is_plain(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def format_at(location: Location, path: Path) -> FileFormat:
    """Return the format of a file by its first bytes and its name.

    Raises
    ------
    DataError
        If it is none that can be read.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = place.write_text("x")
    >>> format_at(Location(place), place).name
    'CSV'
    """
    with path.open("rb") as stream:
        begin = stream.read(16)
    found = format_of(location.path.name, begin)
    if found is None and not location.path.is_file():  # standard input or a pipe, such as <(command)
        return CSV
    if found is None and (inner := format_of(location.path.stem)) is not None:
        raise DataError(
            f"File {location.name} is a compressed {inner.name} file, and only text is expanded.",
            "Expand it, and give what comes out.",
        )
    if found is None:
        raise DataError(
            f"File {location.name} is of a type that cannot be read ({location.path.suffix or 'no ending'}).",
            f"Use {file_endings()}; or read it with pandas and give the frame.",
        )
    return found


def _looks_like_json(path: Path) -> bool:
    with path.open(encoding="utf-8-sig") as text:
        return text.read(200).lstrip()[:1] in {"{", "["}


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
    with memory_told(f"Select fewer columns or rows in the {setting('query')}."), connected() as connection:
        try:
            statements = connection.extract_statements(query) if isinstance(query, str) and _is_plain(query) else []
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise SettingError(
                    f"{setting('query')} must be one SELECT statement, got {query!r}.", "Only reading is possible."
                )
            refuse_patterns(query)
            connection.execute("set threads = 1")
            if data is not None:
                connection.register("data", data)
            return result_frame(connection.execute(query))
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            message = " ".join(str(error).split())
            raise SettingError(
                f"The {setting('query')} could not be run: {message.rstrip('.')}.",
                "Correct the SQL; the table given as source is called data, and file names stand in single quotes.",
            ) from None


def refuse_patterns(query: str) -> None:
    """Refuse the name of a file that DuckDB would take for a pattern: it would read others.

    Raises
    ------
    SettingError
        With the way to write it.

    Examples
    --------
    >>> refuse_patterns("select * from 'logs/*.parquet'")
    """
    for name in re.findall(r"'((?:[^']|'')*)'", query):
        path = name.replace("''", "'")
        if literal(Path(path)) != path and is_file(path):
            raise SettingError(
                f"{setting('query')} names the file {path!r}, and SQL takes its brackets and stars for a pattern.",
                f"Write '{literal(Path(name))}'.",
            )
