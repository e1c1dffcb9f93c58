"""Tables that read well both on a terminal and as Markdown."""

import math
from collections.abc import Sequence


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its columns padded; the first is set left, the others right."""
    widths = [max(len(row[c]) for row in (head, *rows)) for c in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [cell.rjust(w) if c else cell.ljust(w) for c, (cell, w) in enumerate(zip(cells, widths, strict=True))]
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (w + 2) if c == 0 else "-" * (w + 1) + ":" for c, w in enumerate(widths))
    return "\n".join([line(head), f"|{rule}|", *(line(row) for row in rows)])


def short(value: float) -> str:
    """Return a positive number with three significant digits, without an exponent."""
    if not value > 0:
        return "–"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(value)))}f}"
