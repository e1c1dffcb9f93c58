"""The one writer of plain text: sentences wrapped, tables made to fit, letters that the terminal has."""

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.letters import letters_of
from thalweg.report.drawing.table import Table, aligned, is_numeric, texts_of

PIPE_WIDTH: Final = 160  # letters in a line where no terminal says how many fit
_SENTENCE_WIDTH: Final = 100  # longer lines are hard to read, however wide the terminal
_LEAST_WIDTH: Final = 40
_SPACES: Final = str.maketrans("\N{FIGURE SPACE}\N{PUNCTUATION SPACE}", "  ")
_LEAST_LETTERS: Final = 12  # of a column of texts that is broken into several lines


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: tuple[str, ...]
    numeric: bool
    spare: int

    def natural(self) -> int:
        """Return the width of the column if nothing is broken."""
        return max(_wide(self.heading), self.longest())

    def headed(self) -> int:
        """Return its width with the heading broken at spaces."""
        return max(_longest_word(self.heading), self.longest())

    def least(self) -> int:
        """Return its width with texts broken too; numbers never are."""
        return self.headed() if self.numeric else min(self.headed(), _LEAST_LETTERS)

    def longest(self) -> int:
        """Return the width of the widest cell."""
        return max(map(_wide, self.cells), default=0)


def to_text(blocks: Blocks, width: int | None = None, *, encoding: str | None = None) -> str:
    r"""Write sentences, warnings, tables and notes as plain text, without colours.

    Where a table is wider than the terminal, first its headings are broken into several lines, then columns go that
    may (``spare``; a note names them), then texts are broken. Numbers are never cut.

    Parameters
    ----------
    blocks
        What to write.
    width
        Letters in a line; None asks the terminal, and takes 160 where there is none, as in a pipe or a notebook.
    encoding
        Signs it does not have are written with those it has, − as - and ↓ as v; None takes standard output's.

    Returns
    -------
    str
        Lines without a final line break.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Column
    >>> table = Table("t", "Scores.", (Column("model"), Column("minus ridge", 1)), (("mean", -77.12),))
    >>> print(to_text(Blocks(("Use ridge.",), (table,)), 80, encoding="ascii"))
    Use ridge.
    <BLANKLINE>
    Scores.
    <BLANKLINE>
    model  minus ridge
    ------------------
    mean         -77.1
    """
    width = text_width() if width is None else width
    plain = letters_of(encoding or getattr(sys.stdout, "encoding", None) or "utf-8")
    parts = [
        _paragraphs([plain(text) for text in blocks.sentences], width),
        _paragraphs([plain(text) for text in blocks.warnings], width),
        *(_table(table, width, plain) for table in blocks.tables),
        _paragraphs([plain(text) for text in blocks.notes], width),
    ]
    return "\n\n".join(part for part in parts if part)


def text_width() -> int:
    """Return how many letters fit into a line of standard output: the terminal's, between 40 and 160.

    Examples
    --------
    >>> 40 <= text_width() <= 160
    True
    """
    if sys.stdout is None or not sys.stdout.isatty():
        return PIPE_WIDTH
    return min(max(shutil.get_terminal_size().columns, _LEAST_WIDTH), PIPE_WIDTH)


def _paragraphs(texts: Sequence[str], width: int) -> str:
    """Wrap sentences, each on lines of its own."""
    return "\n".join(line for text in texts for line in _broken(text, min(width, _SENTENCE_WIDTH)))


def _table(table: Table, width: int, plain: Callable[[str], str]) -> str:
    """Write a table with caption and notes."""
    cells = [list(map(plain, row)) for row in texts_of(table)]
    columns = []
    for n, (column, numeric) in enumerate(zip(table.columns, is_numeric(table), strict=True)):
        own = [row[n] for row in cells]
        below = [text.translate(_SPACES) for text in aligned(own)] if numeric else own
        columns.append(_Column(plain(column.label), tuple(below), numeric, column.spare))
    columns, dropped = _kept(columns, width)
    widths = _narrowed(columns, width)
    lines = _row([column.heading for column in columns], columns, widths, at_bottom=True)
    lines.append("-" * _total(widths))
    for n in range(len(cells)):
        lines += _row([column.cells[n] for column in columns], columns, widths)
    notes = [*map(plain, table.notes), *([f"No room for: {'; '.join(dropped)}."] if dropped else [])]
    caption = _paragraphs([plain(table.caption)], width)
    return "\n\n".join(part for part in (caption, "\n".join(lines), _paragraphs(notes, width)) if part)


def _kept(columns: list[_Column], width: int) -> tuple[list[_Column], list[str]]:
    """Return the columns there is room for, and the headings of those that went, the first first."""
    dropped: list[str] = []
    while _total([column.headed() for column in columns]) > width:
        spare = [column for column in columns[1:] if column.spare]
        if not spare:
            break
        gone = max(spare, key=lambda column: column.spare)
        columns = [column for column in columns if column is not gone]
        dropped.append(gone.heading)
    return columns, dropped


def _narrowed(columns: Sequence[_Column], width: int) -> list[int]:
    """Return the widths of columns: headings are broken before texts, the widest first."""
    widths = [column.natural() for column in columns]
    for least in ([column.headed() for column in columns], [column.least() for column in columns]):
        while _total(widths) > width:
            slack = [wide - low for wide, low in zip(widths, least, strict=True)]
            if max(slack) <= 0:
                break
            widths[slack.index(max(slack))] -= 1
    return widths


def _row(
    cells: Sequence[str], columns: Sequence[_Column], widths: Sequence[int], *, at_bottom: bool = False
) -> list[str]:
    """Return the lines of one row; short cells stand in its first line, or in its last."""
    broken = [_broken(cell, wide) for cell, wide in zip(cells, widths, strict=True)]
    tall = max(map(len, broken))
    filled = [[""] * (tall - len(part)) + part if at_bottom else part + [""] * (tall - len(part)) for part in broken]
    lines = []
    for k in range(tall):
        padded = [
            _padded(part[k], wide, right=column.numeric and n > 0)
            for n, (part, column, wide) in enumerate(zip(filled, columns, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return lines


def _padded(text: str, width: int, *, right: bool) -> str:
    room = " " * (width - _wide(text))
    return room + text if right else text + room


def _broken(text: str, width: int) -> list[str]:
    """Break a text into lines; where signs are wide, fewer of them fit."""
    wide = _wide(text)
    return textwrap.wrap(text, max(width * len(text) // max(wide, 1), 1)) if wide > width else [text]


def _wide(text: str) -> int:
    """Return how many places a text takes in a terminal: signs of East Asia two, combining ones none."""
    if text.isascii():
        return len(text)
    signs = (0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)
    return sum(signs)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _longest_word(text: str) -> int:
    return max(map(_wide, text.split(" ")), default=0)
