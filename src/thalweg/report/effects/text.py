"""Answers about effects as plain text for terminals and pipes."""

import textwrap
from collections.abc import Sequence

from thalweg.effects.identification.checking import Check
from thalweg.effects.summary import EffectsSummary
from thalweg.report.drawing.narrow import MOST_ROWS, TEXT_WIDTH, text_of
from thalweg.report.effects.experiment_tables import balance_table, identification_table, ratio_table
from thalweg.report.effects.tables import (
    best_sentences,
    effects_table,
    facts_table,
    left_out_table,
    shortened,
    telling,
    verdict,
    withheld_count,
)


def paragraphs(texts: Sequence[str], width: int = TEXT_WIDTH) -> str:
    r"""Wrap sentences, each on lines of its own.

    Examples
    --------
    >>> paragraphs(["One.", "Two."])
    'One.\nTwo.'
    """
    return "\n".join(line for text in texts for line in textwrap.wrap(text, min(width, TEXT_WIDTH)))


def effects_text(summary: EffectsSummary, width: int = TEXT_WIDTH) -> str:
    """Write verdict, effects, facts and warnings."""
    answer = summary.answer
    told = [verdict(summary)]
    if summary.best is not None:
        hidden = withheld_count(answer.supports)
        told = list(best_sentences(summary.best, answer.reading.treatments, summary.level, hidden))
    facts = [f"{name}: {value}." for name, value in facts_table(summary).rows]
    blocks = [
        paragraphs(told, width),
        text_of(shortened(effects_table(summary), telling(summary.effects, MOST_ROWS)), width),
        paragraphs(facts, width),
    ]
    without_cells = left_out_table(summary)
    if without_cells is not None:
        blocks.append(text_of(without_cells, width))
    return "\n\n".join([*blocks, *_warned(answer.notes, width)])


def check_text(check: Check, width: int = TEXT_WIDTH) -> str:
    """Write what the cells determine, the shares of the cells and the balance of covariates."""
    blocks = [text_of(identification_table(check), width), text_of(ratio_table(check.reading), width)]
    if check.reading.balance:
        blocks.append(text_of(balance_table(check.reading), width))
    return "\n\n".join([*blocks, *_warned(check.reading.notes, width)])


def _warned(notes: Sequence[str], width: int) -> list[str]:
    return [paragraphs([f"Note: {note}" for note in notes], width)] if notes else []
