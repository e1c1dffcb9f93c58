"""Pages as data, and the one writer of their HTML: a page asks for no other file and runs no script."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from thalweg.report.drawing import palette
from thalweg.report.drawing.figure import Figure
from thalweg.report.drawing.svg import SVG_CSS, draw
from thalweg.report.drawing.table import Table, to_csv, to_html, to_latex, to_markdown, to_typst

_MOST_ROWS: Final = 500
_MOST_DATA_ROWS: Final = 24  # of the table behind a figure
_MOST_COPIED_ROWS: Final = 60
_LEAST_CONTENTS: Final = 4  # fewer sections need no list of them


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; only what is :class:`~markupsafe.Markup` already is taken as HTML.

    Examples
    --------
    >>> Prose("2 < 3.").kind
    ''
    """

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what stands behind them.

    Examples
    --------
    >>> Facts({"rows": "442"}).facts["rows"]
    '442'
    """

    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Remarks:
    """Warnings and notes, one below the other.

    Examples
    --------
    >>> len(Remarks(("One.", "Two.")).texts)
    2
    """

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that a page holds for its reader.

    Parameters
    ----------
    name
        What it is called when saved.
    label
        What the link says.
    text
        All that is in it.
    kind
        Media type.

    Examples
    --------
    >>> File("scores.csv", "CSV", "model,RMSE", "text/csv").url()[:20]
    'data:text/csv;base64'
    """

    name: str
    label: str
    text: str
    kind: str = "text/csv"

    def url(self) -> str:
        """Return a link that holds the text itself."""
        return f"data:{self.kind};base64,{base64.b64encode(self.text.encode()).decode()}"


@dataclass(frozen=True, slots=True)
class Files:
    """Links to files, side by side.

    Examples
    --------
    >>> Files((File("scores.csv", "CSV", "model,RMSE"),)).files[0].label
    'CSV'
    """

    files: tuple[File, ...]


Part = Figure | Table | Prose | Facts | Remarks | Files


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it.

    Parameters
    ----------
    name
        Goal of links within the page.
    title
        Its heading.
    parts
        In order; None is skipped, and a section without parts is left out.
    kind
        "method" for smaller letters.

    Examples
    --------
    >>> len(Section("data", "Data", (None, Prose("Nothing to say."))).parts)
    2
    """

    name: str
    title: str
    parts: tuple[Part | None, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A report.

    Parameters
    ----------
    title
        Of the window.
    heading, facts
        The question, and the facts beside it.
    label, verdict
        What the answer is called for screen readers, and the answer.
    advice
        What follows from the answer; may be empty.
    warnings
        What a reader must not miss; they stand below the answer.
    sections
        All that stands behind it.

    Examples
    --------
    >>> page = Page("Scores", "Which is best?", "10 rows", "Verdict", "None.", sections=(Section("a", "A", ()),))
    >>> page_html(page).startswith("<!doctype html>")
    True
    """

    title: str
    heading: str
    facts: str
    label: str
    verdict: str
    advice: str = ""
    sections: tuple[Section, ...] = ()
    warnings: tuple[str, ...] = ()


def figures_of(page: Page) -> tuple[Figure, ...]:
    """Return the figures of a page, in order.

    Examples
    --------
    >>> figures_of(Page("Scores", "Which is best?", "", "Verdict", "None."))
    ()
    """
    return tuple(part for section in page.sections for part in section.parts if type(part) is Figure)


def first_figure(page: Page) -> Figure | None:
    """Return the first figure of a page, which stands for the whole where there is room for one."""
    return next(iter(figures_of(page)), None)


def tables_of(page: Page) -> tuple[Table, ...]:
    """Return the tables of a page, in order.

    Examples
    --------
    >>> tables_of(Page("Scores", "Which is best?", "", "Verdict", "None."))
    ()
    """
    return tuple(part for section in page.sections for part in section.parts if type(part) is Table)


def page_html(page: Page) -> str:
    """Write a page: self-contained, for screens, paper and screen readers, light and dark; figures are numbered.

    Parameters
    ----------
    page
        What to write; everything that is no markup already is escaped.

    Returns
    -------
    str
        A complete HTML document.

    Examples
    --------
    >>> "<h1>2 &lt; 3?</h1>" in page_html(Page("Order", "2 < 3?", "", "Answer", "Yes."))
    True
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = files("thalweg.report.drawing").joinpath("page.html.jinja").read_text(encoding="utf-8")
    css = Markup(palette.css() + SVG_CSS)  # noqa: S704 - our own constants
    numbers = count(1)
    written = (
        (section, [_WRITERS[type(part)](part, numbers) for part in section.parts if part is not None])
        for section in page.sections
    )
    sections = [(section, parts) for section, parts in written if parts]
    return environment.from_string(template).render(
        css=css, page=page, sections=sections, contents=len(sections) >= _LEAST_CONTENTS
    )


def _figure(figure: Figure, numbers: Iterator[int]) -> Markup:
    number = next(numbers)
    links = _links(
        (
            File(f"{figure.name}.csv", "CSV", to_csv(figure.data)),
            File(f"{figure.name}.svg", "SVG", draw(figure, standalone=True), "image/svg+xml"),
        )
    )
    drawing, data = Markup(draw(figure)), _safe(figure.data, _MOST_DATA_ROWS)  # noqa: S704 - it escapes its texts
    return Markup(
        '<figure>\n<div class="scroll" tabindex="0" role="group" aria-label="Figure {number}">{drawing}</div>\n'
        "<figcaption><b>Figure {number}.</b> {finding}</figcaption>\n"
        "<details><summary>Data of figure {number}</summary>\n{data}\n{links}\n</details>\n</figure>\n"
    ).format(number=number, drawing=drawing, finding=figure.finding, data=data, links=links)


def _safe(table: Table, limit: int = _MOST_ROWS) -> Markup:
    return Markup(to_html(table, limit))  # noqa: S704 - the table writer escapes every cell


def _copies(table: Table) -> Markup:
    """Return a table as text that one click selects, and as files; nothing of long tables, whose files a run keeps."""
    if len(table.rows) > _MOST_COPIED_ROWS:
        return Markup("")
    kinds = (
        ("csv", "CSV", to_csv),
        ("tex", "LaTeX", to_latex),
        ("md", "Markdown", to_markdown),
        ("typ", "Typst", to_typst),
    )
    links = _links(File(f"{table.name}.{end}", label, write(table), "text/plain") for end, label, write in kinds)
    return Markup(
        "<details><summary>Copy or save this table</summary>\n{links}\n"
        '<pre class="copy" tabindex="0" aria-label="The table as Markdown">{text}</pre>\n</details>\n'
    ).format(links=links, text=to_markdown(table))


_COPIES: Final = (
    ("csv", "CSV", to_csv),
    ("tex", "LaTeX", to_latex),
    ("md", "Markdown", to_markdown),
    ("typ", "Typst", to_typst),
)


def _links(several: Iterable[File]) -> Markup:
    link = Markup('<a download="{}" href="{}">{}</a>')
    links = Markup(" ").join(link.format(file.name, file.url(), file.label) for file in several)
    return Markup('<p class="files">{}</p>').format(links)


def _prose(prose: Prose, _: Iterator[int]) -> Markup:
    kind = Markup(' class="{}"').format(prose.kind) if prose.kind else ""
    return Markup("<p{}>{}</p>").format(kind, prose.text)


def _facts(facts: Facts, _: Iterator[int]) -> Markup:
    line = Markup("<dt>{}</dt><dd>{}</dd>\n")
    return Markup("<dl>\n{}</dl>").format(Markup().join(line.format(*fact) for fact in facts.facts.items()))


def _remarks(remarks: Remarks, _: Iterator[int]) -> Markup:
    line = Markup("<li>{}</li>\n")
    return Markup('<ul class="warnings">\n{}</ul>').format(Markup().join(map(line.format, remarks.texts)))


_WRITERS: Final[Mapping[type, Callable[[Any, Iterator[int]], Markup]]] = {
    Figure: _figure,
    Table: lambda table, _: _safe(table) + _copies(table),
    Prose: _prose,
    Facts: _facts,
    Remarks: _remarks,
    Files: lambda found, _: _links(found.files),
}
