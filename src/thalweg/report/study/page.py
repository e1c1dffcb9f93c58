"""The report of a study: one HTML file that needs nothing else."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.document import Facts, Page, Prose, Section
from thalweg.report.study.backprop_part import backprop_part
from thalweg.report.study.boundary_part import boundary_part
from thalweg.report.study.capacity_part import capacity_part
from thalweg.report.study.deck_part import deck_part
from thalweg.report.study.guide_part import guide_part
from thalweg.report.study.landscape_part import landscape_part
from thalweg.report.study.parts import StudyPart
from thalweg.report.study.race_part import race_part
from thalweg.report.study.signal_part import signal_part

PARTS: Final[Mapping[str, Callable[[Any], StudyPart]]] = {
    "race": race_part,
    "signal": signal_part,
    "landscape": landscape_part,
    "boundary": boundary_part,
    "backprop": backprop_part,
    "capacity": capacity_part,
    "guide": guide_part,
    "deck": deck_part,
}
"""Who tells and draws each study, by its name."""


def study_blocks(part: StudyPart) -> Blocks:
    """Return what a terminal shows of a study.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Table
    >>> study_blocks(StudyPart("Why?", "a table", "Because.", Table("t", "T", (), ()))).sentences
    ('Because.',)
    """
    return Blocks((part.sentence,), (part.table,), tuple(f"Note: {note}" for note in part.notes))


def study_page(part: StudyPart) -> Page:
    """Return the page of a study.

    Parameters
    ----------
    part
        What to tell and draw.

    Returns
    -------
    Page
        Its numbers, figures and notes.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Table
    >>> study_page(StudyPart("Why?", "a table", "Because.", Table("t", "T", (), ()))).verdict
    'Because.'
    """
    table = (part.table,) if part.table.rows else ()
    notes = tuple(Prose(note, "method") for note in part.notes)
    return Page(
        title=part.heading,
        heading=part.heading,
        facts=part.facts,
        label="Finding",
        verdict=part.sentence,
        sections=(
            Section("h-numbers", "Numbers", table),
            *part.sections,
            Section("h-notes", "How to read it", notes),
            Section("h-repeat", "How to repeat it", (Facts(part.repeat),) if part.repeat else ()),
        ),
    )
