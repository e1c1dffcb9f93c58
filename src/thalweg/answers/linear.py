"""What is returned by a linear model of a table: coefficients, their certificate, and what else was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from thalweg.answers.export.bundle import write_bundle
from thalweg.answers.export.pictures import Picture, pictures_of
from thalweg.answers.export.sheets import Sheet, sheets_of
from thalweg.answers.saving import Origin, save_run
from thalweg.answers.showing import named, printed, write_report
from thalweg.answers.storing import read_record, record_files
from thalweg.base.errors import SettingError
from thalweg.base.run_folder import REPORT_FILE, RunFolder
from thalweg.data.notes import Note
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.descent.descend import Descent
from thalweg.linear.estimates import Estimates
from thalweg.linear.paths.penalty_path import PenaltyPath
from thalweg.linear.postestimation.formula_rows import rows_of_recipe
from thalweg.linear.postestimation.hypotheses import WaldTest, wald_test
from thalweg.linear.postestimation.margins import Margins, margins
from thalweg.linear.postestimation.mean_function import output_names
from thalweg.linear.postestimation.predict_rows import predict_rows
from thalweg.linear.subsets.selection import SelectionPath
from thalweg.report.drawing.document import Page, first_figure, page_html
from thalweg.report.drawing.fragment import fragment
from thalweg.report.drawing.table import to_csv, to_latex
from thalweg.report.drawing.text import to_text
from thalweg.report.linear.blocks import linear_blocks
from thalweg.report.linear.finding import finding_sentence
from thalweg.report.linear.page import linear_page
from thalweg.report.linear.tables import coefficient_table

LINEAR: Final = "linear"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinearRun:
    """A linear model of a table.

    Parameters
    ----------
    answer
        Everything that was computed.
    folder
        Where the run is kept; None if it lives in memory only.
    origin
        What was asked, for :meth:`save`; None for a run that was read from a folder.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.fit_linear("example:diabetes")
    >>> run.sentence
    '4 of 10 coefficients have 95 % intervals that exclude 0: positive bmi, bp, s5; negative sex. ...'
    """

    answer: LinearAnalysis
    folder: Path | None = None
    origin: Origin | None = None

    @property
    def sentence(self) -> str:
        """What explains the outcome: which coefficients differ from 0 by their intervals."""
        return finding_sentence(self.answer)

    @property
    def estimates(self) -> Estimates:
        """Coefficients with their uncertainty and the certificate."""
        return self.answer.estimates

    @property
    def path(self) -> PenaltyPath | None:
        """Shrinkage or components with their cross-validation, if asked for."""
        return self.answer.path

    @property
    def selection(self) -> SelectionPath | None:
        """Best models of each size, if asked for."""
        return self.answer.selection

    @property
    def descents(self) -> Mapping[str, Descent]:
        """Paths of gradient methods by what to call them, if asked for."""
        return self.answer.descents

    @property
    def has_maximum(self) -> bool:
        """Whether the likelihood has a finite maximum; without one the estimates are shrunken."""
        return self.answer.has_maximum

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences a reader must not miss."""
        return self.answer.warnings

    def fitted(self) -> pd.DataFrame:
        """Return the fitted value and residual of every row used, indexed by its number in the table.

        Of several classes the probabilities. Rows that did not count, such as those alone in a level, are NaN.

        Raises
        ------
        SettingError
            If coefficients are shrunken, or another package's.
        """
        fit = self.answer.estimates
        if fit.fitted is None:
            raise SettingError("These coefficients came without fitted values.", "Use predict on the rows.")
        if fit.fitted.ndim == 2:
            found = pd.DataFrame(fit.fitted, columns=list(output_names(fit)))
        else:
            found = pd.DataFrame({"fitted": fit.fitted, "residual": fit.residuals})
        return found.set_axis(pd.Index(np.asarray(self.answer.row_numbers), name="row"))

    def predict(self, source: object = None, *, query: str | None = None, level: float = 0.95) -> pd.DataFrame:
        """Predict new rows, with standard errors and intervals; see :meth:`predict_with_notes`."""
        return self.predict_with_notes(source, query=query, level=level)[0]

    def predict_with_notes(
        self, source: object = None, *, query: str | None = None, level: float = 0.95
    ) -> tuple[pd.DataFrame, tuple[Note, ...]]:
        """Predict new rows, and say what was unusual in them.

        Parameters
        ----------
        source, query
            The rows, as for :func:`fit_linear`; the target is not needed.
        level
            Nominal coverage of the intervals.

        Returns
        -------
        frame
            ``prediction``, ``std_error``, ``mean_low``, ``mean_high``; of least squares also ``low`` and ``high`` for a
            single outcome (:func:`thalweg.linear.predict_rows`).
        notes
            Unseen levels, columns not used.

        Raises
        ------
        DataError
            If columns are missing or cannot be read.
        SettingError
            If effects were absorbed.
        """
        rows, notes, index = rows_of_recipe(self.answer.recipe, source, query=query)
        found = predict_rows(self.answer.estimates, rows.design(rows.frame), level=level)
        return found.set_axis(index), notes

    def margins(
        self,
        source: object,
        *,
        query: str | None = None,
        average: str = "average",
        at: Mapping[str, object] | None = None,
    ) -> Margins:
        """Return the marginal effects of every variable of the formula over some rows (:func:`thalweg.linear.margins`).

        Parameters
        ----------
        source, query
            The rows, as for :func:`fit_linear`.
        average
            "average" over the rows, or "means": at one row of means and most frequent levels.
        at
            Values, by variable, that are held in every row.

        Raises
        ------
        DataError, SettingError
            If the rows cannot be read, or a variable or a value is unknown.
        """
        rows, _, _ = rows_of_recipe(self.answer.recipe, source, query=query)
        return margins(self.answer.estimates, rows, average=average, at=at, level=self.answer.level)

    def test(self, hypothesis: str | None = None) -> WaldTest:
        """Test restrictions on coefficients together, such as "educ = exper, tenure = 0"; None: all slopes are zero.

        Raises
        ------
        DataError, SettingError
            As for :func:`thalweg.linear.wald_test`.
        """
        return wald_test(self.answer.estimates, hypothesis)

    def frame(self) -> pd.DataFrame:
        """Return one row per coefficient: estimate, standard error, test and interval."""
        return self.answer.frame()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values that JSON can hold; infinite and missing numbers become None."""
        return self.answer.to_dict()

    def text(self, width: int | None = None) -> str:
        """Return coefficients, certificate and what was asked for as text, in lines of so many letters."""
        return to_text(linear_blocks(self.answer), width)

    @property
    def page(self) -> Page:
        """What its report is made of."""
        return linear_page(self.answer)

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
            "coefficients.csv": to_csv(coefficient_table(self.answer)).encode(),
            "coefficients.tex": to_latex(coefficient_table(self.answer)).encode(),
            REPORT_FILE: page_html(self.page).encode(),
        }

    def _repr_html_(self) -> str:
        return fragment(linear_blocks(self.answer), first_figure(self.page))

    def __str__(self) -> str:
        return printed(self.text())

    def __repr__(self) -> str:
        fit = self.answer.estimates
        return f"<LinearRun: {self.answer.outcome} in {self.answer.table}, {fit.model}, {len(fit.names)} coefficients>"


def read_linear(folder: RunFolder) -> LinearRun:
    """Read a finished linear model from its folder.

    Raises
    ------
    RunFolderError
        If files are missing or damaged.

    Examples
    --------
    >>> read_linear(RunFolder(Path("no/such/folder")))
    Traceback (most recent call last):
    thalweg.base.errors.RunFolderError: no/such/folder holds no finished run: ...
    """
    folder.answer()
    return LinearRun(read_record(LinearAnalysis, folder.path), folder.path)
