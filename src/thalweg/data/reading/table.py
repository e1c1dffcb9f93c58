"""Read a table from wherever it is: a file, SQL over files, an example, or a data frame in memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.base.wording import listed
from thalweg.data.reading.examples import load_example
from thalweg.data.reading.files import read_file, run_query

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
    """

    name: str
    frame: pd.DataFrame
    target: str | None = None


def read_table(source: object = None, *, query: str | None = None) -> RawTable:
    """Read a table from a file, an example, a data frame, an array, a dict of columns, or by SQL.

    Parameters
    ----------
    source
        A path (``"firms.csv"``, ``"logs/*.parquet"``), ``"example:wine"``, a pandas, polars, pyarrow or other data
        frame that narwhals knows, a two-dimensional numpy array (columns x1, x2, …), a dict of columns, or a table
        that was read already. May be left out if ``query`` names its files itself.
    query
        A SELECT statement in DuckDB's SQL, such as ``select * from 'logs/*.parquet' where day > 10``. The source, if
        given, is the table ``data``.

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
    table = RawTable("table", pd.DataFrame()) if source is None else _from_source(source)
    if query is not None:
        if source is not None:
            _check_names(table)
        table = RawTable(table.name, run_query(query, None if source is None else table.frame), table.target)
    _check_names(table)
    if table.frame.empty:
        raise DataError(f"Table {table.name!r} has no rows.", "Give a table with rows, or loosen the query.")
    return table


def _from_source(source: object) -> RawTable:
    if isinstance(source, RawTable):
        return source
    if isinstance(source, (str, PathLike)):
        return _from_path(str(fspath(source)))
    if isinstance(source, np.ndarray):
        return RawTable("table", _from_array(source))
    if isinstance(source, Mapping):
        return RawTable("table", _from_mapping(source))
    return RawTable("table", _from_frame(source))


def _from_path(path: str) -> RawTable:
    if path.startswith(_EXAMPLE):
        example, frame = load_example(path.removeprefix(_EXAMPLE))
        return RawTable(example.name, frame, example.target)
    return RawTable(Path(path).name.split(".")[0].replace("*", "") or "table", read_file(path))


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


def _from_frame(source: object) -> pd.DataFrame:
    if isinstance(source, pd.DataFrame):
        return source.reset_index(drop=True).set_axis([str(name) for name in source.columns], axis=1)
    try:
        frame = nw.from_native(source)  # type: ignore[call-overload]  # refuses other types by TypeError
    except TypeError:
        raise SettingError(
            f"{setting('source')} must be a path, 'example:NAME', a data frame, a 2-D array or a dict of columns, "
            f"got {type(source).__name__}.",
            "Convert it to one of these.",
        ) from None
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return pd.DataFrame({name: _column(eager[name]) for name in eager.columns})


def _column(column: "nw.Series[Any]") -> "np.ndarray | pd.Categorical":
    if column.dtype in {nw.Categorical, nw.Enum}:
        # Arrow dictionaries lose their missing values in to_numpy; texts keep them.
        return pd.Categorical(column.cast(nw.String).to_numpy())
    return column.to_numpy()


def _check_names(table: RawTable) -> None:
    names = table.frame.columns
    if names.has_duplicates:
        repeated = names[names.duplicated()].unique().tolist()
        raise DataError(
            f"Table {table.name!r} has more than one column named {listed(repeated)}.",
            "Rename or drop one of them.",
        )
