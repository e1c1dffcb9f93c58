"""Where a run's table came from: written into its folder, and read again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thalweg.base.errors import DataError, SettingError, setting
from thalweg.data.files.location import STANDARD_INPUT
from thalweg.data.reading.table import RawTable, read_table


def data_of_run(source: object, query: str | None, fingerprint: str, rows: int) -> dict[str, Any]:
    """Return what a run's folder says about its table.

    Parameters
    ----------
    source, query
        As they were given; a table in memory or from standard input leaves no path.
    fingerprint
        Of the content.
    rows
        How many were used.

    Examples
    --------
    >>> data_of_run({"x": [1, 2]}, None, "0123", 2)["source"] is None
    True
    """
    parts = list(source) if isinstance(source, (list, tuple)) else [source]
    paths = [str(part) for part in parts if isinstance(part, (str, Path))]
    read_once = len(paths) < len(parts) or any(part.partition("#")[0] == STANDARD_INPUT for part in paths)
    path = None if read_once else paths if isinstance(source, (list, tuple)) else paths[0]
    return {"source": path, "query": query, "fingerprint": fingerprint, "rows": rows}


def source_of_run(config: Mapping[str, Any], source: object = None) -> dict[str, Any]:
    """Return source and query that read a run's table again.

    Parameters
    ----------
    config
        Of the run's folder.
    source
        The table, if the run was not made from a file or an example, or the file has moved.

    Raises
    ------
    SettingError
        If the run was made from a table in memory and no source is given.

    Examples
    --------
    >>> source_of_run({"data": {"source": "old.csv", "query": None}}, "new.csv")
    {'source': 'new.csv', 'query': None}
    """
    data = config["data"]
    if source is None and data["source"] is None and data["query"] is None:
        raise SettingError(
            "The run was made from a table in memory or standard input.", f"Give it again as the {setting('source')}."
        )
    return {"source": data["source"] if source is None else source, "query": data["query"]}


def with_outcome(source: object, y: Any, target: Any) -> tuple[Any, Any]:
    """Return table and target where features and outcome were given apart, ``fit(X, y)``.

    Parameters
    ----------
    source
        Features, as any source.
    y
        The outcome, one value per row, or the name of its column; None if ``target`` names it.
    target
        Its name.

    Returns
    -------
    tuple
        A table with the outcome in it, and the outcome's name: that of ``y`` if it has one, else ``y``.

    Raises
    ------
    SettingError, DataError
        If the outcome is named twice, or the numbers of rows differ.

    Examples
    --------
    >>> table, target = with_outcome({"x": [1, 2, 3]}, [0, 1, 1], None)
    >>> table.frame.columns.tolist(), target
    (['x', 'y'], 'y')
    """
    if y is None:
        return source, target
    if isinstance(y, str):
        if target is not None:
            raise SettingError(
                f"The outcome is named twice, {y!r} and {target!r}.", f"Name it by {setting('target')} alone."
            )
        return source, y
    table = read_table(source)
    values = y.iloc[:, 0] if isinstance(y, pd.DataFrame) and y.shape[1] == 1 else y
    name = str(target or getattr(values, "name", None) or "y")
    if name in table.frame:
        raise SettingError(
            f"The table has a column {name!r} already.", f"Call the outcome otherwise by {setting('target')}."
        )
    column = values.array if isinstance(values, pd.Series) else np.asarray(values)
    if column.ndim != 1 or len(column) != len(table.frame):
        raise DataError(
            f"The outcome must hold one value per row, {len(table.frame)} in all, got shape {column.shape}.",
            "Give one column of as many values.",
        )
    return RawTable(table.name, table.frame.assign(**{name: column}), name), name
