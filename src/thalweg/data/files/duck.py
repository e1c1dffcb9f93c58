"""DuckDB as it is used here: in memory, local only, with paths that are no patterns and results that lose nothing."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pandas as pd

# Extensions are never fetched from the network, and SQL never sees the caller's Python variables.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}

_INTERRUPTED: Final = "Query interrupted"  # what DuckDB makes of Ctrl-C


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection of its own.

    Examples
    --------
    >>> with connected() as connection:
    ...     connection.execute("select 1").fetchall()
    [(1,)]
    """
    connection = duckdb.connect(config=_CONFIG)
    try:
        yield connection
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.close()


def literal(path: Path) -> str:
    """Return a path in which no sign is a pattern.

    Examples
    --------
    >>> literal(Path("data[1]*.csv"))
    'data[[]1][*].csv'
    """
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def result_frame(result: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the rows of a result.

    Parameters
    ----------
    result
        Of a statement that was executed.

    Examples
    --------
    >>> frame = result_frame(duckdb.connect().execute("select 9007199254740993 as a union all select null"))
    >>> frame["a"].dropna().tolist()
    [9007199254740993]
    """
    names = [column[0] for column in result.description or ()]
    arrays = list(result.fetchnumpy().values())
    frame = columns_as_frame([_column(values) for values in arrays])
    frame.columns = pd.Index(names)
    return frame


def columns_as_frame(columns: Sequence["np.ndarray | pd.Series"]) -> pd.DataFrame:
    """Return columns of one length beside each other, numbered from 0; those of numbers may be arrays.

    Examples
    --------
    >>> columns_as_frame([np.arange(2), pd.Series(["a", "b"])]).to_dict("list")
    {0: [0, 1], 1: ['a', 'b']}
    """
    return pd.DataFrame(dict(enumerate(columns)))


def _column(values: "np.ndarray | pd.Categorical") -> "np.ndarray | pd.Series":
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb" and not np.ma.isMaskedArray(values):
        return values
    if not isinstance(values, np.ndarray):
        return pd.Series(values)
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    data = np.ma.getdata(values)
    if mask is None or not mask.any():
        return pd.Series(data, dtype=object if data.dtype == object else None)
    if data.dtype.kind in "iu":
        return pd.Series(pd.arrays.IntegerArray(data, mask))
    if data.dtype.kind == "b":
        return pd.Series(pd.arrays.BooleanArray(data, mask))
    if data.dtype.kind == "f":
        return pd.Series(np.where(mask, np.nan, data))
    gap = np.array("NaT", dtype=data.dtype) if data.dtype.kind in "mM" else None
    filled = data.copy()
    filled[mask] = gap
    return pd.Series(filled, dtype=object if data.dtype == object else None)
