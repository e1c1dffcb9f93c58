"""What a comparison of models says in short: verdict, warnings, leaderboard, and where the spread comes from."""

from dataclasses import replace

from thalweg.data.notes import rows_sentence
from thalweg.report.comparison.column_figures import columns_table
from thalweg.report.comparison.score_figures import spread_finding
from thalweg.report.comparison.tables import folds_of, leaderboard_table
from thalweg.report.comparison.warnings import warning_texts
from thalweg.report.drawing.blocks import Blocks
from thalweg.select.comparison_answer import Answer


def comparison_blocks(answer: Answer) -> Blocks:
    """Return verdict, warnings, leaderboard and notes, from which text and HTML for notebooks are made.

    Parameters
    ----------
    answer
        The answer.

    Returns
    -------
    Blocks
        For :func:`~thalweg.report.drawing.text.to_text` and :func:`~thalweg.report.drawing.fragment.fragment`.

    Examples
    --------
    >>> from thalweg.select.comparison_answer import About
    >>> from thalweg.select.scoring.leaderboard import Leaderboard
    >>> board = Leaderboard("regression", "rmse", (), "ridge regression", "", "", (), 5, 100)
    >>> comparison_blocks(Answer(About("t.csv", "y"), "Nothing to compare.", "", board)).sentences
    ('Nothing to compare.',)
    """
    table = leaderboard_table(answer)
    caption = f"{answer.about.outcome} in {answer.about.table}, {folds_of(answer.leaderboard)}"
    work = answer.about.repeat.get("work")
    notes = (*table.notes[1:], spread_finding(answer), *([work] if work else []))
    warnings = tuple(f"Warning: {text}" for text in warning_texts(answer))
    rows = rows_sentence(answer.about.rows_read, answer.leaderboard.observations)
    sentences = (answer.verdict, *([rows] if rows else []))
    columns = columns_table(answer)
    tables = (replace(table, caption=caption, notes=()), *([] if columns is None else [columns]))
    return Blocks(sentences, tables, notes, warnings)
