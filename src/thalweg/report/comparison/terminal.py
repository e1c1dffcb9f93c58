"""The answer for a terminal: the verdict and the leaderboard, as plain text or as a rich table."""

import textwrap

from rich.table import Table as RichTable
from rich.text import Text

from thalweg.report.comparison.charts import spread_finding
from thalweg.report.comparison.tables import leaderboard_table
from thalweg.report.drawing.table import Table, format_cell, to_text
from thalweg.select.answer import Answer


def leaderboard_text(answer: Answer) -> str:
    """Write verdict and leaderboard as plain text of fixed width, without colour.

    Parameters
    ----------
    answer
        The answer.

    Returns
    -------
    str
        Lines without a final line break.

    Examples
    --------
    >>> from thalweg.select.answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> leaderboard_text(Answer(About("t.csv", "y"), "Nothing to compare.", "", board)).splitlines()[0]
    'Nothing to compare.'
    """
    table = leaderboard_table(answer)
    caption = f"{answer.about.outcome} in {answer.about.table}, {answer.leaderboard.folds} folds"
    short = Table(table.name, caption, table.columns, table.rows)
    remarks = (*table.notes[1:], spread_finding(answer))
    notes = [line for remark in remarks for line in textwrap.wrap(remark, 100)]
    return "\n".join([*textwrap.wrap(answer.verdict, 100), "", to_text(short), "", *notes])


def rich_leaderboard(answer: Answer) -> RichTable:
    """Build the leaderboard for a rich console; the recommended model is bold.

    Examples
    --------
    >>> from thalweg.select.answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> rich_leaderboard(Answer(About("t.csv", "y"), "", "", board)).columns[0].header.plain
    'Model'
    """
    table = leaderboard_table(answer)
    built = RichTable(box=None, pad_edge=False, header_style="dim")
    for i, column in enumerate(table.columns):
        built.add_column(Text(column.label), justify="right" if i else "left", overflow="fold")
    for i, row in enumerate(table.rows):
        cells = [Text(format_cell(cell, column.decimals)) for cell, column in zip(row, table.columns, strict=True)]
        built.add_row(*cells, style="bold" if i in table.strong else None)
    return built
