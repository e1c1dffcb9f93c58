"""Where a run's table came from: written into its folder, and read again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thalweg.base.errors import SettingError, setting
from thalweg.data.files.location import STANDARD_INPUT


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
