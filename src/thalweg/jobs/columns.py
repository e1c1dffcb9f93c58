"""Columns as callers name them: one alone or several, and those that are left when others have a part."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np

from thalweg.base.errors import SettingError, rows_at, setting
from thalweg.base.naming import names_of
from thalweg.base.wording import closest
from thalweg.data.problem import Problem
from thalweg.data.reading.table import RawTable

_OF_READING: Final = frozenset(
    {"file", "skipped_lines", "totals_row", "footer_row", "thousands", "missing_markers", "formatted", "identifier"}
    | {"missing_outcome", "incomplete_rows", "weightless"}
)


def one_or_several(columns: str | Sequence[str] | None) -> str | list[str] | None:
    """Return a single name alone, several as a list.

    Examples
    --------
    >>> one_or_several(["firm"]), one_or_several(("firm", "year")), one_or_several(None)
    ('firm', ['firm', 'year'], None)
    """
    if columns is None:
        return None
    names = names_of(columns)
    return names[0] if len(names) == 1 else names


def table_of_problem(problem: Problem) -> tuple[RawTable, dict[str, str | None]]:
    """Return a posed problem as a table again, and the columns of its target, weights, groups, clusters and time.

    Parameters
    ----------
    problem
        Its rows become the table's; what was noticed while they were read stays with them.

    Examples
    --------
    >>> from thalweg.data.problem import pose
    >>> table, roles = table_of_problem(pose("example:iris"))
    >>> roles["target"], roles["clusters"], table.frame["species"].iloc[0]
    ('species', None, 'setosa')
    """
    frame = problem.features.copy()
    outcome = problem.outcome
    frame[problem.target] = np.array(problem.classes)[outcome.astype(int)] if problem.classes else outcome
    parts = ("weights", "groups", "clusters", "time")
    named: dict[str, str | None] = {"target": problem.target} | dict.fromkeys(parts)
    for part in parts:
        if getattr(problem, part) is not None:
            name = part
            while name in frame:
                name += "_"
            frame[name], named[part] = getattr(problem, part), name
    notes = tuple(note for note in problem.notes if note.code in _OF_READING)
    return RawTable(problem.name, frame, notes=notes), named


@contextmanager
def rows_of(problem: Problem) -> Iterator[None]:
    """Tell rows in errors from inside by their numbers in the table a problem was posed of.

    Parameters
    ----------
    problem
        Whose rows the checks inside are given.

    Examples
    --------
    >>> from thalweg.base.errors import DataError, row
    >>> from thalweg.data.problem import pose
    >>> problem = pose({"y": [None, 1.0, 2.0, 3.0], "x": [0.0, 1.0, 0.0, 2.0]}, target="y")
    >>> with rows_of(problem):
    ...     raise DataError(f"The count in row {row(1)} is negative.", "Mend it.")
    Traceback (most recent call last):
    thalweg.base.errors.DataError: The count in row 3 is negative. Mend it.
    """
    with rows_at(problem.row_numbers - 1):
        yield


def check_columns(table: RawTable, part: str, names: Sequence[str]) -> None:
    """Refuse names that are no columns of a table.

    Parameters
    ----------
    table
        The table.
    part
        What they were given as.
    names
        The names.

    Raises
    ------
    SettingError
        If one of them is no column.

    Examples
    --------
    >>> from thalweg.data.reading.table import read_table
    >>> check_columns(read_table({"firm": [1]}), "clusters", ["fim"])
    Traceback (most recent call last):
    thalweg.base.errors.SettingError: There is no column 'fim', named by clusters. Did you mean 'firm'?
    """
    columns = [str(name) for name in table.frame.columns]
    for name in names:
        if name not in columns:
            raise SettingError(f"There is no column {name!r}, named by {setting(part)}.", closest(name, columns))


def unnamed(table: RawTable, ignore: Sequence[str], *, taken: Sequence[str | None]) -> list[str]:
    """Return the columns that have no part yet and are not ignored.

    Raises
    ------
    SettingError
        If a column to ignore does not exist, or has a part.

    Examples
    --------
    >>> from thalweg.data.reading.table import read_table
    >>> unnamed(read_table({"y": [1], "x": [2], "id": [3]}), ["id"], taken=["y", None])
    ['x']
    """
    columns = [str(name) for name in table.frame.columns]
    check_columns(table, "ignore", ignore)
    for name in ignore:
        if name in taken:
            raise SettingError(f"Column {name!r} is given more than one part.", f"Take it out of {setting('ignore')}.")
    return [name for name in columns if name not in taken and name not in ignore]
