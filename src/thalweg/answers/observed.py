"""What is returned by a job about a treatment that units chose: its average effects, and what they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.export.bundle import write_bundle
from thalweg.answers.export.pictures import Picture, pictures_of
from thalweg.answers.export.sheets import Sheet, sheets_of
from thalweg.answers.plain import plain_values
from thalweg.answers.saving import Origin, save_run
from thalweg.answers.showing import named, printed, write_report
from thalweg.answers.storing import csv_of, read_record, record_files
from thalweg.base.run_folder import REPORT_FILE, RunFolder
from thalweg.effects.one_treatment.average import AverageEffects
from thalweg.effects.one_treatment.observed import ObservedEffects
from thalweg.report.drawing.document import Page, first_figure, page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.text import to_text
from thalweg.report.observed.page import observed_blocks, observed_page
from thalweg.report.observed.words import observed_sentence

OBSERVED: Final = "observed"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ObservedRun:
    """The average effects of a treatment that units chose.

    Parameters
    ----------
    answer
        Everything the report says.
    folder
        Where the run is kept; None if it lives in memory only.
    origin
        What was asked, for :meth:`save`; None for a run that was read from a folder.

    Examples
    --------
    >>> import thalweg as tw
    >>> columns = {"t": [0, 1] * 60, "x": [k % 7 for k in range(120)]}
    >>> columns["y"] = [2 * t + x + k % 3 for k, (t, x) in enumerate(zip(columns["t"], columns["x"]))]
    >>> run = tw.fit_observed(columns, target="y", treatments="t", folds=2, repeats=1, epochs=5, workers=1)
    >>> sorted(set(run.frame()["target"]))[:2]
    ['all units', 'difference of means']
    """

    answer: ObservedEffects
    folder: Path | None = None
    origin: Origin | None = None

    @property
    def effects(self) -> AverageEffects:
        """The estimates, with choices of learners, overlap and sensitivity."""
        return self.answer.effects

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return observed_sentence(self.answer)

    def frame(self) -> pd.DataFrame:
        """Return one row per effect and population, with other methods beside them."""
        return self.answer.effects.frame()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values that JSON can hold; numbers that are not finite become None."""
        found, plain = self.answer, plain_values
        effects = found.effects
        return {
            "sentence": self.sentence,
            "target": found.target,
            "treatment": found.treatment,
            "levels": list(effects.levels),
            "effects": plain([*effects.effects, *effects.beside]),
            "learners": plain(effects.choices),
            "overlap": plain(effects.overlap),
            "sensitivity": plain(effects.sensitivity),
            "differing": plain(found.differing) if found.differing is not None else found.why_not,
            "rows": list(found.rows),
            "level": effects.level,
            "notes": list(effects.notes),
            "repeat": dict(found.repeat),
        }

    def text(self, width: int | None = None) -> str:
        """Return the answer and what it rests on as text, in lines of so many letters."""
        return to_text(observed_blocks(self.answer), width)

    @property
    def page(self) -> Page:
        """What its report is made of."""
        return observed_page(self.answer)

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
        return {
            **record_files(self.answer),
            "effects.csv": csv_of(self.frame()),
            REPORT_FILE: page_html(self.page).encode(),
        }

    def _repr_html_(self) -> str:
        return fragment(observed_blocks(self.answer), first_figure(self.page))

    def __str__(self) -> str:
        return printed(self.text())

    def __repr__(self) -> str:
        found = self.answer
        return f"<ObservedRun: {found.treatment} on {found.target} in {found.table}, {found.rows[1]:,} units>"


def read_observed(folder: RunFolder) -> ObservedRun:
    """Read a finished run from its folder.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    >>> read_observed(RunFolder(Path("no/such/folder")))
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: ...
    """
    folder.answer()
    return ObservedRun(read_record(ObservedEffects, folder.path), folder.path)
