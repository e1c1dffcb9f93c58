"""What a linear answer says in short: its certificate, the coefficients and what else was asked for, its warnings."""

from dataclasses import replace

from thalweg.data.notes import rows_sentence
from thalweg.linear.analysis import LinearAnalysis
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.linear.finding import finding_sentence
from thalweg.report.linear.tables import (
    coefficient_table,
    descent_table,
    margins_table,
    path_table,
    selection_table,
    tests_table,
)


def linear_blocks(answer: LinearAnalysis) -> Blocks:
    """Return certificate, warnings, tables and notes, from which text and HTML for notebooks are made.

    Parameters
    ----------
    answer
        The answer; tables that were not asked for are left out.

    Returns
    -------
    Blocks
        For :func:`~thalweg.report.drawing.text.to_text` and :func:`~thalweg.report.drawing.fragment.fragment`.

    Examples
    --------
    >>> from thalweg.linear import regress
    >>> fit = regress([[1.0], [2.0], [3.0], [4.0]], [1.1, 1.9, 3.2, 3.8], names=["price"])
    >>> linear_blocks(LinearAnalysis("t", "y", fit, {"price": 1.0}, (), {})).tables[0].caption
    'y: least squares, t.'
    """
    tables = [coefficient_table(answer)]
    tables += [table for table in (margins_table(answer), tests_table(answer)) if table is not None]
    if answer.path is not None:
        tables.append(path_table(answer.path))
    chosen = selection_table(answer)
    if chosen is not None:
        tables.append(replace(chosen, notes=()))  # its note is among the warnings
    if answer.descents:
        tables.append(descent_table(answer))
    told = [note.text for note in answer.notes if not note.is_warning]
    told += [f"Folds of the cross-validation: {answer.repeat['folds']}."] if "folds" in answer.repeat else []
    notes = tuple(f"Note: {text}" for text in told)
    warnings = tuple(f"Warning: {text}" for text in answer.warnings)
    rows = rows_sentence(*answer.rows)
    said = [finding_sentence(answer), answer.estimates.certificate.sentence(), *([rows] if rows else [])]
    sentences = tuple(dict.fromkeys(said))
    return Blocks(sentences, tuple(tables), notes, warnings)
