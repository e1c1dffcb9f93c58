"""Names of columns as callers give them: one alone, several, or something that is no name at all."""

import re
from collections.abc import Iterable

from thalweg.base.errors import SettingError, setting


def name_of(part: str, column: object) -> str | None:
    """Return the name of the one column that has a part, or None; whether it exists is asked elsewhere.

    Parameters
    ----------
    part
        What the column was given as.
    column
        What came; a number names a column whose name is that number.

    Raises
    ------
    SettingError
        If several columns came.

    Examples
    --------
    >>> name_of("weights", "w"), name_of("weights", None), name_of("target", 3)
    ('w', None, '3')
    >>> name_of("weights", ["w"])
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: weights must be the name of one column, got ['w']. Write it in quotes, ...
    """
    if column is None or isinstance(column, str):
        return column
    if isinstance(column, Iterable):
        raise SettingError(
            f"{setting(part)} must be the name of one column, got {column!r}.", "Write it in quotes, without brackets."
        )
    return str(column)


def names_of(columns: object) -> list[str]:
    """Return column names as a list; a single name may come alone, and None names nothing.

    Examples
    --------
    >>> names_of("age"), names_of(("age", "sex")), names_of(None), names_of(3)
    (['age'], ['age', 'sex'], [], ['3'])
    """
    if columns is None:
        return []
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Iterable):
        return [str(columns)]
    return [str(name) for name in columns]


def sql_name(name: str) -> str:
    """Return a column's name as SQL writes it.

    Examples
    --------
    >>> sql_name("price"), sql_name("net price")
    ('price', '"net price"')
    """
    return name if re.fullmatch(r"[a-zA-Z_]\w*", name) else '"' + name.replace('"', '""') + '"'
