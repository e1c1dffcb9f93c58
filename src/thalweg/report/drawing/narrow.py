"""Tables for terminals of any width: columns that may go when there is no room, captions and notes wrapped."""

import textwrap
from dataclasses import replace
from typing import Final

from thalweg.report.drawing.table import Table, to_text

TEXT_WIDTH: Final = 100
MOST_ROWS: Final = 40
_EXPENDABLE: Final = (
    "planned",
    "largest |w|",
    "AIPW",
    "given",
    "effective",
    "units",
    "std. error",
    "at once",
    "p, adjusted",
    "plain network",
    "linear",
    "structured",
)


def without(table: Table, *labels: str) -> Table:
    """Return a table without some of its columns."""
    kept = [n for n, column in enumerate(table.columns) if column.label not in labels]
    rows = tuple(tuple(row[n] for n in kept) for row in table.rows)
    return replace(table, columns=tuple(table.columns[n] for n in kept), rows=rows)


def fitted(table: Table, width: int) -> Table:
    """Return a table without the columns that a terminal has no room for; a note names them.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Column
    >>> wide = Table("t", "Wide.", (Column("x"), Column("AIPW")), (("a rather long name", 1.0),))
    >>> [column.label for column in fitted(wide, 20).columns]
    ['x']
    """
    dropped: list[str] = []
    for word in _EXPENDABLE:
        for label in [column.label for column in table.columns[1:] if word in column.label]:
            if _text_width(table) > width:
                table = without(table, label)
                dropped.append(label)
    return replace(table, notes=(*table.notes, f"No room for: {'; '.join(dropped)}.")) if dropped else table


def _text_width(table: Table) -> int:
    bare = replace(table, caption="", notes=())
    return max(len(line) for line in to_text(bare).splitlines())


def text_of(table: Table, width: int = TEXT_WIDTH) -> str:
    """Write a table for a terminal: columns that fit, caption and notes wrapped."""
    small = fitted(table, width)
    wide = min(width, TEXT_WIDTH)
    notes = [line for note in small.notes for line in textwrap.wrap(note, wide)]
    caption = "\n".join(textwrap.wrap(small.caption, wide))
    body = to_text(replace(small, caption="", notes=())).lstrip("\n")
    return "\n".join([caption, "", body, *(["", *notes] if notes else [])])
