"""Read a table from wherever it is: a file, SQL over files, an example, or a data frame in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.wording import listed
from thalweg.data.files.files import read_files, run_query
from thalweg.data.files.frames import from_frame
from thalweg.data.notes import Note
from thalweg.data.reading.examples import load_example
from thalweg.data.reading.whole_signs import whole_signs

_EXAMPLE = "example:"


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Rows and columns as they were read, before anything is decided about them.

    Parameters
    ----------
    name
        What to call it: the file's name without its ending, the example's name, or ``table``.
    frame
        The rows, numbered from 0 in the index; column names are texts and differ.
    target
        The outcome an example suggests, or None.
    notes
        What is to be known of the files they came from.
    labels
        What columns are called for people, by name.
    index
        The index of the pandas frame they came from, if it was one.
    """

    name: str
    frame: pd.DataFrame
    target: str | None = None
    notes: tuple[Note, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    index: pd.Index | None = None


@whole_signs()
def read_table(source: object = None, *, query: str | None = None, texts: Collection[str] = ()) -> RawTable:
    """Read a table from a file, an example, a data frame, an array, a dict of columns, or by SQL.

    Parameters
    ----------
    source
        A path (``"firms.csv"``, ``"logs/*.parquet"``, ``"-"`` for standard input) or several, each perhaps with words
        on how to read it (``"prices.csv#decimal=,"``, see :mod:`thalweg.data.files.location`), ``"example:wine"``, a
        pandas, polars, pyarrow or other data frame that narwhals knows, a two-dimensional numpy array (columns x1, x2,
        …), a dict of columns, a record or a list of records, or a table that was read already. May be left out if
        ``query`` names its files itself.
    query
        A SELECT statement in DuckDB's SQL, such as ``select * from 'logs/*.parquet' where day > 10``. The source, if
        given, is the table ``data``.
    texts
        Columns of text files to keep as they are written, whatever they look like; the others become numbers if all
        their values are.

    Returns
    -------
    RawTable
        At least one row and one column.

    Raises
    ------
    DataError
        If there is no such file, it cannot be read, has no rows, or two columns have the same name.
    SettingError
        If the source is of another type, or the query fails.

    Examples
    --------
    >>> read_table({"x": [1, 2, 3]}, query="select x, x * x as square from data").frame["square"].tolist()
    [1, 4, 9]
    """
    if source is None and query is None:
        raise SettingError("There is no table to read.", f"Give a {setting('source')} or a {setting('query')}.")
    table = RawTable("table", pd.DataFrame()) if source is None else _from_source(source, texts)
    if query is not None:
        if source is not None:
            _check_names(table)
        rows = run_query(query, None if source is None else table.frame)
        table = RawTable(table.name, rows, table.target, table.notes, table.labels)
    _check_names(table)
    for name in table.frame.columns:
        str(name).encode()
    if table.frame.empty:
        raise DataError(f"Table {table.name!r} has no rows.", "Give a table with rows, or loosen the query.")
    return table


def _from_source(source: object, texts: Collection[str]) -> RawTable:
    if isinstance(source, RawTable):
        return source
    if isinstance(source, (str, PathLike)):
        return _from_paths([str(fspath(source))], texts)
    if isinstance(source, np.ndarray):
        return RawTable("table", _from_array(source))
    if isinstance(source, (list, tuple)) and source:
        if all(isinstance(part, (str, PathLike)) for part in source):
            return _from_paths([str(fspath(part)) for part in source], texts)
        if all(isinstance(part, Mapping) for part in source):
            return RawTable("table", _from_records(source))
    if isinstance(source, pd.Series) and all(isinstance(name, str) for name in source.index):
        return RawTable("table", _from_records([source.to_dict()]), index=pd.Index([source.name]))
    if isinstance(source, Mapping):
        whole = not source or any(np.ndim(cast("ArrayLike", values)) for values in source.values())
        return RawTable("table", _from_mapping(source) if whole else _from_records([source]))
    return RawTable("table", from_frame(source), index=source.index if isinstance(source, pd.DataFrame) else None)


def _from_paths(paths: list[str], texts: Collection[str]) -> RawTable:
    if len(paths) == 1 and paths[0].startswith(_EXAMPLE):
        example, frame = load_example(paths[0].removeprefix(_EXAMPLE))
        return RawTable(example.name, frame, example.target)
    found = read_files(paths, texts)
    name = Path(paths[0]).name.split(".")[0].replace("*", "")
    return RawTable(name.removeprefix("-") or "table", found.frame, None, found.notes, found.labels)


def _from_records(records: Sequence[Mapping[Any, Any]]) -> pd.DataFrame:
    names = dict.fromkeys(str(name) for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return pd.DataFrame({name: pd.Series(values, dtype=object).infer_objects() for name, values in columns.items()})


def _from_array(values: np.ndarray) -> pd.DataFrame:
    if values.dtype.names:
        return pd.DataFrame(values)
    if values.ndim != 2:
        raise SettingError(
            f"An array must have two axes [N D], got shape {values.shape}.",
            "Use array[:, None] for a single column.",
        )
    return pd.DataFrame(values, columns=[f"x{place}" for place in range(1, values.shape[1] + 1)])


def _from_mapping(columns: Mapping[object, object]) -> pd.DataFrame:
    first, length = "", -1
    for name, values in columns.items():
        shape = np.shape(cast("ArrayLike", values))
        if len(shape) != 1:
            raise DataError(f"Column {name!r} has shape {shape}.", "Give a list with one value per row.")
        if length >= 0 and shape[0] != length:
            raise DataError(
                f"Column {name!r} has {shape[0]} values and {first!r} has {length}.", "Give one value per row."
            )
        first, length = str(name), shape[0]
    return pd.DataFrame({str(name): values for name, values in columns.items()})


def _check_names(table: RawTable) -> None:
    names = table.frame.columns
    if names.has_duplicates:
        repeated = names[names.duplicated()].unique().tolist()
        raise DataError(
            f"Table {table.name!r} has more than one column named {listed(repeated)}.",
            "Rename or drop one of them.",
        )
