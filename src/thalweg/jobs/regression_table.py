"""Several answers in one table, for a paper: linear models, those of other packages, effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from thalweg.answers.effects import EffectsRun
from thalweg.answers.linear import LINEAR, LinearRun
from thalweg.answers.saving import Origin
from thalweg.base.checks import check_number
from thalweg.base.errors import SettingError, setting
from thalweg.base.files import path_of, write_whole
from thalweg.base.version import library_versions
from thalweg.base.wording import listed
from thalweg.linear.analysis import LinearAnalysis
from thalweg.linear.estimates import Estimates
from thalweg.linear.postestimation.foreign_results import estimates_of_result
from thalweg.report.drawing.blocks import Blocks
from thalweg.report.drawing.table import Table, to_csv, to_html, to_latex, to_markdown, to_typst
from thalweg.report.drawing.text import to_text
from thalweg.report.export.tables import to_word
from thalweg.report.linear.model_columns import ModelColumn, model_columns_table

_TEXTS: Final = {".tex": to_latex, ".md": to_markdown, ".html": to_html, ".csv": to_csv, ".typ": to_typst}
_WORD: Final = ".docx"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RegressionTable:
    """Several models in one table.

    Parameters
    ----------
    table
        Its cells, printed.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Column
    >>> print(RegressionTable(Table("t", "Two.", (Column(""), Column("(1)")), (("x", "0.5"),))).markdown())
    Two.
    <BLANKLINE>
    |  | (1) |
    | --- | --- |
    | x | 0.5 |
    <BLANKLINE>
    """

    table: Table

    def latex(self) -> str:
        """Return the table for LaTeX; it needs the booktabs package."""
        return to_latex(self.table)

    def markdown(self) -> str:
        """Return the table for Markdown."""
        return to_markdown(self.table)

    def html(self) -> str:
        """Return the table for a page."""
        return to_html(self.table)

    def text(self, width: int | None = None) -> str:
        """Return the table for a terminal."""
        return to_text(Blocks((), (self.table,)), width)

    def save(self, path: str | Path) -> Path:
        """Write the table into a file ending in .tex, .md, .html, .csv, .typ or .docx, and return where.

        Raises
        ------
        SettingError
            If the file has another ending.
        MissingExtraError
            If a Word file is asked for, and python-docx is not installed.
        RunFolderError
            If it cannot be written.
        """
        place = path_of("path", path)
        if place.suffix not in {*_TEXTS, _WORD}:
            raise SettingError(
                f"{setting('path')} must end in {listed([*_TEXTS, _WORD], 9)}, got {place.name!r}.",
                "Choose such an ending.",
            )
        if place.suffix == _WORD:
            write_whole(place, to_word(self.table))
        else:
            write_whole(place, _TEXTS[place.suffix](self.table).encode(errors="replace"))
        return place

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<RegressionTable: {', '.join(column.label for column in self.table.columns[1:])}>"


def regression_table(
    models: Sequence[Any] | Mapping[str, Any],
    *,
    caption: str = "Models side by side.",
    terms: Mapping[str, str] | None = None,
    keep: Sequence[str] | None = None,
    statistics: Sequence[str] = ("N", "r2", "adj_r2", "pseudo_r2"),
    stars: bool = False,
    notes: Sequence[str] = (),
) -> RegressionTable:
    """Put several models into one table: one column each, coefficients over their standard errors.

    Parameters
    ----------
    models
        Linear runs, estimates of :mod:`thalweg.linear`, runs of effects, or fitted results of statsmodels, linearmodels
        and pyfixest; a mapping gives their headings, which are (1), (2), … otherwise.
    caption
        What the table shows.
    terms
        What to call terms, by name.
    keep
        Terms to show; all if None.
    statistics
        Numbers of the fits: N, r2, adj_r2, pseudo_r2, rmse, ll, aic, bic.
    stars
        Whether to mark p-values below 0.1, 0.05 and 0.01; those of effects allow for looking at all of them.
    notes
        Remarks under the table.

    Returns
    -------
    RegressionTable
        The table, which prints, shows in notebooks and writes LaTeX, Markdown, HTML, CSV, Typst and Word.

    Raises
    ------
    SettingError
        If a model is none, or a term or a number of the fit is unknown.

    Examples
    --------
    >>> import thalweg as tw
    >>> runs = [tw.fit_linear("example:diabetes", formula=f"progression ~ {x}") for x in ("bmi", "bmi + bp")]
    >>> print(regression_table(runs, keep=["bmi"], statistics=["N"]).text(60))
    Models side by side.
    <BLANKLINE>
                  (1)      (2)
    ------------------------------
    bmi           949.4    790.4
                  (62.52)  (65.38)
    Observations  442      442
    <BLANKLINE>
    In parentheses: classical standard errors.
    """
    named = models if isinstance(models, Mapping) else {f"({k + 1})": one for k, one in enumerate(models)}
    if not named:
        raise SettingError(f"{setting('models')} are none.", "Give one or more.")
    columns = [_column(str(label), one) for label, one in named.items()]
    told: dict[str, Any] = {"caption": caption, "terms": terms, "keep": keep, "statistics": statistics}
    return RegressionTable(model_columns_table(columns, **told, stars=stars, notes=notes))


def _column(label: str, model: Any) -> ModelColumn:
    """Return what a column is made of."""
    if isinstance(model, EffectsRun):
        found = model.frame()
        shown = found[~found["withheld"]]
        names = {"given": "term", "estimate": "estimate", "std_error": "std_error", "p_adjusted": "p_value"}
        return ModelColumn(label, pd.DataFrame({new: shown[old] for old, new in names.items()}))
    fit = model.estimates if isinstance(model, LinearRun) else model
    if not isinstance(fit, Estimates):
        fit = estimates_of_result(fit)
    return ModelColumn(label, fit.frame(), fit)


def run_of_result(result: Any, *, table: str = "table", level: float = 0.95) -> LinearRun:
    """Return a fitted result of statsmodels, linearmodels or pyfixest as a linear run: text, table and page.

    What this package does not estimate itself, such as instrumental variables, probit or quantile regression, is
    printed and kept like its own answers: their numbers, our words.

    Parameters
    ----------
    result
        What ``fit`` of statsmodels or linearmodels returned, or ``feols`` and its kin of pyfixest.
    table
        What to call the rows.
    level
        Nominal coverage of the intervals.

    Returns
    -------
    LinearRun
        With text, report and folder; prediction is left to the package.

    Raises
    ------
    SettingError
        If it is no such result, or the level is not between 0 and 1.

    Examples
    --------
    >>> import statsmodels.api as sm
    >>> run = run_of_result(sm.OLS([1.1, 1.9, 3.2, 3.8], sm.add_constant([1.0, 2.0, 3.0, 4.0])).fit())
    >>> run.sentence
    'Estimated by statsmodels ... (OLS); nothing of its optimum was checked here.'
    """
    check_number("level", level, low=0, high=1, open_low=True, open_high=True)
    fit = estimates_of_result(result)
    facts = {"estimated by": fit.source, "model": fit.model}
    answer = LinearAnalysis(table, fit.answer, fit, {}, (), facts, level=level)
    data = {"source": None, "query": None, "fingerprint": "", "rows": fit.nobs}
    config = {"job": LINEAR, "question": {"target": fit.answer}, "settings": {"level": level}, "data": data}
    return LinearRun(answer, None, Origin(config | {"versions": library_versions("numpy", "scipy")}))
