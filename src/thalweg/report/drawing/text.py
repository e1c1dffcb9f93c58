"""The one writer of plain text: sentences wrapped, tables made to fit, letters that the terminal has."""

import io
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.letters import letters_of
from thalweg.report.drawing.table import Table, aligned, is_numeric, texts_of

PIPE_WIDTH: Final = 160  # letters in a line where no terminal says how many fit
_SENTENCE_WIDTH: Final = 100  # longer lines are hard to read, however wide the terminal
_LEAST_WIDTH: Final = 40
_SPACES: Final = str.maketrans("\N{FIGURE SPACE}\N{PUNCTUATION SPACE}", "  ")
_LEAST_LETTERS: Final = 12  # of a column of texts that is broken into several lines
_LONG_WORD: Final = 24  # longer words in cells may be broken
_RULED: Final = "    \n    \n -- \n    \n    \n    \n    \n    \n"  # a line below the headings and nothing else


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: tuple[str, ...]
    numeric: bool
    spare: int

    def natural(self) -> int:
        """Return the width of the column if nothing is broken."""
        return max(cell_len(self.heading), self.longest())

    def headed(self) -> int:
        """Return its width with the heading broken at spaces."""
        return max(_longest_word(self.heading), self.longest())

    def least(self) -> int:
        """Return its width with texts broken too, at spaces if words are not long; numbers never are."""
        if self.numeric:
            return self.headed()
        words = max(map(_longest_word, (self.heading, *self.cells)))
        return min(self.headed(), max(_LEAST_LETTERS, min(words, _LONG_WORD)))

    def longest(self) -> int:
        """Return the width of the widest cell."""
        return max(map(cell_len, self.cells), default=0)


def to_text(blocks: Blocks, width: int | None = None, *, encoding: str | None = None) -> str:
    r"""Write sentences, warnings, tables and notes as plain text, without colours.

    Where a table is wider than the terminal, first its headings are broken into several lines, then columns go that
    may (``spare``; a note names them), then texts are broken, and what is still too wide continues below, each part
    with the first column. Numbers are never cut.

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
    """Wrap sentences, each on lines of its own; words of plain letters, such as paths, stay whole."""
    return "\n".join(
        line for text in texts for line in _broken(text, min(width, _SENTENCE_WIDTH), words=not text.isascii())
    )


def _table(table: Table, width: int, plain: Callable[[str], str]) -> str:
    """Write a table with caption and notes."""
    cells = [list(map(plain, row)) for row in texts_of(table)]
    columns = []
    for n, (column, numeric) in enumerate(zip(table.columns, is_numeric(table), strict=True)):
        own = [row[n] for row in cells]
        below = [text.translate(_SPACES) for text in aligned(own)] if numeric else own
        columns.append(_Column(plain(column.label), tuple(below), numeric and n > 0, column.spare))
    columns, dropped = _kept(columns, width)
    parts = [_drawn(part, _narrowed(part, width)) for part in _parted(columns, width)]
    notes = [*map(plain, table.notes), *([f"No room for: {'; '.join(dropped)}."] if dropped else [])]
    caption = _paragraphs([plain(table.caption)], width)
    return "\n\n".join(part for part in (caption, *parts, _paragraphs(notes, width)) if part)


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


def _parted(columns: list[_Column], width: int) -> list[list[_Column]]:
    """Return the columns in as few parts as fit, each with the first column."""
    first, *others = columns
    parts = [[first]]
    for column in others:
        if len(parts[-1]) > 1 and _total([one.least() for one in (*parts[-1], column)]) > width:
            parts.append([first])
        parts[-1].append(column)
    return parts


def _drawn(columns: Sequence[_Column], widths: Sequence[int]) -> str:
    """Return the lines of a table; short cells stand in the first line of their row, headings in the last."""
    from rich.align import Align  # noqa: PLC0415 - rich is for those who read
    from rich.box import Box  # noqa: PLC0415 - the same
    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.table import Table as Grid  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    def written(text: str, wide: int, numeric: bool) -> Text:
        lines = _broken(text, wide)
        return Text("\n".join(" " * (wide - cell_len(line)) + line for line in lines) if numeric else "\n".join(lines))

    grid = Grid(box=Box(_RULED, ascii=True), show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    kinds = [(wide, column.numeric) for wide, column in zip(widths, columns, strict=True)]
    for column, kind in zip(columns, kinds, strict=True):
        grid.add_column(written(column.heading, *kind), width=kind[0], vertical="bottom", no_wrap=True)
    for row in zip(*(column.cells for column in columns), strict=True):
        grid.add_row(*(Align.left(written(cell, *kind), vertical="top") for cell, kind in zip(row, kinds, strict=True)))
    out = io.StringIO()
    Console(file=out, width=_total(widths), color_system=None, legacy_windows=False).print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").split("\n"))


def _broken(text: str, width: int, *, words: bool = True) -> list[str]:
    """Break a text into lines, long words too unless they are to stay; where signs are wide, fewer of them fit."""
    wide = cell_len(text)
    if wide <= width:
        return [text]
    letters = max(width * len(text) // max(wide, 1), 1)
    return textwrap.wrap(text, letters, break_long_words=words, break_on_hyphens=False)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split(" ")), default=0)
