"""A table of an answer, to be kept as a file of any kind that papers and reports are written in."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from thalweg.answers.showing import ending_of
from thalweg.base.files import path_of, write_whole
from thalweg.report.drawing.document import Page, tables_of
from thalweg.report.drawing.fragment import table_fragment
from thalweg.report.drawing.table import Table
from thalweg.report.export.tables import TABLE_KINDS, kinds_at_hand, table_file


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """A table of an answer.

    Parameters
    ----------
    table
        What is written, as data.

    Examples
    --------
    >>> import thalweg as tw
    >>> run = tw.fit_linear("example:diabetes")
    >>> len(run.table("coefficients").frame())
    11
    """

    table: Table

    @property
    def name(self) -> str:
        """Short name, by which an answer finds it."""
        return self.table.name

    @property
    def sentence(self) -> str:
        """What it shows."""
        return self.table.caption

    def frame(self) -> pd.DataFrame:
        """Return its cells as numbers, an interval as one value with ``low`` and ``high``."""
        return pd.DataFrame(list(self.table.rows), columns=[column.label for column in self.table.columns])

    def markdown(self) -> str:
        """Return it as a pipe table of Markdown."""
        return table_file(self.table, "md").decode()

    def latex(self) -> str:
        """Return it as LaTeX with booktabs rules."""
        return table_file(self.table, "tex").decode()

    def save(self, path: str | Path) -> Path:
        """Write it to a file, and return where.

        Parameters
        ----------
        path
            Ends with ``.csv`` (full precision), ``.md``, ``.tex`` (booktabs), ``.typ`` (Typst), ``.docx`` (Word) or
            ``.html``.

        Raises
        ------
        SettingError
            If the ending is none of these.
        MissingExtraError
            If a Word file is asked for, and python-docx is not installed.
        """
        target = path_of("path", path)
        write_whole(target, table_file(self.table, ending_of(target, TABLE_KINDS)))
        return target

    def _repr_html_(self) -> str:
        return table_fragment(self.table)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def __repr__(self) -> str:
        return f"<Sheet {self.name}: {self.sentence}>"


def save_sheets(sheets: Iterable[Sheet], folder: str | Path) -> tuple[Path, ...]:
    """Write several tables into a folder, each under its name in every kind of file, and return where.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(save_sheets((), folder))
    0
    """
    place = path_of("folder", folder, "folder")
    written = {f"{sheet.name}.{kind}": table_file(sheet.table, kind) for sheet in sheets for kind in kinds_at_hand()}
    place.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        write_whole(place / name, content)
    return tuple(place / name for name in written)


def sheets_of(page: Page) -> tuple[Sheet, ...]:
    """Return the tables of a page, in order.

    Examples
    --------
    >>> sheets_of(Page("Scores", "Which?", "", "Verdict", "None."))
    ()
    """
    return tuple(Sheet(table) for table in tables_of(page))
