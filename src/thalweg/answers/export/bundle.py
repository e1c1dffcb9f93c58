"""All of an answer in one archive: its report, tables, figures, their numbers, and how to repeat it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from thalweg.answers.export.pictures import Picture
from thalweg.answers.export.sheets import Sheet
from thalweg.answers.showing import ending_of
from thalweg.base.files import path_of, write_whole
from thalweg.base.version import __version__
from thalweg.report.drawing.document import Page, page_html
from thalweg.report.export.archive import zipped
from thalweg.report.export.brush import has_matplotlib
from thalweg.report.export.paper import paper_figure
from thalweg.report.export.tables import kinds_at_hand, table_file


class Bundled(Protocol):
    """What is asked of an answer."""

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""

    @property
    def page(self) -> Page:
        """What its report is made of."""

    @property
    def figures(self) -> tuple[Picture, ...]:
        """All figures of the report."""

    @property
    def tables(self) -> tuple[Sheet, ...]:
        """All tables of the report."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""


def write_bundle(answer: Bundled, path: str | Path) -> Path:
    """Write an answer into one zip archive, and return where.

    Parameters
    ----------
    answer
        What is kept.
    path
        Ends with ``.zip``. Figures are SVG; where matplotlib is installed, PDF beside it. Tables are CSV, Markdown,
        LaTeX, Typst and HTML; where python-docx is installed, Word.

    Raises
    ------
    SettingError
        If the path does not end with ``.zip``.
    RunFolderError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, zipfile
    >>> import thalweg as tw
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = tw.fit_linear("example:diabetes").bundle(Path(folder) / "diabetes.zip")
    ...     zipfile.ZipFile(kept).namelist()[:2]
    ['README.txt', 'report.html']
    """
    target = path_of("path", path)
    ending_of(target, ("zip",))
    write_whole(target, zipped(_files(answer)))
    return target


def _files(answer: Bundled) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", _readme(answer).encode()
    yield "report.html", page_html(answer.page).encode()
    yield "answer.json", json.dumps(answer.to_dict(), indent=1, ensure_ascii=False, default=str).encode()
    for sheet in answer.tables:
        for kind in kinds_at_hand():
            yield f"tables/{sheet.name}.{kind}", table_file(sheet.table, kind)
    drawn = ("svg", *(("pdf",) if has_matplotlib() else ()))
    for picture in answer.figures:
        yield f"figures/{picture.name}.csv", picture.csv().encode()
        for kind in drawn:
            yield f"figures/{picture.name}.{kind}", paper_figure(picture.figure, kind)


def _readme(answer: Bundled) -> str:
    warnings = [Markup(text).striptags() for text in answer.page.warnings]  # noqa: S704 - it becomes plain text
    lines = [Markup(answer.page.heading).striptags(), "", answer.sentence, "", *warnings, "", "Tables"]  # noqa: S704
    lines += [f"  tables/{sheet.name}: {sheet.sentence}" for sheet in answer.tables]
    lines += ["", "Figures, each with its numbers (CSV)"]
    lines += [f"  figures/{picture.name}: {picture.sentence}" for picture in answer.figures]
    lines += ["", f"Made by thalweg {__version__}. How to repeat it stands at the end of report.html."]
    return "\n".join(lines) + "\n"
