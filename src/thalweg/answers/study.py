"""What is returned by a study: numbers, a page, and its figures for papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.export.bundle import write_bundle
from thalweg.answers.export.pictures import Picture, pictures_of
from thalweg.answers.export.sheets import Sheet, sheets_of
from thalweg.answers.plain import plain_values
from thalweg.answers.saving import Origin, save_run
from thalweg.answers.showing import named, printed, write_report
from thalweg.answers.storing import read_record, record_files
from thalweg.base.run_folder import REPORT_FILE, RunFolder
from thalweg.report.drawing.document import Page, first_figure, page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.text import to_text
from thalweg.report.study.page import PARTS, study_blocks, study_page
from thalweg.report.study.parts import StudyPart
from thalweg.study.catalogue import STUDIES

STUDY: Final = "study"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StudyRun:
    """A study of a table.

    Parameters
    ----------
    study
        Its name.
    answer
        Everything that was computed.
    repeat
        What is needed to repeat it.
    folder
        Where the run is kept; None if it lives in memory only.
    origin
        What was asked, for :meth:`save`; None for a run that was read from a folder.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.run_study("race", "example:iris", hidden=4, epochs=2, seeds=2)
    >>> len(run.frame()), run.figures[0].name
    (7, 'race-steps')
    """

    study: str
    answer: Any
    repeat: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    origin: Origin | None = None

    @property
    def part(self) -> StudyPart:
        """What its page is made of."""
        part = PARTS[self.study](self.answer)
        early, work = ((self.repeat[name],) if name in self.repeat else () for name in ("time limit", "work"))
        return replace(part, repeat=self.repeat, notes=(*early, *part.notes, *work))

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return self.part.sentence

    def frame(self) -> pd.DataFrame:
        """Return the main table as a data frame."""
        table = self.part.table
        return pd.DataFrame(list(table.rows), columns=[column.label for column in table.columns])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold; numbers that are not finite become None."""
        plain: dict[str, Any] = {"study": self.study, "sentence": self.sentence}
        return plain | {"answer": plain_values(self.answer), "repeat": dict(self.repeat)}

    def text(self, width: int | None = None) -> str:
        """Return the answer, its numbers and how to read them as text, in lines of so many letters."""
        return to_text(study_blocks(self.part), width)

    @property
    def page(self) -> Page:
        """What its report is made of."""
        return study_page(self.part)

    @property
    def figures(self) -> tuple[Picture, ...]:
        """All figures of the report."""
        return pictures_of(self.page)

    @property
    def tables(self) -> tuple[Sheet, ...]:
        """All tables of the report."""
        return sheets_of(self.page)

    def figure(self, name: str) -> Picture:
        """Return one of :attr:`figures`, to be saved for a paper or drawn on.

        Raises
        ------
        SettingError
            If there is none of that name; the message lists them.
        """
        return named("figure", self.figures, name)

    def table(self, name: str) -> Sheet:
        """Return one of :attr:`tables`, to be saved for a paper.

        Raises
        ------
        SettingError
            If there is none of that name; the message lists them.
        """
        return named("table", self.tables, name)

    def bundle(self, path: str | Path) -> Path:
        """Write report, tables, figures, their numbers and how to repeat it into one zip archive, and return where.

        Raises
        ------
        RunFolderError
            If the file cannot be written.
        """
        return write_bundle(self, path)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML file, and return where.

        Raises
        ------
        SettingError
            If no path is given and the run has no folder.
        RunFolderError
            If the file cannot be written.
        """
        return write_report(page_html(self.page), path, self.folder)

    def save(self, folder: str | Path) -> Path:
        """Write the run into a new folder, which may be moved and which :func:`thalweg.load` opens; return where.

        Raises
        ------
        SettingError, RunFolderError
            As for :func:`~thalweg.answers.saving.save_run`.
        """
        return save_run(self, folder)

    def files(self) -> Mapping[str, bytes]:
        """Return the files of its folder, but for configuration and answer, by name."""
        return {**record_files(self.answer), REPORT_FILE: page_html(self.page).encode()}

    def _repr_html_(self) -> str:
        return fragment(study_blocks(self.part), first_figure(self.page))

    def __str__(self) -> str:
        return printed(self.text())

    def __repr__(self) -> str:
        return f"<StudyRun: {self.study}, {self.part.facts}>"


def read_study(folder: RunFolder) -> StudyRun:
    """Read a finished study from its folder.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    >>> read_study(RunFolder(Path("no/such/folder")))
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: ...
    """
    repeat = folder.answer()["repeat"]
    study = folder.config()["settings"]["study"]
    return StudyRun(study, read_record(STUDIES[study].result(), folder.path), repeat, folder.path)
