"""What the page and the text of any study are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thalweg.report.drawing.document import Section
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.table import Table


@dataclass(frozen=True, slots=True)
class StudyPart:
    """A study, told and drawn.

    Parameters
    ----------
    heading
        The question it answers.
    facts
        On what, in a line.
    sentence
        The answer.
    table
        Its main numbers.
    sections
        Figures and tables under headings.
    notes
        What a reader must know to read the figures, a sentence each.
    repeat
        What is needed to repeat it.

    Examples
    --------
    >>> StudyPart("Why?", "a table", "Because.", Table("t", "T", (), ())).figures
    ()
    """

    heading: str
    facts: str
    sentence: str
    table: Table
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    repeat: Mapping[str, str] = field(default_factory=dict)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures, in order."""
        return tuple(part for section in self.sections for part in section.parts if type(part) is Figure)
