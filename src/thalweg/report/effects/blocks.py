"""What is said in short about effects, and about an experiment before its effects."""

from thalweg.effects.identification.check import Check
from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.effects.experiment_tables import balance_table, identification_table, ratio_table
from thalweg.report.effects.tables import (
    MOST_ROWS,
    best_sentence,
    best_sentences,
    by_size,
    effects_table,
    facts_table,
    left_out_table,
    shortened,
    telling,
    withheld_count,
)
from thalweg.report.effects.words import rows_words


def effects_blocks(summary: EffectsSummary) -> Blocks:
    """Return the best combination, all effects, and how they were made, from which text and HTML are made.

    Parameters
    ----------
    summary
        What to report.

    Returns
    -------
    Blocks
        For :func:`~thalweg.report.drawing.text.to_text` and :func:`~thalweg.report.drawing.fragment.fragment`.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> from thalweg.effects.summary import summarise
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = DeDL(link="linear", epochs=5, folds=2, repeats=1, workers=1)
    >>> answer = quick.fit(columns, target="y", treatments=["a", "b"])
    >>> effects_blocks(summarise(answer, table="trial")).sentences[0]
    'The best combination is 11 (a + b): ...'
    """
    answer = summary.answer
    told: tuple[str, ...] = (best_sentence(summary),)
    if summary.best is not None:
        hidden = withheld_count(answer.supports)
        told = best_sentences(summary.best, answer.reading.treatments, summary.level, hidden)
    told = tuple(text for text in (*told, rows_words(answer.reading), summary.repeat.get("reading", "")) if text)
    facts = (f"{name}: {value}." for name, value in facts_table(summary).rows)
    without_cells = left_out_table(summary)
    return Blocks(
        told,
        (
            shortened(effects_table(summary), by_size(summary.effects, telling(summary.effects, MOST_ROWS))),
            *(() if without_cells is None else (without_cells,)),
        ),
        (*facts, *(text for text in [summary.repeat.get("work")] if text)),
        tuple(f"Note: {note}" for note in answer.notes),
    )


def check_blocks(check: Check) -> Blocks:
    """Return what the cells determine, the shares of the cells and the balance of the covariates.

    Examples
    --------
    >>> from thalweg.effects.dedl import DeDL
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> check = DeDL(link="linear").check(columns, target="y", treatments=["a", "b"])
    >>> check_blocks(check).sentences
    ('3 of 3 effects can be answered.',)
    """
    usable = sum(support.usable for support in check.supports) - 1  # the baseline is no effect
    tables = [identification_table(check), ratio_table(check.reading)]
    if check.reading.balance:
        tables.append(balance_table(check.reading))
    return Blocks(
        (f"{usable} of {len(check.supports) - 1} effects can be answered.",),
        tuple(tables),
        warnings=tuple(f"Note: {note}" for note in check.reading.notes),
    )
