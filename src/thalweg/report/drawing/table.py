"""One table model, written as HTML, LaTeX, Markdown or CSV; values stay numbers until printed."""

import csv
import html
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from thalweg.base.errors import SettingError
from thalweg.base.interval import Interval

Cell = str | int | float | Interval | None

_DIGIT, _POINT = "\N{FIGURE SPACE}", "\N{PUNCTUATION SPACE}"  # as wide as a digit, and as a point
_TYPST: Final = frozenset("\\#$*_`<>@[]~=-+/")
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "²": "$^2$",
    "√": r"$\surd$",
    "↓": r"$\downarrow$",
    "↑": r"$\uparrow$",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, how its numbers are rounded, and whether it may go.

    Parameters
    ----------
    label
        Heading.
    decimals
        Decimals of floats; None prints four significant digits.
    spare
        Where a terminal has no room, the column with the largest number goes first; 0 always stays.
    least
        What is smaller is printed as less than it, such as "< 0.001".

    Examples
    --------
    >>> Column("RMSE", 2).label
    'RMSE'
    """

    label: str
    decimals: int | None = None
    spare: int = 0
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """A table for readers: the first column names the rows.

    Parameters
    ----------
    name
        Short name for files.
    caption
        What the table shows.
    columns
        One per cell of a row.
    rows
        Cells: text, number, interval, or None where there is nothing to say.
    notes
        Remarks under the table.
    strong
        Numbers of the rows set in bold.

    Raises
    ------
    SettingError
        If a row has another number of cells than there are columns.

    Examples
    --------
    >>> print(to_csv(Table("scores", "Scores", (Column("model"), Column("RMSE", 1)), (("mean", 77.12),))), end="")
    model,RMSE
    mean,77.12
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    strong: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise SettingError(
                    f"Table {self.name!r} has {len(self.columns)} columns, got a row of {len(row)} cells.",
                    "Give one cell per column, None where it is empty.",
                )


def decimals_for(values: Iterable[float], digits: int = 4) -> int:
    """Return the decimals that give the largest of the values this many significant digits, between 0 and 8.

    Examples
    --------
    >>> decimals_for([77.1, 54.9]), decimals_for([0.0737, 0.66])
    (2, 4)
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return digits - 1
    return min(max(digits - 1 - math.floor(math.log10(largest)), 0), 8)


def format_cell(cell: Cell, decimals: int | None = None, least: float = 0.0) -> str:
    """Print a cell for readers: missing as –, minus as −, and what is below ``least`` as less than it.

    Examples
    --------
    >>> format_cell(Interval(0.0, -1.0, 2.0), 1), format_cell(None)
    ('−1.0 to 2.0', '–')
    >>> format_cell(0.00002, 3, 0.001)
    '< 0.001'
    """
    if cell is None or isinstance(cell, str):
        return "–" if cell is None else cell
    if isinstance(cell, Interval):
        ends = [format_cell(end, decimals) for end in (cell.low, cell.high)]
        return "–" if "–" in ends else " to ".join(ends)
    if math.isnan(cell):
        return "–"
    if 0 <= cell < least:
        return f"< {least:g}"
    if isinstance(cell, int):
        text = f"{cell:,}"
    elif decimals is None:
        text = f"{cell:.4g}"
    else:
        text = f"{cell:,.{decimals}f}"
    negative = text.startswith("-") and text.strip("-0.,") != ""
    return "−" + text[1:] if negative else text.removeprefix("-")


def without(table: Table, *labels: str) -> Table:
    """Return a table without some of its columns.

    Examples
    --------
    >>> table = Table("t", "T", (Column("model"), Column("RMSE")), (("mean", 77.12),))
    >>> without(table, "RMSE").rows
    (('mean',),)
    """
    kept = [n for n, column in enumerate(table.columns) if column.label not in labels]
    rows = tuple(tuple(row[n] for n in kept) for row in table.rows)
    return replace(table, columns=tuple(table.columns[n] for n in kept), rows=rows)


def texts_of(table: Table) -> list[list[str]]:
    """Return all cells as they are printed.

    Examples
    --------
    >>> texts_of(Table("t", "T", (Column("model"), Column("RMSE", 1)), (("mean", 77.12),)))
    [['mean', '77.1']]
    """
    return [
        [format_cell(cell, column.decimals, column.least) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def aligned(texts: Sequence[str]) -> list[str]:
    """Return the numbers of a column with room for the decimals that they lack, so that points stand below each other.

    Examples
    --------
    >>> [text.replace(" ", ".").replace("\N{FIGURE SPACE}", "_") for text in aligned(["1.25", "300", "–"])]
    ['1.25', '300\u2008__', '–']
    """
    numbers = [text.lstrip("−-< ").replace(",", "") for text in texts]
    plain = [number.replace(".", "", 1).isdigit() for number in numbers]
    places = [len(number.partition(".")[2]) if fine else 0 for number, fine in zip(numbers, plain, strict=True)]
    most = max(places, default=0)
    return [
        text + (_POINT if not own and most else "") * fine + _DIGIT * (most - own) * fine
        for text, own, fine in zip(texts, places, plain, strict=True)
    ]


def is_numeric(table: Table) -> list[bool]:
    """Tell for each column whether it holds no text.

    Examples
    --------
    >>> is_numeric(Table("t", "T", (Column("model"), Column("RMSE")), (("mean", 77.12),)))
    [False, True]
    """
    return [not any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]


def to_html(table: Table, limit: int | None = None) -> str:
    """Write a table with caption, scoped header cells and notes; at most ``limit`` rows, evenly chosen."""
    numeric = ['class="number"' if right else "" for right in is_numeric(table)]
    head = "".join(
        f'<th scope="col" {kind}>{html.escape(column.label)}</th>' if column.label else "<td></td>"
        for kind, column in zip(numeric, table.columns, strict=True)
    )
    texts = texts_of(table)
    for i, column in enumerate(zip(*texts, strict=True)):
        if numeric[i]:
            for row, text in zip(texts, aligned(column), strict=True):
                row[i] = text
    chosen = list(range(len(texts)))
    if limit is not None and len(texts) > limit:
        chosen = sorted({round(i * (len(texts) - 1) / (limit - 1)) for i in range(limit)})
    body = "".join(_html_row(texts[i], numeric, i in table.strong) for i in chosen)
    notes = list(table.notes)
    if len(chosen) < len(texts):
        notes.append(f"{len(chosen)} of {len(texts)} rows, evenly chosen; the CSV file has all.")
    foot = f'<p class="notes">{html.escape(" ".join(notes))}</p>' if notes else ""
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{html.escape(table.caption)}">'
        f"<table><caption>{html.escape(table.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{foot}"
    )


def _html_row(texts: list[str], numeric: list[str], strong: bool) -> str:
    first, *others = (html.escape(text) for text in texts)
    cells = "".join(f"<td {kind}>{text}</td>" for kind, text in zip(numeric[1:], others, strict=True))
    return f'<tr{" class=strong" if strong else ""}><th scope="row">{first}</th>{cells}</tr>'


def escape_latex(text: str) -> str:
    r"""Escape what LaTeX would read as commands.

    Examples
    --------
    >>> escape_latex("50 % of a_b")
    '50 \\% of a\\_b'
    """
    return "".join(_LATEX.get(sign, sign) for sign in text)


def to_latex(table: Table) -> str:
    """Write a floating table with booktabs rules and the notes under it; needs only the booktabs package."""
    align = "l" + "".join("r" if right else "l" for right in is_numeric(table)[1:])
    head = " & ".join(escape_latex(column.label) for column in table.columns)
    lines = []
    for i, texts in enumerate(texts_of(table)):
        cells = [escape_latex(text) for text in texts]
        lines.append(" & ".join(rf"\textbf{{{cell}}}" for cell in cells) if i in table.strong else " & ".join(cells))
    body = "\n".join(rf"  {line} \\" for line in lines)
    notes = "".join(f"\n\\par\\smallskip\\footnotesize {escape_latex(note)}" for note in table.notes)
    return (
        f"\\begin{{table}}[htbp]\n\\centering\n\\caption{{{escape_latex(table.caption)}}}\n"
        f"\\label{{tab:{table.name}}}\n\\begin{{tabular}}{{{align}}}\n"
        f"\\toprule\n  {head} \\\\\n\\midrule\n{body}\n"
        f"\\bottomrule\n\\end{{tabular}}{notes}\n\\end{{table}}\n"
    )


def to_typst(table: Table) -> str:
    """Write a figure of Typst that holds a table with rules above and below, and the notes under it."""
    numeric = is_numeric(table)
    align = ", ".join("right" if right and i else "left" for i, right in enumerate(numeric))
    lines = [
        f"  table.header({', '.join(f'[{_typst(column.label)}]' for column in table.columns)}),",
        "  table.hline(),",
    ]
    for i, texts in enumerate(texts_of(table)):
        cells = [f"[*{_typst(text)}*]" if i in table.strong else f"[{_typst(text)}]" for text in texts]
        lines.append(f"  {', '.join(cells)},")
    body = "\n".join(lines)
    notes = "".join(f"\n#text(size: 0.8em)[{_typst(note)}]\n" for note in table.notes)
    return (
        f"#figure(\n  caption: [{_typst(table.caption)}],\n  table(\n  columns: {len(table.columns)},\n"
        f"  align: ({align},),\n  stroke: none,\n  table.hline(),\n{body}\n  table.hline(),\n)) "
        f"<tab-{table.name}>\n{notes}"
    )


def _typst(text: str) -> str:
    return "".join(f"\\{sign}" if sign in _TYPST else sign for sign in text)


def to_markdown(table: Table) -> str:
    """Write a pipe table (GitHub flavoured Markdown), caption above and notes below."""
    numeric = is_numeric(table)
    lines = [
        [_escape_markdown(column.label) for column in table.columns],
        ["---:" if right and i else "---" for i, right in enumerate(numeric)],
    ]
    for i, texts in enumerate(texts_of(table)):
        cells = [_escape_markdown(text) for text in texts]
        lines.append([f"**{cell}**" for cell in cells] if i in table.strong else cells)
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "".join(f"\n\n{_escape_markdown(note)}" for note in table.notes)
    return f"{_escape_markdown(table.caption)}\n\n{body}{notes}\n"


def _escape_markdown(text: str) -> str:
    escaped = "".join(f"\\{sign}" if sign in "\\`*_[]<>|" else sign for sign in text)
    return " ".join(escaped.split())


def to_csv(table: Table) -> str:
    """Write comma-separated values at full precision; an interval becomes two columns.

    Text that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    split = [any(isinstance(row[i], Interval) for row in table.rows) for i in range(len(table.columns))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = [
        [f"{column.label}, low", f"{column.label}, high"] if two else [column.label]
        for column, two in zip(table.columns, split, strict=True)
    ]
    writer.writerow([_csv(label) for head in heads for label in head])
    for row in table.rows:
        cells = [_pair(cell) if two else [cell] for cell, two in zip(row, split, strict=True)]
        writer.writerow([_csv(cell) for pair in cells for cell in pair])
    return out.getvalue()


def _pair(cell: Cell) -> list[Cell]:
    return [cell.low, cell.high] if isinstance(cell, Interval) else [None, None]


def _csv(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
    return repr(cell)
