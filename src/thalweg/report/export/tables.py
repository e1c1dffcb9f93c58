"""Tables as files: for spreadsheets, papers in LaTeX, Typst or Word, and pages in Markdown or HTML."""

import importlib.util
import io
from collections.abc import Callable, Mapping
from typing import Any, Final

from thalweg.base.checks import check_choice
from thalweg.base.errors import MissingExtraError
from thalweg.report.drawing.table import Table, is_numeric, texts_of, to_csv, to_html, to_latex, to_markdown, to_typst
from thalweg.report.export.archive import without_dates


def table_file(table: Table, kind: str) -> bytes:
    r"""Return a table as the content of a file.

    Parameters
    ----------
    table
        What to write.
    kind
        One of :data:`TABLE_KINDS`.

    Raises
    ------
    MissingExtraError
        If a Word file is asked for, and python-docx is not installed.
    SettingError
        If the kind is none of these.

    Examples
    --------
    >>> from thalweg.report.drawing.table import Column
    >>> table_file(Table("t", "T", (Column("model"), Column("RMSE", 1)), (("mean", 77.12),)), "csv").decode()
    'model,RMSE\nmean,77.12\n'
    """
    check_choice("kind", kind, TABLE_KINDS)
    return _WRITERS[kind](table)


def kinds_at_hand() -> tuple[str, ...]:
    """Return the kinds that can be written with what is installed.

    Examples
    --------
    >>> kinds_at_hand()[:2]
    ('csv', 'md')
    """
    return tuple(kind for kind in TABLE_KINDS if kind != "docx" or importlib.util.find_spec("docx"))


def to_word(table: Table) -> bytes:
    """Write a Word document that holds the table, its caption above and its notes below.

    Raises
    ------
    MissingExtraError
        If python-docx is not installed.
    """
    try:
        import docx  # noqa: PLC0415 - an extra
        from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            "Word files are written by python-docx.", "Install it with: pip install 'thalweg[word]'"
        ) from error
    document = docx.Document()
    document.add_paragraph(_printable(table.caption), style="Caption")
    numeric, texts = is_numeric(table), texts_of(table)
    grid = document.add_table(rows=1 + len(texts), cols=len(table.columns))
    for number, line in enumerate([[column.label for column in table.columns], *texts]):
        for i, (cell, text) in enumerate(zip(grid.rows[number].cells, line, strict=True)):
            run = cell.paragraphs[0].add_run(_printable(text))
            run.bold = number == 0 or number - 1 in table.strong
            if numeric[i] and i:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for number, sides in ((0, ("top", "bottom")), (len(texts), ("bottom",))):
        for cell in grid.rows[number].cells:
            _rule(cell, sides)
    for note in table.notes:
        document.add_paragraph(_printable(note))
    written = io.BytesIO()
    document.save(written)
    return without_dates(written.getvalue())


def _rule(cell: Any, sides: tuple[str, ...]) -> None:
    """Draw rules at sides of a cell, which python-docx leaves to its XML."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 - an extra
    from docx.oxml.ns import qn  # noqa: PLC0415 - an extra

    borders = OxmlElement("w:tcBorders")
    for side in sides:
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "8"), ("color", "000000")):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    cell._tc.get_or_add_tcPr().append(borders)  # noqa: SLF001 - no public way


def _printable(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


_WRITERS: Final[Mapping[str, Callable[[Table], bytes]]] = {
    "csv": lambda table: to_csv(table).encode(),
    "md": lambda table: to_markdown(table).encode(),
    "tex": lambda table: to_latex(table).encode(),
    "typ": lambda table: to_typst(table).encode(),
    "docx": to_word,
    "html": lambda table: to_html(table).encode(),
}
TABLE_KINDS: Final = tuple(_WRITERS)
"""Endings of the files a table can be written to."""
