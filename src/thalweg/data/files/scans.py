"""Files and SQL as statements that DuckDB runs again and again, a batch of rows at a time."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.machine.free_memory import memory_told
from thalweg.base.naming import sql_name
from thalweg.base.wording import listed
from thalweg.data.files.delimited import delimited_scan
from thalweg.data.files.duck import connected, literal
from thalweg.data.files.files import format_at, index_names, placed_bytes, reachable, refuse_patterns
from thalweg.data.files.formats import CSV, PARQUET
from thalweg.data.files.location import Location, locate
from thalweg.data.files.opening import opened_text
from thalweg.data.notes import Note

_VECTORS: Final = 64  # of 2,048 rows each: a batch
_CALLED: Final = "data"


@dataclass(frozen=True, slots=True)
class ScanPart:
    """Rows that a statement returns, the same every time.

    Parameters
    ----------
    statement
        One SELECT.
    before
        Statements that it needs.
    """

    statement: str
    before: tuple[str, ...] = ()

    def rows(self, wanted: str = "*", where: str = "") -> str:
        """Return the statement that selects from these rows."""
        condition = f" where {where}" if where else ""
        return f"select {wanted} from ({self.statement}){condition}"  # noqa: S608 - of the user's own files

    def fetch(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement of few rows and return them."""
        with reading_told(), connected() as connection:
            _prepare(connection, self.before)
            return connection.execute(statement).fetchall()

    def estimated_rows(self) -> int:
        """Return how many rows DuckDB expects, without reading them."""
        [[_, plan]] = self.fetch(f"explain (format json) {self.statement}")
        return max(map(int, re.findall(r'"Estimated Cardinality": "(\d+)"', str(plan))), default=0)

    def batches(self, statement: str) -> Iterator[pd.DataFrame]:
        """Run a statement and yield its rows, in their order; the next batch is read while one is used."""
        with reading_told(), connected() as connection, ThreadPoolExecutor(1) as beside:
            _prepare(connection, self.before)
            result = connection.execute(statement)
            waiting = beside.submit(result.fetch_df_chunk, _VECTORS)
            while len(frame := waiting.result()):
                waiting = beside.submit(result.fetch_df_chunk, _VECTORS)
                yield frame


@dataclass(frozen=True, slots=True)
class Scan:
    """A table in parts, one per file.

    Parameters
    ----------
    name
        What to call it.
    parts
        Each with the same columns.
    columns
        Their names and DuckDB's types.
    notes
        What is to be known of the files.
    """

    name: str
    parts: tuple[ScanPart, ...]
    columns: dict[str, str]
    notes: tuple[Note, ...] = ()


@contextmanager
def opened_scan(sources: Sequence[str], query: str | None = None) -> Iterator[Scan]:
    """Give files, or what a query makes of them, as a table that is never whole in memory.

    Parameters
    ----------
    sources
        Paths and patterns of Parquet and delimited text; none if the query names its files itself.
    query
        One SELECT statement in DuckDB's SQL; the files, if there are any, are its table ``data``.

    Raises
    ------
    DataError
        If a file cannot be read, is of another format, or their columns differ.
    SettingError
        If the query is no SELECT, or DuckDB refuses it.

    Examples
    --------
    >>> with opened_scan([], "select i as x from range(5) t(i)") as scan:
    ...     scan.columns, [frame["x"].tolist() for frame in scan.parts[0].batches(scan.parts[0].rows())]
    ({'x': 'BIGINT'}, [[0, 1, 2, 3, 4]])
    """
    with ExitStack() as stack:
        locations = [location for source in sources for location in locate(source)]
        opened = [stack.enter_context(_opened(location)) for location in locations]
        parts = [part for part, _ in opened]
        notes = tuple(note for _, found in opened for note in found)
        kinds = [_columns(part) for part in parts]
        parts = _alike(locations, parts, kinds)
        if query is not None:
            part = _queried(query, parts)
            yield Scan("table", (part,), _columns(part), notes)
            return
        name = Path(sources[0]).name.split(".")[0].replace("*", "").removeprefix("-") or "table"
        yield Scan(name, tuple(parts), kinds[0], notes)


@contextmanager
def reading_told() -> Iterator[None]:
    """Say in words what DuckDB refuses while rows are read.

    Raises
    ------
    SettingError
        With DuckDB's own words.

    Examples
    --------
    >>> with reading_told(), connected() as connection:
    ...     connection.execute("select 1 / 'x'")
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: The rows could not be read: ...
    """
    with memory_told("Read fewer columns at a time."):
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            message = " ".join(str(error).split("LINE 1:")[0].split()).rstrip(".")
            raise SettingError(
                f"The rows could not be read: {message}.",
                f"Mend the file, or the {setting('query')}; the table given as source is called {_CALLED}.",
            ) from None


def _prepare(connection: duckdb.DuckDBPyConnection, before: Sequence[str]) -> None:
    connection.execute("set threads = 1")  # so that rows come in the same order every time
    for statement in before:
        connection.execute(statement)


@contextmanager
def _opened(location: Location) -> Iterator[tuple[ScanPart, tuple[Note, ...]]]:
    with reachable(location), placed_bytes(location) as path:
        found = format_at(location, path)
        if found is PARQUET:
            yield ScanPart(_parquet(path)), ()
        elif found is CSV:
            with opened_text(location, path) as text, connected() as connection, reading_told():
                statement, notes = delimited_scan(connection, location, text.path)
                yield ScanPart(statement), (*text.notes, *notes)
        else:
            raise DataError(
                f"File {location.name} is {found.name}, which is read whole or not at all.",
                "Save it as Parquet; Parquet, delimited text and queries are read in batches.",
            )


def _parquet(path: Path) -> str:
    name = quoted(literal(path.absolute()))
    return f"select * from read_parquet({name}, hive_partitioning=false, filename=false)"  # noqa: S608 - the user's own file


def quoted(text: str) -> str:
    """Return a text as SQL writes it.

    Examples
    --------
    >>> quoted("Ada's")
    "'Ada''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _columns(part: ScanPart) -> dict[str, str]:
    with reading_told(), connected() as connection:
        _prepare(connection, part.before)
        described = connection.execute(part.rows() + " limit 0").description or ()
    names = [str(column[0]) for column in described]
    stored = set(index_names(names))
    return {name: str(column[1]) for name, column in zip(names, described, strict=True) if name not in stored}


def _alike(locations: Sequence[Location], parts: Sequence[ScanPart], kinds: Sequence[dict[str, str]]) -> list[ScanPart]:
    """Return the parts with the columns of the first, in its order; refuse others."""
    wanted = [] if not kinds else list(kinds[0])
    for location, found in zip(locations[1:], kinds[1:], strict=True):
        lacks, more = [name for name in wanted if name not in found], [name for name in found if name not in wanted]
        if lacks or more:
            told = [f"lacks {listed(lacks)}"] * bool(lacks) + [f"has {listed(more)} besides"] * bool(more)
            raise DataError(
                f"Files {locations[0].name} and {location.name} have different columns: the second "
                f"{' and '.join(told)}.",
                f"Give files of the same columns, or put them together by a {setting('query')} with union_by_name.",
            )
    every = ", ".join(map(sql_name, wanted))
    return [ScanPart(part.rows(every), part.before) for part in parts]


def _queried(query: str, parts: Sequence[ScanPart]) -> ScanPart:
    with reading_told(), connected() as connection:
        statements = connection.extract_statements(query) if isinstance(query, str) else []
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise SettingError(
                f"{setting('query')} must be one SELECT statement, got {query!r}.", "Only reading is possible."
            )
    refuse_patterns(query)
    whole = " union all ".join(part.statement for part in parts)
    return ScanPart(query.rstrip().rstrip(";"), (f"create view {_CALLED} as {whole}",) if parts else ())
