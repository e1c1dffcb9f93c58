"""What is returned by a study: numbers, a page, and its figures for papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.plain import plain_values
from thalweg.answers.saving import Origin, save_run
from thalweg.answers.showing import printed, write_report
from thalweg.answers.storing import read_record, record_files
from thalweg.base.files import path_of, write_whole
from thalweg.base.run_folder import REPORT_FILE, RunFolder
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.paper import paper_figure
from thalweg.report.drawing.text import to_text
from thalweg.report.study.page import PARTS, render_study_page, study_blocks
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

    @property
    def figures(self) -> tuple[Any, ...]:
        """The figures as data: ``figure.csv()`` has the numbers of each."""
        return self.part.figures

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

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report, one self-contained HTML file, and return where.

        Raises
        ------
        SettingError
            If no path is given and the run has no folder.
        RunFolderError
            If the file cannot be written.
        """
        return write_report(render_study_page(self.part), path, self.folder)

    def draw(self, folder: str | Path, kind: str = "pdf") -> tuple[Path, ...]:
        """Write every figure for a paper, by matplotlib, and return where.

        Parameters
        ----------
        folder
            Where to; it is made if it is not there.
        kind
            "pdf", "svg" or "png".

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        SettingError
            If the kind is none of these.
        """
        place, written = path_of("folder", folder, "folder"), []
        drawn = {figure.name: paper_figure(figure, kind) for figure in self.figures}
        place.mkdir(parents=True, exist_ok=True)
        for name, content in drawn.items():
            path = place / f"{name}.{kind}"
            write_whole(path, content)
            written.append(path)
        return tuple(written)

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
        return {**record_files(self.answer), REPORT_FILE: render_study_page(self.part).encode()}

    def _repr_html_(self) -> str:
        return fragment(study_blocks(self.part))

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
