"""Names of columns as callers give them: one alone, several, or something that is no name at all."""

import re
from collections.abc import Iterable
from typing import Final

from thalweg.base.errors import SettingError, setting

_WORDS: Final = (  # of DuckDB's SQL, which cannot name a column unless they are quoted
    "all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check "
    "collate collation column columns concurrently constraint create cross default deferrable desc describe "
    "distinct do else end except false fetch for foreign freeze from full generated glob group having ilike in "
    "initially inner intersect into is isnull join lambda lateral leading left like limit map natural not notnull "
    "null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify "
    "references returning right select semi show similar some struct summarize symmetric table tablesample then to "
    "trailing true try_cast tuple union unique unpack unpivot using variadic verbose when where window with"
)
_KEYWORDS: Final = frozenset(_WORDS.split())


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
    >>> sql_name("group")
    '"group"'
    """
    plain = re.fullmatch(r"[a-zA-Z_]\w*", name) is not None and name.lower() not in _KEYWORDS
    return name if plain else '"' + name.replace('"', '""') + '"'
