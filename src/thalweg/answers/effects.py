"""What is returned by a job about effects: every combination of treatments with intervals, and the best of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.effects_store import answer_files, read_answer
from thalweg.answers.export.bundle import write_bundle
from thalweg.answers.export.pictures import Picture, pictures_of
from thalweg.answers.export.sheets import Sheet, sheets_of
from thalweg.answers.saving import Origin, save_run
from thalweg.answers.showing import named, printed, write_report
from thalweg.answers.storing import csv_of
from thalweg.base.keeping.json_files import readable
from thalweg.base.run_folder import ANSWER_FILE, REPORT_FILE, RunFolder
from thalweg.effects.answer import EffectsAnswer
from thalweg.effects.effect import Best, Effect, LeftOut
from thalweg.effects.linear_combinations import contrasts
from thalweg.effects.summary import EffectsSummary, summarise
from thalweg.report.drawing.document import Page, first_figure, page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.text import to_text
from thalweg.report.effects.blocks import effects_blocks
from thalweg.report.effects.page import effects_page
from thalweg.report.effects.tables import best_sentence
from thalweg.select.record import from_plain

EFFECTS: Final = "effects"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EffectsRun:
    """The effects of all combinations of treatments.

    Parameters
    ----------
    summary
        Everything the report says.
    folder
        Where the run is kept; None if it lives in memory only.
    origin
        What was asked, for :meth:`save`; None for a run that was read from a folder.

    Examples
    --------
    >>> import thalweg as tw
    >>> columns = {"y": [0, 1, 2, 3, 0, 2, 2, 3] * 10, "a": [0, 1, 0, 1] * 20, "b": [0, 0, 1, 1] * 20, "x": range(80)}
    >>> quick = {"link": "linear", "epochs": 5, "folds": 2, "repeats": 1, "workers": 1}
    >>> run = tw.fit_effects(columns, target="y", treatments=["a", "b"], **quick)
    >>> run.best.combination, run.frame()["combination"].tolist()
    ('11', ['01', '10', '11'])
    """

    summary: EffectsSummary
    folder: Path | None = None
    origin: Origin | None = None

    @property
    def sentence(self) -> str:
        """The best combination and its effect."""
        return best_sentence(self.summary)

    @property
    def answer(self) -> EffectsAnswer:
        """The fitted answer: contrasts, groups, policies and designs are asked of it, without training."""
        return self.summary.answer

    @property
    def best(self) -> Best | None:
        """The best combination; None if nothing may be shown."""
        return self.summary.best

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every effect with the interval that holds for itself."""
        return self.summary.effects

    @property
    def comparison(self) -> pd.DataFrame:
        """Other methods beside ours."""
        return self.summary.comparison

    @property
    def left_out(self) -> tuple[LeftOut, ...] | None:
        """Observed cells, predicted from the others; None if that was not asked for."""
        return self.summary.left_out

    def frame(self) -> pd.DataFrame:
        """Return one row per effect: both intervals, p-values, AIPW, spread over splits, weights and status."""
        return self.summary.frame()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values that JSON can hold; missing numbers become None."""
        return self.summary.to_dict()

    def text(self, width: int | None = None) -> str:
        """Return verdict, effects, facts and warnings as text, in lines of so many letters."""
        return to_text(effects_blocks(self.summary), width)

    @property
    def page(self) -> Page:
        """What its report is made of."""
        return effects_page(self.summary)

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
            **answer_files(self.answer),
            "effects.csv": csv_of(self.frame()),
            "contrasts.csv": csv_of(contrasts(self.answer, level=self.summary.level)),
            "comparison.csv": csv_of(self.comparison),
            REPORT_FILE: page_html(self.page).encode(),
        }

    def _repr_html_(self) -> str:
        return fragment(effects_blocks(self.summary), first_figure(self.page))

    def __str__(self) -> str:
        return printed(self.text())

    def __repr__(self) -> str:
        reading = self.answer.reading
        treated = ", ".join(reading.treatments)
        return f"<EffectsRun: {reading.target} by {treated} in {self.summary.table}, {len(self.effects)} effects>"


def read_effects(folder: RunFolder) -> EffectsRun:
    """Read finished effects from their folder; nothing is trained.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    >>> read_effects(RunFolder(Path("no/such/folder")))
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: config.json is missing. ...
    """
    config, plain = folder.config(), folder.answer()
    with readable(folder.path / ANSWER_FILE):
        shown = {name: config["shown"][name] for name in ("level", "adjust", "allow_unidentified")}
        table = config["data"]["table"]
        comparison = pd.DataFrame(plain["comparison"]).set_index("combination").astype(float).reset_index()
        rows, repeat = plain["left_out"], plain["repeat"]
        left_out = None if rows is None else tuple(from_plain(LeftOut, row) for row in rows)
    answer = read_answer(folder.path)
    with readable(folder.path / ANSWER_FILE):
        summary = summarise(answer, table=table, **shown, comparison=comparison, left_out=left_out, repeat=repeat)
    return EffectsRun(summary, folder.path)
