"""What the columns of a scan hold, found by one pass of DuckDB: enough to read every batch in the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from thalweg.base.arrays import FloatArray, IntArray
from thalweg.base.errors import DataError
from thalweg.base.naming import sql_name
from thalweg.data.columns import canonical_column, labelled_column
from thalweg.data.files.scans import Scan, quoted
from thalweg.data.kinds import kind_of

_NUMBERS: Final = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
)
_BROKEN: Final = ("FLOAT", "DOUBLE", "DECIMAL")
_MOST_TEXTS: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ScannedColumn:
    """How one column of every batch is read.

    Parameters
    ----------
    name
        In the table.
    expression
        What is selected for it, with the column of that name.
    before
        A statement that makes the type it needs, or nothing.
    numbers
        Of a column of texts that are numbers, the number of each text, shape [texts]; else None.
    levels
        Of a category its levels in their order; empty for numbers.
    codes
        Level of every text or number in ``values``, -1 where it means missing; None for numbers.
    values
        Sorted numbers that are levels; None where texts are.
    """

    name: str
    expression: str
    before: str = ""
    numbers: FloatArray | None = None
    levels: tuple[str, ...] = ()
    codes: IntArray | None = None
    values: FloatArray | IntArray | None = None

    @property
    def is_category(self) -> bool:
        """Whether it holds levels, not numbers."""
        return self.codes is not None

    def codes_of(self, column: pd.Series) -> IntArray:
        """Return the level of every row of a batch, -1 where it is missing, shape [N]."""
        assert self.codes is not None
        if self.values is None:
            return np.asarray(np.append(self.codes, -1)[column.cat.codes.to_numpy()])
        return np.asarray(self.codes[np.searchsorted(self.values, column.to_numpy())])

    def read(self, column: pd.Series) -> pd.Series:
        """Return a batch of the column in canonical form."""
        if self.is_category:
            categories = pd.Index(list(self.levels), dtype=object)
            return pd.Series(
                pd.Categorical.from_codes(self.codes_of(column), categories=categories), index=column.index
            )
        if self.numbers is not None:
            return pd.Series(np.append(self.numbers, np.nan)[column.cat.codes.to_numpy()], index=column.index)
        return column


@dataclass(frozen=True, slots=True)
class ScannedColumns:
    """All columns that are used.

    Parameters
    ----------
    by_name
        Each as it is read for the formula.
    labels
        Each as it is read for clusters and effects.
    read, used
        Rows of every part, and those of all parts without a gap in the columns.
    ends
        Least and greatest value, and sum, of numeric columns.
    """

    by_name: Mapping[str, ScannedColumn]
    labels: Mapping[str, ScannedColumn]
    read: tuple[int, ...]
    used: int
    ends: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)


def scanned_columns(scan: Scan, names: Sequence[str], labelled: Sequence[str], coded: Sequence[str]) -> ScannedColumns:
    """Find out what columns hold.

    Parameters
    ----------
    scan
        The table.
    names
        Columns of the formula and of weights.
    labelled
        Columns of clusters and of effects, whose values are labels.
    coded
        Those of the formula that are categories whatever they hold.

    Raises
    ------
    DataError
        If a column is a date, holds too many texts, or every row has a gap.

    Examples
    --------
    >>> from thalweg.data.files.scans import opened_scan
    >>> with opened_scan([], "select i as x, 'b' as g from range(3) t(i)") as scan:
    ...     found = scanned_columns(scan, ["x", "g"], [], [])
    >>> found.by_name["x"].is_category, found.by_name["g"].levels, found.read, found.used
    (False, ('b',), (3,), 3)
    """
    every = list(dict.fromkeys([*names, *labelled]))
    where = complete(scan, every)
    plain = [name for name in names if _is_number(scan.columns[name])]
    read, used, ends = _measured(scan, plain, where)
    if not used:
        raise DataError("No row has a value in all columns that are used.", "Fill them, or use fewer.")
    by_name = {}
    for name in names:
        if name in plain and name not in coded:
            by_name[name] = ScannedColumn(name, f"cast({sql_name(name)} as double)")
        else:
            by_name[name] = _of_values(scan, name, where, labelled=name in plain or name in coded)
    labels = {name: _of_values(scan, name, where, labelled=True, named=False) for name in labelled}
    return ScannedColumns(by_name, labels, read, used, ends)


def complete(scan: Scan, names: Sequence[str]) -> str:
    """Return the condition that a row has a value in every column.

    Examples
    --------
    >>> complete(Scan("t", (), {"x": "DOUBLE", "g": "VARCHAR"}), ["x", "g"])
    'x is not null and not isnan(x) and g is not null'
    """
    parts = []
    for name in names:
        parts.append(f"{sql_name(name)} is not null")
        if scan.columns[name] in {"FLOAT", "DOUBLE"}:
            parts.append(f"not isnan({sql_name(name)})")
    return " and ".join(parts)


def _is_number(kind: str) -> bool:
    return kind in _NUMBERS or kind.startswith(_BROKEN) or kind == "BOOLEAN"


def _measured(
    scan: Scan, plain: Sequence[str], where: str
) -> tuple[tuple[int, ...], int, dict[str, tuple[float, float, float]]]:
    """Return the rows of every part, those without a gap, and the ends and sums of columns of numbers."""
    cast = [f"cast({sql_name(name)} as double)" for name in plain]
    wanted = [f"{what}({one}) filter (where {where})" for one in cast for what in ("min", "max", "sum")]
    rows = [
        part.fetch(part.rows(", ".join(["count(*)", f"count(*) filter (where {where})", *wanted])))
        for part in scan.parts
    ]
    found = [one[0] for one in rows]
    table: dict[str, tuple[float, float, float]] = {}
    for place, name in enumerate(plain):
        ends = [one[2 + 3 * place : 5 + 3 * place] for one in found]
        there: list[Any] = [one for one in ends if one[0] is not None]
        if there:
            table[name] = (
                min(float(low) for low, _, _ in there),
                max(float(high) for _, high, _ in there),
                sum(float(total) for _, _, total in there),
            )
    counts: list[Any] = [one[:2] for one in found]
    return tuple(int(one[0]) for one in counts), sum(int(one[1]) for one in counts), table


def _of_values(scan: Scan, name: str, where: str, *, labelled: bool, named: bool = True) -> ScannedColumn:
    """Return how a column is read of which every value must be known; levels without names are numbered alone."""
    kind = scan.columns[name]
    if kind.startswith(("DATE", "TIMESTAMP", "TIME", "INTERVAL")) and not labelled:
        raise DataError(f"Column {name!r} holds dates.", "Turn it into a number by a query first.")
    number = _is_number(kind) and kind != "BOOLEAN"
    as_ = ("bigint" if kind in _NUMBERS else "double") if number else "varchar"
    cast = f"cast({sql_name(name)} as {as_})"
    distinct = [part.rows(f"distinct {cast} as v", where) for part in scan.parts]
    if number:
        found = [
            np.concatenate([frame["v"].to_numpy() for frame in part.batches(one)])
            for part, one in zip(scan.parts, distinct, strict=True)
        ]
        values = np.unique(np.concatenate(found))
        read = labelled_column(pd.Series(values, name=name)) if named else None
        levels = () if read is None else tuple(read.cat.categories)
        codes = np.arange(len(values)) if read is None else _codes(read)
        return ScannedColumn(name, cast, levels=levels, codes=codes, values=values)
    texts = sorted(_texts(scan, name, distinct))
    column = pd.Series(texts, name=name, dtype=object)
    kept = labelled_column(column) if labelled else canonical_column(column)[0]
    enum = f"create type {_type(name)} as enum ({', '.join(map(quoted, texts))})"
    expression = f"cast({cast} as {_type(name)})"
    if kind_of(kept) == "date":
        raise DataError(f"Column {name!r} holds dates.", "Turn it into a number by a query first.")
    if kind_of(kept) == "categorical":
        return ScannedColumn(name, expression, enum, levels=tuple(kept.cat.categories), codes=_codes(kept))
    numbers = kept.to_numpy(dtype=np.float64, na_value=np.nan)
    return ScannedColumn(name, expression, enum, numbers=numbers)


def _texts(scan: Scan, name: str, distinct: Sequence[str]) -> set[str]:
    """Return the different texts of a column, if they are not too many."""
    found: set[str] = set()
    for part, statement in zip(scan.parts, distinct, strict=True):
        for frame in part.batches(f"select v from ({statement}) limit {_MOST_TEXTS + 1}"):  # noqa: S608 - of the user's own files
            found.update(frame["v"].tolist())
        if len(found) > _MOST_TEXTS:
            raise DataError(
                f"Column {name!r} holds more than {_MOST_TEXTS:,} different texts.",
                "Leave it out, or number them by a query.",
            )
    return found


def _codes(column: pd.Series) -> IntArray:
    return np.asarray(column.cat.codes.to_numpy(), dtype=np.int64)


def _type(name: str) -> str:
    return sql_name(f"levels of {name}")
